using Notary.Verification.Letters;

namespace Notary.Verification;

/// <summary>The members read as what they should be. Nothing here is verified but its form; what cannot be read is null.</summary>
internal sealed class BundleFacts
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <param name="known">Trust roots already read, which a bundle's trust.json most often equals: certificates are costly to load.</param>
    public BundleFacts(BundleParts parts, Judges? known = null)
    {
        Files = parts.Files;
        Digests = Files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value.Span), StringComparer.Ordinal);
        Manifest = Read(BundleMembers.Manifest, b => Evidence.Manifest.Parse(b), out var whyNot);
        ManifestVerdict = Manifest is { } m
            ? Verdict.Pass(Rung.Manifest, BundleMembers.Manifest,
                $"deposit {m.Id} of {m.Items.Count} item(s), well-formed and canonical; digest {ManifestDigest}")
            : Verdict.Fail(Rung.Manifest, BundleMembers.Manifest, "manifest-malformed", whyNot);
        Item = Read(BundleMembers.Item, b => BatchItem.Parse(b), out var whyNoItem);
        ItemProof = Read(BundleMembers.ItemProof, b => ItemProof.Parse(Strict.GetString(b)), out var whyNoItemProof);
        (WhyNoItem, WhyNoItemProof) = (whyNoItem, whyNoItemProof);
        Proof = Read(BundleMembers.Inclusion, b => TlogProof.Parse(Strict.GetString(b)), out var whyNoProof);
        WhyNoProof = whyNoProof;
        CheckpointNote = Read(BundleMembers.Checkpoint, Strict.GetString, out _);
        Anchor = Read(BundleMembers.Anchor, VerifyRecipe.ReadAnchor, out var whyNoAnchor);
        WhyNoAnchor = whyNoAnchor;
        Trust = Read(BundleMembers.Trust, b => known is not null && b.SequenceEqual(known.TrustBytes) ? known.Trust : TrustRoots.Parse(b), out var whyNoTrust);
        WhyNoTrust = whyNoTrust;
        PemFiles = Trust is null || ReferenceEquals(Trust, known?.Trust) ? known?.PemFiles : Judges.Pem(Trust);
    }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files { get; }

    /// <summary>Of every file but the recipe, which states them.</summary>
    public IReadOnlyDictionary<string, Digest> Digests { get; }

    public Manifest? Manifest { get; }

    public Verdict ManifestVerdict { get; }

    /// <summary>Of the member's bytes, whether or not they are a manifest.</summary>
    public Digest? ManifestDigest => Digests.TryGetValue(BundleMembers.Manifest, out var digest) ? digest : null;

    /// <summary>The item that the bundle is about, if it is about one.</summary>
    public BatchItem? Item { get; }

    public string WhyNoItem { get; }

    public ItemProof? ItemProof { get; }

    public string WhyNoItemProof { get; }

    public TlogProof? Proof { get; }

    public string WhyNoProof { get; }

    public string? CheckpointNote { get; }

    /// <summary>Set by the rung that verified the signature.</summary>
    public Checkpoint? Checkpoint { get; set; }

    public AnchorProof? Anchor { get; }

    public string WhyNoAnchor { get; }

    /// <summary>The bundle's own trust.json.</summary>
    public TrustRoots? Trust { get; }

    public string WhyNoTrust { get; }

    /// <summary>What trust.json gives for openssl, by name; what the reader's own roots give when it cannot be read.</summary>
    public IReadOnlyDictionary<string, byte[]>? PemFiles { get; }

    /// <summary>What its verifier says of the letter; set before tokens are judged, since it may carry their revocation lists.</summary>
    public LetterCheck? Letter { get; set; }

    /// <summary>All revocation lists at hand.</summary>
    public required Revocations Revocations { get; init; }

    /// <summary>SHA-256 of every token in the bundle, without its response.</summary>
    public HashSet<Digest> Tokens { get; } = [];

    /// <summary>The certificate chains of everything that passed: who may be named in the letter's archive.</summary>
    public List<ChainLink> Links { get; } = [];

    /// <summary>When the letter was signed at the latest; set by the rung that verified it.</summary>
    public DateTimeOffset? SignedAt { get; set; }

    /// <summary>Tokens that passed, filled by the time rung: authority, what it is over, what it says.</summary>
    public List<(string Authority, string Over, TokenCheck Check)> Times { get; } = [];

    private T? Read<T>(string name, Func<ReadOnlySpan<byte>, T> read, out string whyNot) where T : class
    {
        whyNot = "";
        if (!Files.TryGetValue(name, out var bytes))
        {
            whyNot = $"{name} is missing";
            return null;
        }

        try
        {
            return read(bytes.Span);
        }
        catch (FaultException e)
        {
            whyNot = e.Message;
        }
        catch (ArgumentException)
        {
            whyNot = $"{name} is not UTF-8";
        }

        return null;
    }
}
