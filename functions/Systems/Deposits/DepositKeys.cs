namespace Notary.Deposits;

/// <summary>Every partition and row key of the deposits and checkpoints tables.</summary>
/// <remarks>
/// All rows of a tenant share a partition, so that one table transaction makes a deposit durable:
/// the deposit, its place in the sequencer's queue, its idempotency key and its index by digest.
/// The sequencer reads the queue of sixteen partitions, not of every tenant.
/// </remarks>
public static class DepositKeys
{
    /// <summary>Partitions that tenants are spread over. Changing it orphans every row.</summary>
    public const int Shards = 16;

    /// <summary>The partition of checkpoints, in the checkpoints table.</summary>
    public const string CheckpointPartition = "checkpoint";

    /// <summary>The partition of anchors, in the checkpoints table.</summary>
    public const string AnchorPartition = "anchor";

    /// <summary>The partition of the log's own records: head and lease.</summary>
    public const string LogPartition = "log";

    /// <summary>The partition of refused uploads, in the checkpoints table.</summary>
    public const string RefusedPartition = "refused";

    /// <summary>The row that the sequencer swaps.</summary>
    public const string Head = "head";

    /// <summary>The row that names the sequencer at work.</summary>
    public const string Lease = "lease";

    /// <summary>How far the sweeper has come.</summary>
    public const string Swept = "swept";

    /// <summary>How far the round of housekeeping has come.</summary>
    public const string Housekeeping = "housekeeping";

    /// <summary>Pending rows of a shard lie between these.</summary>
    public const string PendingFrom = "p|";

    /// <summary>Exclusive end of the pending rows.</summary>
    public const string PendingTo = "p}";

    /// <summary>The partition of a tenant: <c>s0</c> to <c>sf</c>.</summary>
    public static string Shard(string tenant) => Shard(SHA256.HashData(Encoding.UTF8.GetBytes(tenant))[0] >> 4);

    /// <summary>The same as one bit of sixteen.</summary>
    public static int ShardBit(string tenant) => 1 << (SHA256.HashData(Encoding.UTF8.GetBytes(tenant))[0] >> 4);

    /// <summary>The name of a partition, 0 to 15.</summary>
    public static string Shard(int number) => $"s{number:x}";

    /// <summary>A deposit's row.</summary>
    public static string Deposit(string tenant, DepositId id) => $"d|{tenant}|{id}";

    /// <summary>Start of a tenant's deposits; the exclusive end is <see cref="DepositsTo"/>.</summary>
    public static string DepositsFrom(string tenant) => $"d|{tenant}|";

    /// <summary>Exclusive end of a tenant's deposits.</summary>
    public static string DepositsTo(string tenant) => $"d|{tenant}}}";

    /// <summary>A deposit that waits for the sequencer.</summary>
    public static string Pending(DepositId id) => $"p|{id}";

    /// <summary>The row that makes an idempotency key its tenant's own. The key itself is hashed: it may hold anything.</summary>
    public static string Idempotency(string tenant, string key) => $"i|{tenant}|{Digest.Of(Encoding.UTF8.GetBytes(key))}";

    /// <summary>Finds deposits by an item's digest.</summary>
    public static string ByDigest(string tenant, Digest sha256, DepositId id) => $"x|{tenant}|{sha256}|{id}";

    /// <summary>Start of one digest's rows.</summary>
    public static string ByDigestFrom(string tenant, Digest sha256) => $"x|{tenant}|{sha256}|";

    /// <summary>Exclusive end of one digest's rows.</summary>
    public static string ByDigestTo(string tenant, Digest sha256) => $"x|{tenant}|{sha256}}}";

    /// <summary>An upload that was promised a place and has not arrived.</summary>
    public static string Upload(string tenant, DepositId id) => $"u|{tenant}|{id}";

    /// <summary>Uploads of a shard lie between these.</summary>
    public const string UploadsFrom = "u|";

    /// <summary>Exclusive end of the uploads.</summary>
    public const string UploadsTo = "u}";

    /// <summary>Tenant and id of an upload's row.</summary>
    public static (string Tenant, DepositId Id) ParseUpload(string rowKey) => Parse(rowKey);

    /// <summary>An upload whose ticket is open: it counts against its tenant's limits. Goes in the transaction that ends the upload.</summary>
    public static string Open(string tenant, DepositId id) => $"t|{tenant}|{id}";

    /// <summary>Start of a tenant's open tickets.</summary>
    public static string OpenFrom(string tenant) => $"t|{tenant}|";

    /// <summary>Exclusive end of them.</summary>
    public static string OpenTo(string tenant) => $"t|{tenant}}}";

    /// <summary>Index rows were written ahead of a deposit of many items; goes in the transaction that makes it.</summary>
    public static string Ahead(string tenant, DepositId id) => $"o|{tenant}|{id}";

    /// <summary>Such rows of a shard lie between these.</summary>
    public const string AheadFrom = "o|";

    /// <summary>Exclusive end of them.</summary>
    public const string AheadTo = "o}";

    /// <summary>Tenant and id of such a row.</summary>
    public static (string Tenant, DepositId Id) ParseAhead(string rowKey) => Parse(rowKey);

    /// <summary>A batch in its tenant's directory.</summary>
    public static string Batch(string tenant, DepositId id) => $"b|{tenant}|{id}";

    /// <summary>Start of a tenant's batches.</summary>
    public static string BatchesFrom(string tenant) => $"b|{tenant}|";

    /// <summary>Exclusive end of them.</summary>
    public static string BatchesTo(string tenant) => $"b|{tenant}}}";

    /// <summary>A batch whose items are not found by digest and reference yet.</summary>
    public static string Unindexed(DepositId id) => $"{UnindexedFrom}{id}";

    /// <summary>Such rows of a shard lie between these.</summary>
    public const string UnindexedFrom = "y|";

    /// <summary>Exclusive end of them.</summary>
    public const string UnindexedTo = "y}";

    /// <summary>A letter that is due or watched, by the checkpoint its deposit came with; 0 for one that was asked for alone.</summary>
    public static string Letter(long size, string tenant, DepositId id) => $"l|{Size(size)}|{tenant}|{id}";

    /// <summary>Start of the due letters of a size, and exclusive end of those before.</summary>
    public static string LettersFrom(long size) => $"l|{Size(size)}|";

    /// <summary>Tenant and id of such a row.</summary>
    public static (string Tenant, DepositId Id) ParseLetter(string rowKey) => Parse(rowKey[(rowKey.IndexOf('|', StringComparison.Ordinal) + 1)..]);

    /// <summary>What of a deposit is to be told next, for tenants with webhooks: 0 that it is logged, 1 time-stamped, 2 anchored.</summary>
    /// <param name="state">Which.</param>
    /// <param name="size">The checkpoint that it came with.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">The deposit.</param>
    public static string Told(int state, long size, string tenant, string id) => $"{ToldFrom(state, size)}{tenant}|{id}";

    /// <summary>Start of such rows of a state and a size.</summary>
    public static string ToldFrom(int state, long size) => $"w|{state}|{Size(size)}|";

    /// <summary>A deposit's letter, by its block, or its failure, is to be told.</summary>
    public static string ToldEnd(string tenant, DepositId id, string what) => $"{ToldEndsFrom}{tenant}|{id}|{what}";

    /// <summary>Such rows of a shard lie between these.</summary>
    public const string ToldEndsFrom = "w|9|";

    /// <summary>Exclusive end of them.</summary>
    public const string ToldEndsTo = "w|9}";

    /// <summary>Tenant, id and what of such a row.</summary>
    public static (string Tenant, string Id, string What) ParseToldEnd(string rowKey)
        => rowKey.Split('|') is [_, _, var tenant, var id, var what] ? (tenant, id, what) : throw new FormatException(rowKey);

    // A tenant's id has no bar.
    private static (string Tenant, DepositId Id) Parse(string rowKey)
    {
        var parts = rowKey.Split('|');
        return (parts[1], DepositId.Parse(parts[2]));
    }

    /// <summary>A tree size as a row key: sorts by number.</summary>
    public static string Size(long size) => $"{size:D20}";
}
