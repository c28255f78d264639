namespace Notary.Verification.Letters;

/// <summary>
/// Judges the certificates that a signature carries: the signer's must chain to given roots, valid at a given time, and
/// each other one must be a part of that chain. Nothing signs the set of certificates, so a stranger among them, or one
/// with a changed byte, is only found by asking what it is there for.
/// </summary>
/// <remarks>A found chain is remembered for the time in which all its certificates are valid. Revocation is judged elsewhere, by lists.</remarks>
internal sealed class CarriedChain
{
    /// <summary>Chains. Only what chains to given roots gets in, so nobody else can fill it; above that it starts afresh.</summary>
    private const int MaxRemembered = 1024;

    private static readonly string[] Signatures =
    [
        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", // ECDSA with SHA-256, -384, -512
        "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", // RSA-PSS and RSA with SHA-256, -384, -512
    ];

    // Shared by every verifier of the process, so that making one per bundle costs nothing.
    private static readonly ConcurrentDictionary<Digest, Found> Remembered = new();

    private readonly X509Certificate2Collection roots = [];
    private readonly byte[] rootsId;

    public CarriedChain(IEnumerable<X509Certificate2> roots)
    {
        this.roots.AddRange(roots.ToArray());
        rootsId = SHA256.HashData([.. this.roots.Select(r => Digest.Of(r.RawData)).Order().SelectMany(d => d.ToArray())]);
    }

    /// <summary>A chain that holds from one time to another. <paramref name="Keys"/>: one key object is not promised to be safe on two threads.</summary>
    /// <param name="Names">The subject's parts, types as OIDs.</param>
    internal sealed record Found(
        string Subject, IReadOnlyList<(string Type, string? Value)> Names, DateTimeOffset From, DateTimeOffset Until, bool MaySignLetters,
        byte[] Spki, ConcurrentBag<ECDsa> Keys, IReadOnlyList<ChainLink> Links)
    {
        /// <summary>Whether a P-256 key signed the SHA-256 digest. False for any other kind of key.</summary>
        public bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
        {
            if (!Keys.TryTake(out var key))
            {
                key = ECDsa.Create();
                key.ImportSubjectPublicKeyInfo(Spki, out _);
            }

            var valid = key.KeySize == 256 && EcdsaDer.IsStrict(signature) && key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
            Keys.Add(key);
            return valid;
        }
    }

    /// <summary>The chain of <paramref name="signer"/>, or null and the reason.</summary>
    public Found? Find(ReadOnlyMemory<byte> signer, IReadOnlyList<ReadOnlyMemory<byte>> carried, DateTimeOffset at, out string why)
    {
        why = "";
        var id = Identify(carried, signer);
        if (Remembered.TryGetValue(id, out var known) && known.From <= at && at <= known.Until)
            return known;

        var found = Build(signer, carried, at, out why);
        if (found is not null)
        {
            if (Remembered.Count >= MaxRemembered)
                Remembered.Clear();

            Remembered[id] = found;
        }

        return found;
    }

    private Found? Build(ReadOnlyMemory<byte> signer, IReadOnlyList<ReadOnlyMemory<byte>> carried, DateTimeOffset at, out string why)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = at.UtcDateTime;
        policy.VerificationTimeIgnored = false;
        using var leaf = X509CertificateLoader.LoadCertificate(signer.Span);
        foreach (var other in carried)
            policy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(other.Span));

        try
        {
            var built = chain.Build(leaf);
            var elements = chain.ChainElements.Select(e => e.Certificate).ToList();
            why = Refuse(chain, built, elements, carried);
            return why.Length > 0 ? null : new Found(
                leaf.Subject,
                LetterIssuer.NamesOf(leaf),
                elements.Max(c => new DateTimeOffset(c.NotBefore.ToUniversalTime())),
                elements.Min(c => new DateTimeOffset(c.NotAfter.ToUniversalTime())),
                LetterIssuer.MaySign(leaf),
                leaf.PublicKey.ExportSubjectPublicKeyInfo(),
                [],
                ChainLink.Of(elements));
        }
        finally
        {
            foreach (var used in policy.ExtraStore.Concat(chain.ChainElements.Select(e => e.Certificate)))
                used.Dispose();
        }
    }

    private string Refuse(X509Chain chain, bool built, List<X509Certificate2> elements, IReadOnlyList<ReadOnlyMemory<byte>> carried)
    {
        if (!built && chain.ChainStatus.Length > 0 && chain.ChainStatus.All(s => s.Status == X509ChainStatusFlags.NotTimeValid))
            return "the signer's certificate, or one above it, was not valid when the signature was made";

        if (!built || !roots.Any(r => Same(r, elements[^1].RawDataMemory)))
            return "the signer's certificate does not chain to the given roots";

        if (elements.SkipLast(1).Any(c => !Signatures.Contains(c.SignatureAlgorithm.Value)))
            return "a certificate of the signer's chain is signed with a weak algorithm";

        return carried.All(c => elements.Exists(e => Same(e, c))) ? "" : "the signature carries a certificate that is no part of its signer's chain";
    }

    private static bool Same(X509Certificate2 certificate, ReadOnlyMemory<byte> der) => certificate.RawDataMemory.Span.SequenceEqual(der.Span);

    private Digest Identify(IReadOnlyList<ReadOnlyMemory<byte>> carried, ReadOnlyMemory<byte> signer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(rootsId);
        hash.AppendData(Digest.Of(signer.Span).ToArray());
        foreach (var certificate in carried)
            hash.AppendData(Digest.Of(certificate.Span).ToArray());

        return new Digest(hash.GetHashAndReset());
    }
}
