namespace Notary.Servers;

/// <summary>How a <see cref="TimestampAuthority"/> answers. All but <see cref="Honest"/> must leave its client without a token.</summary>
public enum TimestampAuthorityMode
{
    Honest,

    // What may happen to any HTTP server.
    Garbage,
    Empty,

    /// <summary>100 MiB, announced by Content-Length.</summary>
    Huge,

    /// <summary>100 MiB, chunked: only the reader's own count can stop it.</summary>
    HugeUnannounced,

    /// <summary>Takes the query and never answers.</summary>
    Silent,

    /// <summary>An honest answer, one byte every 200 ms.</summary>
    Slow,

    /// <summary>HTTP 500 with an honest token in it.</summary>
    ServerError,

    /// <summary>HTTP 404 with an honest token in it.</summary>
    NotFound,

    /// <summary>307 to an address that answers honestly.</summary>
    Redirect,
    WrongMediaType,

    /// <summary>Half of an honest answer as if it were all.</summary>
    Truncated,

    /// <summary>Announces an honest answer's length and drops the connection half-way.</summary>
    Broken,

    // A well-formed response that grants nothing.
    Rejected,

    /// <summary>Status "rejection", with a valid token all the same.</summary>
    RejectedWithToken,
    Waiting,
    UnknownStatus,
    GrantedWithoutToken,

    // Encodings that are not the one DER form.
    TrailingBytes,
    TrailingBytesInToken,
    IndefiniteLength,
    IndefiniteLengthToken,
    LongFormLength,
    UnsortedAttributes,

    // A properly signed token that says the wrong thing.
    WrongNonce,
    MissingNonce,
    NegatedNonce,

    /// <summary>An earlier honest answer, given again.</summary>
    Replay,
    WrongImprint,

    /// <summary>The right imprint under SHA-512's name.</summary>
    WrongHashAlgorithm,

    /// <summary>A SHA-512 imprint, well-formed.</summary>
    OtherHashAlgorithm,
    WrongPolicy,
    WrongVersion,
    WrongContentType,
    WrongContentTypeAttribute,
    CriticalExtension,
    NegativeSerial,
    OversizedSerial,
    NameOfOther,
    GenTimeWithoutSeconds,
    GenTimeNotUtc,
    GenTimeTrailingZero,
    HourAhead,
    HourBehind,
    FiveYearsAhead,
    FiveYearsBehind,

    // Signatures that do not hold.
    FlippedSignature,
    OtherSigner,
    WeakDigest,
    MissingMessageDigest,
    WrongMessageDigest,
    NoSignedAttributes,
    RepeatedAttribute,
    EssMissing,
    EssOfOther,
    EssOfOtherIssuer,
    NoSigner,
    TwoSigners,
    NoCertificate,

    // Certificates that may not sign time.
    UsageMissing,
    UsageNotCritical,
    UsageAdditional,
    UsageOther,
    KeyUsageOther,
    WeakKey,
    ExpiredCertificate,
    FutureCertificate,
    UntrustedRoot,

    /// <summary>A root of the trusted root's name, with another key.</summary>
    ImpostorRoot,
    SelfSigned,
}
