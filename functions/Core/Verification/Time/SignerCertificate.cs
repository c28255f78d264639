namespace Notary.Verification;

/// <summary>What one TSA certificate allows, read once; checking a signature with it is then only the public-key operation.</summary>
internal sealed class SignerCertificate
{
    /// <summary>Bits. NIST SP 800-131A's floor; a token must hold for decades.</summary>
    private const int MinRsaBits = 2048;

    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"]; // P-256, P-384, P-521

    private readonly byte[] spki;
    private readonly List<byte[]> names;

    // One key object is not promised to be safe on two threads; as many are made as ever verify at once.
    private readonly ConcurrentBag<AsymmetricAlgorithm> keys = [];

    private SignerCertificate(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        spki = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        names = [GeneralDirectoryName(certificate.SubjectName.RawData), .. AlternativeNames(certificate)];
        Subject = certificate.Subject;
        IsRsa = key is RSA;
        keys.Add(key);
    }

    public string Subject { get; }

    private bool IsRsa { get; }

    /// <exception cref="BadTokenException">The certificate may not sign time-stamps, or its key is too weak.</exception>
    public static SignerCertificate Read(X509Certificate2 certificate)
    {
        RequireTimeStampingOnly(certificate);
        var key = (AsymmetricAlgorithm?)certificate.GetRSAPublicKey() ?? certificate.GetECDsaPublicKey();
        var strong = key switch
        {
            RSA rsa => rsa.KeySize >= MinRsaBits,
            ECDsa ecdsa => ecdsa.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && Curves.Contains(curve.Oid.Value),
            _ => false,
        };
        return strong
            ? new SignerCertificate(certificate, key!)
            : throw new BadTokenException(TokenCodes.Algorithm, "the signer's key is not RSA of at least 2048 bits nor on a NIST curve of at least 256 bits");
    }

    /// <summary>Whether TSTInfo.tsa is one of this certificate's names (RFC 3161 §2.4.2).</summary>
    public bool IsNamed(ReadOnlyMemory<byte> generalName) => names.Exists(n => n.AsSpan().SequenceEqual(generalName.Span));

    public bool Verify(SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (IsRsa != (scheme.Kind != SignatureKind.Ecdsa))
            return false;

        var key = keys.TryTake(out var idle) ? idle : NewKey();
        var valid = key switch
        {
            RSA rsa => rsa.VerifyData(data, signature, scheme.Hash, scheme.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            ECDsa ecdsa => EcdsaDer.IsStrict(signature) && ecdsa.VerifyData(data, signature, scheme.Hash, DSASignatureFormat.Rfc3279DerSequence),
            _ => false,
        };
        keys.Add(key);
        return valid;
    }

    private AsymmetricAlgorithm NewKey()
    {
        AsymmetricAlgorithm key = IsRsa ? RSA.Create() : ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(spki, out _);
        return key;
    }

    private static void RequireTimeStampingOnly(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.Where(e => e.Oid?.Value == TimeOids.ExtendedKeyUsage).ToList();
        if (usages is not [X509EnhancedKeyUsageExtension { Critical: true } usage]
            || usage.EnhancedKeyUsages is not { Count: 1 } purposes
            || purposes[0].Value != TimeOids.TimeStampingUsage)
        {
            throw new BadTokenException(TokenCodes.KeyUsage, "the signer's certificate is not for time-stamping alone, marked critical");
        }

        const X509KeyUsageFlags Signing = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
        var allowed = certificate.Extensions.OfType<X509KeyUsageExtension>().Select(e => e.KeyUsages).ToList();
        if (allowed.Exists(u => (u & Signing) == 0 || (u & ~Signing) != 0))
            throw new BadTokenException(TokenCodes.KeyUsage, "the signer's key usage is not signing alone");
    }

    private static byte[] GeneralDirectoryName(byte[] name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4, isConstructed: true)))
        {
            writer.WriteEncodedValue(name);
        }

        return writer.Encode();
    }

    private static List<byte[]> AlternativeNames(X509Certificate2 certificate)
    {
        var names = new List<byte[]>();
        foreach (var extension in certificate.Extensions.Where(e => e.Oid?.Value == TimeOids.SubjectAltName))
        {
            var list = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (list.HasData)
                names.Add(list.ReadEncodedValue().ToArray());
        }

        return names;
    }
}
