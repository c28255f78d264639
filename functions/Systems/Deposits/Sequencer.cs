using Notary.Keys;

namespace Notary.Deposits;

/// <summary>
/// The log's single writer.
///  1. Take the lease; load the head.
///  2. Finish what the head's batch left undone: the same apply as step 7.
///  3. Gather what waits.
///  4. Stage: every tile, entry bundle and row change of the batch in one blob.
///  5. Swap: one ETag-conditional write of the head. Before it nothing has happened, after it everything will.
///  6. Publish tiles, then the checkpoint.
///  7. Apply to rows, start the processes, delete the stage.
/// </summary>
public sealed class Sequencer : IDisposable
{
    /// <summary>How long another instance's deposits may wait while this one is at work: the sequencer's promise.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    private readonly DepositTable deposits;
    private readonly CheckpointTable checkpoints;
    private readonly TableClient heads;
    private readonly LogPublisher publisher;
    private readonly BlobContainerClient staging;
    private readonly LogLease lease;
    private readonly VaultSigner signer;
    private readonly OrchestrationStarter starter;
    private readonly DepositsSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger<Sequencer> logger;
    private readonly SemaphoreSlim work = new(1, 1);
    private readonly SemaphoreSlim one = new(1, 1);
    private int dirty = AllShards;
    private string applied = "";
    private int firstShard;

    private const int AllShards = (1 << DepositKeys.Shards) - 1;

    /// <summary>Composed by the Host. <paramref name="signer"/> holds the log's key.</summary>
    public Sequencer(StorageAccount storage, VaultSigner signer, OrchestrationStarter starter,
        DepositsSettings settings, TimeProvider clock, ILogger<Sequencer> logger)
    {
        (this.signer, this.starter, this.settings, this.clock, this.logger) = (signer, starter, settings, clock, logger);
        deposits = new DepositTable(storage);
        checkpoints = new CheckpointTable(storage);
        heads = storage.Table(Names.Checkpoints);
        publisher = new LogPublisher(storage);
        staging = storage.Container(Names.Staging);
        lease = new LogLease(heads, settings.LeaseDuration, clock);
    }

    /// <summary>Whose deposits are told to webhooks; null for nobody's.</summary>
    public Telling? Telling { get; init; }

    /// <summary>What one run came to.</summary>
    public enum Outcome
    {
        /// <summary>Nothing waits.</summary>
        Idle,

        /// <summary>A batch became part of the log.</summary>
        Advanced,

        /// <summary>Another sequencer is at work, or won the swap.</summary>
        Busy,
    }

    /// <summary>Says that a tenant's deposit waits.</summary>
    public void Nudge(string tenant) => Nudge(DepositKeys.ShardBit(tenant));

    /// <summary>Says that something may wait anywhere.</summary>
    public void Nudge() => Nudge(AllShards);

    /// <summary>Sequences whatever waits until cancelled; idle without work.</summary>
    public async Task RunLoopAsync(CancellationToken cancel)
    {
        while (true)
        {
            await work.WaitAsync(cancel).ConfigureAwait(false);
            await Task.Delay(settings.BatchInterval, clock, cancel).ConfigureAwait(false);
            try
            {
                if (await RunOnceAsync(cancel).ConfigureAwait(false) != Outcome.Idle)
                    Nudge(0);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "sequencing failed and will be tried again");
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancel).ConfigureAwait(false);
                Nudge();
            }
        }
    }

    /// <summary>Makes at most one batch. Safe to call from several instances and several times.</summary>
    public async Task<Outcome> RunOnceAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        var shards = Interlocked.Exchange(ref dirty, 0);
        try
        {
            // 1.
            if (!await lease.AcquireAsync(cancel).ConfigureAwait(false))
            {
                Interlocked.Or(ref dirty, shards);
                return Outcome.Busy;
            }

            var head = await LoadHeadAsync(cancel).ConfigureAwait(false);

            // 2.
            if (head.Stage != applied)
                await FinishAsync(head, cancel).ConfigureAwait(false);

            // 3.
            var batch = await GatherAsync(shards, cancel).ConfigureAwait(false);
            if (batch.Count == 0)
            {
                await lease.ReleaseAsync(cancel).ConfigureAwait(false);
                return Outcome.Idle;
            }

            if (batch.Count >= settings.MaxBatch)
            {
                // It left some behind.
                Interlocked.Or(ref dirty, shards);
            }

            // 4.
            var next = await StageAsync(head, batch, cancel).ConfigureAwait(false);

            // 5.
            if (!await SwapAsync(next, head.ETag, cancel).ConfigureAwait(false))
            {
                Interlocked.Or(ref dirty, shards);
                return Outcome.Busy;
            }

            // 6. and 7.
            await FinishAsync(next, cancel).ConfigureAwait(false);
            if (lease.HeldFor > Turn)
            {
                // Deposits of another instance are nudged at it and not at us: it asks for the lease before we ask again.
                await lease.ReleaseAsync(cancel).ConfigureAwait(false);
            }

            return Outcome.Advanced;
        }
        catch
        {
            Interlocked.Or(ref dirty, AllShards);
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Whether the log's head still names a stage; one that it names is not an orphan.</summary>
    internal async Task<bool> IsHeadStageAsync(string name, CancellationToken cancel)
        => (await LoadHeadAsync(cancel).ConfigureAwait(false)).Stage == name;

    public void Dispose()
    {
        work.Dispose();
        one.Dispose();
    }

    private void Nudge(int shards)
    {
        Interlocked.Or(ref dirty, shards);
        try
        {
            work.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already told.
        }
    }

    private async Task<LogHead> LoadHeadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var found = await heads.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Head, cancel: cancel).ConfigureAwait(false);
            if (found.HasValue)
                return LogHead.From(found.Value!);

            try
            {
                await heads.AddEntityAsync(new LogHead(CompactRange.Empty, "", "", clock.GetUtcNow()).ToEntity(), cancel).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Another instance laid the first stone.
            }
        }
    }

    private async Task<IReadOnlyList<PendingRow>> GatherAsync(int shards, CancellationToken cancel)
    {
        var batch = new List<PendingRow>();
        var from = firstShard;
        for (var i = 0; i < DepositKeys.Shards && batch.Count < settings.MaxBatch; i++)
        {
            var shard = (from + i) % DepositKeys.Shards;
            if ((shards & (1 << shard)) != 0)
                batch.AddRange(await deposits.PendingAsync(DepositKeys.Shard(shard), settings.MaxBatch - batch.Count, cancel).ConfigureAwait(false));

            // A tenant's ten thousand at once fill batch after batch: the next one begins with the others.
            firstShard = (shard + 1) % DepositKeys.Shards;
        }

        return batch;
    }

    private async Task<LogHead> StageAsync(LogHead head, IReadOnlyList<PendingRow> batch, CancellationToken cancel)
    {
        byte[][] entries = [.. batch.Select(row => row.Leaf.ToArray())];
        var range = head.Range.Append([.. entries.Select(entry => Merkle.LeafHash(entry))]);
        var files = await Tiles.GrowAsync(head.Range.Size, entries, publisher.ReadAsync, cancel).ConfigureAwait(false);
        var body = new Checkpoint(settings.Origin, range.Size, range.Root()).ToBody();
        var signature = await signer.SignAsync(SHA256.HashData(Encoding.UTF8.GetBytes(body)), cancel).ConfigureAwait(false);
        var note = SignedNote.Format(body, settings.Origin, SignedNote.KeyId(settings.Origin, signer.PublicKeySpki), SignedNote.FromP1363(signature));

        var name = Names.StageBlob(range.Size, Guid.NewGuid());
        var stage = new Stage(head.Range.Size,
            [.. batch.Select(row => new StagedEntry(row.Tenant, row.Id.ToString(), row.LetterOnRequest, row.CorrelationId))], files);
        await staging.GetBlobClient(name).UploadAsync(BinaryData.FromObjectAsJson(stage), overwrite: true, cancel).ConfigureAwait(false);
        return new LogHead(range, note, name, clock.GetUtcNow());
    }

    private async Task<bool> SwapAsync(LogHead next, ETag expected, CancellationToken cancel)
    {
        try
        {
            await heads.UpdateEntityAsync(next.ToEntity(), expected, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Lost, or won unseen by a try whose answer was lost: only the record knows.
            var now = await LoadHeadAsync(cancel).ConfigureAwait(false);
            if (now.Stage == next.Stage)
                return true;

            await staging.GetBlobClient(next.Stage).DeleteIfExistsAsync(cancellationToken: cancel).ConfigureAwait(false);
            logger.LogInformation("another sequencer swapped first, at size {Size}", now.Range.Size);
            return false;
        }
    }

    private async Task FinishAsync(LogHead head, CancellationToken cancel)
    {
        if (head.Stage.Length > 0 && await ReadStageAsync(head.Stage, cancel).ConfigureAwait(false) is { } stage)
        {
            // 6. Tiles before the checkpoint: who sees the checkpoint finds everything under it.
            await publisher.PublishAsync(stage.Files, cancel).ConfigureAwait(false);
            await publisher.PublishAsync(head, cancel).ConfigureAwait(false);

            // 7.
            var checkpoint = Checkpoint.Parse(head.Note[..(head.Note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
            await checkpoints.AddAsync(checkpoint.Size, checkpoint.Root, head.Note, head.At, Shards(stage), cancel).ConfigureAwait(false);
            var listeners = Telling is null ? Nobody : await Telling.NowAsync(cancel).ConfigureAwait(false);
            await deposits.ApplyAsync(checkpoint.Size, head.At, stage, listeners, cancel).ConfigureAwait(false);
            Telling?.Ring(stage.Entries.Where(entry => listeners.Contains(entry.Tenant))
                .Aggregate(0, (mask, entry) => mask | DepositKeys.ShardBit(entry.Tenant)));

            // 8. Last: whoever issues the letters finds every row that wants one.
            await starter.StartCheckpointAsync(checkpoint.Size, cancel).ConfigureAwait(false);
            await staging.GetBlobClient(head.Stage).DeleteIfExistsAsync(cancellationToken: cancel).ConfigureAwait(false);
            logger.LogInformation("log at {Size}: {Count} deposits sequenced", checkpoint.Size, stage.Entries.Count);
        }

        applied = head.Stage;
    }

    private static int Shards(Stage stage)
        => stage.Entries.Where(entry => !entry.LetterOnRequest).Select(entry => DepositKeys.ShardBit(entry.Tenant)).Aggregate(0, (mask, bit) => mask | bit);

    private async Task<Stage?> ReadStageAsync(string name, CancellationToken cancel)
    {
        try
        {
            var blob = await staging.GetBlobClient(name).DownloadContentAsync(cancel).ConfigureAwait(false);
            return blob.Value.Content.ToObjectFromJson<Stage>(JsonSerializerOptions.Default);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
