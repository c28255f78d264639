namespace Notary.Verification;

/// <summary>What a token in a bundle is over.</summary>
public static class TokenOver
{
    /// <summary>Over the bytes of <c>manifest.json</c>.</summary>
    public const string Manifest = "manifest";

    /// <summary>Over the bytes of <c>checkpoint</c>: the whole signed note, signature lines included.</summary>
    public const string Checkpoint = "checkpoint";
}

/// <summary>One authority's token.</summary>
/// <param name="Authority">The authority's name in the trust roots.</param>
/// <param name="Over"><see cref="TokenOver.Manifest"/> or <see cref="TokenOver.Checkpoint"/>.</param>
/// <param name="Token">The bare TimeStampToken, DER; a bundle holds it wrapped as a granted TimeStampResp.</param>
public sealed record BundleToken(string Authority, string Over, ReadOnlyMemory<byte> Token);

/// <summary>One original to put in.</summary>
/// <param name="Item">Index of the manifest's item that it is the content of.</param>
/// <param name="Size">In bytes; known beforehand.</param>
/// <param name="OpenAsync">Opens the plain content; read once, to its end, then disposed.</param>
/// <param name="Crc32">When it is known beforehand, the zip can be read as a stream: its header is whole. Else it follows the data.</param>
public sealed record BundleOriginal(int Item, long Size, Func<CancellationToken, Task<Stream>> OpenAsync, uint? Crc32 = null);

/// <summary>Everything that a bundle holds; the recipe and the certificates in PEM are derived from it (docs/evidence-format.md, "Bundle").</summary>
/// <param name="Manifest">The manifest's canonical bytes.</param>
/// <param name="Inclusion">Proof of the manifest in the checkpoint that it carries.</param>
/// <param name="Tokens">At least one of each authority over the checkpoint; those over the manifest as far as there are any.</param>
/// <param name="Anchor">The anchor of that very checkpoint.</param>
/// <param name="Letter">The signed PDF.</param>
/// <param name="Trust">The platform's trust roots at the time, written down as they are of the anchor's contract; a reader compares them with his
/// own.</param>
/// <param name="Originals">Decrypted originals, only for their owner.</param>
public sealed record BundleContents(
    ReadOnlyMemory<byte> Manifest,
    TlogProof Inclusion,
    IReadOnlyList<BundleToken> Tokens,
    AnchorProof Anchor,
    ReadOnlyMemory<byte> Letter,
    TrustRoots Trust,
    IReadOnlyList<BundleOriginal> Originals)
{
    /// <summary>The one item of a batch that the bundle is about; null when it is about the manifest alone.</summary>
    public BundleItem? Item { get; init; }
}

/// <summary>One item of a batch.</summary>
/// <param name="Bytes">Its canonical bytes.</param>
/// <param name="Proof">Where it is in the batch.</param>
public sealed record BundleItem(ReadOnlyMemory<byte> Bytes, ItemProof Proof);
