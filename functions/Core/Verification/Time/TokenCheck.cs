namespace Notary.Verification;

/// <summary>What <see cref="TokenVerifier"/> found. The facts are null unless <see cref="Ok"/>: nothing read from a bad token may be used.</summary>
/// <param name="Ok">Every check passed.</param>
/// <param name="Code">"ok", or the stable code of the first check that failed (<see cref="TokenCodes"/>).</param>
/// <param name="Reason">One sentence a lawyer can read; never holds text taken from the token.</param>
/// <param name="GenTime">The authority's time, UTC.</param>
/// <param name="SerialHex">The token's serial number: lower-case hexadecimal digits, two per byte, no sign byte.</param>
/// <param name="PolicyOid">The policy the authority stamped under, dotted.</param>
/// <param name="Subject">The signer's distinguished name.</param>
/// <param name="Accuracy">How far genTime may be off, when the token says so (RFC 3161 §2.4.2).</param>
public sealed record TokenCheck(
    bool Ok, string Code, string Reason, DateTimeOffset? GenTime = null, string? SerialHex = null,
    string? PolicyOid = null, string? Subject = null, TimeSpan? Accuracy = null)
{
    /// <summary>SHA-256 of the certificate that signed.</summary>
    public Digest? Certificate { get; init; }

    /// <summary>What of a valid token <c>openssl ts -verify</c> does not take, so that a bundle with it could not be judged by its recipe;
    /// null when it takes all.</summary>
    public string? BeyondOpenSsl { get; init; }

    /// <summary>The signer's chain, whose revocation is judged by who has lists.</summary>
    public IReadOnlyList<ChainLink> Links { get; init; } = [];

    internal static TokenCheck Fail(string code, string reason) => new(false, code, reason);
}

/// <summary>The codes of <see cref="TokenCheck.Code"/>. Public: a code may be added, never renamed.</summary>
public static class TokenCodes
{
    public const string Ok = "ok";

    /// <summary>Valid, but <c>openssl ts -verify</c>, which a bundle's recipe calls, does not take such a token: none is kept.</summary>
    public const string Recipe = "recipe";

    /// <summary>Longer than any honest token.</summary>
    public const string TooLarge = "too-large";

    /// <summary>Not the DER structure that RFC 3161 and RFC 5652 demand, or bytes follow it.</summary>
    public const string Malformed = "malformed";

    /// <summary>A version number this verifier does not know.</summary>
    public const string Version = "version";

    /// <summary>The response's PKIStatus is neither granted (0) nor grantedWithMods (1).</summary>
    public const string Status = "status";

    /// <summary>Granted, but no token came with it.</summary>
    public const string TokenMissing = "token-missing";

    /// <summary>Not CMS signed data, or not over a TSTInfo.</summary>
    public const string ContentType = "content-type";

    /// <summary>Not exactly one SignerInfo.</summary>
    public const string SignerCount = "signer-count";

    /// <summary>The imprint was made with another hash algorithm than SHA-256.</summary>
    public const string ImprintAlgorithm = "imprint-algorithm";

    /// <summary>The token is over other data.</summary>
    public const string Imprint = "imprint";

    public const string Policy = "policy";
    public const string NonceMissing = "nonce-missing";
    public const string Nonce = "nonce";

    /// <summary>genTime is not a DER GeneralizedTime in UTC.</summary>
    public const string GenTime = "gen-time";

    /// <summary>A critical extension in the TSTInfo, which must not be ignored.</summary>
    public const string CriticalExtension = "critical-extension";

    /// <summary>Signed attributes missing, repeated, or not in DER.</summary>
    public const string Attributes = "attributes";

    public const string MessageDigest = "message-digest";
    public const string EssMissing = "ess-missing";
    public const string EssMismatch = "ess-mismatch";

    /// <summary>The signer's certificate is not in the token.</summary>
    public const string CertificateMissing = "certificate-missing";

    /// <summary>The signer's extended key usage is not timeStamping, critical and sole (RFC 3161 §2.3), or its key usage does not allow signing.</summary>
    public const string KeyUsage = "key-usage";

    /// <summary>TSTInfo.tsa names somebody else than the signer.</summary>
    public const string TsaName = "tsa-name";

    /// <summary>A hash, signature algorithm or key that is too weak or not known.</summary>
    public const string Algorithm = "algorithm";

    public const string Signature = "signature";

    /// <summary>The chain does not end in this authority's pinned roots.</summary>
    public const string Untrusted = "untrusted";

    /// <summary>Revoked before genTime; or later, for a reason that leaves the token to itself, and nothing shows that it is older.</summary>
    public const string Revoked = "revoked";

    /// <summary>The chain ends in the pinned roots but was not valid at genTime.</summary>
    public const string Expired = "expired";
}
