namespace Notary.Verification;

/// <summary>A certificate of a chain and the one above it. A chain's last certificate is a pinned root, which nobody revokes.</summary>
/// <param name="Certificate">DER.</param>
/// <param name="Issuer">DER.</param>
/// <param name="Serial">The certificate's, two's complement, big-endian.</param>
/// <param name="NotAfter">The certificate's.</param>
public sealed record ChainLink(ReadOnlyMemory<byte> Certificate, ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Serial, DateTimeOffset NotAfter)
{
    /// <summary>SHA-256 of <see cref="Certificate"/>.</summary>
    public Digest CertificateDigest { get; } = Digest.Of(Certificate.Span);

    /// <summary>SHA-256 of <see cref="Issuer"/>.</summary>
    public Digest IssuerDigest { get; } = Digest.Of(Issuer.Span);

    internal static IReadOnlyList<ChainLink> Of(IReadOnlyList<X509Certificate2> chain)
        => [.. chain.SkipLast(1).Zip(chain.Skip(1), (c, above)
            => new ChainLink(c.RawData, above.RawData, SignerId.IssuerAndSerial(c.RawData).Serial, c.NotAfter.ToUniversalTime()))];
}
