namespace Notary.Evidence;

/// <summary>Every way a request or a step can fail. <see cref="Faults.Code"/> gives the stable code that clients see.</summary>
/// <remarks>Codes are public (docs/api.md): a member may be added, never renamed or reused.</remarks>
public enum Fault
{
    // What the caller got wrong.
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    UnsupportedMediaType,
    TooLarge,
    HeadersTooLarge,
    TooSlow,
    RateLimited,
    QuotaExceeded,
    DigestMismatch,
    IdempotencyConflict,
    Conflict,
    PreconditionFailed,
    RangeNotSatisfiable,
    NotReady,
    Gone,
    UploadUnusable,
    DrawState,
    DrawLate,
    ListRefused,
    DesktopsNotConfigured,
    DesktopQuota,
    DesktopUser,
    SessionState,
    EndpointRefused,
    SandboxTenant,

    // What something we depend on did.
    StorageUnavailable,
    StorageConflict,
    VaultUnavailable,
    VaultRefused,
    SignatureInvalid,
    TsaUnreachable,
    TsaRefused,
    TokenInvalid,
    TimeDisagreement,
    RevocationUnavailable,
    CertificateRevoked,
    ChainUnreachable,
    ChainRefused,
    ChainWrong,
    Reorganised,
    BeaconUnreachable,
    IdentityProviderUnavailable,

    // What must never happen; the evidence is kept and a person is called.
    EvidenceInvalid,
    Internal,
}

/// <summary>The stable text of each <see cref="Fault"/>.</summary>
public static class Faults
{
    /// <summary>The code: the member's name in kebab case, such as <c>digest-mismatch</c>.</summary>
    public static string Code(this Fault fault) => Codes[(int)fault];

    private static readonly string[] Codes = [.. Enum.GetNames<Fault>().Select(Kebab)];

    private static string Kebab(string name)
        => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>A failure with a stable code. The message may reach the caller, so it never holds content or secrets; the cause reaches only the log.</summary>
public sealed class FaultException(Fault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public Fault Fault { get; } = fault;
}
