using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.DurableTask.Protobuf;

namespace Notary.Servers;

/// <summary>The durable extension's end of a client: remembers what was started. Nothing runs it.</summary>
internal sealed class DurableSidecar : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private readonly ConcurrentDictionary<string, string> started = new(StringComparer.Ordinal);

    /// <summary>Instance ids, each with its orchestrator's name.</summary>
    public IReadOnlyDictionary<string, string> Started => started;

    public override Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
    {
        started[request.InstanceId] = request.Name;
        return Task.FromResult(new CreateInstanceResponse { InstanceId = request.InstanceId });
    }

    public override Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context)
        => Task.FromResult(started.TryGetValue(request.InstanceId, out var name)
            ? new GetInstanceResponse
            {
                Exists = true,
                OrchestrationState = new OrchestrationState
                {
                    InstanceId = request.InstanceId,
                    Name = name,
                    OrchestrationStatus = OrchestrationStatus.Running,
                    CreatedTimestamp = new Timestamp(),
                    LastUpdatedTimestamp = new Timestamp(),
                },
            }
            : new GetInstanceResponse { Exists = false });

    public override Task<QueryInstancesResponse> QueryInstances(QueryInstancesRequest request, ServerCallContext context)
        => Task.FromResult(new QueryInstancesResponse());
}
