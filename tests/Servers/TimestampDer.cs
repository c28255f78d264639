namespace Notary.Servers;

/// <summary>The small pieces of DER and the signatures that tokens and responses are put together from.</summary>
internal static class TimestampDer
{
    private static readonly Asn1Tag[] Tags = [.. Enumerable.Range(0, 3).Select(i => new Asn1Tag(TagClass.ContextSpecific, i, isConstructed: true))];

    public static void WriteAlgorithm(AsnWriter writer, string oid, bool withNull)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (withNull)
                writer.WriteNull();
        }
    }

    public static void WriteSignatureAlgorithm(AsnWriter writer, X509Certificate2 signer, string digestOid, bool pss)
    {
        using var rsa = signer.GetRSAPrivateKey();
        if (rsa is null)
            WriteAlgorithm(writer, digestOid == TimestampToken.Sha1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2", withNull: false);
        else if (pss)
            WritePss(writer);
        else
            WriteAlgorithm(writer, digestOid == TimestampToken.Sha1 ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11", withNull: true);
    }

    public static byte[] Sign(X509Certificate2 signer, byte[] data, string digestOid, bool pss)
    {
        var hash = digestOid == TimestampToken.Sha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
        using var rsa = signer.GetRSAPrivateKey();
        using var ecdsa = signer.GetECDsaPrivateKey();
        return rsa is not null
            ? rsa.SignData(data, hash, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : ecdsa!.SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

#pragma warning disable CA5350 // SHA-1 is what the WeakDigest mode is for.
    public static byte[] Hash(string oid, byte[] data) => oid == TimestampToken.Sha1 ? SHA1.HashData(data) : SHA256.HashData(data);
#pragma warning restore CA5350

    public static byte[] Attribute(string oid, Action<AsnWriter> value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                value(writer);
            }
        }

        return writer.Encode();
    }

    /// <summary>A TimeStampResp; the failure is a bit number of PKIFailureInfo.</summary>
    public static byte[] Response(int status, byte[]? token = null, string? text = null, int? failure = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(status);
                if (text is not null)
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteCharacterString(UniversalTagNumber.UTF8String, text);
                    }
                }

                if (failure is { } bit)
                {
                    var bits = new byte[(bit / 8) + 1];
                    bits[bit / 8] = (byte)(0x80 >> (bit % 8));
                    writer.WriteBitString(bits, 7 - (bit % 8));
                }
            }

            if (token is not null)
                writer.WriteEncodedValue(token);
        }

        return writer.Encode();
    }

    /// <summary>The same outermost SEQUENCE with BER's indefinite length.</summary>
    public static byte[] Indefinite(byte[] der) => [0x30, 0x80, .. Contents(der), 0, 0];

    /// <summary>The same outermost SEQUENCE with its length in four bytes, more than DER allows.</summary>
    public static byte[] LongForm(byte[] der)
    {
        var contents = Contents(der);
        return [0x30, 0x84, (byte)(contents.Length >> 24), (byte)(contents.Length >> 16), (byte)(contents.Length >> 8), (byte)contents.Length, .. contents];
    }

    private static byte[] Contents(byte[] der)
    {
        AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var offset, out var length, out _);
        return der[offset..(offset + length)];
    }

    /// <summary>RSASSA-PSS-params with SHA-256, MGF1 over SHA-256 and a 32-byte salt (RFC 4055 §3.1).</summary>
    private static void WritePss(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
            using (writer.PushSequence())
            {
                using (writer.PushSequence(Tags[0]))
                {
                    WriteAlgorithm(writer, TimestampToken.Sha256, withNull: true);
                }

                using (writer.PushSequence(Tags[1]))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.1.8");
                    WriteAlgorithm(writer, TimestampToken.Sha256, withNull: true);
                }

                using (writer.PushSequence(Tags[2]))
                {
                    writer.WriteInteger(32);
                }
            }
        }
    }
}
