namespace Notary.Verification;

/// <summary>Leaves the parser with the verdict; <see cref="TokenVerifier"/> turns it into a <see cref="TokenCheck"/>, so it never reaches a caller.</summary>
internal sealed class BadTokenException(string code, string reason) : Exception(reason)
{
    public string Code { get; } = code;
}
