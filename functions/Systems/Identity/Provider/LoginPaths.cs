namespace Notary.Identity.Provider;

/// <summary>Where the login centre's endpoints are. No other file spells one.</summary>
public static class LoginPaths
{
    /// <summary>OpenID Connect Discovery 1.0 §4.</summary>
    public const string Discovery = "/.well-known/openid-configuration";
    public const string Jwks = "/.well-known/jwks";
    public const string Authorize = "/connect/authorize";
    public const string PushedRequest = "/connect/par";
    public const string Token = "/connect/token";
    public const string UserInfo = "/connect/userinfo";
    public const string Revoke = "/connect/revoke";
    public const string Logout = "/connect/logout";

    /// <summary>The people's page: takes <c>return</c>, a relative path, and asks anew whoever comes there.</summary>
    public const string SignIn = "/sign-in";

    /// <summary>What the login centre answers.</summary>
    public static IReadOnlyList<string> All { get; } = [Discovery, Jwks, Authorize, PushedRequest, Token, UserInfo, Revoke, Logout];
}
