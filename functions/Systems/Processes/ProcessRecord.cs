using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Notary.Evidence;

namespace Notary.Processes;

/// <summary>Where a process stands, in the words of Durable Functions.</summary>
public enum RuntimeStatus
{
    /// <summary>Created, no step taken.</summary>
    Pending,

    /// <summary>Between steps, in one, or waiting.</summary>
    Running,

    Completed,

    /// <summary>Stopped by a step, or parked after its last attempt (<see cref="ProcessRecord.Parked"/>).</summary>
    Failed,

    /// <summary>Ended by a person.</summary>
    Terminated,

    /// <summary>Held by a person.</summary>
    Suspended,
}

/// <summary>Something that was told to a process from outside and no step has taken yet.</summary>
public sealed record ProcessEvent(string Id, string Name, JsonNode? Payload, DateTimeOffset RaisedAt);

/// <summary>A request to act on a process, by digests: of its idempotency key, and of everything it asks for.</summary>
public sealed record ProcessAct(string Key, string Request);

/// <summary>One line of a process's history. Repeated failures of one step are one line with a count.</summary>
public sealed record ProcessHistory(DateTimeOffset At, string Event, string Step, string? Detail, int Count);

/// <summary>One process as stored: its typed state, where it is, and when it is due.</summary>
public sealed record ProcessRecord
{
    /// <summary>Bytes of state as JSON. A table property holds 64 KiB; larger things belong in blobs.</summary>
    public const int MaxStateBytes = 60 * 1024;

    /// <summary>Undelivered events; more means that nobody listens.</summary>
    public const int MaxEvents = 32;

    /// <summary>Requests remembered under their idempotency keys; the oldest go.</summary>
    internal const int MaxActs = 64;

    /// <summary>Lines of history kept; the oldest after the first go.</summary>
    internal const int MaxHistory = 40;

    /// <summary>Characters of a history line: 40 of them, escaped at worst, stay below the 64 KiB of a property.</summary>
    internal const int MaxDetail = 200;

    /// <summary>Characters of a reason or custom status.</summary>
    internal const int MaxText = 512;

    public required string Kind { get; init; }

    public required string Id { get; init; }

    public required string Step { get; init; }

    public required JsonObject State { get; init; }

    /// <summary>Which try of the step this is, from 1; 0 while none was made.</summary>
    public int Attempt { get; init; }

    public RuntimeStatus Status { get; init; }

    /// <summary>Failed only because the attempts ran out: resume continues it.</summary>
    public bool Parked { get; init; }

    public string? CustomStatus { get; init; }

    /// <summary>What stood in the way last; null once a step got past it.</summary>
    public Fault? Fault { get; init; }

    public string? Why { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the runner looks at it next: while a step runs, the end of the runner's claim. Null while waiting for an event alone.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Events not taken yet. A step that waited for a name takes those of that name when it returns anything but Retry.</summary>
    public IReadOnlyList<ProcessEvent> Events { get; init; } = [];

    public IReadOnlyList<ProcessHistory> History { get; init; } = [];

    /// <summary>Requests that have acted on it: a repeated one changes nothing.</summary>
    internal IReadOnlyList<ProcessAct> Acts { get; init; } = [];

    /// <summary>The state it was created with.</summary>
    public required JsonObject Input { get; init; }

    /// <summary>The event the last step waited for.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Whether the runner will look at it again by itself or by an event.</summary>
    public bool IsActive => Status is RuntimeStatus.Pending or RuntimeStatus.Running;

    /// <summary>Ended for good.</summary>
    public bool IsFinal => Status is RuntimeStatus.Completed or RuntimeStatus.Terminated;

    /// <summary>The version that was read.</summary>
    internal ETag ETag { get; init; }

    /// <summary>The claim of the runner that is stepping it; null between claims.</summary>
    internal string? Owner { get; init; }

    /// <summary>Names the write that made this version, so that a write whose answer was lost is recognised.</summary>
    internal string Write { get; init; } = "";

    /// <summary>The row of the due index that belongs to this version; null when there is nothing to wake up for.</summary>
    internal string? DueRow => IsActive && Due is { } due ? ProcessKeys.DueRow(due, Kind, Id) : null;

    /// <summary>The state as a type of the kind's own.</summary>
    /// <exception cref="JsonException">The state is of another shape.</exception>
    public T StateAs<T>() => ProcessState.To<T>(State);

    /// <summary>The status as users of Durable Functions know it.</summary>
    public ProcessStatus ToStatus(bool showInput = true, bool showHistory = false)
        => new(
            Kind,
            Id,
            Status.ToString(),
            showInput ? Input : null,
            CustomStatusNode(),
            Status == RuntimeStatus.Completed ? State : Status == RuntimeStatus.Failed ? JsonValue.Create(Why) : null,
            CreatedAt.UtcDateTime,
            UpdatedAt.UtcDateTime,
            showHistory ? History : null);

    internal ProcessRecord Note(DateTimeOffset at, string what, string? detail = null)
    {
        var lines = History.ToList();
        var line = new ProcessHistory(at, what, Step, detail is { Length: > MaxDetail } ? detail[..MaxDetail] : detail, 1);
        if (lines.Count > 0 && lines[^1] is var last && (last.Event, last.Step, last.Detail) == (line.Event, line.Step, line.Detail))
        {
            lines[^1] = line with { Count = last.Count + 1 };
        }
        else
        {
            lines.Add(line);
        }

        if (lines.Count > MaxHistory)
        {
            // The first line says how it began; what is lost is the middle.
            lines.RemoveAt(1);
        }

        return this with { History = lines, UpdatedAt = at };
    }

    internal static string? Short(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    private JsonObject? CustomStatusNode()
        => CustomStatus is null && Fault is null && !Parked
            ? null
            : new JsonObject { ["step"] = Step, ["status"] = CustomStatus, ["parked"] = Parked, ["attempt"] = Attempt, ["code"] = Fault?.Code(), ["reason"] = Why };
}

/// <summary>A process's status as JSON: the members of Durable Functions' status query.</summary>
/// <param name="Name">The kind.</param>
/// <param name="InstanceId">The id.</param>
/// <param name="RuntimeStatus">Pending, Running, Completed, Failed, Terminated or Suspended.</param>
/// <param name="Input">The first state.</param>
/// <param name="CustomStatus">Step, the kind's own word, attempt, whether parked, and code and reason of the last failure; null while there is nothing to say.</param>
/// <param name="Output">The last state of a completed process, the reason of a failed one.</param>
/// <param name="CreatedTime">UTC.</param>
/// <param name="LastUpdatedTime">UTC.</param>
/// <param name="HistoryEvents">Null unless asked for.</param>
public sealed record ProcessStatus(
    string Name,
    string InstanceId,
    string RuntimeStatus,
    JsonNode? Input,
    JsonNode? CustomStatus,
    JsonNode? Output,
    DateTime CreatedTime,
    DateTime LastUpdatedTime,
    IReadOnlyList<ProcessHistory>? HistoryEvents);

/// <summary>States between their type and JSON.</summary>
public static class ProcessState
{
    /// <exception cref="ArgumentException">The value is not an object in JSON.</exception>
    public static JsonObject From<T>(T state)
        => JsonSerializer.SerializeToNode(state, JsonSerializerOptions.Web) as JsonObject ?? throw new ArgumentException("a state is a JSON object", nameof(state));

    /// <exception cref="JsonException">The state is of another shape.</exception>
    public static T To<T>(JsonObject state)
        => state.Deserialize<T>(JsonSerializerOptions.Web) ?? throw new JsonException("the state is null");
}

/// <summary>Keys of the processes table: records and the due index in one partition, so that one transaction writes both.</summary>
internal static class ProcessKeys
{
    /// <summary>Partitions. Each one costs a query per sweep and gives 2,000 writes a second in Azure.</summary>
    public const int Shards = 4;

    /// <summary>Characters of a kind or an id.</summary>
    private const int MaxLength = 128;

    public static string Shard(int number) => "s" + number.ToString(CultureInfo.InvariantCulture);

    public static string Shard(string kind, string id)
        => Shard((int)(StableHash(kind + "~" + id) % Shards));

    public static string Row(string kind, string id) => $"i~{kind}~{id}";

    public static string DueRow(DateTimeOffset due, string kind, string id) => $"d~{Ticks(due)}~{kind}~{id}";

    /// <summary>Rows of the due index up to and including a time lie between these.</summary>
    public static (string From, string To) DueUntil(DateTimeOffset time) => ("d~", $"d~{Ticks(time.AddTicks(1))}");

    /// <summary>Rows of records lie between these.</summary>
    public static (string From, string To) Records(string? kind) => kind is null ? ("i~", "i~\uffff") : ($"i~{kind}~", $"i~{kind}~\uffff");

    public static (string Kind, string Id) Parse(string dueRow)
    {
        var parts = dueRow.Split('~');
        return (parts[2], parts[3]);
    }

    /// <summary>Kind and id of a record's row.</summary>
    public static bool TryParseRecord(string row, out string kind, out string id)
    {
        (kind, id) = row.Split('~') is [_, var first, var second] ? (first, second) : ("", "");
        return kind.Length > 0;
    }

    /// <summary>Ids become parts of row keys: the separator, and what tables refuse, stay out.</summary>
    public static void Check(string kind, string id)
    {
        if (kind.Length is 0 or > MaxLength || !kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"a process kind has 1 to {MaxLength} lower-case letters, digits and hyphens", nameof(kind));
        }

        if (id.Length is 0 or > MaxLength || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@'))
        {
            throw new ArgumentException($"a process id has 1 to {MaxLength} letters, digits and - _ . : @", nameof(id));
        }
    }

    private static string Ticks(DateTimeOffset time) => time.UtcTicks.ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>Stable across versions and machines, unlike string.GetHashCode.</summary>
    private static ulong StableHash(string text)
        => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(Digest.Of(Encoding.UTF8.GetBytes(text)).ToArray());
}
