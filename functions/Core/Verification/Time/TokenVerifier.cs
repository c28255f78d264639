namespace Notary.Verification;

/// <summary>Judges RFC 3161 time-stamp tokens of one authority, from bytes and that authority's own roots alone. Safe on several threads.</summary>
/// <remarks>
/// Checks, in this order: size and DER form; versions; one signer; imprint algorithm and value; policy; nonce; content type,
/// message digest and certificate hash among the signed attributes; signer's key usage; chain valid at genTime; signature.
/// Not checked: revocation (<see cref="TokenCheck.Links"/> say whose), and nearness of genTime to any clock, which is the client's part (Notary.Timestamping).
/// </remarks>
public sealed class TokenVerifier
{
    /// <summary>Bytes. An honest token has 1–10 KiB; certificates of several authorities might make it 20.</summary>
    public const int MaxTokenBytes = 64 * 1024;

    private readonly PinnedRoots roots;
    private readonly string? policyOid;

    /// <param name="roots">The only certificates that this authority's chains may end in: self-signed, at least one; intermediates may lie beside them.</param>
    /// <param name="policyOid">When given, the only policy a token may state, dotted.</param>
    public TokenVerifier(IReadOnlyList<X509Certificate2> roots, string? policyOid = null)
    {
        this.roots = new PinnedRoots(roots);
        this.policyOid = policyOid;
    }

    /// <summary>Judges a bare TimeStampToken (a CMS ContentInfo in DER).</summary>
    /// <param name="tokenDer">Any bytes whatever; the answer is always a verdict, never an exception.</param>
    /// <param name="imprint">SHA-256 of the data that should have been stamped.</param>
    /// <param name="expectedNonce">The nonce that was sent, a positive number in big-endian bytes; when given the token must repeat it.</param>
    public TokenCheck Check(ReadOnlyMemory<byte> tokenDer, Digest imprint, byte[]? expectedNonce = null)
    {
        if (tokenDer.Length > MaxTokenBytes)
            return TokenCheck.Fail(TokenCodes.TooLarge, $"the token is longer than {MaxTokenBytes} bytes");

        try
        {
            return Judge(tokenDer, imprint, expectedNonce);
        }
        catch (BadTokenException bad)
        {
            return TokenCheck.Fail(bad.Code, bad.Message);
        }
        catch (AsnContentException)
        {
            return TokenCheck.Fail(TokenCodes.Malformed, "the token is not the DER structure of RFC 3161");
        }
        catch (CryptographicException)
        {
            return TokenCheck.Fail(TokenCodes.Malformed, "the token holds a certificate or key that cannot be read");
        }
        catch (ArgumentException)
        {
            // Dates that X.509 can write and the platform's chain builder cannot represent.
            return TokenCheck.Fail(TokenCodes.Malformed, "the token holds a value that is out of range");
        }
    }

    /// <summary>Judges a whole TimeStampResp, as an authority sends it or as a <c>.tsr</c> file holds it: status first, then the token.</summary>
    public TokenCheck CheckResponse(ReadOnlyMemory<byte> responseDer, Digest imprint, byte[]? expectedNonce = null)
    {
        if (!TokenResponse.TryParse(responseDer, out var response, out var why))
            return TokenCheck.Fail(responseDer.Length > TokenResponse.MaxBytes ? TokenCodes.TooLarge : TokenCodes.Malformed, why);

        if (!response.IsGranted)
            return TokenCheck.Fail(TokenCodes.Status, $"the authority did not grant a token: {response.Describe()}");

        return response.Token is { } token
            ? Check(token, imprint, expectedNonce)
            : TokenCheck.Fail(TokenCodes.TokenMissing, "the authority granted a token and sent none");
    }

    private TokenCheck Judge(ReadOnlyMemory<byte> der, Digest imprint, byte[]? expectedNonce)
    {
        var token = SignedToken.Parse(der);
        var info = TstInfo.Parse(token.Content);
        CheckInfo(info, imprint, expectedNonce);
        CheckAttributes(token);

        var certificate = FindCertificate(token);
        var digest = Digest.Of(certificate.Span);
        CheckEss(token.Attributes, certificate, digest);

        var (signer, links) = roots.Judge(certificate, digest, token.Certificates, info.GenTime);
        if (info.Tsa is { } tsa && !signer.IsNamed(tsa))
            return TokenCheck.Fail(TokenCodes.TsaName, "the token names another authority than its signer");

        if (!signer.Verify(token.Scheme, token.Attributes.ToSign, token.Signature.Span))
            return TokenCheck.Fail(TokenCodes.Signature, "the signature is not the signer's over this token");

        return new TokenCheck(
            true, TokenCodes.Ok, "the token is valid", info.GenTime,
            Convert.ToHexStringLower(Magnitude(info.Serial.Span)), info.Policy, signer.Subject, info.Accuracy)
        {
            Certificate = digest,
            BeyondOpenSsl = token.Scheme.Kind == SignatureKind.RsaPss ? "an RSASSA-PSS signature"
                : !token.Signer.KeyId.IsEmpty ? "a signer named by key identifier" : null,
            Links = links,
        };
    }

    private void CheckInfo(TstInfo info, Digest imprint, byte[]? expectedNonce)
    {
        if (info.ImprintOid != TimeOids.Sha256)
            throw new BadTokenException(TokenCodes.ImprintAlgorithm, "the token's imprint is not SHA-256");

        if (!info.Imprint.Span.SequenceEqual(imprint.ToArray()))
            throw new BadTokenException(TokenCodes.Imprint, "the token is over other data");

        if (policyOid is not null && info.Policy != policyOid)
            throw new BadTokenException(TokenCodes.Policy, "the token states another policy than the one required");

        if (expectedNonce is null)
            return;

        if (info.Nonce is not { } nonce)
            throw new BadTokenException(TokenCodes.NonceMissing, "the token does not repeat the nonce that was sent");

        // A negative number with the same bytes is another nonce.
        if ((nonce.Span[0] & 0x80) != 0 || !Magnitude(nonce.Span).SequenceEqual(Magnitude(expectedNonce)))
            throw new BadTokenException(TokenCodes.Nonce, "the token repeats another nonce than the one sent");
    }

    private static void CheckAttributes(SignedToken token)
    {
        if (token.Attributes.ContentType is null || token.Attributes.MessageDigest is null)
            throw new BadTokenException(TokenCodes.Attributes, "content type or message digest is missing among the signed attributes");

        if (token.Attributes.ContentType != TimeOids.TstInfo)
            throw new BadTokenException(TokenCodes.ContentType, "the signed content type is not time-stamp information");

        if (!token.Attributes.MessageDigest.Value.Span.SequenceEqual(AlgorithmIds.HashData(token.Digest, token.Content.Span)))
            throw new BadTokenException(TokenCodes.MessageDigest, "the signed digest is not that of the time-stamp information");
    }

    private static ReadOnlyMemory<byte> FindCertificate(SignedToken token)
    {
        foreach (var certificate in token.Certificates)
        {
            if (token.Signer.Names(certificate))
                return certificate;
        }

        throw new BadTokenException(TokenCodes.CertificateMissing, "the signer's certificate is not in the token");
    }

    /// <summary>Without it an authority's second certificate over the same key could be put in the signer's place (RFC 5035 §1.2).</summary>
    private static void CheckEss(SignedAttributes attributes, ReadOnlyMemory<byte> certificate, Digest digest)
    {
        if (attributes.EssV1 is null && attributes.EssV2 is null)
            throw new BadTokenException(TokenCodes.EssMissing, "the signer does not say which certificate is his");

        var matches = (attributes.EssV1 is not { } v1 || EssMatches(v1, certificate, digest))
            && (attributes.EssV2 is not { } v2 || EssMatches(v2, certificate, digest));
        if (!matches)
            throw new BadTokenException(TokenCodes.EssMismatch, "the signer says that another certificate is his");
    }

    private static bool EssMatches(EssCertificate ess, ReadOnlyMemory<byte> certificate, Digest digest)
    {
#pragma warning disable CA5350 // ESSCertID is SHA-1 by definition (RFC 2634 §5.4.1); the signature that covers it and the chain are not.
        var hash = ess.HashOid switch
        {
            TimeOids.Sha256 => digest.ToArray(),
            EssCertificate.Sha1 => SHA1.HashData(certificate.Span),
            var oid => AlgorithmIds.HashData(AlgorithmIds.Hash(oid), certificate.Span),
        };
#pragma warning restore CA5350
        if (!ess.Hash.Span.SequenceEqual(hash))
            return false;

        if (ess.Issuer.IsEmpty)
            return true;

        var (issuer, serial) = SignerId.IssuerAndSerial(certificate);
        return ess.Issuer.Span.SequenceEqual(issuer.Span) && ess.Serial.Span.SequenceEqual(serial.Span);
    }

    private static ReadOnlySpan<byte> Magnitude(ReadOnlySpan<byte> bigEndian)
    {
        while (bigEndian.Length > 1 && bigEndian[0] == 0)
            bigEndian = bigEndian[1..];

        return bigEndian;
    }
}
