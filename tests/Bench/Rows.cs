using Azure.Data.Tables;

namespace Notary.Bench;

/// <summary>The rows that intake writes for one digest, with the same columns.</summary>
internal static class Rows
{
    private const string Tenant = "firm";

    /// <summary>The three writes of one digest's intake, without idempotency key: deposit, its place in the queue, index by digest.</summary>
    /// <param name="model">A row that the app wrote, to be copied under another key; null makes one up.</param>
    public static IReadOnlyList<TableTransactionAction> OfDigest(TableEntity? model = null)
    {
        var (id, shard) = (DepositId.New(TimeProvider.System), DepositKeys.Shard(Tenant));
        var manifest = Manifest(id, TimeProvider.System.GetUtcNow());
        var deposit = new TableEntity(shard, DepositKeys.Deposit(Tenant, id));
        IEnumerable<KeyValuePair<string, object?>> columns = model is null ? Deposit(id, manifest) : model;
        foreach (var (name, value) in columns)
        {
            // The sequencer adds it later.
            if (name != "Index")
                deposit[name] = value;
        }

        var pending = new TableEntity(shard, DepositKeys.Pending(id))
        {
            ["Tenant"] = Tenant,
            ["Leaf"] = Digest.Of(manifest).ToString(),
            ["LetterOnRequest"] = true
        };
        var index = new TableEntity(shard, DepositKeys.ByDigest(Tenant, Digest.Of(manifest), id));
        return [.. ((TableEntity[])[deposit, pending, index]).Select(row => new TableTransactionAction(TableTransactionActionType.Add, row))];
    }

    /// <summary>What is left of a digest's rows when the log has it, as of a time in the past: deposit, and index by digest.</summary>
    public static IReadOnlyList<TableTransactionAction> Logged(string tenant, DateTimeOffset time, int index)
    {
        var (id, shard) = (DepositId.New(new Past(time)), DepositKeys.Shard(tenant));
        var manifest = Manifest(id, time);
        var deposit = new TableEntity(shard, DepositKeys.Deposit(tenant, id)) { ["Index"] = (long)index };
        foreach (var (name, value) in Deposit(id, manifest))
            deposit[name] = value;

        return [.. ((TableEntity[])[deposit, new TableEntity(shard, DepositKeys.ByDigest(tenant, Digest.Of(manifest), id))])
            .Select(row => new TableTransactionAction(TableTransactionActionType.Add, row))];
    }

    private static byte[] Manifest(DepositId id, DateTimeOffset time) => new Manifest(
        id, "digest", "did:web:firm.example", time, RandomNumberGenerator.GetBytes(Digest.Size),
        [new ManifestItem("contract.pdf", 12345, "application/pdf",
            new Dictionary<string, string> { ["sha-256"] = new Digest(RandomNumberGenerator.GetBytes(Digest.Size)).ToString() })],
        new ChainHead(31337, 40, "0x" + new string('b', 64)), null, new Dictionary<string, string>()).ToBytes();

    /// <summary>Deposits that wait for the sequencer.</summary>
    public static async Task PrepareAsync(StorageAccount storage, int count)
    {
        var table = storage.Table(Names.Deposits);
        foreach (var batch in Enumerable.Range(0, count).Select(_ => OfDigest()).Chunk(TableRows.MaxTransactionActions / 3))
            await table.SubmitTransactionAsync(batch.SelectMany(rows => rows));
    }

    /// <summary>How many still wait.</summary>
    public static async Task<int> PendingAsync(StorageAccount storage)
    {
        var count = 0;
        await foreach (var _ in storage.Table(Names.Deposits)
            .QueryAsync($"RowKey ge '{DepositKeys.PendingFrom}' and RowKey lt '{DepositKeys.PendingTo}'", select: ["RowKey"]))
            count++;

        return count;
    }

    public static async Task<bool> IsCertifiedAsync(StorageAccount storage, string id)
    {
        var key = DepositKeys.Deposit(Tenant, DepositId.Parse(id));
        await foreach (var row in storage.Table(Names.Deposits)
            .QueryAsync($"PartitionKey eq '{DepositKeys.Shard(Tenant)}' and RowKey eq '{key}'", select: ["CertifiedAt"]))
            return row.ContainsKey("CertifiedAt");

        return false;
    }

    private static Dictionary<string, object?> Deposit(DepositId id, byte[] manifest) => new()
    {
        ["Tenant"] = Tenant,
        ["Id"] = id.ToString(),
        ["DepositorName"] = "Firm Example",
        ["Leaf"] = Digest.Of(manifest).ToString(),
        ["LetterOnRequest"] = true,
        ["TimestampedBy"] = TimeProvider.System.GetUtcNow(),
        ["AnchoredBy"] = TimeProvider.System.GetUtcNow(),
        ["Originals"] = "",
        ["Manifest0"] = manifest,
    };

    private sealed class Past(DateTimeOffset time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time;
    }
}
