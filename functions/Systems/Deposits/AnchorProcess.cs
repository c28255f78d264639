using Notary.Chain;
using Notary.Evidence;
using Notary.Processes;
using Notary.Storage;

namespace Notary.Deposits;

/// <summary>
/// Takes a checkpoint's root to the chain and watches it there.
///  1. submit: the sender records nonce and signed bytes, then broadcasts.
///  2. confirm: final under enough blocks; then the proof is kept.
///  3. settle: until no reorganisation that is watched for can reach it; one that does takes it back to 2.
/// </summary>
public sealed class AnchorProcess(StorageAccount storage, AnchorSender sender, DepositsSettings settings, TimeProvider clock) : IProcessKind
{
    /// <summary>The kind's name.</summary>
    public const string Name = "anchor";

    private readonly CheckpointTable checkpoints = new(storage);

    public string Kind => Name;

    public Task<StepResult> StepAsync(ProcessRecord process, CancellationToken cancel)
    {
        var size = long.Parse(process.Id, System.Globalization.CultureInfo.InvariantCulture);
        return process.Step switch
        {
            "submit" => SubmitAsync(process, size, cancel),
            "confirm" => ConfirmAsync(process, size, cancel),
            "settle" => SettleAsync(process, size, cancel),
            _ => throw new InvalidOperationException($"an anchor process has no step {process.Step}"),
        };
    }

    private async Task<StepResult> SubmitAsync(ProcessRecord process, long size, CancellationToken cancel)
    {
        var checkpoint = await checkpoints.FindAsync(size, cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"checkpoint {size} is to be anchored and has no row");
        return await sender.SubmitAsync(size, checkpoint.Root, cancel).ConfigureAwait(false) is { SupersededBy: { } by }
            ? Overtaken(by)
            : new StepResult.Advance("confirm", process.State);
    }

    private async Task<StepResult> ConfirmAsync(ProcessRecord process, long size, CancellationToken cancel)
    {
        switch (await sender.CheckAsync(size, cancel).ConfigureAwait(false))
        {
            case AnchorStatus.Superseded(var by):
                return Overtaken(by);
            case AnchorStatus.Refused(var why):
                return new StepResult.Retry(Fault.ChainRefused, why);
            case AnchorStatus.Mined mined when mined.Depth >= settings.Confirmations:
                break;
            default:
                return new StepResult.Wait(clock.GetUtcNow() + settings.PollInterval, CustomStatus: "confirmations");
        }

        if (await sender.ProofAsync(size, cancel).ConfigureAwait(false) is not { } proof)
        {
            return new StepResult.Wait(clock.GetUtcNow() + settings.PollInterval, CustomStatus: "confirmations");
        }

        await checkpoints.PutAnchorAsync(new AnchorRow(size, Final: true, Settled: false, proof.ToJson().ToJsonString(), proof.BlockHash), cancel).ConfigureAwait(false);
        return new StepResult.Advance("settle", process.State);
    }

    /// <summary>Only another program with our key could have anchored a larger size: a person must look.</summary>
    private static StepResult.Stop Overtaken(long by) => new(Fault.ChainRefused, $"the contract already holds size {by}");

    private async Task<StepResult> SettleAsync(ProcessRecord process, long size, CancellationToken cancel)
    {
        var anchor = await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"anchor {size} settles and has no row");
        var mined = await sender.CheckAsync(size, cancel).ConfigureAwait(false) as AnchorStatus.Mined;
        if (mined is null || mined.BlockHash != anchor.BlockHash)
        {
            await checkpoints.PutAnchorAsync(anchor with { Final = false, Proof = "", BlockHash = "" }, cancel).ConfigureAwait(false);
            return new StepResult.Advance("confirm", process.State);
        }

        // The depth counts the anchor's own block: under exactly so many, the deepest watched reorganisation still takes it.
        if (mined.Depth <= settings.SettleDepth)
        {
            return new StepResult.Wait(clock.GetUtcNow() + (settings.PollInterval * 2), CustomStatus: "settling");
        }

        await checkpoints.PutAnchorAsync(anchor with { Settled = true }, cancel).ConfigureAwait(false);
        return new StepResult.Complete(process.State);
    }
}
