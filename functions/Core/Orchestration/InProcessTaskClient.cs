using DurableTask.Core;
using DurableTask.Core.History;
using DurableTask.Core.Query;
using Microsoft.DurableTask.Converters;
using OrchestrationQuery = Microsoft.DurableTask.Client.OrchestrationQuery;
using PurgeResult = Microsoft.DurableTask.Client.PurgeResult;

namespace Notary.Orchestration;

/// <summary>The Durable client over the hub of this process.</summary>
internal sealed class InProcessTaskClient(TaskHub hub) : DurableTaskClient("in-process")
{
    private readonly AzureStorageOrchestrationService service = hub.Service;
    private readonly JsonDataConverter json = JsonDataConverter.Default;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        var instance = new OrchestrationInstance
        {
            InstanceId = options?.InstanceId ?? Guid.NewGuid().ToString("N"),
            ExecutionId = Guid.NewGuid().ToString("N")
        };
        var started = new ExecutionStartedEvent(-1, json.Serialize(input))
        {
            Name = orchestratorName.Name,
            Version = "",
            OrchestrationInstance = instance,
            ScheduledStartTime = options?.StartAt?.UtcDateTime,
        };
        await service.CreateTaskOrchestrationAsync(
            new TaskMessage { OrchestrationInstance = instance, Event = started },
            [.. (options?.DedupeStatuses ?? []).Select(Enum.Parse<OrchestrationStatus>)]).WaitAsync(cancellation).ConfigureAwait(false);
        return instance.InstanceId;
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
        => SendAsync(instanceId, new EventRaisedEvent(-1, json.Serialize(eventPayload)) { Name = eventName }, cancellation);

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
        => SendAsync(instanceId, new ExecutionSuspendedEvent(-1, reason), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
        => SendAsync(instanceId, new ExecutionResumedEvent(-1, reason), cancellation);

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
        => service.ForceTerminateTaskOrchestrationAsync(instanceId, json.Serialize(options?.Output)).WaitAsync(cancellation);

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
        => (await service.GetOrchestrationStateAsync(instanceId, allExecutions: false, fetchInput: getInputsAndOutputs)
            .WaitAsync(cancellation).ConfigureAwait(false))
            is [{ } state, ..] ? Metadata(state) : null;

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
        => Pageable.Create(async (continuation, size, cancel) =>
        {
            var found = await service.GetOrchestrationWithQueryAsync(
                new DurableTask.Core.Query.OrchestrationQuery
                {
                    RuntimeStatus = filter?.Statuses?.Select(s => (OrchestrationStatus)(int)s).ToList(),
                    InstanceIdPrefix = filter?.InstanceIdPrefix,
                    CreatedTimeTo = filter?.CreatedTo?.UtcDateTime,
                    PageSize = size ?? filter?.PageSize ?? OrchestrationQuery.DefaultPageSize,
                    ContinuationToken = continuation ?? filter?.ContinuationToken,
                    FetchInputsAndOutputs = filter?.FetchInputsAndOutputs ?? false,
                },
                cancel).ConfigureAwait(false);
            return new Page<OrchestrationMetadata>([.. found.OrchestrationState.Select(Metadata)], found.ContinuationToken);
        });

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
        => new((await service.PurgeInstanceHistoryAsync(instanceId).WaitAsync(cancellation).ConfigureAwait(false)).InstancesDeleted);

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
        => new((await service.PurgeInstanceHistoryAsync(
            (filter.CreatedFrom ?? DateTimeOffset.UnixEpoch).UtcDateTime,
            filter.CreatedTo?.UtcDateTime, filter.Statuses?.Select(s => (OrchestrationStatus)(int)s))
            .WaitAsync(cancellation).ConfigureAwait(false)).InstancesDeleted);

    /// <summary>Events as JSON, without their payloads' types: the framework's own form of them.</summary>
    public async Task<JsonElement> HistoryAsync(string instanceId, CancellationToken cancel)
    {
        using var parsed = JsonDocument.Parse(await service.GetOrchestrationHistoryAsync(instanceId, null).WaitAsync(cancel).ConfigureAwait(false));
        return parsed.RootElement.Clone();
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
        => throw new NotSupportedException("look at the instance again instead");

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
        => throw new NotSupportedException("look at the instance again instead: the framework's own wait answers in steps of two seconds");

    public override ValueTask DisposeAsync() => default;

    private Task SendAsync(string instanceId, HistoryEvent what, CancellationToken cancel)
        => service.SendTaskOrchestrationMessageAsync(
            new TaskMessage { OrchestrationInstance = new OrchestrationInstance { InstanceId = instanceId }, Event = what }).WaitAsync(cancel);

    private OrchestrationMetadata Metadata(OrchestrationState state) => new(state.Name, state.OrchestrationInstance.InstanceId)
    {
        DataConverter = json,
        RuntimeStatus = (OrchestrationRuntimeStatus)(int)state.OrchestrationStatus,
        CreatedAt = state.CreatedTime,
        LastUpdatedAt = state.LastUpdatedTime,
        SerializedInput = state.Input,
        SerializedOutput = state.Output,
        SerializedCustomStatus = state.Status,
        FailureDetails = state.FailureDetails is { } why ? new TaskFailureDetails(why.ErrorType, why.ErrorMessage, why.StackTrace, null, null) : null,
    };
}
