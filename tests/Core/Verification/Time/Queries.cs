namespace Notary.Verification.Tests;

/// <summary>A question, and an authority's answer to it without HTTP.</summary>
internal sealed record Asked(Digest Imprint, byte[] Nonce, byte[] Query)
{
    public static readonly byte[] Data = "the manifest"u8.ToArray();

    public static Asked New()
    {
        var imprint = Digest.Of(Data);
        var nonce = RandomNumberGenerator.GetBytes(9);
        nonce[0] = (byte)((nonce[0] & 0x3f) | 0x40);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
                }

                writer.WriteOctetString(imprint.ToArray());
            }

            writer.WriteInteger(nonce);
            writer.WriteBoolean(true);
        }

        return new Asked(imprint, nonce, writer.Encode());
    }

    /// <summary>The token inside an honest answer.</summary>
    public byte[] Token(TimestampAuthority authority)
    {
        Assert.IsTrue(TokenResponse.TryParse(authority.Answer(Query), out var response, out var why), why);
        return response.Token!.Value.ToArray();
    }
}
