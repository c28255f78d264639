using Notary.Evidence.Batches;

namespace Notary.Deposits;

/// <summary>A batch as its owner sees it.</summary>
/// <param name="Id">Of the batch, which is a deposit.</param>
/// <param name="ItemCount">Items, numbered from 0.</param>
/// <param name="ItemsRoot">Of their tree.</param>
/// <param name="Indexed">Whether items are found by digest and reference yet.</param>
/// <param name="Deposit">The batch's own deposit: its state is that of every item.</param>
public sealed record BatchView(string Id, int ItemCount, string ItemsRoot, bool Indexed, DepositView Deposit)
{
    /// <summary>True of a batch of a sandbox tenant; absent of all others.</summary>
    public bool? Test => Deposit.Test;
}

/// <summary>One item of a batch.</summary>
/// <param name="Id">Batch and number: the id of a deposit.</param>
/// <param name="Item">The item as the batch fixed it (docs/evidence-format.md, "Batch"), salt included.</param>
public sealed record BatchItemView(string Id, JsonElement Item);

/// <summary>One page of items; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record BatchItemPage(IReadOnlyList<BatchItemView> Items, string? Continuation);

/// <summary>What was found of items.</summary>
/// <param name="Items">In the order of their batches and numbers.</param>
/// <param name="Unindexed">Batches that were passed over because they are not indexed yet.</param>
/// <param name="Continuation">Null when all batches were looked through.</param>
public sealed record FoundItemPage(IReadOnlyList<BatchItemView> Items, IReadOnlyList<string> Unindexed, string? Continuation);

/// <summary>
/// Batches: up to a million deposits in one, each with a path of its own to the batch's root.
///  1. Refuse what is malformed. A key that is known answers with the first receipt.
///  2. One pass over the lines: items, leaves and offsets into two blobs that nothing names yet.
///  3. One table transaction makes the batch, and every item with it; from here on all survive any crash.
///  4. Tell sequencer and indexer, which would find it anyway.
/// </summary>
public sealed partial class DepositService
{
    /// <summary>Batches that one search looks into: each costs one read or two of its index.</summary>
    private const int MaxBatchesSearched = 50;

    /// <summary>Takes a batch in: all of it or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="options">With an idempotency key.</param>
    /// <param name="body">NDJSON in UTF-8, unpacked.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="BatchRefusedException">Lines are refused.</exception>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, <see cref="Fault.IdempotencyConflict"/>, <see
    /// cref="Fault.TimeDisagreement"/>.</exception>
    public async Task<ReceiptResult> DepositBatchAsync(Tenant tenant, DepositOptions options, Stream body, CancellationToken cancel)
    {
        // 1.
        DepositRules.Check(options);
        if (options.IdempotencyKey is null)
            throw new FaultException(Fault.Malformed, "a batch has an Idempotency-Key");

        await DemandClockAsync(cancel).ConfigureAwait(false);
        if (await FirstAsync(tenant, options, cancel).ConfigureAwait(false) is { } first)
            return await ReplayAsync(tenant, first, Fingerprint(await BatchBlobs.SentAsync(body, cancel).ConfigureAwait(false)), cancel).ConfigureAwait(false);

        // 2.
        var id = DepositId.New(clock);
        var batch = await batches.WriteAsync(id, tenant.Id, body, cancel).ConfigureAwait(false);

        // 3. The time of receipt is when the last line was there.
        DigestItem[] file = [new(BatchFormat.ItemsName, batch.Size, BatchFormat.MediaType, batch.Sha256)];
        var row = Row(tenant, id, options, BatchFormat.Kind, file, clock.GetUtcNow(), m => m with { ItemCount = batch.Count, ItemsRoot = batch.Root });
        if (await table.InsertAsync(row, file, options.IdempotencyKey, Fingerprint(batch.Sent), options.CorrelationId, cancel,
            BatchTable.Beside(tenant.Id, id, batch.Count)).ConfigureAwait(false))
        {
            // 4.
            sequencer.Nudge(tenant.Id);
            indexer.Nudge(tenant.Id, id);
            Took(tenant, deposits: 1, batch.Count, batch.Size);
            return new ReceiptResult(Receipt.Write(row), id, Replayed: false);
        }

        await batches.DeleteAsync(id, cancel).ConfigureAwait(false);
        return await LostRaceAsync(tenant, options, Fingerprint(batch.Sent), cancel).ConfigureAwait(false);

        string Fingerprint(Digest sent) => DepositRules.Fingerprint(BatchFormat.Kind, options, [new DigestItem("", null, "", sent)]);
    }

    /// <summary>One batch; null for a stranger's id, a random one, and a deposit that is no batch.</summary>
    public async Task<BatchView?> FindBatchAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        if (await directory.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) is not { } batch)
            return null;

        var manifest = (await FindRowAsync(tenant, id, cancel).ConfigureAwait(false)).Manifest;
        return await FindAsync(tenant, id, cancel).ConfigureAwait(false) is { } deposit
            ? new BatchView(deposit.Id, batch.Count, manifest.ItemsRoot!.Value.ToString(), batch.References is not null, deposit) : null;
    }

    /// <summary>Items of a batch in their order.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.Malformed"/> for a limit outside 1–100 or a continuation
    /// we did not give.</exception>
    public async Task<BatchItemPage> ListItemsAsync(Tenant tenant, DepositId id, int limit, string? continuation, CancellationToken cancel)
    {
        DemandLimit(limit);
        var from = 0;
        if (continuation is not null && !int.TryParse(continuation, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");

        var batch = await directory.FindAsync(tenant.Id, id, cancel)
            .ConfigureAwait(false) ?? throw new FaultException(Fault.NotFound, "there is no such batch");
        if (from >= batch.Count)
            return new BatchItemPage([], null);

        var lines = await batches.LinesAsync(id, batch.Count, from, Math.Min(limit, batch.Count - from), cancel).ConfigureAwait(false);
        var next = from + lines.Count;
        return new BatchItemPage([.. lines.Select((line, i) => View(new ItemId(id, from + i), line))],
            next < batch.Count ? next.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>An item as a deposit in its own right: what the batch has come to, about that one item. Null when it is not there.</summary>
    public async Task<DepositView?> FindItemAsync(Tenant tenant, ItemId id, CancellationToken cancel)
    {
        if (await directory.FindAsync(tenant.Id, id.Batch, cancel).ConfigureAwait(false) is not { } batch || id.Number >= batch.Count
            || await FindAsync(tenant, id.Batch, cancel).ConfigureAwait(false) is not { } deposit)
        {
            return null;
        }

        var item = BatchItem.Parse((await batches.LinesAsync(id.Batch, batch.Count, id.Number, 1, cancel).ConfigureAwait(false))[0]);
        return deposit with { Id = id.ToString(), Items = [item.AsManifestItem()], Notes = item.Notes, Reference = item.Reference };
    }

    /// <summary>The item's path to the batch's root, and behind an empty line the batch's tlog-proof.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.NotReady"/> before the batch is logged.</exception>
    public async Task<string> ItemProofAsync(Tenant tenant, ItemId id, CancellationToken cancel)
    {
        var (row, item) = await ProvenItemAsync(tenant, id, cancel).ConfigureAwait(false);
        return $"{item.Proof.ToText()}\n{(await files.ProofAsync(row, cancel).ConfigureAwait(false)).ToText()}";
    }

    /// <summary>The batch's bundle with the one item and its path: no other item is disclosed.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.NotReady"/> until the batch is certified.</exception>
    public async Task<BundleContents> ItemBundleAsync(Tenant tenant, ItemId id, CancellationToken cancel)
    {
        var (_, item) = await ProvenItemAsync(tenant, id, cancel).ConfigureAwait(false);
        var bundle = await BundleAsync(tenant, id.Batch, withOriginals: false, cancel).ConfigureAwait(false);
        return bundle with { Item = new BundleItem(item.Bytes, item.Proof) };
    }

    /// <summary>Whether an item is there; its batch's answers are then its own.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>.</exception>
    public async Task DemandItemAsync(Tenant tenant, ItemId id, CancellationToken cancel)
    {
        if (await directory.FindAsync(tenant.Id, id.Batch, cancel).ConfigureAwait(false) is not { } batch || id.Number >= batch.Count)
            throw new FaultException(Fault.NotFound, "there is no such item");
    }

    /// <summary>Items with a digest or a reference, in the tenant's next <see cref="MaxBatchesSearched"/> batches: a read or two for each.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a limit outside 1–100 or a continuation we did not give.</exception>
    public async Task<FoundItemPage> FindItemsAsync(Tenant tenant, ItemKey kind, string value, int limit, string? continuation, CancellationToken cancel)
    {
        DemandLimit(limit);
        ItemId? from = null;
        if (continuation is not null)
            from = ItemId.TryParse(continuation, out var place) ? place
                : throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");

        var rows = await directory.ListAsync(tenant.Id, from?.Batch, MaxBatchesSearched + 1, cancel).ConfigureAwait(false);
        var (found, unindexed, bytes) = (new List<BatchItemView>(), new List<string>(), Encoding.UTF8.GetBytes(value));
        foreach (var row in rows.Take(MaxBatchesSearched))
        {
            var start = row.Id == from?.Batch ? from.Value.Number : 0;
            if (row.References is not { } references)
            {
                unindexed.Add(row.Id.ToString());
                continue;
            }

            var numbers = await BatchIndex.FindAsync(kind == ItemKey.Digest ? row.Count : references, BatchIndex.Key(row.Id, kind, bytes), start,
                limit - found.Count + 1, (record, count) => batches.ReadIndexAsync(row.Id, kind, record, count, cancel)).ConfigureAwait(false);
            foreach (var number in numbers)
            {
                if (found.Count == limit)
                    return new FoundItemPage(found, unindexed, new ItemId(row.Id, number).ToString());

                // Keys are hashes cut short: the item itself says whether it is meant.
                var line = (await batches.LinesAsync(row.Id, row.Count, number, 1, cancel).ConfigureAwait(false))[0];
                var item = BatchItem.Parse(line);
                if (kind == ItemKey.Digest ? item.Sha256.ToString() == value : item.Reference == value)
                    found.Add(View(new ItemId(row.Id, number), line));
            }
        }

        return new FoundItemPage(found, unindexed, rows.Count > MaxBatchesSearched ? new ItemId(rows[^1].Id, 0).ToString() : null);
    }

    private async Task<(DepositRow Row, ProvenItem Item)> ProvenItemAsync(Tenant tenant, ItemId id, CancellationToken cancel)
    {
        await DemandItemAsync(tenant, id, cancel).ConfigureAwait(false);
        var row = await FindRowAsync(tenant, id.Batch, cancel).ConfigureAwait(false);
        return (row, await batches.ProveAsync(row.Manifest, id.Number, cancel).ConfigureAwait(false));
    }

    private static BatchItemView View(ItemId id, byte[] line)
    {
        using var json = JsonDocument.Parse(line);
        return new BatchItemView(id.ToString(), json.RootElement.Clone());
    }
}
