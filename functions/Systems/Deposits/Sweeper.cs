namespace Notary.Deposits;

/// <summary>Repairs, once a minute, what a crash or a lost nudge left behind.</summary>
/// <remarks>
/// Rows need no repair: the sequencer finds those that wait, the keeper starts what no orchestration takes on.
/// What remains is what nobody will ever name: originals whose row was never written, index rows whose deposit was not,
/// and stages whose swap was lost. Uploads have a sweep of their own, which may be long.
/// What was once of use and has had its day is the <see cref="Housekeeper"/>'s.
/// </remarks>
public sealed class Sweeper(
    StorageAccount storage, Sequencer sequencer, Keeper keeper, Housekeeper housekeeper, BatchIndexer indexer, TimeProvider clock, ILogger<Sweeper> logger)
{
    /// <summary>Nothing younger is touched: the slowest upload has long ended or failed.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Stages looked at by one run.</summary>
    private const int MaxStages = 2000;

    /// <summary>Rows written ahead that are looked at by one run, in each shard.</summary>
    private const int MaxAhead = 100;

    /// <summary>All ids of a window of 65.5 seconds begin alike: with the first 8 digits of their 48-bit milliseconds.</summary>
    private const int WindowBits = 16;

    /// <summary>Windows one run looks at: it catches up with two hours in a minute.</summary>
    private const int MaxWindows = 120;

    /// <summary>How far back the first run of a platform begins.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromDays(1);

    private readonly DepositTable deposits = new(storage);
    private readonly TableClient checkpoints = storage.Table(Names.Checkpoints);
    private DateTimeOffset hourlyAt;

    /// <summary>One sweep.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        sequencer.Nudge();
        var now = await NowAsync(cancel).ConfigureAwait(false);
        await keeper.RunAsync(now, cancel).ConfigureAwait(false);
        await indexer.SweepAsync(cancel).ConfigureAwait(false);
        if (clock.GetUtcNow() - hourlyAt > TimeSpan.FromHours(1))
        {
            await SweepStagesAsync(now, cancel).ConfigureAwait(false);
            await SweepAheadAsync(now, cancel).ConfigureAwait(false);
            hourlyAt = clock.GetUtcNow();
        }

        await SweepOriginalsAsync(now, cancel).ConfigureAwait(false);
        await housekeeper.RunAsync(now, cancel).ConfigureAwait(false);
    }

    /// <summary>Our clock or storage's, whichever says less: one that is ahead must not take work under way for leftovers.</summary>
    private async Task<DateTimeOffset> NowAsync(CancellationToken cancel)
    {
        var answer = await storage.Container(Names.Staging).GetPropertiesAsync(cancellationToken: cancel).ConfigureAwait(false);
        var (ours, theirs) = (clock.GetUtcNow(), answer.GetRawResponse().Headers.Date);
        return theirs < ours ? theirs.Value : ours;
    }

    private async Task SweepStagesAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var staging = storage.Container(Names.Staging);
        await foreach (var blob in staging.GetBlobsAsync(BlobTraits.None, BlobStates.None, Names.StagePrefix, cancel).Take(MaxStages).ConfigureAwait(false))
        {
            // A stage that was swapped is deleted within seconds by whoever finishes it, so an old one lost its swap.
            if (blob.Properties.LastModified < now - Grace && !await sequencer.IsHeadStageAsync(blob.Name, cancel).ConfigureAwait(false))
                await staging.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancel).ConfigureAwait(false);
        }
    }

    private async Task SweepAheadAsync(DateTimeOffset now, CancellationToken cancel)
    {
        for (var shard = 0; shard < DepositKeys.Shards; shard++)
        {
            if (await deposits.SweepAheadAsync(DepositKeys.Shard(shard), now - Grace, MaxAhead, cancel).ConfigureAwait(false) is > 0 and var count)
                logger.LogInformation("index rows of {Count} deposits that never came are gone", count);
        }
    }

    /// <summary>Every window once, when the grace of all its ids is over. How far it came is kept, so that nothing is missed while no instance runs.</summary>
    private async Task SweepOriginalsAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var end = Window(now - Grace);
        var found = await checkpoints.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Swept, cancel: cancel).ConfigureAwait(false);
        var begin = (found.HasValue ? found.Value!.GetInt64("Window") : null) ?? Window(now - Grace - FirstLook);
        var until = Math.Min(end, begin + MaxWindows);
        for (var window = begin; window < until; window++)
        {
            // A batch's blobs are written before its row as originals are.
            await SweepWindowAsync(storage.Container(Names.Originals), window, cancel).ConfigureAwait(false);
            await SweepWindowAsync(storage.Container(Names.Batches), window, cancel).ConfigureAwait(false);
        }

        if (until > begin)
            await checkpoints.UpsertEntityAsync(new TableEntity(DepositKeys.LogPartition, DepositKeys.Swept) { ["Window"] = until },
                TableUpdateMode.Replace, cancel).ConfigureAwait(false);
    }

    private async Task SweepWindowAsync(BlobContainerClient originals, long window, CancellationToken cancel)
    {
        await foreach (var blob in originals.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None,
            window.ToString("x8", CultureInfo.InvariantCulture), cancel).ConfigureAwait(false))
        {
            if (!DepositId.TryParse(blob.Name.Split('/')[0], out var id) || !blob.Metadata.TryGetValue(OriginalStore.OwnerMetadata, out var tenant)
                || await deposits.FindAsync(tenant, id, cancel).ConfigureAwait(false) is not null)
            {
                continue;
            }

            try
            {
                await originals.DeleteBlobIfExistsAsync(blob.Name, DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel).ConfigureAwait(false);
                logger.LogInformation("{Container}/{Blob} had no deposit and is gone", originals.Name, blob.Name);
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Under retention: it stays, encrypted and nameless, until the policy lets it go.
            }
        }
    }

    private static long Window(DateTimeOffset time) => time.ToUnixTimeMilliseconds() >> WindowBits;
}
