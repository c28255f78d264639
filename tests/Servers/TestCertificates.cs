namespace Notary.Servers;

/// <summary>The kind of key a certificate is made for.</summary>
public enum TestKey
{
    P256,
    Rsa3072,

    /// <summary>Below every floor; only for certificates that must be refused.</summary>
    Rsa1024,
}

/// <summary>A local certification authority for runs and tests: roots, letter-signing and time-stamping certificates,
/// kept in a folder when one is given.</summary>
/// <remarks>Private keys lie in the folder as PEM, readable by the owner only. Nothing here is for production,
/// where certificates come from a licensed authority.</remarks>
public static class TestCertificates
{
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1); // so that clocks a little apart, and tokens from just before, still fit
    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(20 * 365);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(3 * 365);

    /// <summary>The root kept as <paramref name="name"/> in <paramref name="folder"/>, made on first use; null keeps it in memory only.
    /// Has its private key.</summary>
    public static X509Certificate2 OpenRoot(string? folder, string name, string commonName, TestKey key = TestKey.P256)
        => PemFolder.Open(folder, name, () => CreateRoot(commonName, key));

    /// <summary>A certificate for signing letters with the vault's key, of which only the public half (<paramref name="spki"/>) is known here.</summary>
    /// <remarks>Kept as <paramref name="name"/>.crt; issued afresh when the key, the root or the list's address has changed. Without private key.</remarks>
    public static X509Certificate2 OpenLetterSigner(
        string? folder, string name, X509Certificate2 root, ReadOnlySpan<byte> spki, string commonName, Uri? crl = null)
    {
        if (PemFolder.Find(folder, name) is { } kept)
        {
            if (kept.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(spki) && Names(kept, crl)
                && kept.IssuerName.RawData.AsSpan().SequenceEqual(root.SubjectName.RawData) && SignedBy(kept, root))
                return kept;

            kept.Dispose();
        }

        var issued = IssueLetterSigner(root, spki, commonName, crl: crl);
        PemFolder.Save(folder, name, issued);
        return issued;
    }

    /// <summary>The time-stamping certificate kept as <paramref name="name"/>, with its private key; another one when the list's address has changed.</summary>
    public static X509Certificate2 OpenTimestamper(string? folder, string name, X509Certificate2 root, string commonName, TestKey key, Uri crl)
    {
        if (PemFolder.Find(folder, name) is { HasPrivateKey: true } kept)
        {
            if (Names(kept, crl))
                return kept;

            kept.Dispose();
        }

        var issued = IssueTimestamper(root, commonName, key, crl: crl);
        PemFolder.Save(folder, name, issued);
        return issued;
    }

    /// <summary>A self-signed authority with its private key.</summary>
    public static X509Certificate2 CreateRoot(string commonName, TestKey key = TestKey.P256)
    {
        using var pair = CreateKey(key);
        var request = Request(commonName, pair);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var from = Now - Backdated;
        return request.CreateSelfSigned(from, from + RootLifetime);
    }

    /// <summary>An authority under a root, with its private key.</summary>
    public static X509Certificate2 IssueIntermediate(X509Certificate2 root, string commonName, TestKey key = TestKey.P256)
    {
        using var pair = CreateKey(key);
        var request = Request(commonName, pair);
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var issued = Sign(request, root, Now - Backdated, LeafLifetime + Backdated);
        return WithKey(issued, pair);
    }

    /// <summary>Letter signing: digital signature and non-repudiation, no extended usage that a PDF reader would have to know.</summary>
    /// <param name="usages">Extended key usages, to issue others.</param>
    /// <param name="crl">Where the root's revocation list is; null names none.</param>
    public static X509Certificate2 IssueLetterSigner(
        X509Certificate2 root, ReadOnlySpan<byte> spki, string commonName, string[]? usages = null, string organization = Organization,
        X509KeyUsageFlags keyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, Uri? crl = null)
    {
        var request = new CertificateRequest(
            Subject(commonName, organization), PublicKey.CreateFromSubjectPublicKeyInfo(spki, out _), HashAlgorithmName.SHA256);
        AddLeafExtensions(request, root, keyUsage, crl);
        if (usages is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(u => new Oid(u))], critical: true));

        return Sign(request, root, Now - Backdated, LeafLifetime);
    }

    /// <summary>A time-stamping certificate with its private key; the parameters beyond the key exist to issue wrong ones (RFC 3161 §2.3).</summary>
    public static X509Certificate2 IssueTimestamper(
        X509Certificate2 root, string commonName, TestKey key = TestKey.P256, DateTimeOffset? from = null, TimeSpan? lifetime = null,
        string[]? usages = null, bool critical = true, X509KeyUsageFlags keyUsage = X509KeyUsageFlags.DigitalSignature,
        Uri? crl = null)
    {
        using var pair = CreateKey(key);
        var request = Request(commonName, pair);
        AddLeafExtensions(request, root, keyUsage, crl);
        var purposes = new OidCollection();
        foreach (var usage in usages ?? [TimeStamping])
            purposes.Add(new Oid(usage));

        if (purposes.Count > 0)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical));

        using var issued = Sign(request, root, from ?? Now - Backdated, lifetime ?? LeafLifetime);
        return WithKey(issued, pair);
    }

    /// <summary>id-kp-timeStamping.</summary>
    internal const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static AsymmetricAlgorithm CreateKey(TestKey key) => key switch
    {
        TestKey.P256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        TestKey.Rsa3072 => RSA.Create(3072),
#pragma warning disable CA5385 // Made to be refused.
        TestKey.Rsa1024 => RSA.Create(1024),
#pragma warning restore CA5385
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };

    private static X509Certificate2 WithKey(X509Certificate2 certificate, AsymmetricAlgorithm pair)
        => pair is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)pair);

    private const string Organization = "Notary.Serverless local run";

    private static X500DistinguishedName Subject(string commonName, string organization = Organization)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCountryOrRegion("CN");
        name.AddOrganizationName(organization);
        name.AddCommonName(commonName);
        return name.Build();
    }

    private static CertificateRequest Request(string commonName, AsymmetricAlgorithm pair)
    {
        var request = pair is RSA rsa
            ? new CertificateRequest(Subject(commonName), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(Subject(commonName), (ECDsa)pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static void AddLeafExtensions(CertificateRequest request, X509Certificate2 root, X509KeyUsageFlags usage, Uri? crl)
    {
        if (!request.CertificateExtensions.OfType<X509SubjectKeyIdentifierExtension>().Any())
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));

        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        if (crl is not null)
            request.CertificateExtensions.Add(PointTo(crl));
    }

    private static X509Extension PointTo(Uri crl) => CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([crl.OriginalString]);

    /// <summary>Whether a certificate names this address of a revocation list, or as wanted none.</summary>
    private static bool Names(X509Certificate2 certificate, Uri? crl)
        => certificate.Extensions.Where(e => e.Oid?.Value == "2.5.29.31").Select(e => Convert.ToHexString(e.RawData))
            .SequenceEqual(crl is null ? [] : [Convert.ToHexString(PointTo(crl).RawData)]);

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 root, DateTimeOffset from, TimeSpan lifetime)
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40); // positive and of one length
        using var rsa = root.GetRSAPrivateKey();
        using var ecdsa = root.GetECDsaPrivateKey();
        var generator = rsa is not null ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1) : X509SignatureGenerator.CreateForECDsa(ecdsa!);
        return request.Create(root.SubjectName, generator, from, from + lifetime, serial);
    }

    private static bool SignedBy(X509Certificate2 leaf, X509Certificate2 root)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}
