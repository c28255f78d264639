namespace Notary.Verification;

/// <summary>The CMS layer of a TimeStampToken (RFC 5652 §5, RFC 3161 §2.4.2). Slices share the token's memory.</summary>
internal sealed record SignedToken(
    ReadOnlyMemory<byte> Content, IReadOnlyList<ReadOnlyMemory<byte>> Certificates, SignerId Signer,
    HashAlgorithmName Digest, SignedAttributes Attributes, SignatureScheme Scheme, ReadOnlyMemory<byte> Signature)
{
    /// <summary>A chain has three or four; more are only there to make us hash and build paths.</summary>
    private const int MaxCertificates = 16;

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <remarks>DER throughout, as RFC 3161 §3 sends it, but for the order of the certificates: authorities commonly send them in path order.</remarks>
    public static SignedToken Parse(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var contentInfo = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (contentInfo.ReadObjectIdentifier() != TimeOids.SignedData)
            throw new BadTokenException(TokenCodes.ContentType, "the token is not CMS signed data");

        var content = contentInfo.ReadSequence(Context0);
        contentInfo.ThrowIfNotEmpty();
        var data = content.ReadSequence();
        content.ThrowIfNotEmpty();

        if (!data.TryReadInt32(out var version))
            throw new BadTokenException(TokenCodes.Version, "the signed data's version is out of range");

        var digests = ReadDigestAlgorithms(data);
        var tstInfo = ReadContent(data);
        var certificates = ReadCertificates(data);
        var hasLists = data.HasData && data.PeekTag() == Context1;
        if (hasLists)
        {
            data.ReadEncodedValue(); // CRLs: not signed, and revocation is not judged from what came along with the token
        }

        // 3 because the content is not id-data; 5 when other revocation data than CRLs came along; 4 and 5 for kinds of
        // certificates that are refused here (RFC 5652 §5.1). Nothing signs it, so there is no choice where there need be none.
        if (version != 3 && !(version == 5 && hasLists))
            throw new BadTokenException(TokenCodes.Version, "the signed data has a version that RFC 5652 does not allow for a time-stamp");

        var signers = data.ReadSetOf();
        data.ThrowIfNotEmpty();
        if (!signers.HasData)
            throw new BadTokenException(TokenCodes.SignerCount, "the token is not signed");

        var signer = signers.ReadSequence();
        if (signers.HasData)
            throw new BadTokenException(TokenCodes.SignerCount, "the token has more than one signer");

        return ReadSigner(signer, digests, tstInfo, certificates);
    }

    private static List<string> ReadDigestAlgorithms(AsnReader data)
    {
        const int MaxAlgorithms = 8; // one is enough for one signer
        var set = data.ReadSetOf(skipSortOrderValidation: true);
        var oids = new List<string>(1);
        while (set.HasData)
        {
            oids.Add(AlgorithmIds.ReadHash(set));
            if (oids.Count > MaxAlgorithms)
                throw new BadTokenException(TokenCodes.Malformed, "the token lists too many digest algorithms");
        }

        return oids;
    }

    private static ReadOnlyMemory<byte> ReadContent(AsnReader data)
    {
        var encapsulated = data.ReadSequence();
        if (encapsulated.ReadObjectIdentifier() != TimeOids.TstInfo)
            throw new BadTokenException(TokenCodes.ContentType, "the signed content is not time-stamp information");

        var wrapper = encapsulated.ReadSequence(Context0);
        encapsulated.ThrowIfNotEmpty();
        var content = TstInfo.ReadOctets(wrapper);
        wrapper.ThrowIfNotEmpty();
        return content;
    }

    private static List<ReadOnlyMemory<byte>> ReadCertificates(AsnReader data)
    {
        var certificates = new List<ReadOnlyMemory<byte>>(2);
        if (!data.HasData || data.PeekTag() != Context0)
            return certificates;

        var set = data.ReadSetOf(skipSortOrderValidation: true, Context0);
        while (set.HasData)
        {
            if (set.PeekTag() != Asn1Tag.Sequence || certificates.Count == MaxCertificates)
                throw new BadTokenException(TokenCodes.Malformed, $"the token carries something other than at most {MaxCertificates} X.509 certificates");

            certificates.Add(set.ReadEncodedValue());
        }

        return certificates;
    }

    private static SignedToken ReadSigner(AsnReader signer, List<string> digests, ReadOnlyMemory<byte> content, List<ReadOnlyMemory<byte>> certificates)
    {
        if (!signer.TryReadInt32(out var version))
            throw new BadTokenException(TokenCodes.Version, "the signer's version is out of range");

        var id = SignerId.Read(signer);
        if (version != id.Version)
            throw new BadTokenException(TokenCodes.Version, "the signer's version does not fit the way it names its certificate");

        var digestOid = AlgorithmIds.ReadHash(signer);
        if (!digests.Contains(digestOid))
            throw new BadTokenException(TokenCodes.Malformed, "the signer's digest algorithm is not among those the token lists");

        var digest = AlgorithmIds.Hash(digestOid);
        if (!signer.HasData || signer.PeekTag() != Context0)
            throw new BadTokenException(TokenCodes.Attributes, "the token has no signed attributes");

        var attributes = SignedAttributes.Parse(signer.ReadEncodedValue());
        var scheme = AlgorithmIds.ReadSignature(signer, digest);
        if (!attributes.Allows(digestOid, scheme))
            throw new BadTokenException(TokenCodes.Algorithm, "the signer says that he used other algorithms than those beside his signature");

        var signature = TstInfo.ReadOctets(signer);
        if (signer.HasData)
        {
            // Unsigned attributes are nobody's word; they are read past, and nothing in them is believed.
            signer.ReadSetOf(skipSortOrderValidation: true, Context1);
        }

        signer.ThrowIfNotEmpty();
        return new SignedToken(content, certificates, id, digest, attributes, scheme, signature);
    }
}
