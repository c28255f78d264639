using DurableTask.Core.History;

namespace Notary.Orchestration;

/// <summary>One event of an instance's history: when, what, and the name of the task, event or timer it is about.</summary>
public sealed record HistoryLine(DateTime At, string Event, string? Name);

/// <summary>Histories without their payloads: what happened, not with what.</summary>
public static class InstanceHistory
{
    /// <summary>The present generation's events, oldest first.</summary>
    public static async Task<IReadOnlyList<HistoryLine>> ReadAsync(DurableTaskClient client, string instanceId, CancellationToken cancel)
    {
        if (client is InProcessTaskClient local)
            return [.. (await local.HistoryAsync(instanceId, cancel).ConfigureAwait(false)).EnumerateArray().Select(Line)];

        return [.. (await client.GetOrchestrationHistoryAsync(instanceId, cancel).ConfigureAwait(false))
            .Select(e => new HistoryLine(e.Timestamp, e.EventType.ToString(), NameOf(e)))];
    }

    private static HistoryLine Line(JsonElement e) => new(
        e.GetProperty("Timestamp").GetDateTime(),
        ((EventType)e.GetProperty("EventType").GetInt32()).ToString(),
        e.TryGetProperty("Name", out var name) ? name.GetString() : e.TryGetProperty("FireAt", out var at) ? at.GetString() : null);

    private static string? NameOf(HistoryEvent e) => e switch
    {
        ExecutionStartedEvent started => started.Name,
        TaskScheduledEvent scheduled => scheduled.Name,
        EventRaisedEvent raised => raised.Name,
        EventSentEvent sent => sent.Name,
        TimerCreatedEvent timer => timer.FireAt.ToString("O", CultureInfo.InvariantCulture),
        TimerFiredEvent timer => timer.FireAt.ToString("O", CultureInfo.InvariantCulture),
        _ => null,
    };
}
