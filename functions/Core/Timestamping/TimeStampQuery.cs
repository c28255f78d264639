using System.Formats.Asn1;

namespace Notary.Timestamping;

/// <summary>A TimeStampReq (RFC 3161 §2.4.1): SHA-256 imprint, fresh nonce, certificates asked for.</summary>
internal sealed record TimeStampQuery(byte[] Der, byte[] Nonce)
{
    /// <summary>Bytes: 128 bits, twice what replay of an earlier answer needs to be hopeless.</summary>
    private const int NonceBytes = 16;

    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    public static TimeStampQuery Create(Digest imprint, string? policyOid)
    {
        // The top bits 01 make it positive and its DER minimal without a leading zero, at 127 bits always.
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        nonce[0] = (byte)((nonce[0] & 0x3f) | 0x40);

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha256);
                    writer.WriteNull();
                }

                writer.WriteOctetString(imprint.ToArray());
            }

            if (policyOid is not null)
                writer.WriteObjectIdentifier(policyOid);

            writer.WriteInteger(nonce);
            writer.WriteBoolean(true);
        }

        return new TimeStampQuery(writer.Encode(), nonce);
    }
}
