namespace Notary.Verification.Tests;

internal static class EarlierTrust
{
    /// <summary>The trust file as the second format had it.</summary>
    public static TrustRoots WithoutNames(this TrustRoots trust) => new()
    {
        Origin = trust.Origin,
        LogKeySpki = trust.LogKeySpki,
        Authorities = [.. trust.Authorities.Select(a => a with { LegalName = null })],
        LetterRoots = trust.LetterRoots,
        Issuer = trust.Issuer! with { ShortName = null },
        ChainId = trust.ChainId,
        Contract = trust.Contract,
        Senders = trust.Senders,
    };
}
