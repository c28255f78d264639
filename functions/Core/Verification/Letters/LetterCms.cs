namespace Notary.Verification.Letters;

/// <summary>
/// The one shape of signature a letter may carry: CMS SignedData (RFC 5652 §5.1) of PAdES B-T (EN 319 142-1): detached,
/// one signer, ECDSA P-256 with SHA-256, signed attributes content-type, message-digest and signing-certificate-v2, and
/// one unsigned attribute, the signature-time-stamp. In DER, with no choices left: signer and verifier share
/// <see cref="Encode"/>, so whatever a verifier reads must come back byte for byte.
/// </summary>
public sealed record LetterCms(
    IReadOnlyList<byte[]> Certificates,
    ReadOnlyMemory<byte> Issuer,
    ReadOnlyMemory<byte> Serial,
    Digest Document,
    Digest SignerCertificate,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> TimeStamp)
{
    // The signer and its authorities; more is an attempt to make a verifier work.
    private const int MaxCertificates = 8;

    private const string Data = "1.2.840.113549.1.7.1";
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string ContentType = "1.2.840.113549.1.9.3";
    private const string MessageDigest = "1.2.840.113549.1.9.4";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    private const string SignatureTimeStamp = "1.2.840.113549.1.9.16.2.14";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <summary>The part of a signature that is known before signing.</summary>
    /// <param name="signer">The signer's certificate.</param>
    /// <param name="chain">Every certificate to carry, the signer's included.</param>
    /// <param name="document">SHA-256 of the bytes in the signature's ByteRange.</param>
    public static LetterCms Prepare(X509Certificate2 signer, IEnumerable<X509Certificate2> chain, Digest document)
    {
        var serial = new AsnWriter(AsnEncodingRules.DER);
        serial.WriteInteger(signer.SerialNumberBytes.Span);
        return new LetterCms(
            [.. chain.Select(c => c.RawData)], signer.IssuerName.RawData, serial.Encode(), document, Digest.Of(signer.RawData), default, default);
    }

    /// <summary>The signed attributes as they are signed: with the tag of a SET OF (RFC 5652 §5.4).</summary>
    public byte[] SignedAttributes()
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        WriteSignedAttributes(der, Asn1Tag.SetOf);
        return der.Encode();
    }

    /// <summary>The ContentInfo, DER.</summary>
    public byte[] Encode()
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(SignedData);
            using var explicitContent = der.PushSequence(Tag0);
            using var signedData = der.PushSequence();
            der.WriteInteger(1);
            using (der.PushSetOf())
            {
                WriteAlgorithm(der, Sha256);
            }

            using (der.PushSequence())
            {
                der.WriteObjectIdentifier(Data);
            }

            using (der.PushSetOf(Tag0))
            {
                foreach (var certificate in Certificates)
                    der.WriteEncodedValue(certificate);
            }

            using var signerInfos = der.PushSetOf();
            WriteSigner(der);
        }

        return der.Encode();
    }

    /// <summary>Reads a letter's signature.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for anything that <see cref="Encode"/> would not write.</exception>
    public static LetterCms Parse(ReadOnlyMemory<byte> der)
    {
        LetterCms read;
        try
        {
            read = Read(new AsnReader(der, AsnEncodingRules.DER));
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException)
        {
            throw new FaultException(Fault.Malformed, "the signature is not the CMS of a letter", e);
        }

        return read.Encode().AsSpan().SequenceEqual(der.Span)
            ? read
            : throw new FaultException(Fault.Malformed, "the signature has parts that no letter has");
    }

    private void WriteSigner(AsnWriter der)
    {
        using var signer = der.PushSequence();
        der.WriteInteger(1);
        using (der.PushSequence())
        {
            der.WriteEncodedValue(Issuer.Span);
            der.WriteEncodedValue(Serial.Span);
        }

        WriteAlgorithm(der, Sha256);
        WriteSignedAttributes(der, Tag0);
        WriteAlgorithm(der, EcdsaWithSha256);
        der.WriteOctetString(Signature.Span);
        if (TimeStamp.IsEmpty)
            return;

        using var unsigned = der.PushSetOf(Tag1);
        using var attribute = der.PushSequence();
        der.WriteObjectIdentifier(SignatureTimeStamp);
        using var values = der.PushSetOf();
        der.WriteEncodedValue(TimeStamp.Span);
    }

    private void WriteSignedAttributes(AsnWriter der, Asn1Tag tag)
    {
        using var set = der.PushSetOf(tag);
        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(ContentType);
            using var values = der.PushSetOf();
            der.WriteObjectIdentifier(Data);
        }

        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(MessageDigest);
            using var values = der.PushSetOf();
            der.WriteOctetString(Document.ToArray());
        }

        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(SigningCertificateV2);
            using var values = der.PushSetOf();
            using var certificate = der.PushSequence();
            using var certificates = der.PushSequence();

            // ESSCertIDv2 (RFC 5035 §4): its hash algorithm is left out because SHA-256 is the default.
            using var id = der.PushSequence();
            der.WriteOctetString(SignerCertificate.ToArray());
        }
    }

    private static void WriteAlgorithm(AsnWriter der, string oid)
    {
        using var algorithm = der.PushSequence();
        der.WriteObjectIdentifier(oid);
    }

    private static LetterCms Read(AsnReader file)
    {
        // Only values are picked up here; every fixed part is compared when the caller encodes them again.
        var content = file.ReadSequence();
        file.ThrowIfNotEmpty();
        content.ReadObjectIdentifier();
        var signedData = content.ReadSequence(Tag0).ReadSequence();
        signedData.ReadInteger();
        signedData.ReadEncodedValue();
        signedData.ReadEncodedValue();
        var certificates = new List<byte[]>();
        for (var set = signedData.ReadSetOf(Tag0); set.HasData && certificates.Count < MaxCertificates;)
            certificates.Add(set.ReadEncodedValue().ToArray());

        var signer = signedData.ReadSetOf().ReadSequence();
        signer.ReadInteger();
        var sid = signer.ReadSequence();
        var (issuer, serial) = (sid.ReadEncodedValue(), sid.ReadEncodedValue());
        signer.ReadEncodedValue();
        var (document, certificate) = ReadSignedAttributes(signer.ReadSetOf(Tag0));
        signer.ReadEncodedValue();
        var signature = signer.ReadOctetString();
        var stamp = signer.ReadSetOf(Tag1).ReadSequence();
        stamp.ReadObjectIdentifier();
        return new LetterCms(certificates, issuer, serial, document, certificate, signature, stamp.ReadSetOf().ReadEncodedValue());
    }

    private static (Digest Document, Digest Certificate) ReadSignedAttributes(AsnReader set)
    {
        Digest document = default, certificate = default;
        while (set.HasData)
        {
            var attribute = set.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            var values = attribute.ReadSetOf();
            if (oid == MessageDigest)
                document = new Digest(values.ReadOctetString());
            else if (oid == SigningCertificateV2)
                certificate = new Digest(values.ReadSequence().ReadSequence().ReadSequence().ReadOctetString());
        }

        return (document, certificate);
    }
}
