namespace Notary.Verification;

/// <summary>One ESSCertID or ESSCertIDv2: the hash of the certificate that the signer says is his (RFC 5035).</summary>
internal readonly record struct EssCertificate(string HashOid, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Serial)
{
    /// <summary>The hash of version 1 (RFC 2634): it only identifies a certificate that the chain check judges on its own.</summary>
    public const string Sha1 = "1.3.14.3.2.26";
}

/// <summary>The signed attributes of a token (RFC 5652 §5.3, §11; RFC 5035).</summary>
/// <param name="Protection">A CMSAlgorithmProtection (RFC 6211): the signer's own word on which algorithms he used.</param>
/// <param name="ToSign">Their DER with the SET OF tag, which is what the signature covers (RFC 5652 §5.4).</param>
internal sealed record SignedAttributes(
    byte[] ToSign, string? ContentType, ReadOnlyMemory<byte>? MessageDigest, EssCertificate? EssV1, EssCertificate? EssV2, ReadOnlyMemory<byte>? Protection)
{
    /// <summary>Honest tokens have three to five.</summary>
    private const int MaxAttributes = 32;

    private const byte SetOfTag = 0x31;

    private static readonly Asn1Tag ProtectedSignature = new(TagClass.ContextSpecific, 1, isConstructed: true);

    private static readonly Asn1Tag DirectoryName = new(TagClass.ContextSpecific, 4, isConstructed: true);

    /// <param name="encoded">The [0] IMPLICIT SET OF Attribute as it stands in the SignerInfo.</param>
    public static SignedAttributes Parse(ReadOnlyMemory<byte> encoded)
    {
        var toSign = encoded.ToArray();
        toSign[0] = SetOfTag;
        var outer = new AsnReader(toSign, AsnEncodingRules.DER);
        var set = outer.ReadSetOf(); // sorted or refused: §5.3 demands DER here
        outer.ThrowIfNotEmpty();

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var result = new SignedAttributes(toSign, null, null, null, null, null);
        while (set.HasData)
        {
            var attribute = set.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            if (!seen.Add(oid) || seen.Count > MaxAttributes)
                throw new BadTokenException(TokenCodes.Attributes, "a signed attribute is repeated, or there are too many");

            var values = attribute.ReadSetOf();
            attribute.ThrowIfNotEmpty();
            result = oid switch
            {
                TimeOids.ContentType => result with { ContentType = Only(values, v => v.ReadObjectIdentifier()) },
                TimeOids.MessageDigest => result with { MessageDigest = Only(values, TstInfo.ReadOctets) },
                TimeOids.SigningCertificate => result with { EssV1 = Only(values, v => ReadEss(v, version: 1)) },
                TimeOids.SigningCertificateV2 => result with { EssV2 = Only(values, v => ReadEss(v, version: 2)) },
                TimeOids.AlgorithmProtection => result with { Protection = Only(values, v => v.ReadEncodedValue()) },
                _ => result,
            };
        }

        return result;
    }

    /// <summary>RFC 6211 §3: where the signer says which algorithms he used, the fields beside his signature, which nothing else protects,
    /// must say the same.</summary>
    public bool Allows(string digestOid, SignatureScheme scheme)
    {
        if (Protection is not { } encoded)
            return true;

        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var protection = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var digest = AlgorithmIds.ReadHash(protection);
        var signature = protection.HasData && protection.PeekTag() == ProtectedSignature
            ? AlgorithmIds.ReadSignature(protection, scheme.Hash, ProtectedSignature) : (SignatureScheme?)null;
        if (signature is not null)
            protection.ThrowIfNotEmpty();

        return digest == digestOid && signature == scheme;
    }

    private static T Only<T>(AsnReader values, Func<AsnReader, T> read)
    {
        var value = read(values);
        return values.HasData ? throw new BadTokenException(TokenCodes.Attributes, "a signed attribute has more than one value") : value;
    }

    /// <summary>The first certificate of the list is the signer's own (RFC 5035 §3);
    /// the others and the policies restrict the path and are not needed.</summary>
    private static EssCertificate ReadEss(AsnReader value, int version)
    {
        var signingCertificate = value.ReadSequence();
        var list = signingCertificate.ReadSequence();
        if (signingCertificate.HasData)
        {
            signingCertificate.ReadSequence();
            signingCertificate.ThrowIfNotEmpty();
        }

        var first = list.ReadSequence();
        var oid = version == 1 ? EssCertificate.Sha1 : TimeOids.Sha256;
        if (version == 2 && first.PeekTag() == Asn1Tag.Sequence)
            oid = AlgorithmIds.ReadHash(first);

        var hash = TstInfo.ReadOctets(first);
        ReadOnlyMemory<byte> issuer = default, serial = default;
        if (first.HasData)
        {
            var issuerSerial = first.ReadSequence();
            var names = issuerSerial.ReadSequence();
            var directoryName = names.ReadSequence(DirectoryName);
            names.ThrowIfNotEmpty();
            issuer = directoryName.ReadEncodedValue();
            directoryName.ThrowIfNotEmpty();
            serial = issuerSerial.ReadIntegerBytes();
            issuerSerial.ThrowIfNotEmpty();
        }

        first.ThrowIfNotEmpty();
        return new EssCertificate(oid, hash, issuer, serial);
    }
}
