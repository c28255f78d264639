using Notary.Verification.Letters;

namespace Notary.Deposits;

/// <summary>Puts together what proves a deposit: proof, tokens, anchor, letter, bundle. Nothing leaves it unverified.</summary>
public sealed class EvidenceFiles(StorageAccount storage, PublicLog log, TrustRoots trust, DepositsSettings settings, TimeProvider clock)
{
    private readonly CheckpointTable checkpoints = new(storage);
    private readonly Dictionary<string, (TokenVerifier Verifier, string? LegalName)> authorities = trust.Authorities.ToDictionary(authority => authority.Name,
        authority => (new TokenVerifier(authority.Roots, authority.PolicyOid), authority.LegalName), StringComparer.Ordinal);

    /// <summary>What stands behind an anchored deposit.</summary>
    internal sealed record Proven(DepositRow Row, CheckpointRow Checkpoint, AnchorRow Anchor, AnchorProof AnchorProof, TlogProof Proof);

    /// <summary>Inclusion under the anchored checkpoint, or else the stamped one, or else the newest.</summary>
    internal async Task<TlogProof> ProofAsync(DepositRow row, CancellationToken cancel)
    {
        if (row.Index is not { } index)
            throw new FaultException(Fault.NotReady, "the deposit is not in the log yet");

        var anchored = await checkpoints.FirstFinalAnchorAsync(index, cancel).ConfigureAwait(false);
        var note = (anchored is not null ? await checkpoints.FindAsync(anchored.Size, cancel).ConfigureAwait(false)
            : await checkpoints.FirstStampedAsync(index, cancel).ConfigureAwait(false))?.Note
            ?? (await log.ReadAsync(Names.CheckpointBlob, cancel).ConfigureAwait(false) is { } newest ? Encoding.UTF8.GetString(newest.Bytes) : null)
            ?? throw new FaultException(Fault.NotReady, "no checkpoint is published yet");
        return await ProveAsync(row, index, note, log.ReadTileAsync, cancel).ConfigureAwait(false);
    }

    /// <summary>Inclusion under the first checkpoint that is stamped: what dates a deposit earliest. Null while there is none.</summary>
    internal async Task<DatedDeposit?> DatedAsync(DepositRow row, CancellationToken cancel)
        => row.Index is { } index && await checkpoints.FirstStampedAsync(index, cancel).ConfigureAwait(false) is { } first
            ? new DatedDeposit(row.ManifestBytes, await ProveAsync(row, index, first.Note, log.ReadTileAsync, cancel).ConfigureAwait(false),
                [.. first.Tokens.OrderBy(token => token.Key, StringComparer.Ordinal).Select(token => token.Value)])
            : null;

    /// <summary>Everything before the letter; null while no final anchor covers the deposit.</summary>
    internal async Task<Proven?> FindProvenAsync(DepositRow row, CoverCache cover, CancellationToken cancel)
    {
        if (row.Index is not { } index
            || await cover.FirstFinalAnchorAsync(index, cancel).ConfigureAwait(false) is not { } anchor
            || await cover.CheckpointAsync(anchor.Size, cancel).ConfigureAwait(false) is not { StampedAt: not null } checkpoint)
        {
            return null;
        }

        using var json = JsonDocument.Parse(anchor.Proof);
        return new Proven(row, checkpoint, anchor, AnchorProof.Parse(json.RootElement),
            await ProveAsync(row, index, checkpoint.Note, cover.TileAsync, cancel).ConfigureAwait(false));
    }

    /// <summary>The facts of the letter.</summary>
    internal LetterFacts Facts(Proven proven)
    {
        var (row, manifest, anchor) = (proven.Row, proven.Row.Manifest, proven.AnchorProof);
        return new LetterFacts(
            row.Id,
            LetterFacts.NumberOf(manifest.ReceivedAt, settings.Parties.ShortName, proven.Proof.Index),
            manifest.Depositor,
            row.DepositorName,
            manifest.ReceivedAt,
            manifest.Kind,
            manifest.Items,
            row.Leaf,
            manifest.Notes,
            [.. LetterTimes(row.Tokens, row.Leaf, "manifest"),
                .. LetterTimes(proven.Checkpoint.Tokens, Digest.Of(Encoding.UTF8.GetBytes(proven.Checkpoint.Note)), "checkpoint")],
            settings.Origin,
            proven.Proof.Index,
            proven.Checkpoint.Size,
            proven.Checkpoint.Root,
            anchor.ChainId,
            anchor.Contract.ToString().ToLowerInvariant(),
            anchor.TransactionHash,
            anchor.Block,
            anchor.BlockHash,
            anchor.BlockTime,
            new Uri(settings.PublicUrl, LetterFacts.VerifyPath(row.Leaf, proven.Proof.Index)),
            clock.GetUtcNow())
        { Office = settings.Office, Parties = settings.Parties, Test = manifest.Test };
    }

    /// <summary>The bundle around a letter.</summary>
    internal BundleContents Bundle(Proven proven, byte[] letter, IReadOnlyList<BundleOriginal> originals) => new(
        proven.Row.ManifestBytes,
        proven.Proof,
        [.. Members(proven.Row.Tokens, TokenOver.Manifest), .. Members(proven.Checkpoint.Tokens, TokenOver.Checkpoint)],
        proven.AnchorProof,
        letter,
        trust,
        originals);

    /// <summary>The bundle of a certified deposit.</summary>
    internal async Task<BundleContents> BundleAsync(DepositRow row, IReadOnlyList<BundleOriginal> originals, CancellationToken cancel)
    {
        var letter = await LetterAsync(row, cancel).ConfigureAwait(false);
        using var cover = new CoverCache(checkpoints, log);
        return await FindProvenAsync(row, cover, cancel).ConfigureAwait(false) is { } proven
            && Names.LetterBlob(row.Id, proven.Anchor.BlockHash) == row.LetterBlob
            ? Bundle(proven, letter, originals)
            : throw Reissuing();
    }

    /// <summary>The letter in force.</summary>
    internal async Task<byte[]> LetterAsync(DepositRow row, CancellationToken cancel)
    {
        var anchor = await checkpoints.FindAnchorAsync(row.LetterSize ?? 0, cancel).ConfigureAwait(false);
        if (anchor is not { Final: true } || Names.LetterBlob(row.Id, anchor.BlockHash) != row.LetterBlob)
            throw Reissuing();

        return (await storage.Container(Names.Letters).GetBlobClient(row.LetterBlob)
            .DownloadContentAsync(cancel).ConfigureAwait(false)).Value.Content.ToArray();
    }

    /// <summary>Tokens as a view shows them.</summary>
    internal IReadOnlyList<TimeView> Times(IReadOnlyDictionary<string, byte[]> tokens, Digest imprint, string over)
        => [.. LetterTimes(tokens, imprint, over).Select(time => new TimeView(time.Authority, time.GenTime, time.Over))];

    /// <summary>Every token behind a letter, each with its signer's chain.</summary>
    internal IReadOnlyList<(Digest Token, IReadOnlyList<ChainLink> Chain)> TokenChains(Proven proven)
    {
        var note = Digest.Of(Encoding.UTF8.GetBytes(proven.Checkpoint.Note));
        return [.. Chains(proven.Row.Tokens, proven.Row.Leaf), .. Chains(proven.Checkpoint.Tokens, note)];

        IEnumerable<(Digest, IReadOnlyList<ChainLink>)> Chains(IReadOnlyDictionary<string, byte[]> tokens, Digest imprint)
            => tokens.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (Digest.Of(t.Value), authorities[t.Key].Verifier.Check(t.Value, imprint).Links));
    }

    private IEnumerable<LetterTime> LetterTimes(IReadOnlyDictionary<string, byte[]> tokens, Digest imprint, string over)
        => tokens.OrderBy(token => token.Key, StringComparer.Ordinal).Select(token =>
        {
            var (verifier, legalName) = authorities[token.Key];
            var check = verifier.Check(token.Value, imprint);
            return check.Ok
                ? LetterTime.Of(token.Key, over, check, legalName)
                : throw new FaultException(Fault.EvidenceInvalid, $"the token of {token.Key} over the {over} does not hold: {check.Reason}");
        });

    private static IEnumerable<BundleToken> Members(IReadOnlyDictionary<string, byte[]> tokens, string over)
        => tokens.OrderBy(token => token.Key, StringComparer.Ordinal).Select(token => new BundleToken(token.Key, over, token.Value));

    private async Task<TlogProof> ProveAsync(
        DepositRow row, long index, string note, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken cancel)
    {
        if (!SignedNote.TryVerify(note, trust.Origin, trust.LogKeySpki, out var body))
            throw new FaultException(Fault.EvidenceInvalid, "a stored checkpoint is not signed by the log's key");

        var checkpoint = Checkpoint.Parse(body);
        if (index >= checkpoint.Size)
            throw new FaultException(Fault.NotReady, "no checkpoint covers the deposit yet");

        var path = await Tiles.InclusionProofAsync(index, checkpoint.Size, read, cancel).ConfigureAwait(false);
        if (!Merkle.VerifyInclusion(Merkle.LeafHash(row.Leaf.ToArray()), index, checkpoint.Size, path, checkpoint.Root))
            throw new FaultException(Fault.EvidenceInvalid, $"deposit {row.Id} is not at its index in the log");

        return new TlogProof(index, path, note, null);
    }

    private static FaultException Reissuing()
        => new(Fault.NotReady, "the chain was reorganised; the letter is being issued again");
}
