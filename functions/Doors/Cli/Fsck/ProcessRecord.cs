using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Cli;

/// <summary>One line of a process's history.</summary>
internal sealed record HistoryLine(DateTimeOffset At, string Event, string Step, string? Detail, int Count);

/// <summary>A process's row as it lies in the table (functions/Systems/Processes/README.md).</summary>
internal sealed record ProcessRecord(string Where, string Kind, string Id, string Step, string Status, bool Parked, DateTimeOffset? Due, JsonElement State, JsonElement Input, IReadOnlyList<HistoryLine> History)
{
    public bool IsActive => Status is "Pending" or "Running";

    /// <summary>The row that wakes it up; null when nothing has to.</summary>
    public string? DueRow => IsActive && Due is { } due ? $"d~{due.UtcTicks.ToString("D19", CultureInfo.InvariantCulture)}~{Kind}~{Id}" : null;

    public static string Shard(string kind, string id)
        => "s" + (BinaryPrimitives.ReadUInt64BigEndian(Digest.Of(Encoding.UTF8.GetBytes($"{kind}~{id}")).ToArray()) % RawTables.ProcessShards).ToString(CultureInfo.InvariantCulture);

    /// <summary>Null when the row cannot be read, or lies where nobody looks for it.</summary>
    public static ProcessRecord? Read(TableEntity row)
    {
        try
        {
            return row.RowKey.Split('~') is [_, var kind, var id] && row["Kind"] as string == kind && row["Id"] as string == id && row.PartitionKey == Shard(kind, id)
                && row["Step"] is string step && row["Status"] is "Pending" or "Running" or "Completed" or "Failed" or "Terminated" or "Suspended"
                && Lines(row["History"] as byte[]) is { Count: > 0 } history
                ? new ProcessRecord(RawTables.Where(Names.Processes, row), kind, id, row["Step"] as string ?? "", (string)row["Status"]!, row["Parked"] is true, row["Due"] as DateTimeOffset?, Json(row["State"] as byte[]), Json(row["Input"] as byte[]), history)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<HistoryLine>? Lines(byte[]? json)
        => JsonSerializer.Deserialize<List<HistoryLine>>(json ?? "null"u8.ToArray(), JsonSerializerOptions.Web) is { } lines && lines.All(l => l is { Event: not null, Step: not null, Count: > 0 }) ? lines : null;

    private static JsonElement Json(byte[]? json)
    {
        using var document = JsonDocument.Parse(json ?? "{}"u8.ToArray());
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException();
    }
}
