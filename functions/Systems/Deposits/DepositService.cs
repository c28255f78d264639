namespace Notary.Deposits;

/// <summary>
/// Intake: turns bytes or digests into a durable deposit.
///  1. Refuse what is malformed, before anything is written.
///  2. An idempotency key that is known answers with the first receipt.
///  3. The original, if there is one: one pass, hashed and encrypted.
///  4. One table transaction; from here on the deposit survives any crash.
///  5. Tell the sequencer, which would find it anyway.
/// </summary>
public sealed partial class DepositService
{
    /// <summary>The most our clock may differ from storage's: half of what verifiers tolerate between the receipt and its tokens.</summary>
    internal static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(60);

    private readonly StorageAccount storage;
    private readonly DepositTable table;
    private readonly NewestFirst newest;
    private readonly OriginalStore originals;
    private readonly ChainHeads heads;
    private readonly Sequencer sequencer;
    private readonly DepositsSettings settings;
    private readonly TimeProvider clock;
    private readonly Coverage coverage;
    private readonly EvidenceFiles files;
    private readonly OrchestrationStarter starter;
    private readonly CheckpointTable checkpoints;
    private readonly BatchBlobs batches;
    private readonly BatchTable directory;
    private readonly BatchIndexer indexer;

    /// <summary>Where what is taken in is counted; null for nowhere.</summary>
    public UsageMeter? Usage { get; init; }

    /// <summary>Composed by the Host.</summary>
    public DepositService(StorageAccount storage, OriginalStore originals, ChainHeads heads, Sequencer sequencer,
        Coverage coverage, EvidenceFiles files, OrchestrationStarter starter, BatchIndexer indexer, DepositsSettings settings, TimeProvider clock)
    {
        this.storage = storage;
        table = new DepositTable(storage);
        newest = new NewestFirst(table, clock);
        checkpoints = new CheckpointTable(storage);
        (batches, directory, this.indexer) = (new BatchBlobs(storage), new BatchTable(storage), indexer);
        (this.originals, this.heads, this.sequencer, this.coverage, this.files, this.starter, this.settings, this.clock)
            = (originals, heads, sequencer, coverage, files, starter, settings, clock);
    }

    /// <summary>Deposits a file of any size in one pass and bounded memory.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, <see cref="Fault.DigestMismatch"/>
    /// (nothing kept), <see cref="Fault.IdempotencyConflict"/>, <see cref="Fault.TimeDisagreement"/>.</exception>
    public Task<ReceiptResult> DepositFileAsync(Tenant tenant, DepositOptions options, Stream body, CancellationToken cancel)
        => DepositBytesAsync(tenant, options, FileKind, [], body, cancel);

    /// <summary>Deposits a recording's package like a file; its manifest also names what the package must hold.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="options">The package's.</param>
    /// <param name="parts">At most 99.</param>
    /// <param name="body">The package.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">As of <see cref="DepositFileAsync"/>.</exception>
    public Task<ReceiptResult> DepositRecordingAsync(
        Tenant tenant, DepositOptions options, IReadOnlyList<DigestItem> parts, Stream body, CancellationToken cancel)
    {
        DepositRules.Check(parts, DepositLimits.MaxItems - 1);
        return DepositBytesAsync(tenant, options, RecordingKind, parts, body, cancel);
    }

    private async Task<ReceiptResult> DepositBytesAsync(
        Tenant tenant, DepositOptions options, string kind, IReadOnlyList<DigestItem> parts, Stream body, CancellationToken cancel)
    {
        // 1.
        DepositRules.Check(options);
        await DemandClockAsync(cancel).ConfigureAwait(false);

        // 2. Known keys cost a hash of the body, not a second original.
        if (await FirstAsync(tenant, options, cancel).ConfigureAwait(false) is { } first)
        {
            var again = await HashAsync(body, cancel).ConfigureAwait(false);
            CheckDigest(options.ContentDigest, again.Sha256);
            return await ReplayAsync(tenant, first, DepositRules.Fingerprint(kind, options, [Item(options, again), .. parts]), cancel).ConfigureAwait(false);
        }

        // 3.
        var id = DepositId.New(clock);
        var receivedAt = clock.GetUtcNow();
        var blob = Names.OriginalBlob(id, 0);
        var original = await originals.WriteAsync(blob, body,
            stored => CheckDigest(options.ContentDigest, stored.Sha256), tenant.Id, cancel).ConfigureAwait(false);

        return await KeepAsync(tenant, id, options, kind, parts, receivedAt, original, cancel).ConfigureAwait(false);
    }

    /// <summary>4. The original is there; now its deposit.</summary>
    private async Task<ReceiptResult> KeepAsync(Tenant tenant, DepositId id, DepositOptions options, string kind, IReadOnlyList<DigestItem> parts,
        DateTimeOffset receivedAt, StoredOriginal original, CancellationToken cancel)
    {
        DigestItem[] items = [Item(options, original), .. parts];
        var fingerprint = DepositRules.Fingerprint(kind, options, items);
        var row = Row(tenant, id, options, kind, items, receivedAt) with { Originals = [0], Crcs = new Dictionary<int, uint> { [0] = original.Crc32 } };
        if (await table.InsertAsync(row, items, options.IdempotencyKey, fingerprint, options.CorrelationId, cancel).ConfigureAwait(false))
        {
            sequencer.Nudge(tenant.Id);
            Took(tenant, deposits: 1, items.Length, original.Size);
            return new ReceiptResult(Receipt.Write(row), id, Replayed: false);
        }

        await originals.DeleteAsync(Names.OriginalBlob(id, 0), cancel).ConfigureAwait(false);
        return await LostRaceAsync(tenant, options, fingerprint, cancel).ConfigureAwait(false);
    }

    private static DigestItem Item(DepositOptions options, StoredOriginal stored)
        => new(options.Name ?? "", stored.Size, options.MediaType ?? DefaultMediaType, stored.Sha256);

    /// <summary>Deposits 1–100 digests; the bytes stay with the depositor and may follow through <see cref="AttachOriginalAsync"/>.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, <see cref="Fault.IdempotencyConflict"/>,
    /// <see cref="Fault.TimeDisagreement"/>.</exception>
    public async Task<ReceiptResult> DepositDigestsAsync(Tenant tenant, DepositOptions options, IReadOnlyList<DigestItem> items, CancellationToken cancel)
    {
        DepositRules.Check(options);
        DepositRules.Check(items, DepositLimits.MaxItems);
        await DemandClockAsync(cancel).ConfigureAwait(false);
        var fingerprint = DepositRules.Fingerprint(DigestKind, options, items);
        var row = Row(tenant, DepositId.New(clock), options, DigestKind, items, clock.GetUtcNow());

        // The insert itself finds out whether the key is known: a look-up first would double the calls of every deposit.
        if (!await table.InsertAsync(row, items, options.IdempotencyKey, fingerprint, options.CorrelationId, cancel).ConfigureAwait(false))
            return await LostRaceAsync(tenant, options, fingerprint, cancel).ConfigureAwait(false);

        sequencer.Nudge(tenant.Id);
        Took(tenant, deposits: 1, items.Count, bytes: 0);
        return new ReceiptResult(Receipt.Write(row), row.Id, Replayed: false);
    }

    private void Took(Tenant tenant, long deposits, long items, long bytes) => Usage?.Add(tenant.Id, new UsageCount(0, 0, deposits, items, bytes));

    /// <summary>Keeps the bytes of a digest-only deposit. They must match the digest that was deposited.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>, <see cref="Fault.DigestMismatch"/> (nothing kept).</exception>
    public async Task AttachOriginalAsync(Tenant tenant, DepositId id, int item, Stream body, CancellationToken cancel)
    {
        var row = await FindRowAsync(tenant, id, cancel).ConfigureAwait(false);
        var items = row.Manifest.Items;
        if (item < 0 || item >= items.Count)
            throw new FaultException(Fault.NotFound, "the deposit has no such item");

        var expected = Digest.Parse(items[item].Digests["sha-256"]);
        var (size, crc) = (0L, 0u);
        void Check(StoredOriginal stored)
        {
            (size, crc) = (stored.Size, stored.Crc32);
            CheckDigest(expected, stored.Sha256);
            if (items[item].Size is { } announced && announced != stored.Size)
                throw new FaultException(Fault.DigestMismatch, "the bytes have another size than was deposited");
        }

        if (row.Originals.Contains(item))
        {
            Check(await HashAsync(body, cancel).ConfigureAwait(false));
            return;
        }

        try
        {
            await originals.WriteAsync(Names.OriginalBlob(id, item), body, Check, tenant.Id, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // The blob is there and create-only: an earlier try that matched and never reached the row.
        }

        while (!row.Originals.Contains(item))
        {
            try
            {
                await table.MergeAsync(tenant.Id, id, new Dictionary<string, object>
                {
                    ["Originals"] = DepositRow.OriginalsColumn([.. row.Originals, item]),
                    [DepositRow.SizeColumn(item)] = size,
                    [DepositRow.CrcColumn(item)] = (long)crc,
                }, row.ETag, cancel).ConfigureAwait(false);
                Took(tenant, deposits: 0, items: 0, size);
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
            }

            row = await FindRowAsync(tenant, id, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>A receipt's time is evidence: with a clock that is off, none is given. Asks again before refusing,
    /// so that a clock that was set goes on at once.</summary>
    private async Task DemandClockAsync(CancellationToken cancel)
    {
        if (storage.ClockOffset.Duration() > MaxSkew && (await storage.CompareClocksAsync(cancel).ConfigureAwait(false)).Duration() > MaxSkew)
            throw new FaultException(Fault.TimeDisagreement, "the platform's clock is off, and no deposit is taken until it is right; send it again later");
    }

    private DepositRow Row(Tenant tenant, DepositId id, DepositOptions options, string kind, IReadOnlyList<DigestItem> items, DateTimeOffset receivedAt,
        Func<Manifest, Manifest>? more = null)
    {
        var manifest = new Manifest(
            id,
            kind,
            tenant.Did,
            receivedAt,
            RandomNumberGenerator.GetBytes(Digest.Size),
            [.. items.Select(ItemOf)],
            heads.Newest,
            options.Previous,
            options.Notes)
        { Test = tenant.Sandbox };
        var timestamped = receivedAt + settings.TimestampPromise;
        return new DepositRow(tenant.Id, id, tenant.Name, (more?.Invoke(manifest) ?? manifest).ToBytes(), options.LetterOnRequest,
            timestamped, receivedAt + settings.AnchorInterval + settings.AnchorPromise);
    }

    private static ManifestItem ItemOf(DigestItem item)
        => new(item.Name, item.Size, item.MediaType, new Dictionary<string, string> { ["sha-256"] = item.Sha256.ToString() });

    private async Task<(string Fingerprint, DepositId Id)?> FirstAsync(Tenant tenant, DepositOptions options, CancellationToken cancel)
        => options.IdempotencyKey is { } key ? await table.FindKeyAsync(tenant.Id, key, cancel).ConfigureAwait(false) : null;

    private async Task<ReceiptResult> LostRaceAsync(Tenant tenant, DepositOptions options, string fingerprint, CancellationToken cancel)
        => await FirstAsync(tenant, options, cancel).ConfigureAwait(false) is { } first
            ? await ReplayAsync(tenant, first, fingerprint, cancel).ConfigureAwait(false)
            : throw new FaultException(Fault.StorageConflict, "the deposit was not written; send it again");

    private async Task<ReceiptResult> ReplayAsync(Tenant tenant, (string Fingerprint, DepositId Id) first, string fingerprint, CancellationToken cancel)
    {
        DepositRules.CheckSame(first.Fingerprint, fingerprint);
        return new ReceiptResult(Receipt.Write(await FindRowAsync(tenant, first.Id, cancel).ConfigureAwait(false)), first.Id, Replayed: true);
    }

    private async Task<DepositRow> FindRowAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) ?? throw new FaultException(Fault.NotFound, "there is no such deposit");

    private static void CheckDigest(Digest? expected, Digest actual)
    {
        if (expected is { } digest && digest != actual)
            throw new FaultException(Fault.DigestMismatch, "the body's sha-256 is not the one that was announced");
    }

    private static async Task<StoredOriginal> HashAsync(Stream body, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size, crc) = (new byte[1 << 20], 0L, new System.IO.Hashing.Crc32());
        for (int read; (read = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0; size += read)
        {
            hash.AppendData(buffer, 0, read);
            crc.Append(buffer.AsSpan(0, read));
        }

        return new StoredOriginal(new Digest(hash.GetHashAndReset()), size, crc.GetCurrentHashAsUInt32());
    }

    private const string FileKind = "file";
    private const string DigestKind = "digest";
    private const string RecordingKind = "forensics";
    private const string DefaultMediaType = "application/octet-stream";
}
