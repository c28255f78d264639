using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>Reads processes for the staff's pages. A look is bounded: the hub finds what is parked only by reading what is running.</summary>
internal sealed class ProcessLooks(DurableDoor door, ProcessMending mending, CheckpointLoads loads)
{
    private const int PageSize = 50;

    // Pages of the hub that one look reads: a hub with more processes under way has other troubles, and the page says that it was cut.
    private const int MaxHubPages = 20;

    // A generation has about a hundred events; a form of another engine may have more.
    private const int MaxEvents = 400;

    private static readonly OrchestrationRuntimeStatus[] Open =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended, OrchestrationRuntimeStatus.Failed];

    /// <param name="kind">Null for all.</param>
    /// <param name="state">Null for all that have not ended well.</param>
    /// <param name="continuation">Where the list goes on.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ProcessListView> ListAsync(string? kind, ProcessState? state, string? continuation, CancellationToken cancel)
    {
        var prefix = string.IsNullOrEmpty(kind) ? null : ProcessMending.Kind(kind) + "-";
        var token = ProcessRoutes.Own(Continuation.Read(continuation));
        var view = new ProcessListView(prefix is null ? null : kind, state) { Continued = token is not null };
        if (state is null && token is null)
        {
            var (waiting, cut) = await ReadAsync(Open, prefix, line => line.NeedsSomebody, null, cancel);
            view = view with { Waiting = [.. waiting.OrderBy(line => line.State).ThenByDescending(line => line.UpdatedAt)], WaitingCut = cut is not null };
        }

        var (lines, next) = await ReadAsync(state is { } one ? StatusesOf(one) : Open, prefix,
            state is { } wanted ? line => line.State == wanted : line => !line.NeedsSomebody, token, cancel);
        return view with { Lines = lines, Continuation = Continuation.Write(next is null ? null : ProcessRoutes.Hub + next) };
    }

    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<OneProcess> GetAsync(string kind, string id, CancellationToken cancel)
    {
        var found = await mending.FindAsync(kind, id, cancel);
        var line = LineOf(found);
        var load = kind == DepositTasks.Checkpoint && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? await loads.FindAsync(size, cancel) : null;
        var due = load is not null ? await loads.DueAsync(load.From + 1, load.Size, cancel)
            : found.InstanceId == DepositTasks.LettersInstance ? await loads.DueAsync(0, 0, cancel) : new DueDeposits([], false);
        var events = await InstanceHistory.ReadAsync(door.Client, found.InstanceId, cancel);
        return new OneProcess(line, load, due, [.. events.TakeLast(MaxEvents).Select(e => new ProcessEvent(e.At, e.Event, e.Name))],
            await mending.MendingsAsync(found, cancel), ProcessActs.Of(line.State));
    }

    /// <summary>The page of the process of the first checkpoint that covers an index; null before there is one.</summary>
    public async Task<string?> CoveringAsync(long index, CancellationToken cancel)
        => await loads.CoveringAsync(index, cancel) is { } size && DepositTasks.CheckpointInstance(size).Split('-', 2) is [var kind, var id]
            ? $"/office/processes/{kind}/{id}" : null;

    private async Task<(List<ProcessLine> Lines, string? Next)> ReadAsync(
        IReadOnlyList<OrchestrationRuntimeStatus> statuses, string? prefix, Func<ProcessLine, bool> wanted, string? token, CancellationToken cancel)
    {
        var (lines, pages) = (new List<ProcessLine>(), 0);
        var query = new OrchestrationQuery { Statuses = statuses, InstanceIdPrefix = prefix, PageSize = PageSize, ContinuationToken = token };
        await foreach (var page in door.Client.GetAllInstancesAsync(query).AsPages().WithCancellation(cancel))
        {
            lines.AddRange(page.Values.Select(LineOf).Where(wanted));
            token = page.ContinuationToken;
            if (string.IsNullOrEmpty(token))
                return (lines, null);

            if (lines.Count >= PageSize || ++pages == MaxHubPages)
                break;
        }

        return (lines, token);
    }

    private static OrchestrationRuntimeStatus[] StatusesOf(ProcessState state) => state switch
    {
        ProcessState.Parked => [OrchestrationRuntimeStatus.Running],
        ProcessState.Running => [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending],
        ProcessState.Failed => [OrchestrationRuntimeStatus.Failed],
        ProcessState.Suspended => [OrchestrationRuntimeStatus.Suspended],
        ProcessState.Terminated => [OrchestrationRuntimeStatus.Terminated],
        _ => [OrchestrationRuntimeStatus.Completed],
    };

    private static ProcessLine LineOf(OrchestrationMetadata found)
    {
        var shape = ProcessStatus.Of(found, showInput: false, history: null);
        var status = shape.CustomStatus as JsonObject;
        var state = found.RuntimeStatus switch
        {
            OrchestrationRuntimeStatus.Failed => ProcessState.Failed,
            OrchestrationRuntimeStatus.Suspended => ProcessState.Suspended,
            OrchestrationRuntimeStatus.Terminated => ProcessState.Terminated,
            OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running
                => ProcessStatus.IsParked(found) ? ProcessState.Parked : ProcessState.Running,
            _ => ProcessState.Completed,
        };
        return new ProcessLine(shape.Name, shape.InstanceId, state, (string?)status?["step"], (string?)status?["status"], (int?)status?["attempt"] ?? 0,
            (string?)status?["code"], (string?)status?["reason"] ?? (state == ProcessState.Failed ? shape.Output?.ToString() : null),
            found.CreatedAt, found.LastUpdatedAt);
    }
}
