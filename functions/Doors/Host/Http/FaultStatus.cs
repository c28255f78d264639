namespace Notary.Host.Http;

/// <summary>The one mapping from <see cref="Fault"/> to an HTTP status (RFC 9110 §15).</summary>
internal static class FaultStatus
{
    // What we depend on comes back in seconds; a client that hammers sooner makes it worse.
    private const int DependencyRetrySeconds = 5;

    // A deposit's next state is usually a block or a checkpoint away.
    private const int NotReadyRetrySeconds = 2;

    public static int Of(Fault fault) => fault switch
    {
        Fault.Malformed => StatusCodes.Status400BadRequest,
        Fault.Unauthenticated => StatusCodes.Status401Unauthorized,
        Fault.Forbidden or Fault.QuotaExceeded or Fault.SandboxTenant => StatusCodes.Status403Forbidden,
        Fault.NotFound => StatusCodes.Status404NotFound,
        Fault.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        Fault.NotAcceptable => StatusCodes.Status406NotAcceptable,
        Fault.TooSlow => StatusCodes.Status408RequestTimeout,
        Fault.IdempotencyConflict or Fault.Conflict or Fault.NotReady or Fault.DrawState or Fault.DrawLate
            or Fault.DesktopsNotConfigured or Fault.DesktopQuota or Fault.DesktopUser or Fault.SessionState => StatusCodes.Status409Conflict,
        Fault.Gone => StatusCodes.Status410Gone,
        Fault.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        Fault.TooLarge => StatusCodes.Status413PayloadTooLarge,
        Fault.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        Fault.RangeNotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
        Fault.DigestMismatch or Fault.UploadUnusable or Fault.ListRefused or Fault.EndpointRefused => StatusCodes.Status422UnprocessableEntity,
        Fault.RateLimited => StatusCodes.Status429TooManyRequests,
        Fault.HeadersTooLarge => StatusCodes.Status431RequestHeaderFieldsTooLarge,

        // Ours to mend, and worth another try: the request changed nothing or is idempotent.
        Fault.StorageUnavailable or Fault.StorageConflict or Fault.VaultUnavailable or Fault.VaultRefused or Fault.SignatureInvalid
            or Fault.TsaUnreachable or Fault.TsaRefused or Fault.TokenInvalid or Fault.TimeDisagreement
            or Fault.RevocationUnavailable or Fault.CertificateRevoked
            or Fault.ChainUnreachable or Fault.ChainRefused or Fault.ChainWrong or Fault.Reorganised or Fault.BeaconUnreachable
            or Fault.IdentityProviderUnavailable => StatusCodes.Status503ServiceUnavailable,

        Fault.EvidenceInvalid or Fault.Internal => StatusCodes.Status500InternalServerError,
        _ => throw new InvalidOperationException($"{fault} has no status"),
    };

    /// <summary>The fault of an answer that routing gave without a body.</summary>
    public static Fault Of(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Fault.Unauthenticated,
        StatusCodes.Status403Forbidden => Fault.Forbidden,
        StatusCodes.Status404NotFound => Fault.NotFound,
        StatusCodes.Status405MethodNotAllowed => Fault.MethodNotAllowed,
        StatusCodes.Status406NotAcceptable => Fault.NotAcceptable,
        StatusCodes.Status408RequestTimeout => Fault.TooSlow,
        StatusCodes.Status413PayloadTooLarge => Fault.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => Fault.UnsupportedMediaType,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => Fault.HeadersTooLarge,
        < 500 or StatusCodes.Status505HttpVersionNotsupported => Fault.Malformed,
        _ => Fault.Internal,
    };

    /// <summary>Seconds for Retry-After, or null where trying again would change nothing.</summary>
    public static int? RetryAfterSeconds(Fault fault)
        => fault == Fault.NotReady ? NotReadyRetrySeconds
            : fault == Fault.RateLimited || Of(fault) == StatusCodes.Status503ServiceUnavailable ? DependencyRetrySeconds
            : null;
}
