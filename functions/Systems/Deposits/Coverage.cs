namespace Notary.Deposits;

/// <summary>How far the log's proof has come: what a deposit's state is derived from.</summary>
/// <param name="Stamped">Deposits below this size are under a stamped checkpoint.</param>
/// <param name="Anchored">Deposits below this size are under a final anchor.</param>
public sealed record Covered(long Stamped, long Anchored);

/// <summary>Reads <see cref="Covered"/>, remembering it for a moment: a page of deposits asks once.</summary>
public sealed class Coverage(StorageAccount storage, TimeProvider clock)
{
    /// <summary>How old an answer may be. A state is seen at most this much late.</summary>
    private static readonly TimeSpan Remember = TimeSpan.FromMilliseconds(500);

    private readonly CheckpointTable checkpoints = new(storage);
    private readonly Lock gate = new();
    private Covered known = new(0, 0);
    private long knownAt;
    private bool any;

    /// <summary>The present coverage.</summary>
    public async Task<Covered> NowAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            if (any && clock.GetElapsedTime(knownAt) < Remember)
                return known;
        }

        var at = clock.GetTimestamp();
        var covered = new Covered(
            await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false),
            await checkpoints.NewestFinalAnchorAsync(cancel).ConfigureAwait(false));
        lock (gate)
        {
            (known, knownAt, any) = (covered, at, true);
        }

        return covered;
    }

    /// <summary>The state that a row has under a coverage.</summary>
    internal static DepositState State(DepositRow row, Covered covered) => row switch
    {
        { Fault: not null } => DepositState.Failed,
        { Index: null } => DepositState.Received,
        { Index: { } index } when index < covered.Anchored => row.CertifiedAt is null ? DepositState.Anchored : DepositState.Certified,
        { Index: { } index } when index < covered.Stamped => DepositState.Timestamped,
        _ => DepositState.Logged,
    };
}
