using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Processes;

/// <summary>A record between its type and its table row. JSON goes into binary properties: they hold 64 KiB, a string only half of it.</summary>
internal static class ProcessRow
{
    /// <exception cref="FaultException">TooLarge: the state or the events are over the bound.</exception>
    public static TableEntity Write(ProcessRecord record)
        => new(ProcessKeys.Shard(record.Kind, record.Id), ProcessKeys.Row(record.Kind, record.Id))
        {
            [nameof(record.Kind)] = record.Kind,
            [nameof(record.Id)] = record.Id,
            [nameof(record.Step)] = record.Step,
            [nameof(record.State)] = Bounded(record.State),
            [nameof(record.Input)] = Bounded(record.Input),
            [nameof(record.Attempt)] = record.Attempt,
            [nameof(record.Status)] = record.Status.ToString(),
            [nameof(record.Parked)] = record.Parked,
            [nameof(record.CustomStatus)] = record.CustomStatus,
            [nameof(record.Fault)] = record.Fault?.ToString(),
            [nameof(record.Why)] = record.Why,
            [nameof(record.CreatedAt)] = record.CreatedAt,
            [nameof(record.UpdatedAt)] = record.UpdatedAt,
            [nameof(record.Due)] = record.Due,
            [nameof(record.Events)] = record.Events.Count == 0 ? null : Bounded(JsonSerializer.SerializeToUtf8Bytes(record.Events, JsonSerializerOptions.Web)),
            [nameof(record.History)] = JsonSerializer.SerializeToUtf8Bytes(record.History, JsonSerializerOptions.Web),
            [nameof(record.Acts)] = record.Acts.Count == 0 ? null : JsonSerializer.SerializeToUtf8Bytes(record.Acts, JsonSerializerOptions.Web),
            [nameof(record.WaitingFor)] = record.WaitingFor,
            [nameof(record.Owner)] = record.Owner,
            [nameof(record.Write)] = record.Write,
        };

    public static ProcessRecord Read(TableEntity row)
        => new()
        {
            Kind = row.GetString(nameof(ProcessRecord.Kind))!,
            Id = row.GetString(nameof(ProcessRecord.Id))!,
            Step = row.GetString(nameof(ProcessRecord.Step))!,
            State = Json(row.GetBinary(nameof(ProcessRecord.State))),
            Input = Json(row.GetBinary(nameof(ProcessRecord.Input))),
            Attempt = row.GetInt32(nameof(ProcessRecord.Attempt)) ?? 0,
            Status = Enum.Parse<RuntimeStatus>(row.GetString(nameof(ProcessRecord.Status))!),
            Parked = row.GetBoolean(nameof(ProcessRecord.Parked)) ?? false,
            CustomStatus = row.GetString(nameof(ProcessRecord.CustomStatus)),
            Fault = row.GetString(nameof(ProcessRecord.Fault)) is { } fault ? Enum.Parse<Fault>(fault) : null,
            Why = row.GetString(nameof(ProcessRecord.Why)),
            CreatedAt = row.GetDateTimeOffset(nameof(ProcessRecord.CreatedAt))!.Value,
            UpdatedAt = row.GetDateTimeOffset(nameof(ProcessRecord.UpdatedAt))!.Value,
            Due = row.GetDateTimeOffset(nameof(ProcessRecord.Due)),
            Events = List<ProcessEvent>(row.GetBinary(nameof(ProcessRecord.Events))),
            History = List<ProcessHistory>(row.GetBinary(nameof(ProcessRecord.History))),
            Acts = List<ProcessAct>(row.GetBinary(nameof(ProcessRecord.Acts))),
            WaitingFor = row.GetString(nameof(ProcessRecord.WaitingFor)),
            Owner = row.GetString(nameof(ProcessRecord.Owner)),
            Write = row.GetString(nameof(ProcessRecord.Write)) ?? "",
            ETag = row.ETag,
        };

    /// <summary>The state's bytes, checked against the bound before anything is sent.</summary>
    private static byte[] Bounded(JsonObject state) => Bounded(JsonSerializer.SerializeToUtf8Bytes(state));

    private static byte[] Bounded(byte[] json)
        => json.Length <= ProcessRecord.MaxStateBytes
            ? json
            : throw new FaultException(Fault.TooLarge, $"a process's state, and its events, have at most {ProcessRecord.MaxStateBytes} bytes each, not {json.Length}");

    private static JsonObject Json(byte[]? bytes) => JsonNode.Parse(bytes ?? "{}"u8)!.AsObject();

    private static List<T> List<T>(byte[]? bytes) => bytes is null ? [] : JsonSerializer.Deserialize<List<T>>(bytes, JsonSerializerOptions.Web)!;
}
