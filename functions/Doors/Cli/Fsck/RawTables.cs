namespace Notary.Cli;

/// <summary>A deposit's row as it lies in the table, read by the layout that functions/Systems/Deposits/README.md states and by none of its code.</summary>
internal sealed record DepositRecord(string Where, string Partition, string Tenant, string Id, byte[] Manifest, string? Leaf, long? Index)
{
    public required IReadOnlyDictionary<string, byte[]> Tokens { get; init; }

    public required IReadOnlyList<int> Originals { get; init; }

    /// <summary>CRC-32 of originals by item, where the row keeps it.</summary>
    public IReadOnlyDictionary<string, long> Crcs { get; init; } = new Dictionary<string, long>();

    public DateTimeOffset? CertifiedAt { get; init; }

    public string? LetterBlob { get; init; }

    public long? LetterSize { get; init; }

    public string? DepositorName { get; init; }

    public bool LetterOnRequest { get; init; }

    /// <summary>Tenant and id are written twice, in the key and beside it, and the tenant decides the partition.</summary>
    public bool KeyAgrees { get; init; }

    public string? Fault { get; init; }
}

/// <summary>A checkpoint's row.</summary>
internal sealed record CheckpointRecord(
    string Where, long Size, string? Root, string? Note, DateTimeOffset? At, DateTimeOffset? StampedAt, IReadOnlyDictionary<string, byte[]> Tokens);

/// <summary>An anchor's row.</summary>
internal sealed record AnchorRecordRow(string Where, long Size, bool Final, bool Settled, byte[] Proof, string? BlockHash, long? From);

/// <summary>The sequencer's record: size, right edge, signed checkpoint, and the stage that may still be on its way to the tiles.</summary>
internal sealed record HeadRecord(long Size, byte[] Range, string? Note, string Stage, DateTimeOffset? At);

/// <summary>The tables, row by row in the order of their keys; never more than a page in memory.
/// A column of another type than its own counts as absent.</summary>
internal sealed class RawTables(StorageAccount storage)
{
    public const int Shards = 16;

    private const string TokenPrefix = "Token_";
    private const string CrcPrefix = "Crc_";

    /// <summary>The service takes fifteen comparisons in one filter; a range has two.</summary>
    private const int MaxRanges = 7;

    public static string Shard(int number) => $"s{number:x}";

    public static string Shard(string tenant) => Shard(SHA256.HashData(Encoding.UTF8.GetBytes(tenant))[0] >> 4);

    public static string Size(long size) => size.ToString("D20", CultureInfo.InvariantCulture);

    public IAsyncEnumerable<TableEntity> AllAsync(string table, CancellationToken c) => storage.Table(table).QueryAsync(cancel: c);

    /// <summary>Rows of one partition whose key begins with <paramref name="prefix"/>; with columns, only those.</summary>
    public IAsyncEnumerable<TableEntity> RangeAsync(string table, string partition, string prefix, CancellationToken c, params string[] columns)
    {
        var end = prefix[..^1] + (char)(prefix[^1] + 1);
        return storage.Table(table).QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {end}"),
            select: columns.Length == 0 ? null : columns, cancel: c);
    }

    /// <summary>All rows of one partition.</summary>
    public IAsyncEnumerable<TableEntity> PartitionAsync(string table, string partition, CancellationToken c)
        => storage.Table(table).QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancel: c);

    /// <summary>Rows that no range above meets: of no known kind, or in no known partition. Both lists sorted.</summary>
    public async IAsyncEnumerable<TableEntity> UnknownAsync(string table, IReadOnlyList<string> partitions,
        IReadOnlyList<string> prefixes, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken c)
    {
        var rows = Gaps("RowKey", prefixes, (key, prefix) => $"{key} ge '{prefix[..^1]}{(char)(prefix[^1] + 1)}'");
        var outside = Gaps("PartitionKey", partitions, (key, partition) => $"{key} gt '{partition}'");
        foreach (var filter in rows.Concat(outside))
        {
            await foreach (var row in storage.Table(table).QueryAsync(filter, select: [], cancel: c))
                yield return row;
        }
    }

    /// <summary>Filters for keys before, between and after those that are known.</summary>
    private static IEnumerable<string> Gaps(string key, IReadOnlyList<string> known, Func<string, string, string> after)
        => known.Zip(known.Skip(1), (a, b) => $"({after(key, a)} and {key} lt '{b}')").Prepend($"{key} lt '{known[0]}'")
            .Append(after(key, known[^1])).Chunk(MaxRanges).Select(gaps => string.Join(" or ", gaps));

    public async Task<TableEntity?> FindAsync(string table, string partition, string row, CancellationToken c)
        => await storage.Table(table).GetEntityIfExistsAsync(partition, row, cancel: c) is { HasValue: true, Value: { } found } ? found : null;

    public async Task<DepositRecord?> DepositAsync(string partition, string tenant, string id, CancellationToken c)
        => DepositId.TryParse(id, out _) && await FindAsync(Names.Deposits, partition, $"d|{tenant}|{id}", c) is { } row ? Deposit(row) : null;

    public async Task<CheckpointRecord?> CheckpointAsync(long size, CancellationToken c)
        => await FindAsync(Names.Checkpoints, "checkpoint", Size(size), c) is { } row ? Checkpoint(row) : null;

    public async Task<AnchorRecordRow?> AnchorAsync(long size, CancellationToken c)
        => await FindAsync(Names.Checkpoints, "anchor", Size(size), c) is { } row ? Anchor(row) : null;

    public async Task<HeadRecord?> HeadAsync(CancellationToken c)
        => await FindAsync(Names.Checkpoints, "log", "head", c) is { } row
            ? new HeadRecord(row["Size"] as long? ?? 0, row["Range"] as byte[] ?? [],
                row["Note"] as string, row["Stage"] as string ?? "", row["At"] as DateTimeOffset?)
            : null;

    public static string Where(string table, TableEntity row) => $"{table}/{row.PartitionKey}/{row.RowKey}";

    public static CheckpointRecord Checkpoint(TableEntity e)
        => new(Where(Names.Checkpoints, e), Number(e.RowKey), e["Root"] as string, e["Note"] as string,
            e["At"] as DateTimeOffset?, e["StampedAt"] as DateTimeOffset?, Tokens(e));

    public static AnchorRecordRow Anchor(TableEntity e)
        => new(Where(Names.Checkpoints, e), Number(e.RowKey), e["Final"] as bool? ?? false,
            e["Settled"] as bool? ?? false, e["Proof"] as byte[] ?? [], e["BlockHash"] as string, e["From"] as long?);

    public static DepositRecord Deposit(TableEntity e)
    {
        var manifest = new List<byte>();
        for (var i = 0; e[$"Manifest{i.ToString(CultureInfo.InvariantCulture)}"] is byte[] chunk; i++)
            manifest.AddRange(chunk);

        var key = e.RowKey.Split('|');
        var (tenant, id) = key.Length == 3 ? (key[1], key[2]) : ("", "");
        return new DepositRecord(Where(Names.Deposits, e), e.PartitionKey, tenant, id, [.. manifest], e["Leaf"] as string, e["Index"] as long?)
        {
            Tokens = Tokens(e),
            Originals = [.. (e["Originals"] as string ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(i => int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var item) ? item : -1)],
            Crcs = e.Keys.Where(k => k.StartsWith(CrcPrefix, StringComparison.Ordinal)).ToDictionary(
                k => k[CrcPrefix.Length..], k => e[k] as long? ?? -1, StringComparer.Ordinal),
            CertifiedAt = e["CertifiedAt"] as DateTimeOffset?,
            LetterBlob = e["LetterBlob"] as string,
            LetterSize = e["LetterSize"] as long?,
            LetterOnRequest = e["LetterOnRequest"] as bool? ?? false,
            KeyAgrees = tenant.Length > 0 && e["Tenant"] as string == tenant && e["Id"] as string == id && e.PartitionKey == Shard(tenant),
            DepositorName = e["DepositorName"] as string,
            Fault = e["Fault"] as string is { Length: > 0 } fault ? fault : null,
        };
    }

    private static Dictionary<string, byte[]> Tokens(TableEntity e)
        => e.Keys.Where(k => k.StartsWith(TokenPrefix, StringComparison.Ordinal))
            .ToDictionary(k => k[TokenPrefix.Length..], k => e[k] as byte[] ?? [], StringComparer.Ordinal);

    private static long Number(string rowKey)
        => rowKey.Length == 20 && long.TryParse(rowKey, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1;
}
