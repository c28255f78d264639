namespace Notary.Evidence;

/// <summary>One thing that a manifest fixes in time.</summary>
/// <param name="Name">What the depositor calls it; any Unicode text without lone surrogates, up to <see cref="Manifest.MaxNameLength"/> in UTF-16, or empty.
/// Never a path to store under.</param>
/// <param name="Size">In bytes; null when only a digest was handed in and the size is not known.</param>
/// <param name="MediaType">Type and subtype, such as <c>application/pdf</c>.</param>
/// <param name="Digests">Lower-case hex by algorithm: always <c>sha-256</c>, optionally <c>sm3</c> and <c>sha-512</c>.</param>
public sealed record ManifestItem(string Name, long? Size, string MediaType, IReadOnlyDictionary<string, string> Digests)
{
    /// <summary>The item's SHA-256.</summary>
    public Digest Sha256 => Digest.Parse(Digests[Manifest.Sha256Name]);

    /// <summary>An item known by its SHA-256 alone.</summary>
    public static ManifestItem Of(string name, long? size, string mediaType, Digest sha256)
        => new(name, size, mediaType, new Dictionary<string, string>(1) { [Manifest.Sha256Name] = sha256.ToString() });
}

/// <summary>The newest block the platform had seen.</summary>
/// <param name="ChainId">EIP-155 chain id.</param>
/// <param name="Block">Block number.</param>
/// <param name="Hash">Block hash, <c>0x</c> and 64 lower-case hex digits.</param>
public sealed record ChainHead(long ChainId, long Block, string Hash);
