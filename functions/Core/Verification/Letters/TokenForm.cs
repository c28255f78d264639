namespace Notary.Verification.Letters;

/// <summary>
/// What a letter asks of its time-stamp token beyond the token's own validity: no part that nothing vouches for. RFC 3161
/// lets a token carry other certificates, revocation lists and unsigned attributes; in a letter nobody could tell them
/// from bytes changed or hidden there later.
/// </summary>
internal static class TokenForm
{
    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Why a token that is already found valid does not belong in a letter, or null.</summary>
    public static string? Refuse(ReadOnlyMemory<byte> der, CarriedChain chain, DateTimeOffset genTime)
    {
        var signedData = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        signedData.ReadObjectIdentifier();
        signedData = signedData.ReadSequence(Tag0).ReadSequence();

        // Version 3: X.509 certificates only, content other than id-data (RFC 5652 §5.1).
        if (!signedData.TryReadInt32(out var version) || version != 3)
            return "the token's version is not that of a time-stamp";

        var algorithms = signedData.ReadSetOf(skipSortOrderValidation: true);
        var digestAlgorithm = algorithms.ReadEncodedValue();
        signedData.ReadEncodedValue();
        signedData.ReadEncodedValue();
        var signers = signedData.PeekTag() == Asn1Tag.SetOf ? signedData.ReadSetOf() : null;
        if (signers is null || algorithms.HasData)
            return "the token carries revocation lists or algorithms that it does not use";

        var signer = signers.ReadSequence();
        signer.ReadEncodedValue();
        signer.ReadEncodedValue();
        var same = signer.ReadEncodedValue().Span.SequenceEqual(digestAlgorithm.Span);
        signer.ReadEncodedValue();
        signer.ReadEncodedValue();
        signer.ReadEncodedValue();
        if (!same || signer.HasData)
            return "the token has unsigned attributes or names its algorithm in two ways";

        var token = SignedToken.Parse(der);
        var certificate = token.Certificates.First(token.Signer.Names);
        try
        {
            return chain.Find(certificate, token.Certificates, genTime, out var why) is null ? why : null;
        }
        catch (CryptographicException)
        {
            return "the token carries something that is no certificate";
        }
    }
}
