namespace Notary.Host.Api;

/// <summary>An orchestration's status as JSON: the members of Durable Functions' status query.</summary>
/// <param name="Name">The kind: the instance's id up to the first hyphen.</param>
/// <param name="InstanceId">The rest of it.</param>
/// <param name="RuntimeStatus">Pending, Running, Completed, Failed, Terminated or Suspended.</param>
/// <param name="Input">What this generation began with: its step, what it is about, attempts.</param>
/// <param name="CustomStatus">Step, what it waits for, whether parked, attempt, and code and reason of the last failure;
/// null while there is nothing to say.</param>
/// <param name="Output">The end of a completed one, the reason of a failed one.</param>
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
    IReadOnlyList<HistoryLine>? HistoryEvents)
{
    internal static ProcessStatus Of(OrchestrationMetadata found, bool showInput, IReadOnlyList<HistoryLine>? history)
    {
        var at = found.InstanceId.IndexOf('-', StringComparison.Ordinal);
        return new(
            at < 0 ? found.Name : found.InstanceId[..at],
            found.InstanceId[(at + 1)..],
            found.RuntimeStatus.ToString(),
            showInput ? Node(found.SerializedInput) : null,
            Node(found.SerializedCustomStatus),
            found.FailureDetails is { } why ? JsonValue.Create(why.ErrorMessage) : Node(found.SerializedOutput),
            found.CreatedAt.UtcDateTime,
            found.LastUpdatedAt.UtcDateTime,
            history);
    }

    /// <summary>Whether it stands until a person resumes it.</summary>
    internal static bool IsParked(OrchestrationMetadata found)
        => found.RuntimeStatus == OrchestrationRuntimeStatus.Running
            && Node(found.SerializedCustomStatus) is JsonObject status && (bool?)status["parked"] == true;

    // An output may be plain words, such as a termination's reason.
    private static JsonNode? Node(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return JsonValue.Create(json);
        }
    }
}
