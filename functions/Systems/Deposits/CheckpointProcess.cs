using System.Text;
using Notary.Evidence;
using Notary.Processes;
using Notary.Storage;
using Notary.Timestamping;

namespace Notary.Deposits;

/// <summary>
/// What follows a published checkpoint.
///  1. stamp: every authority's token over the signed note, each kept as it comes.
///  2. anchor: leave it to a newer stamped checkpoint if there is one; else, when none is under way and the interval has passed, begin one.
/// </summary>
public sealed class CheckpointProcess(StorageAccount storage, TimeAuthorities authorities, ProcessStore processes, DepositsSettings settings, TimeProvider clock) : IProcessKind
{
    /// <summary>The kind's name.</summary>
    public const string Name = "checkpoint";

    private readonly CheckpointTable checkpoints = new(storage);

    public string Kind => Name;

    public Task<StepResult> StepAsync(ProcessRecord process, CancellationToken cancel)
    {
        var size = long.Parse(process.Id, System.Globalization.CultureInfo.InvariantCulture);
        return process.Step switch
        {
            "stamp" => StampAsync(process, size, cancel),
            "anchor" => AnchorAsync(process, size, cancel),
            _ => throw new InvalidOperationException($"a checkpoint process has no step {process.Step}"),
        };
    }

    private async Task<StepResult> StampAsync(ProcessRecord process, long size, CancellationToken cancel)
    {
        var row = await checkpoints.FindAsync(size, cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"checkpoint {size} has a process and no row");
        var stamped = await Stamps.CompleteAsync(authorities, Digest.Of(Encoding.UTF8.GetBytes(row.Note)), row.Tokens, cancel).ConfigureAwait(false);
        await checkpoints.StampAsync(size, Stamps.Columns(stamped), stamped.Complete ? clock.GetUtcNow() : null, cancel).ConfigureAwait(false);
        return stamped.Complete
            ? new StepResult.Advance("anchor", process.State)
            : new StepResult.Retry(stamped.Fault!.Value, stamped.Reason);
    }

    private async Task<StepResult> AnchorAsync(ProcessRecord process, long size, CancellationToken cancel)
    {
        var head = await checkpoints.AnchorHeadAsync(cancel).ConfigureAwait(false);
        if (head is not null && head.Size >= size)
        {
            await EnsureAnchorProcessAsync(head, cancel).ConfigureAwait(false);
            return new StepResult.Complete(process.State);
        }

        if (await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false) > size)
        {
            // The newest checkpoint covers this one and anchors both: only one of them need watch the clock.
            return new StepResult.Complete(process.State);
        }

        var now = clock.GetUtcNow();
        if (head is { Final: false })
        {
            // One anchor at a time: sizes on the chain only grow, so a later one that overtook would shut this one out.
            await EnsureAnchorProcessAsync(head, cancel).ConfigureAwait(false);
            return new StepResult.Wait(now + settings.PollInterval, CustomStatus: "anchor under way");
        }

        if (head is not null && head.At + settings.AnchorInterval > now)
        {
            return new StepResult.Wait(head.At + settings.AnchorInterval, CustomStatus: "anchor interval");
        }

        if (await checkpoints.SwapAnchorHeadAsync(head, size, final: false, now, cancel).ConfigureAwait(false))
        {
            await EnsureAnchorProcessAsync(new AnchorHead(size, false, now, default), cancel).ConfigureAwait(false);
            return new StepResult.Complete(process.State);
        }

        return new StepResult.Wait(now + settings.PollInterval, CustomStatus: "anchor under way");
    }

    /// <summary>A crash between the head's swap and this call would leave an anchor that nobody makes.</summary>
    private async Task EnsureAnchorProcessAsync(AnchorHead head, CancellationToken cancel)
    {
        if (!head.Final)
        {
            await processes.CreateAsync(AnchorProcess.Name, DepositKeys.Size(head.Size), "submit", [], clock.GetUtcNow(), cancel).ConfigureAwait(false);
        }
    }
}
