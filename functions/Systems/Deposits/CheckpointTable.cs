namespace Notary.Deposits;

/// <summary>A published checkpoint and the tokens over it.</summary>
public sealed record CheckpointRow(
    long Size, Digest Root, string Note, DateTimeOffset At, DateTimeOffset? StampedAt, IReadOnlyDictionary<string, byte[]> Tokens);

/// <summary>An anchor on the chain. <paramref name="Final"/> falls back to false when a reorganisation takes it away.</summary>
/// <param name="Proof">JSON of the anchor proof while final; empty before.</param>
/// <param name="BlockHash">Block that holds the anchor while final; tells one anchoring from the next.</param>
/// <param name="Settled">Deeper than any reorganisation that is watched for.</param>
/// <param name="From">Size of the anchor before: the deposits between are this one's.</param>
public sealed record AnchorRow(long Size, bool Final, bool Settled, string Proof, string BlockHash, long From);

/// <summary>The record that lets at most one anchor be under way.</summary>
internal sealed record AnchorHead(long Size, bool Final, DateTimeOffset At, long From, ETag ETag);

/// <summary>The checkpoints table: checkpoints, anchors, and how far each has come.</summary>
internal sealed class CheckpointTable(StorageAccount storage)
{
    private readonly TableClient table = storage.Table(Names.Checkpoints);

    /// <summary>Row of <see cref="DepositKeys.LogPartition"/> with the largest stamped size.</summary>
    private const string Stamped = "stamped";

    /// <summary>Column of a checkpoint: the shards with deposits whose letters are due, a bit each.</summary>
    private const string Shards = "Shards";

    /// <summary>Records a checkpoint. Repeating it is harmless: a size has one root.</summary>
    public async Task AddAsync(long size, Digest root, string note, DateTimeOffset at, int shards, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(
                new TableEntity(DepositKeys.CheckpointPartition, DepositKeys.Size(size))
                {
                    ["Root"] = root.ToString(),
                    ["Note"] = note,
                    ["At"] = at,
                    [Shards] = shards
                },
                cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Recorded before, or refused for another reason: only the row tells.
            if (await FindAsync(size, cancel).ConfigureAwait(false) is null)
                throw;
        }
    }

    public async Task<CheckpointRow?> FindAsync(long size, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.CheckpointPartition, DepositKeys.Size(size), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? Row(found.Value!) : null;
    }

    /// <summary>The first checkpoint that covers an index, stamped or not.</summary>
    public Task<CheckpointRow?> FirstAsync(long index, CancellationToken cancel)
        => FirstAsync(DepositKeys.CheckpointPartition, index, "At ge datetime'2000-01-01T00:00:00Z'", Row, cancel);

    /// <summary>The first stamped checkpoint that covers an index.</summary>
    public Task<CheckpointRow?> FirstStampedAsync(long index, CancellationToken cancel)
        => FirstAsync(DepositKeys.CheckpointPartition, index, "StampedAt ge datetime'2000-01-01T00:00:00Z'", Row, cancel);

    /// <summary>The first final anchor that covers an index.</summary>
    public Task<AnchorRow?> FirstFinalAnchorAsync(long index, CancellationToken cancel)
        => FirstAsync(DepositKeys.AnchorPartition, index, "Final eq true", Anchor, cancel);

    /// <summary>Keeps verified tokens; with all of them the checkpoint is stamped. Returns the largest stamped size, 0 while this one is not.</summary>
    public async Task<long> StampAsync(long size, IReadOnlyDictionary<string, object> tokens, DateTimeOffset? stampedAt, CancellationToken cancel)
    {
        var entity = new TableEntity(DepositKeys.CheckpointPartition, DepositKeys.Size(size));
        foreach (var (column, token) in tokens)
            entity[column] = token;

        if (stampedAt is { } at)
            entity["StampedAt"] = at;

        await table.UpdateEntityAsync(entity, ETag.All, TableUpdateMode.Merge, cancel).ConfigureAwait(false);
        return stampedAt is null ? 0 : await RaiseAsync(DepositKeys.LogPartition, Stamped, size, cancel).ConfigureAwait(false);
    }

    /// <summary>Size of the anchor before this one, which is under way or was.</summary>
    public async Task<long> AnchorFromAsync(long size, CancellationToken cancel)
        => await AnchorHeadAsync(cancel).ConfigureAwait(false) is { } head && head.Size == size ? head.From
            : (await FindAnchorAsync(size, cancel).ConfigureAwait(false))?.From ?? 0;

    /// <summary>Shards in which the checkpoints between two sizes, the second included, have letters due.</summary>
    public async Task<int> ShardsAsync(long from, long size, CancellationToken cancel)
    {
        var mask = 0;
        var filter = $"PartitionKey eq '{DepositKeys.CheckpointPartition}' and RowKey gt '{DepositKeys.Size(from)}' and RowKey le '{DepositKeys.Size(size)}'";
        await foreach (var entity in table.QueryAsync(filter, 1000, [Shards], cancel).ConfigureAwait(false))
        {
            // A checkpoint from before there was this column: everywhere.
            mask |= entity.GetInt32(Shards) ?? ~0;
        }

        return mask;
    }

    /// <summary>
    /// Sizes whose orchestration has work left: anchors that have not settled, the one under way, the newest stamped
    /// checkpoint that is not anchored, and what is not stamped since the last that settled. Only those older than a time.
    /// </summary>
    public async Task<IReadOnlyCollection<long>> UnfinishedAsync(DateTimeOffset before, int limit, CancellationToken cancel)
    {
        var head = await AnchorHeadAsync(cancel).ConfigureAwait(false);
        var sizes = new SortedSet<long>();
        var from = head?.Size ?? 0;
        if (head is { Final: false } && head.At < before)
        {
            sizes.Add(head.Size);
            from = head.From;
        }

        var unsettled = $"PartitionKey eq '{DepositKeys.AnchorPartition}' and RowKey lt '{DepositKeys.Head}' "
            + $"and Settled eq false and Timestamp lt datetime'{before.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}'";
        await foreach (var entity in table.QueryAsync(unsettled, limit, ["RowKey", "From"], cancel).ConfigureAwait(false))
        {
            sizes.Add(long.Parse(entity.RowKey, System.Globalization.CultureInfo.InvariantCulture));
            from = Math.Min(from, entity.GetInt64("From") ?? 0);
        }

        var seen = 0;
        long newest = 0;
        var since = $"PartitionKey eq '{DepositKeys.CheckpointPartition}' "
            + $"and RowKey gt '{DepositKeys.Size(from)}' and At lt datetime'{before.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}'";
        await foreach (var entity in table.QueryAsync(since, limit, ["RowKey", "StampedAt"], cancel).ConfigureAwait(false))
        {
            var size = long.Parse(entity.RowKey, System.Globalization.CultureInfo.InvariantCulture);
            if (entity.GetDateTimeOffset("StampedAt") is null)
                sizes.Add(size);
            else
                newest = size;

            if (++seen == limit)
                break;
        }

        if (newest > (head?.Size ?? 0))
            sizes.Add(newest);

        return sizes;
    }

    /// <summary>The largest stamped size, 0 before any.</summary>
    public async Task<long> NewestStampedAsync(CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.LogPartition, Stamped, cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? found.Value!.GetInt64("Size") ?? 0 : 0;
    }

    /// <summary>Largest size under a final anchor, 0 before any.</summary>
    public async Task<long> NewestFinalAnchorAsync(CancellationToken cancel)
    {
        var head = await AnchorHeadAsync(cancel).ConfigureAwait(false);
        if (head is { Final: true })
            return head.Size;

        // The anchor under way is not final; its predecessor is, unless a reorganisation took both.
        long newest = 0;
        var filter = $"PartitionKey eq '{DepositKeys.AnchorPartition}' and RowKey lt '{DepositKeys.Head}' and Final eq true";
        await foreach (var entity in table.QueryAsync(filter, select: ["RowKey"], cancel: cancel).ConfigureAwait(false))
            newest = Math.Max(newest, long.Parse(entity.RowKey, System.Globalization.CultureInfo.InvariantCulture));

        return newest;
    }

    public async Task<AnchorHead?> AnchorHeadAsync(CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.AnchorPartition, DepositKeys.Head, cancel: cancel).ConfigureAwait(false);
        return found.HasValue
            ? new AnchorHead(found.Value!.GetInt64("Size") ?? 0, found.Value.GetBoolean("Final") ?? false,
                found.Value.GetDateTimeOffset("At") ?? default, found.Value.GetInt64("From") ?? 0, found.Value.ETag)
            : null;
    }

    /// <summary>Makes <paramref name="size"/> the anchor under way. False when another was quicker.</summary>
    public async Task<bool> SwapAnchorHeadAsync(AnchorHead? expected, long size, bool final, DateTimeOffset at, long from, CancellationToken cancel)
    {
        var entity = new TableEntity(DepositKeys.AnchorPartition, DepositKeys.Head) { ["Size"] = size, ["Final"] = final, ["At"] = at, ["From"] = from };
        try
        {
            await (expected is null ? table.AddEntityAsync(entity, cancel)
                : table.UpdateEntityAsync(entity, expected.ETag, TableUpdateMode.Replace, cancel)).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    public async Task<AnchorRow?> FindAnchorAsync(long size, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.AnchorPartition, DepositKeys.Size(size), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? Anchor(found.Value!) : null;
    }

    /// <summary>Writes an anchor's row whole and, when it is the newest, tells the head.</summary>
    /// <param name="head">The head, when it was just read.</param>
    public async Task PutAnchorAsync(AnchorRow anchor, AnchorHead? head, CancellationToken cancel)
    {
        var entity = new TableEntity(DepositKeys.AnchorPartition, DepositKeys.Size(anchor.Size))
        {
            ["Final"] = anchor.Final,
            ["Settled"] = anchor.Settled,
            // Binary: a proof from a crowded block outgrows the 32 Ki characters of a text column.
            ["Proof"] = System.Text.Encoding.UTF8.GetBytes(anchor.Proof),
            ["BlockHash"] = anchor.BlockHash,
            ["From"] = anchor.From,
        };
        await table.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
        for (head ??= await AnchorHeadAsync(cancel).ConfigureAwait(false);
            head is not null && head.Size == anchor.Size && head.Final != anchor.Final;
            head = await AnchorHeadAsync(cancel).ConfigureAwait(false))
        {
            if (await SwapAnchorHeadAsync(head, head.Size, anchor.Final, head.At, head.From, cancel).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>Anchors of an earlier release do not say where their deposits begin, and the head neither: at the anchor before.</summary>
    public async Task CompleteAnchorsAsync(CancellationToken cancel)
    {
        // The head's row key comes after all sizes.
        long before = 0;
        await foreach (var anchor in table.QueryAsync($"PartitionKey eq '{DepositKeys.AnchorPartition}'",
            select: ["PartitionKey", "RowKey", "Size", "From"], cancel: cancel).ConfigureAwait(false))
        {
            var isHead = anchor.RowKey == DepositKeys.Head;
            if (anchor.GetInt64("From") is null && !(isHead && anchor.GetInt64("Size") == before))
                await table.UpdateEntityAsync(new TableEntity(anchor.PartitionKey, anchor.RowKey) { ["From"] = before },
                    ETag.All, TableUpdateMode.Merge, cancel).ConfigureAwait(false);

            before = isHead ? before : long.Parse(anchor.RowKey, System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    private async Task<long> RaiseAsync(string partition, string row, long size, CancellationToken cancel)
    {
        while (true)
        {
            var found = await table.GetEntityIfExistsAsync(partition, row, cancel: cancel).ConfigureAwait(false);
            if (found.HasValue && found.Value!.GetInt64("Size") is { } larger && larger >= size)
                return larger;

            var entity = new TableEntity(partition, row) { ["Size"] = size };
            try
            {
                await (found.HasValue ? table.UpdateEntityAsync(entity, found.Value!.ETag, TableUpdateMode.Replace, cancel)
                    : table.AddEntityAsync(entity, cancel)).ConfigureAwait(false);
                return size;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
            }
        }
    }

    private async Task<T?> FirstAsync<T>(string partition, long index, string condition, Func<TableEntity, T> map, CancellationToken cancel)
        where T : class
    {
        var filter = $"PartitionKey eq '{partition}' and RowKey ge '{DepositKeys.Size(index + 1)}' and RowKey lt '{DepositKeys.Head}' and {condition}";
        await foreach (var entity in table.QueryAsync(filter, 1, cancel: cancel).ConfigureAwait(false))
            return map(entity);

        return null;
    }

    private static CheckpointRow Row(TableEntity entity) => new(
        long.Parse(entity.RowKey, System.Globalization.CultureInfo.InvariantCulture),
        Digest.Parse(entity.GetString("Root")!),
        entity.GetString("Note")!,
        entity.GetDateTimeOffset("At") ?? default,
        entity.GetDateTimeOffset("StampedAt"),
        entity.Keys.Where(key => key.StartsWith("Token_", StringComparison.Ordinal))
            .ToDictionary(key => key["Token_".Length..], key => entity.GetBinary(key)!, StringComparer.Ordinal));

    private static AnchorRow Anchor(TableEntity entity) => new(
        long.Parse(entity.RowKey, System.Globalization.CultureInfo.InvariantCulture),
        entity.GetBoolean("Final") ?? false,
        entity.GetBoolean("Settled") ?? false,
        System.Text.Encoding.UTF8.GetString(entity.GetBinary("Proof") ?? []),
        entity.GetString("BlockHash") ?? "",
        entity.GetInt64("From") ?? 0);
}
