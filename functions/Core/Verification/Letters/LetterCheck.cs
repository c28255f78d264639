namespace Notary.Verification.Letters;

/// <summary>What <see cref="LetterVerifier"/> found. Everything beyond the reason is null unless <see cref="Ok"/>.</summary>
/// <param name="Ok">Every check passed.</param>
/// <param name="Code">"ok", or the stable code of the first check that failed (<see cref="LetterCodes"/>).</param>
/// <param name="Reason">One sentence a lawyer can read; never holds text taken from the letter.</param>
/// <param name="Facts">What the letter states.</param>
/// <param name="SignedAt">genTime of the signature's time-stamp: the letter was signed no later.</param>
/// <param name="Signer">The signer's distinguished name.</param>
/// <param name="Authority">Name of the authority that stamped the signature.</param>
public sealed record LetterCheck(
    bool Ok, string Code, string Reason, LetterFacts? Facts = null, DateTimeOffset? SignedAt = null, string? Signer = null, string? Authority = null)
{
    /// <summary>One sentence on how long it holds: archived or not, and what is known of revocation.</summary>
    public string LongLife { get; init; } = "";

    /// <summary>When its document time-stamp says that all of it was there; null when it has none that counts.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>What was added to the signed letter; null when nothing was.</summary>
    public LetterArchive? Archive { get; init; }

    /// <summary>The chains of the signer and of the authorities whose time-stamps it has.</summary>
    public IReadOnlyList<ChainLink> Links { get; init; } = [];

    internal static LetterCheck Fail(string code, string reason) => new(false, code, reason);
}

/// <summary>The codes of <see cref="LetterCheck.Code"/>. Public: a code may be added, never renamed.</summary>
public static class LetterCodes
{
    public const string Ok = "ok";

    /// <summary>Not the PDF, the CMS or the facts of a letter; also a file with another later revision than one archive, a second signature or a part
    /// not covered by it.</summary>
    public const string Malformed = "malformed";

    /// <summary>Rendered but not signed.</summary>
    public const string Unsigned = "unsigned";

    /// <summary>The file's bytes are not the ones that were signed.</summary>
    public const string Digest = "digest";

    /// <summary>The signer's certificate is missing, is another than the one signed for, may not sign, or carries strangers along.</summary>
    public const string Certificate = "certificate";

    /// <summary>The signer's chain does not end in the given letter roots, or was not valid when the letter was signed.</summary>
    public const string Untrusted = "untrusted";

    /// <summary>The signer's subject is not the one that the trust file names.</summary>
    public const string SignerUnknown = "signer-unknown";

    /// <summary>The pages do not show the attached facts, or show others.</summary>
    public const string Pages = "letter-pages";

    /// <summary>The signature is not by the certificate's key.</summary>
    public const string Signature = "signature";

    /// <summary>No given authority's valid time-stamp is over the signature.</summary>
    public const string TimeStamp = "time-stamp";

    /// <summary>The document time-stamp is missing, is no given authority's over the whole file, or is older than the signature.</summary>
    public const string Archive = "archive";

    /// <summary>The certificate of the signer or of the stamping authority was revoked before it signed; or the authority's later, for a reason that
    /// leaves its time-stamp to itself, and no archive shows that it is older.</summary>
    public const string Revoked = TokenCodes.Revoked;
}
