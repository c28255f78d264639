namespace Notary.Identity.Provider;

/// <summary>What the login centre is told.</summary>
public sealed record LoginOptions
{
    /// <summary>The issuer (RFC 8414 §2): the public address, https, or http on loopback; never what a request calls us by.</summary>
    public required Uri Issuer { get; init; }

    /// <summary>The vault's EC P-256 key that signs ID and access tokens.</summary>
    public required string SigningKey { get; init; }

    /// <summary>The vault's RSA key that wraps the secrets and the data-protection keys.</summary>
    public required string WrapKey { get; init; }

    /// <summary>Whom an access token for the API is for (RFC 9068 §2.2, aud).</summary>
    internal string Audience => new Uri(Issuer, "/v1").AbsoluteUri;

    /// <summary>Whom an access token is for that opens nothing but the userinfo endpoint.</summary>
    internal string UserInfo => new Uri(Issuer, LoginPaths.UserInfo).AbsoluteUri;
}
