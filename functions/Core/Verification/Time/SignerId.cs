namespace Notary.Verification;

/// <summary>Which certificate a SignerInfo means: issuer and serial number, or subject key identifier (RFC 5652 §5.3).</summary>
internal sealed record SignerId(ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Serial, ReadOnlyMemory<byte> KeyId)
{
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context0Constructed = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>The version that a SignerInfo with this kind of id must carry.</summary>
    public int Version => KeyId.IsEmpty ? 1 : 3;

    public static SignerId Read(AsnReader signer)
    {
        if (signer.PeekTag() == Context0)
        {
            return signer.TryReadPrimitiveOctetString(out var keyId, Context0) && !keyId.IsEmpty
                ? new SignerId(default, default, keyId)
                : throw new BadTokenException(TokenCodes.Malformed, "the signer's key identifier is empty");
        }

        var pair = signer.ReadSequence();
        var issuer = ReadName(pair);
        var serial = pair.ReadIntegerBytes();
        pair.ThrowIfNotEmpty();
        return new SignerId(issuer, serial, default);
    }

    /// <summary>Whether it is this certificate; one that cannot be read is none, since nothing vouches for what else a token carries.</summary>
    public bool Names(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            if (KeyId.IsEmpty)
            {
                // Straight from the DER: loading a certificate object costs more than the whole rest of a check.
                var (issuer, serial) = IssuerAndSerial(certificate);
                return issuer.Span.SequenceEqual(Issuer.Span) && serial.Span.SequenceEqual(Serial.Span);
            }

            using var loaded = X509CertificateLoader.LoadCertificate(certificate.Span);
            return loaded.Extensions[TimeOids.SubjectKeyIdentifier] is X509SubjectKeyIdentifierExtension ski
                && ski.SubjectKeyIdentifierBytes.Span.SequenceEqual(KeyId.Span);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    public static (ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Serial) IssuerAndSerial(ReadOnlyMemory<byte> certificate)
    {
        var (tbs, serial) = AtIssuer(certificate);
        return (ReadName(tbs), serial);
    }

    /// <summary>The subject's name, DER.</summary>
    public static ReadOnlyMemory<byte> SubjectOf(ReadOnlyMemory<byte> certificate)
    {
        var (tbs, _) = AtIssuer(certificate);
        ReadName(tbs);
        tbs.ReadSequence();
        return ReadName(tbs);
    }

    private static (AsnReader Tbs, ReadOnlyMemory<byte> Serial) AtIssuer(ReadOnlyMemory<byte> certificate)
    {
        var tbs = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (tbs.PeekTag() == Context0Constructed)
            tbs.ReadEncodedValue();

        var serial = tbs.ReadIntegerBytes();
        tbs.ReadSequence();
        return (tbs, serial);
    }

    private static ReadOnlyMemory<byte> ReadName(AsnReader reader)
        => reader.PeekTag() == Asn1Tag.Sequence ? reader.ReadEncodedValue() : throw new CryptographicException("not a distinguished name");
}
