using Microsoft.AspNetCore.DataProtection;
using Notary.Identity.People;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>Whether a session is fresh enough for a request (prompt and max_age, OpenID Connect Core 1.0 §3.1.2.1).</summary>
/// <remarks>Who is sent to sign in again carries a mark of when that was, which only we can make: a sign-in after it is fresh. So a request that asks
/// for a new sign-in is not answered by an old one, and is not asked for ever.</remarks>
internal sealed class FreshSignIn(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>The parameter that carries the mark.</summary>
    public const string Parameter = "asked";

    private readonly IDataProtector protector = protection.CreateProtector("Notary.Identity.FreshSignIn");

    public string Mark(OpenIddictRequest request)
        => protector.Protect($"{clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)} {About(request)}");

    public bool IsFresh(SignedIn who, OpenIddictRequest request)
    {
        var mustBeNew = request.HasPromptValue(PromptValues.Login) || request.HasPromptValue(PromptValues.SelectAccount) || request.MaxAge is 0;
        if (!mustBeNew)
            return request.MaxAge is not { } age || clock.GetUtcNow() - who.At <= TimeSpan.FromSeconds(age);

        return ReadMark(request) is { } asked && clock.GetUtcNow() - asked <= Lifetimes.SignIn && who.At >= asked;
    }

    // A mark is for one request: another one asks anew.
    private static string About(OpenIddictRequest request)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{request.ClientId}\n{request.RequestUri}\n{request.State}\n{request.Nonce}\n{request.CodeChallenge}")));

    private DateTimeOffset? ReadMark(OpenIddictRequest request)
    {
        try
        {
            return (string?)request.GetParameter(Parameter) is { Length: > 0 } mark
                && protector.Unprotect(mark).Split(' ') is [var time, var about] && about == About(request)
                ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(time, CultureInfo.InvariantCulture)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
