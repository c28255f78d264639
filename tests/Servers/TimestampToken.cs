namespace Notary.Servers;

/// <summary>Everything a TimeStampToken is made of, so that each part can be made wrong, and the DER written by hand from it.</summary>
/// <remarks>Shares no code with the verifier: a mistake would have to be made twice.</remarks>
internal sealed class TimestampToken
{
    public const string TstInfoType = "1.2.840.113549.1.9.16.1.4";
    public const string Sha1 = "1.3.14.3.2.26";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";

    private const string SignedDataType = "1.2.840.113549.1.7.2";
    private const string ContentTypeAttribute = "1.2.840.113549.1.9.3";
    private const string MessageDigestAttribute = "1.2.840.113549.1.9.4";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Tag4 = new(TagClass.ContextSpecific, 4, isConstructed: true);

    public required X509Certificate2 Certificate { get; set; }

    public required string Policy { get; set; }

    public required string ImprintOid { get; set; }

    public required byte[] Imprint { get; set; }

    public required byte[] Serial { get; set; }

    public required DateTimeOffset GenTime { get; set; }

    /// <summary>The characters of a GeneralizedTime to write in GenTime's place.</summary>
    public string? GenTimeText { get; set; }

    /// <summary>Two's complement, big-endian.</summary>
    public byte[]? Nonce { get; set; }

    public int Version { get; set; } = 1;

    public string ContentType { get; set; } = TstInfoType;

    public string SignedContentType { get; set; } = TstInfoType;

    public byte[]? TsaName { get; set; }

    public bool CriticalExtension { get; set; }

    public string DigestOid { get; set; } = Sha256;

    public X509Certificate2? EssCertificate { get; set; }

    /// <summary>The issuer that the ESSCertIDv2 names; the certificate's own unless set.</summary>
    public X500DistinguishedName? EssIssuer { get; set; }

    public bool HasEss { get; set; } = true;

    public bool HasMessageDigest { get; set; } = true;

    public bool WrongMessageDigest { get; set; }

    public bool HasAttributes { get; set; } = true;

    public bool RepeatedAttribute { get; set; }

    public bool UnsortedAttributes { get; set; }

    public bool FlippedSignature { get; set; }

    /// <summary>Signs in the certificate's place.</summary>
    public X509Certificate2? SigningKey { get; set; }

    public bool HasSigner { get; set; } = true;

    public X509Certificate2? SecondSigner { get; set; }

    public bool HasCertificates { get; set; } = true;

    public bool Pss { get; set; }

    /// <summary>The ContentInfo (RFC 5652 §3) around the signed TSTInfo (RFC 3161 §2.4.2).</summary>
    public byte[] Encode()
    {
        var info = EncodeInfo();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignedDataType);
            using (writer.PushSequence(Tag0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                using (writer.PushSetOf())
                {
                    TimestampDer.WriteAlgorithm(writer, DigestOid, withNull: true);
                }

                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(ContentType);
                    using (writer.PushSequence(Tag0))
                    {
                        writer.WriteOctetString(info);
                    }
                }

                if (HasCertificates)
                {
                    using (writer.PushSetOf(Tag0))
                    {
                        writer.WriteEncodedValue(Certificate.RawData);
                        if (SecondSigner is not null)
                            writer.WriteEncodedValue(SecondSigner.RawData);
                    }
                }

                using (writer.PushSetOf())
                {
                    foreach (var signer in new[] { HasSigner ? Certificate : null, SecondSigner }.OfType<X509Certificate2>())
                        writer.WriteEncodedValue(EncodeSigner(info, signer));
                }
            }
        }

        return writer.Encode();
    }

    private byte[] EncodeInfo()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version);
            writer.WriteObjectIdentifier(Policy);
            using (writer.PushSequence())
            {
                TimestampDer.WriteAlgorithm(writer, ImprintOid, withNull: true);
                writer.WriteOctetString(Imprint);
            }

            writer.WriteInteger(Serial);
            if (GenTimeText is null)
                writer.WriteGeneralizedTime(GenTime);
            else
                writer.WriteEncodedValue([0x18, (byte)GenTimeText.Length, .. System.Text.Encoding.ASCII.GetBytes(GenTimeText)]);

            using (writer.PushSequence())
            {
                writer.WriteInteger(1); // accuracy: one second
            }

            if (Nonce is not null)
                writer.WriteInteger(Nonce);

            if (TsaName is not null)
            {
                using (writer.PushSequence(Tag0))
                using (writer.PushSequence(Tag4))
                {
                    writer.WriteEncodedValue(TsaName);
                }
            }

            if (CriticalExtension)
            {
                using (writer.PushSequence(Tag1))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.999.7");
                    writer.WriteBoolean(true);
                    writer.WriteOctetString([5, 0]);
                }
            }
        }

        return writer.Encode();
    }

    private byte[] EncodeSigner(byte[] info, X509Certificate2 signer)
    {
        var attributes = EncodeAttributes(info, signer);
        var toSign = HasAttributes ? attributes : info;
        var signature = TimestampDer.Sign(SigningKey ?? signer, toSign, DigestOid, Pss);
        if (FlippedSignature)
            signature[^1] ^= 1;

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(signer.IssuerName.RawData);
                writer.WriteInteger(signer.SerialNumberBytes.Span);
            }

            TimestampDer.WriteAlgorithm(writer, DigestOid, withNull: true);
            if (HasAttributes)
            {
                var implicitSet = attributes.ToArray();
                implicitSet[0] = 0xa0;
                writer.WriteEncodedValue(implicitSet);
            }

            TimestampDer.WriteSignatureAlgorithm(writer, SigningKey ?? signer, DigestOid, Pss);
            writer.WriteOctetString(signature);
        }

        return writer.Encode();
    }

    private byte[] EncodeAttributes(byte[] info, X509Certificate2 signer)
    {
        var digest = TimestampDer.Hash(DigestOid, info);
        if (WrongMessageDigest)
            digest[0] ^= 1;

        var attributes = new List<byte[]> { TimestampDer.Attribute(ContentTypeAttribute, w => w.WriteObjectIdentifier(SignedContentType)) };
        if (HasMessageDigest)
            attributes.Add(TimestampDer.Attribute(MessageDigestAttribute, w => w.WriteOctetString(digest)));

        if (RepeatedAttribute)
            attributes.Add(attributes[^1]);

        if (HasEss)
            attributes.Add(TimestampDer.Attribute(SigningCertificateV2, w => WriteEss(w, EssCertificate ?? signer)));

        attributes.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        if (UnsortedAttributes)
            attributes.Reverse();

        var writer = new AsnWriter(AsnEncodingRules.BER); // BER keeps the order given; sorted above, the result is DER
        using (writer.PushSetOf())
        {
            attributes.ForEach(a => writer.WriteEncodedValue(a));
        }

        return writer.Encode();
    }

    private void WriteEss(AsnWriter writer, X509Certificate2 certificate)
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(certificate.RawData)); // SHA-256 is ESSCertIDv2's default and so not written
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                using (writer.PushSequence(Tag4))
                {
                    writer.WriteEncodedValue((EssIssuer ?? certificate.IssuerName).RawData);
                }

                writer.WriteInteger(certificate.SerialNumberBytes.Span);
            }
        }
    }
}
