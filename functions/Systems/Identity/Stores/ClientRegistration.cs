using Notary.Identity.Provider;

namespace Notary.Identity.Stores;

/// <summary>What a tenant's owner says about a client.</summary>
/// <param name="Name">1–100 characters, shown to users who consent.</param>
/// <param name="Purpose">1–300 characters: why it wants what it asks for.</param>
/// <param name="Scopes">openid, profile, offline_access, read, write.</param>
/// <param name="RedirectUris">1–10 addresses, https, or http on 127.0.0.1 or [::1].</param>
/// <param name="LogoutUris">0–10, likewise.</param>
/// <param name="Confidential">Whether it can keep a secret: a server can, an app on a phone or in a browser cannot.</param>
/// <param name="MustPush">Whether it has to push its requests.</param>
public sealed record NewClient(string Name, string Purpose, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris,
    IReadOnlyList<string>? LogoutUris = null, bool Confidential = true, bool MustPush = false)
{
    /// <summary>Characters of a name.</summary>
    public const int MaxName = 100;

    /// <summary>Characters of a purpose.</summary>
    public const int MaxPurpose = 300;

    /// <summary>Addresses of each kind: environments of one application; more is a list that nobody reads when one of them is given up and
    /// taken over.</summary>
    public const int MaxUris = 10;
    internal const int MaxUriLength = 500;

    // RFC 6749 §3.1.2: a redirect URI may have a query, but not one that pretends to be our answer.
    private static readonly string[] AnswerNames = ["code", "state", "iss", "error", "error_description", "error_uri"];

    /// <summary>Refuses what cannot be registered.</summary>
    /// <exception cref="FaultException">Malformed, saying what should be.</exception>
    public void Demand()
    {
        Demand(IsText(Name, MaxName), $"the name has 1 to {MaxName} characters and no control characters");
        Demand(IsText(Purpose, MaxPurpose), $"the purpose has 1 to {MaxPurpose} characters and no control characters");
        Demand(Scopes.Count > 0 && Scopes.Distinct().Count() == Scopes.Count && Scopes.All(s => LoginScopes.Names.Contains(s, StringComparer.Ordinal)),
            $"scopes are one or more of {string.Join(", ", LoginScopes.Names)}, each once");
        Demand(!Scopes.Contains(LoginScopes.Write) || Confidential, "a client that may write keeps a secret");
        Demand(RedirectUris.Count is > 0 and <= MaxUris && (LogoutUris?.Count ?? 0) <= MaxUris,
            $"a client has 1 to {MaxUris} redirect URIs and at most as many for logout");
        foreach (var uri in RedirectUris.Concat(LogoutUris ?? []))
            Demand(IsAddress(uri), "an address is https, or http on 127.0.0.1 or [::1], written canonically, without user, fragment or wildcard, "
                + $"of at most {MaxUriLength} characters");

        Demand(RedirectUris.Distinct(StringComparer.Ordinal).Count() == RedirectUris.Count, "each redirect URI is named once");
    }

    /// <summary>Canonical: what we compare character by character must be what a browser goes to (RFC 9700 §4.1).</summary>
    private static bool IsAddress(string text)
        => text.Length is > 0 and <= MaxUriLength && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.AbsoluteUri == text
            && uri.UserInfo.Length == 0 && !text.Contains('#', StringComparison.Ordinal) && !text.Contains('*', StringComparison.Ordinal)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.Host is "127.0.0.1" or "[::1]"))
            && !uri.Query.TrimStart('?').Split('&').Any(part => AnswerNames.Contains(Uri.UnescapeDataString(part.Split('=')[0]), StringComparer.Ordinal));

    private static bool IsText(string text, int max) => text.Length > 0 && text.Length <= max && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);

    private static void Demand(bool holds, string should)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, should);
    }
}

/// <summary>The chance in a registration or a rotation.</summary>
/// <param name="Id">The client_id: 32 lower-case hex digits.</param>
/// <param name="Secret">256 random bits in lower-case hex; kept as a hash alone.</param>
public sealed record ClientDraw(string Id, string Secret)
{
    internal static ClientDraw New() => new(RandomNumberGenerator.GetHexString(32, lowercase: true), RandomNumberGenerator.GetHexString(64, lowercase: true));
}

/// <summary>A client that was registered, or whose secret was rotated.</summary>
/// <param name="Client">What is kept.</param>
/// <param name="Secret">Shown now and never again; null for a public client.</param>
public sealed record RegisteredClient(ClientView Client, string? Secret);
