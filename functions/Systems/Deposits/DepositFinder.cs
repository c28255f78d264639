using System.Collections.Concurrent;

namespace Notary.Deposits;

/// <summary>Where a deposit lies.</summary>
public sealed record DepositPlace(string Tenant, DepositId Id);

/// <summary>What was found; not <paramref name="Whole"/> when there was more to look through than one look may cost.</summary>
public sealed record FoundDeposits(IReadOnlyList<DepositPlace> Places, bool Whole);

/// <summary>Finds deposits of any tenant, for the office's staff: the one place where a query does not begin with a tenant.</summary>
/// <remarks>By id and by an item's digest each tenant's own rows are asked for, since no index reaches over tenants: it would cost every
/// deposit a write. By manifest digest and by log index, which have no index at all, storage looks through the deposits' columns.</remarks>
public sealed class DepositFinder(StorageAccount storage, TimeProvider clock)
{
    /// <summary>Places that are shown: of the same digest more are a list to go through at its tenant.</summary>
    private const int MaxPlaces = 50;

    /// <summary>Requests at once: staff must not starve depositors, whose partitions these are.</summary>
    private const int AtOnce = 8;

    /// <summary>Storage looks through some ten thousand rows a second and partition; a clerk waits so long, and no longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TableClient table = storage.Table(Names.Deposits);
    private readonly TableClient checkpoints = storage.Table(Names.Checkpoints);

    /// <summary>The deposit with an id, among some tenants.</summary>
    public Task<FoundDeposits> ByIdAsync(IReadOnlyList<string> tenants, DepositId id, CancellationToken cancel)
        => LookAsync(tenants, tenant => RangeOf(DepositKeys.Shard(tenant), DepositKeys.Deposit(tenant, id), DepositKeys.Deposit(tenant, id) + "!"), cancel);

    /// <summary>Deposits that hold an item with a digest, among some tenants.</summary>
    public Task<FoundDeposits> ByDigestAsync(IReadOnlyList<string> tenants, Digest sha256, CancellationToken cancel)
        => LookAsync(tenants,
            tenant => RangeOf(DepositKeys.Shard(tenant), DepositKeys.ByDigestFrom(tenant, sha256), DepositKeys.ByDigestTo(tenant, sha256)), cancel);

    /// <summary>The deposit whose manifest has a digest.</summary>
    public Task<FoundDeposits> ByManifestAsync(Digest manifest, CancellationToken cancel)
        => ScanAsync(TableClient.CreateQueryFilter($"Leaf eq {manifest.ToString()}"), cancel);

    /// <summary>The deposit that is the log's entry with an index.</summary>
    public Task<FoundDeposits> ByIndexAsync(long index, CancellationToken cancel) => ScanAsync(TableClient.CreateQueryFilter($"Index eq {index}"), cancel);

    /// <summary>Size of the checkpoint that a log entry came with, whose process carries the deposit; null while there is none.</summary>
    public async Task<long?> CheckpointAsync(long index, CancellationToken cancel)
        => await checkpoints.QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey eq {DepositKeys.CheckpointPartition} and RowKey ge {DepositKeys.Size(index + 1)}"), 1, [], cancel)
            .FirstOrDefaultAsync(cancel).ConfigureAwait(false) is { } row ? long.Parse(row.RowKey, System.Globalization.CultureInfo.InvariantCulture) : null;

    private Task<FoundDeposits> ScanAsync(string condition, CancellationToken cancel)
        => LookAsync([.. Enumerable.Range(0, DepositKeys.Shards).Select(DepositKeys.Shard)], shard => $"{RangeOf(shard, "d|", "d}")} and {condition}", cancel);

    private async Task<FoundDeposits> LookAsync(IReadOnlyList<string> among, Func<string, string> filter, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        var found = new ConcurrentQueue<DepositPlace>();
        var whole = true;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = either.Token };
            await Parallel.ForEachAsync(among, options, async (one, token) =>
            {
                await foreach (var row in table.QueryAsync(filter(one), MaxPlaces, [], token).ConfigureAwait(false))
                {
                    found.Enqueue(PlaceOf(row.RowKey));
                    if (found.Count > MaxPlaces)
                        break;
                }
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            whole = false;
        }

        var places = found.OrderBy(p => p.Tenant, StringComparer.Ordinal).ThenBy(p => p.Id.ToString(), StringComparer.Ordinal).ToList();
        return new FoundDeposits([.. places.Take(MaxPlaces)], whole && places.Count <= MaxPlaces);
    }

    private static string RangeOf(string shard, string from, string to)
        => TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey ge {from} and RowKey lt {to}");

    /// <summary>Of a deposit's row and of one of the index by digest: the second part and the last.</summary>
    private static DepositPlace PlaceOf(string rowKey)
    {
        var parts = rowKey.Split('|');
        return new DepositPlace(parts[1], DepositId.Parse(parts[^1]));
    }
}
