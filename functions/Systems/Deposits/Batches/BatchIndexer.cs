using System.Threading.Channels;

namespace Notary.Deposits;

/// <summary>Makes batches' indexes after their answers, one at a time: told by intake, and what a crash left found in the table.</summary>
public sealed class BatchIndexer(StorageAccount storage, ILogger<BatchIndexer> logger)
{
    /// <summary>Batches told and not yet begun; the sweep finds what does not fit.</summary>
    private const int MaxTold = 1000;

    /// <summary>Shards one sweep looks at; the first looks at all.</summary>
    private const int ShardsAtOnce = 4;

    /// <summary>Unindexed batches of a shard that one sweep tells of.</summary>
    private const int MaxFound = 100;

    private readonly BatchTable table = new(storage);
    private readonly BatchBlobs blobs = new(storage);
    private readonly Channel<(string Tenant, DepositId Id)> told = Channel.CreateBounded<(string, DepositId)>(
        new BoundedChannelOptions(MaxTold) { FullMode = BoundedChannelFullMode.DropWrite });

    private int nextShard;
    private bool looked;

    /// <summary>A batch is durable and wants its index.</summary>
    internal void Nudge(string tenant, DepositId id) => told.Writer.TryWrite((tenant, id));

    /// <summary>Indexes what it is told of, for ever. One that fails is left to the sweep.</summary>
    public async Task RunLoopAsync(CancellationToken cancel)
    {
        await foreach (var (tenant, id) in told.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                await IndexAsync(tenant, id, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                logger.LogWarning(e, "batch {Batch} was not indexed; it is tried again", id);
            }
        }
    }

    /// <summary>Tells of what a crash left unindexed.</summary>
    internal async Task SweepAsync(CancellationToken cancel)
    {
        var count = looked ? ShardsAtOnce : DepositKeys.Shards;
        for (var i = 0; i < count; i++)
        {
            nextShard = (nextShard + 1) % DepositKeys.Shards;
            foreach (var (tenant, id) in await table.UnindexedAsync(DepositKeys.Shard(nextShard), MaxFound, cancel).ConfigureAwait(false))
                Nudge(tenant, id);
        }

        looked = true;
    }

    private async Task IndexAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        if (await table.FindAsync(tenant, id, cancel).ConfigureAwait(false) is not { References: null } row)
            return;

        var references = await blobs.IndexAsync(id, tenant, row.Count, cancel).ConfigureAwait(false);
        await table.IndexedAsync(tenant, id, references, cancel).ConfigureAwait(false);
    }
}
