using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>Whoever mends: how his deed is signed in the process's history.</summary>
/// <param name="Id">A person's id, or that it was done with the operator's key.</param>
internal sealed record Mender(string Id, string Name)
{
    public static Mender OperatorKey { get; } = new("operator-key", "operator");
}

/// <summary>Finds processes and does to them what people may do, for the API and the staff's pages alike.</summary>
/// <remarks>Recorded first, then done: a deed without its record cannot be. A repetition writes the same record again.</remarks>
internal sealed class ProcessMending(DurableDoor door, RequestSeeds seeds, MendingTable record)
{
    /// <summary>Characters: a sentence or two for the history.</summary>
    public const int MaxReasonLength = 500;

    /// <exception cref="FaultException">NotFound, also for a kind or id that no process can have.</exception>
    public async Task<OrchestrationMetadata> FindAsync(string kind, string id, CancellationToken cancel)
        => await door.Client.GetInstanceAsync($"{Kind(kind)}-{Name(id)}", getInputsAndOutputs: true, cancel) ?? throw DepositRoutes.NotFound();

    /// <summary>Does it once for a key; the same request again does nothing.</summary>
    /// <param name="act">What.</param>
    /// <param name="kind">The process's kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="by">By whom.</param>
    /// <param name="why">The reason, for the history; null for none.</param>
    /// <param name="key">The Idempotency-Key, or null.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">NotFound; Gone: it has ended; Conflict: it cannot be rewound; IdempotencyConflict.</exception>
    public Task MendAsync(ProcessAct act, string kind, string id, Mender by, string? why, string? key, CancellationToken cancel)
        => seeds.RunOnceAsync(key, $"POST /v1/processes/{kind}/{id}/{ProcessActs.Path(act)}", Encoding.UTF8.GetBytes(why ?? ""), async seed =>
        {
            var found = await FindAsync(kind, id, cancel);
            if (Deed(act, found, why) is not { } deed)
                return;

            await record.AddAsync(found.InstanceId, new Mending(seed.At, act, by.Id, by.Name, why), seed.Bytes, cancel);
            await deed(cancel);
        }, cancel);

    /// <summary>What was done to a process, oldest first, at most so many.</summary>
    public Task<IReadOnlyList<Mending>> MendingsAsync(OrchestrationMetadata found, CancellationToken cancel) => record.ListAsync(found.InstanceId, cancel);

    /// <summary>Whether it goes on by itself or waits for a person.</summary>
    public static bool IsActive(OrchestrationMetadata found)
        => found.RuntimeStatus is OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Suspended;

    public static FaultException Ended(OrchestrationMetadata found) => new(Fault.Gone, $"the process is {found.RuntimeStatus}");

    /// <summary>A kind or id that no process can have is one that is not there.</summary>
    public static string Kind(string text)
        => text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? Name(text) : throw DepositRoutes.NotFound();

    private static string Name(string text)
        => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@') ? text
            : throw DepositRoutes.NotFound();

    /// <summary>What is to be sent; null when there is nothing to do.</summary>
    private Func<CancellationToken, Task>? Deed(ProcessAct act, OrchestrationMetadata found, string? why) => act switch
    {
        ProcessAct.Terminate => IsActive(found) || found.RuntimeStatus == OrchestrationRuntimeStatus.Failed
            ? cancel => door.Client.TerminateInstanceAsync(found.InstanceId, why, cancel)
            : throw Ended(found),
        ProcessAct.Suspend => IsActive(found) ? cancel => door.Client.SuspendInstanceAsync(found.InstanceId, why, cancel) : throw Ended(found),
        ProcessAct.Resume => Resume(found, why),
        _ => Rewind(found, why),
    };

    /// <summary>Suspended or parked → active; one that is active stays so.</summary>
    private Func<CancellationToken, Task>? Resume(OrchestrationMetadata found, string? why)
        => found.RuntimeStatus == OrchestrationRuntimeStatus.Suspended ? cancel => door.Client.ResumeInstanceAsync(found.InstanceId, why, cancel)
            : ProcessStatus.IsParked(found) ? cancel => door.Client.RaiseEventAsync(found.InstanceId, StepOrchestrator<long>.Resume, null, cancel)
            : IsActive(found) ? null : throw Ended(found);

    /// <summary>Failed, terminated or parked → active. What has ended begins anew: what was done is in the rows, and is not done twice.</summary>
    private Func<CancellationToken, Task>? Rewind(OrchestrationMetadata found, string? why)
        => ProcessStatus.IsParked(found) ? Resume(found, why)
            : found.RuntimeStatus is OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated
                ? cancel => door.StartAsync(found.Name, found.InstanceId, JsonSerializer.Deserialize<JsonElement>(found.SerializedInput!), cancel)
            : throw new FaultException(Fault.Conflict, $"only a failed, terminated or parked process can be rewound; this one is {found.RuntimeStatus}");
}
