namespace Notary.Verification;

/// <summary>One authority's trust anchors, and the certificates already found to chain to them.</summary>
/// <remarks>
/// Only successes are remembered: a chain once found stays one, for genTimes within the window in which all its
/// certificates are valid and for tokens that bring all of it that is not pinned, so that a verdict never depends on what
/// was judged before. Shared by every verifier of the process, so that making one per bundle costs nothing.
/// Revocation is not judged here: it needs lists, and a date of its own (Revocations).
/// </remarks>
internal sealed class PinnedRoots
{
    /// <summary>Certificates. Only certificates issued under pinned roots get in, so nobody else can fill it; above that it starts afresh.</summary>
    private const int MaxRemembered = 1024;

    private static readonly ConcurrentDictionary<(Digest Roots, Digest Certificate), Trusted> Remembered = new();

    private static readonly string[] ChainSignatures =
    [
        TimeOids.Sha256Rsa, TimeOids.Sha384Rsa, TimeOids.Sha512Rsa, TimeOids.RsaPss, TimeOids.Sha256Ecdsa, TimeOids.Sha384Ecdsa, TimeOids.Sha512Ecdsa,
    ];

    private readonly X509Certificate2Collection roots = [];
    private readonly Digest id;

    public PinnedRoots(IReadOnlyList<X509Certificate2> roots)
    {
        if (roots.Count == 0)
            throw new ArgumentException("an authority needs at least one pinned root", nameof(roots));

        this.roots.AddRange(roots.ToArray());
        id = Digest.Of([.. roots.Select(r => Digest.Of(r.RawData)).Order().SelectMany(d => d.ToArray())]);
    }

    /// <summary>The signer's certificate and its chain, if it chains to these roots and the whole chain was valid at <paramref name="genTime"/>.</summary>
    /// <exception cref="BadTokenException">Why not.</exception>
    public (SignerCertificate Signer, IReadOnlyList<ChainLink> Links) Judge(
        ReadOnlyMemory<byte> certificate, Digest digest, IReadOnlyList<ReadOnlyMemory<byte>> others, DateTimeOffset genTime)
    {
        if (Remembered.TryGetValue((id, digest), out var known) && known.From <= genTime && genTime <= known.Until && known.Between.All(c => Holds(others, c)))
            return (known.Signer, known.Links);

        using var loaded = X509CertificateLoader.LoadCertificate(certificate.Span);
        var signer = SignerCertificate.Read(loaded);
        var trusted = Build(loaded, signer, others, genTime);
        if (Remembered.Count >= MaxRemembered)
            Remembered.Clear();

        Remembered[(id, digest)] = trusted;
        return (signer, trusted.Links);
    }

    private Trusted Build(X509Certificate2 certificate, SignerCertificate signer, IReadOnlyList<ReadOnlyMemory<byte>> others, DateTimeOffset genTime)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = genTime.UtcDateTime;
        policy.VerificationTimeIgnored = false;
        policy.ApplicationPolicy.Add(new Oid(TimeOids.TimeStampingUsage));
        try
        {
            foreach (var other in others)
                AddReadable(policy.ExtraStore, other);

            var built = chain.Build(certificate);
            var elements = chain.ChainElements.Select(e => e.Certificate).ToList();
            if (!built || !IsPinned(elements[^1]))
                throw Untrusted(chain);

            // The machine's own stores may know the missing link; a stranger's machine will not.
            byte[][] between = [.. elements.Skip(1).SkipLast(1).Where(c => !IsPinned(c)).Select(c => c.RawData)];
            if (!between.All(c => Holds(others, c)))
                throw new BadTokenException(TokenCodes.Untrusted, "a certificate between the signer and the pinned root is not in the token");

            if (elements.SkipLast(1).Any(c => !ChainSignatures.Contains(c.SignatureAlgorithm.Value)))
                throw new BadTokenException(TokenCodes.Algorithm, "a certificate of the signer's chain is signed with a weak algorithm");

            return new Trusted(signer, elements.Max(c => Utc(c.NotBefore)), elements.Min(c => Utc(c.NotAfter)), between, ChainLink.Of(elements));
        }
        finally
        {
            foreach (var used in policy.ExtraStore.Concat(chain.ChainElements.Select(e => e.Certificate)))
                used.Dispose();
        }
    }

    /// <summary>Passes over what is no certificate: anyone may add to a token's certificates, and once its chain is remembered nobody looks at them.</summary>
    private static void AddReadable(X509Certificate2Collection to, ReadOnlyMemory<byte> der)
    {
        try
        {
            to.Add(X509CertificateLoader.LoadCertificate(der.Span));
        }
        catch (CryptographicException)
        {
        }
    }

    private bool IsPinned(X509Certificate2 certificate) => roots.Any(r => r.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));

    private static bool Holds(IReadOnlyList<ReadOnlyMemory<byte>> certificates, byte[] wanted)
        => certificates.Any(c => c.Span.SequenceEqual(wanted));

    private static BadTokenException Untrusted(X509Chain chain)
        => chain.ChainStatus.Length > 0 && chain.ChainStatus.All(s => s.Status == X509ChainStatusFlags.NotTimeValid)
            ? new BadTokenException(TokenCodes.Expired, "the signer's certificate, or one above it, was not valid at the time the token states")
            : new BadTokenException(TokenCodes.Untrusted, "the signer's certificate does not chain to this authority's pinned roots");

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());

    private sealed record Trusted(
        SignerCertificate Signer, DateTimeOffset From, DateTimeOffset Until, byte[][] Between, IReadOnlyList<ChainLink> Links);
}
