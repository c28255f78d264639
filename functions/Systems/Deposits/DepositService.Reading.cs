using Notary.Verification.Letters;

namespace Notary.Deposits;

/// <summary>Reading: views, originals, proofs, letters and bundles. Everything begins with the tenant's own row.</summary>
public sealed partial class DepositService
{
    /// <summary>One deposit; null for a stranger's id as for a random one.</summary>
    public async Task<DepositView?> FindAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false);
        if (row is null)
            return null;

        try
        {
            var (state, times, anchor) = await DetailsAsync(row, cancel).ConfigureAwait(false);
            return View(row, state, times, anchor);
        }
        catch (FaultException e) when (e.Fault == Fault.EvidenceInvalid)
        {
            // What was spoilt in storage is said of the deposit: whoever looks for it, to mend it or to wait for that, must find it.
            return View(row with { Fault = row.Fault ?? e.Fault.Code() }, DepositState.Failed, [], null);
        }
    }

    /// <summary>A page of deposits, oldest first, or of those that hold an item with a digest.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a limit outside 1–100 or a continuation we did not give.</exception>
    public async Task<DepositPage> ListAsync(Tenant tenant, Digest? sha256, int limit, string? continuation, CancellationToken cancel)
    {
        DemandLimit(limit);
        if (continuation is not null && !DepositId.TryParse(continuation, out _))
            throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");

        var (rows, next) = sha256 is { } digest
            ? await table.ListByDigestAsync(tenant.Id, digest, limit, continuation, cancel).ConfigureAwait(false)
            : await table.ListAsync(tenant.Id, limit, continuation, cancel).ConfigureAwait(false);
        return await PageAsync(rows, next, cancel).ConfigureAwait(false);
    }

    /// <summary>A page of deposits, newest first; its continuation is for the next call with the same <paramref name="since"/>.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="since">None received before.</param>
    /// <param name="until">None received at this time or later; for the first page.</param>
    /// <param name="limit">1–100.</param>
    /// <param name="continuation">What the page before gave.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a limit outside 1–100 or a continuation we did not give.</exception>
    public async Task<DepositPage> NewestAsync(
        Tenant tenant, DateTimeOffset? since, DateTimeOffset? until, int limit, string? continuation, CancellationToken cancel)
    {
        DemandLimit(limit);
        var place = NewestPlace.Read(continuation) ?? (until is { } time ? NewestPlace.At(time) : null);
        var (rows, next) = await newest.ReadAsync(tenant.Id, since, place, limit, cancel).ConfigureAwait(false);
        return await PageAsync(rows, next?.ToString(), cancel).ConfigureAwait(false);
    }

    /// <summary>Deposits whose item names or notes hold a text, newest first, among the next <see cref="DepositLimits.MaxSearched"/>.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="text">Looked for without regard to case, composed characters and a base with its mark being the same.</param>
    /// <param name="since">None received before.</param>
    /// <param name="until">None received at this time or later; for the first page.</param>
    /// <param name="continuation">What the page before gave.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>What was found, perhaps nothing; its continuation goes on further back.</returns>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for an empty text or a continuation we did not give.</exception>
    public async Task<DepositPage> SearchAsync(
        Tenant tenant, string text, DateTimeOffset? since, DateTimeOffset? until, string? continuation, CancellationToken cancel)
    {
        if (text.Length is 0 or > DepositLimits.MaxSearchText)
            throw new FaultException(Fault.Malformed, $"the text looked for has 1 to {DepositLimits.MaxSearchText} characters");

        var wanted = Composition.Compose(text);
        var place = NewestPlace.Read(continuation) ?? (until is { } time ? NewestPlace.At(time) : null);
        return await SiftAsync(tenant, row => Holds(row.Manifest, wanted), since, place, cancel).ConfigureAwait(false);
    }

    /// <summary>A deposit and those that continue it, newest first, among the next <see cref="DepositLimits.MaxSearched"/>.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="manifest">The manifest digest of the deposit that is continued.</param>
    /// <param name="continuation">What the page before gave.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>What was found, perhaps nothing; its continuation goes on further back.</returns>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a continuation we did not give.</exception>
    public Task<DepositPage> ChainAsync(Tenant tenant, Digest manifest, string? continuation, CancellationToken cancel)
        => SiftAsync(tenant, row => row.Leaf == manifest || row.Manifest.Previous == manifest, null, NewestPlace.Read(continuation), cancel);

    /// <summary>The deposit that a later one continues, among the <see cref="DepositLimits.MaxSearched"/> before it; null when it is not there.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="manifest">The manifest digest that the later one names.</param>
    /// <param name="before">When the later one was received.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<DepositView?> FindEarlierAsync(Tenant tenant, Digest manifest, DateTimeOffset before, CancellationToken cancel)
    {
        var place = NewestPlace.At(before);
        for (var read = 0; read < DepositLimits.MaxSearched && place is not null; read += DepositLimits.MaxPage)
        {
            (var rows, place) = await newest.ReadAsync(tenant.Id, null, place, DepositLimits.MaxPage, cancel).ConfigureAwait(false);
            if (rows.FirstOrDefault(row => row.Leaf == manifest) is { } found)
                return View(found, Coverage.State(found, await coverage.NowAsync(cancel).ConfigureAwait(false)), [], null);
        }

        return null;
    }

    private async Task<DepositPage> SiftAsync(
        Tenant tenant, Func<DepositRow, bool> wanted, DateTimeOffset? since, NewestPlace? place, CancellationToken cancel)
    {
        var found = new List<DepositRow>();
        for (var read = 0; read < DepositLimits.MaxSearched && found.Count < DepositLimits.MaxPage; read += DepositLimits.MaxPage)
        {
            (var rows, place) = await newest.ReadAsync(tenant.Id, since, place, DepositLimits.MaxPage, cancel).ConfigureAwait(false);
            found.AddRange(rows.Where(wanted));
            if (place is null)
                break;
        }

        return await PageAsync(found, place?.ToString(), cancel).ConfigureAwait(false);
    }

    private static bool Holds(Manifest manifest, string text)
        => manifest.Items.Select(item => item.Name).Concat(manifest.Notes.Values)
            .Any(held => Composition.Compose(held).Contains(text, StringComparison.OrdinalIgnoreCase));

    private static void DemandLimit(int limit)
    {
        if (limit is < 1 or > DepositLimits.MaxPage)
            throw new FaultException(Fault.Malformed, $"limit is 1 to {DepositLimits.MaxPage}");
    }

    private async Task<DepositPage> PageAsync(IReadOnlyList<DepositRow> rows, string? continuation, CancellationToken cancel)
    {
        var covered = await coverage.NowAsync(cancel).ConfigureAwait(false);
        return new([.. rows.Select(row => View(row, Coverage.State(row, covered), [], null))], continuation);
    }

    /// <summary>What is known of an original that is kept; null when it is not.</summary>
    public async Task<OriginalInfo?> FindOriginalAsync(Tenant tenant, DepositId id, int item, CancellationToken cancel)
    {
        if (await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) is not { } row || !row.Originals.Contains(item))
            return null;

        var kept = row.Manifest.Items[item];
        var sha256 = Digest.Parse(kept.Digests["sha-256"]);
        return new OriginalInfo(kept.Name, kept.MediaType, kept.Size ?? row.Sizes[item], sha256);
    }

    /// <summary>The decrypted bytes from <paramref name="offset"/> on.</summary>
    public async Task<Stream> OpenOriginalAsync(Tenant tenant, DepositId id, int item, long offset, long? length, CancellationToken cancel)
    {
        if (await FindOriginalAsync(tenant, id, item, cancel).ConfigureAwait(false) is null)
            throw new FaultException(Fault.NotFound, "no original is kept");

        return await originals.OpenReadAsync(Names.OriginalBlob(id, item), offset, length, cancel).ConfigureAwait(false);
    }

    /// <summary>The C2SP tlog-proof under the newest checkpoint that is anchored, or else stamped, or else published.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.NotReady"/> before it is logged.</exception>
    public async Task<string> ProofAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => (await files.ProofAsync(await FindRowAsync(tenant, id, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false)).ToText();

    /// <summary>What dates the deposit earliest; null while no stamped checkpoint covers it.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>.</exception>
    public async Task<DatedDeposit?> DatedAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => await files.DatedAsync(await FindRowAsync(tenant, id, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);

    /// <summary>The receipt again, byte for byte.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>.</exception>
    public async Task<ReceiptResult> ReceiptAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => new(Receipt.Write(await FindRowAsync(tenant, id, cancel).ConfigureAwait(false)), id, Replayed: false);

    /// <summary>The letter in force. A deposit whose letter was left for later starts on it now.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.NotReady"/> until it is certified.</exception>
    public async Task<byte[]> LetterAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await ReadyAsync(tenant, id, cancel).ConfigureAwait(false);
        return await files.LetterAsync(row, cancel).ConfigureAwait(false);
    }

    /// <summary>Everything a stranger needs to judge the deposit; written by <see cref="BundleWriter"/>.
    /// With the originals only for their owner, on request.</summary>
    /// <exception cref="FaultException"><see cref="Fault.NotFound"/>; <see cref="Fault.NotReady"/> until it is certified.</exception>
    public async Task<BundleContents> BundleAsync(Tenant tenant, DepositId id, bool withOriginals, CancellationToken cancel)
    {
        var row = await ReadyAsync(tenant, id, cancel).ConfigureAwait(false);
        var kept = new List<BundleOriginal>();
        foreach (var item in withOriginals ? row.Originals : [])
        {
            var original = (await FindOriginalAsync(tenant, id, item, cancel).ConfigureAwait(false))!;
            kept.Add(new BundleOriginal(item, original.Size, token => originals.OpenReadAsync(Names.OriginalBlob(id, item), cancel: token),
                row.Crcs.TryGetValue(item, out var crc) ? crc : null));
        }

        return await files.BundleAsync(row, kept, cancel).ConfigureAwait(false);
    }

    private async Task<DepositRow> ReadyAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await FindRowAsync(tenant, id, cancel).ConfigureAwait(false);
        if (row.LetterBlob is null && row.LetterOnRequest)
            await starter.RequestLetterAsync(tenant.Id, id, cancel).ConfigureAwait(false);

        return Coverage.State(row, await coverage.NowAsync(cancel).ConfigureAwait(false)) == DepositState.Certified
            ? row
            : throw new FaultException(Fault.NotReady, "the letter is not issued yet");
    }

    private static DepositView View(DepositRow row, DepositState state, IReadOnlyList<TimeView> times, AnchorView? anchor)
    {
        var manifest = row.Manifest;
        return new DepositView(
            row.Id.ToString(),
            state,
            manifest.ReceivedAt,
            manifest.Kind,
            manifest.Items,
            manifest.Notes,
            row.Leaf.ToString(),
            manifest.Previous?.ToString(),
            row.Index,
            times,
            anchor,
            row.LetterOnRequest ? "onRequest" : "eager",
            row.CertifiedAt,
            row.Fault,
            row.Originals)
        { Test = manifest.Test ? true : null };
    }

    /// <summary>The state and what it rests on, from the same reads: a view never says Certified beside an anchor that is not there.</summary>
    private async Task<(DepositState State, IReadOnlyList<TimeView> Times, AnchorView? Anchor)> DetailsAsync(DepositRow row, CancellationToken cancel)
    {
        if (row.Index is not { } index)
            return (Coverage.State(row, new Covered(0, 0)), [], null);

        var stamped = await checkpoints.FirstStampedAsync(index, cancel).ConfigureAwait(false);
        var final = await checkpoints.FirstFinalAnchorAsync(index, cancel).ConfigureAwait(false);
        var state = Coverage.State(row, new Covered(stamped?.Size ?? 0, final?.Size ?? 0));
        List<TimeView> times = [.. files.Times(row.Tokens, row.Leaf, "manifest"),
            .. stamped is null ? [] : files.Times(stamped.Tokens, Digest.Of(System.Text.Encoding.UTF8.GetBytes(stamped.Note)), "checkpoint")];
        if (final is null)
            return (state, times, null);

        // A letter about a block that a reorganisation took away is not in force; a new one is on its way.
        state = state == DepositState.Certified && row.LetterBlob != Names.LetterBlob(row.Id, final.BlockHash) ? DepositState.Anchored : state;
        using var json = JsonDocument.Parse(final.Proof);
        var proof = AnchorProof.Parse(json.RootElement);
        return (state, times, new AnchorView(proof.ChainId, proof.Contract, proof.TransactionHash, proof.Block, proof.BlockHash, proof.BlockTime, final.Size));
    }
}
