namespace Notary.Servers;

/// <summary>A TimeStampReq as received (RFC 3161 §2.4.1).</summary>
internal sealed record TimestampQuery(string ImprintOid, byte[] Imprint, string? Policy, byte[]? Nonce, bool CertReq)
{
    /// <exception cref="AsnContentException">Not a request.</exception>
    public static TimestampQuery Parse(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var request = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!request.TryReadInt32(out var version) || version != 1)
            throw new AsnContentException("only version 1 is known");

        var imprint = request.ReadSequence();
        var oid = imprint.ReadSequence().ReadObjectIdentifier();
        var hash = imprint.ReadOctetString();
        var policy = Next(request, UniversalTagNumber.ObjectIdentifier) ? request.ReadObjectIdentifier() : null;
        var nonce = Next(request, UniversalTagNumber.Integer) ? request.ReadIntegerBytes().ToArray() : null;
        var certReq = Next(request, UniversalTagNumber.Boolean) && request.ReadBoolean();
        request.ThrowIfNotEmpty();
        return new TimestampQuery(oid, hash, policy, nonce, certReq);
    }

    private static bool Next(AsnReader reader, UniversalTagNumber tag) => reader.HasData && reader.PeekTag().HasSameClassAndValue(new Asn1Tag(tag));
}
