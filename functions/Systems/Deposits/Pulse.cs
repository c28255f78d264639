namespace Notary.Deposits;

/// <summary>How far everything has come, and how long the oldest of what waits has waited.</summary>
/// <param name="Size">Deposits in the log.</param>
/// <param name="Stamped">Deposits below this size are under a stamped checkpoint.</param>
/// <param name="Anchored">Deposits below this size are under a final anchor.</param>
/// <param name="Waiting">Age of the oldest acknowledged deposit that is not in the log; zero when none waits.</param>
/// <param name="Unstamped">Age of the oldest checkpoint that no stamped one covers; zero when none waits.</param>
/// <param name="Unanchored">How long the oldest stamped checkpoint under no final anchor has been stamped; zero when none waits.</param>
public sealed record Pulse(long Size, long Stamped, long Anchored, TimeSpan Waiting, TimeSpan Unstamped, TimeSpan Unanchored);

/// <summary>Measures the <see cref="Pulse"/>, for alerts. Costs about twenty small queries, so it is taken once a minute.</summary>
public sealed class PulseReader(StorageAccount storage, TimeProvider clock)
{
    private readonly CheckpointTable checkpoints = new(storage);
    private readonly DepositTable deposits = new(storage);

    /// <summary>The present pulse. Its figures are read one after another while the platform works, so they may differ by a moment.</summary>
    public async Task<Pulse> ReadAsync(CancellationToken cancel)
    {
        var oldest = await Task.WhenAll(
            Enumerable.Range(0, DepositKeys.Shards).Select(shard => deposits.PendingAsync(DepositKeys.Shard(shard), 1, cancel))).ConfigureAwait(false);
        DateTimeOffset? waits = oldest.SelectMany(rows => rows).Select(row => (DateTimeOffset?)row.Id.Time).Min();

        var head = await storage.Table(Names.Checkpoints)
            .GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Head, cancel: cancel).ConfigureAwait(false);
        var stamped = await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false);
        var anchored = await checkpoints.NewestFinalAnchorAsync(cancel).ConfigureAwait(false);
        var unstamped = await checkpoints.FirstAsync(stamped, cancel).ConfigureAwait(false);
        var unanchored = await checkpoints.FirstStampedAsync(anchored, cancel).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        return new Pulse(
            head.HasValue ? head.Value!.GetInt64("Size") ?? 0 : 0,
            stamped,
            anchored,
            Age(waits, now),
            Age(unstamped?.At, now),
            Age(unanchored?.StampedAt, now));
    }

    private static TimeSpan Age(DateTimeOffset? since, DateTimeOffset now) => since is { } at && at < now ? now - at : TimeSpan.Zero;
}
