namespace Notary.Identity.Stores;

/// <summary>A relying party, as its owner registered it.</summary>
/// <param name="Id">The client_id.</param>
/// <param name="Tenant">The tenant whose owner registered it.</param>
/// <param name="Name">Shown to users who consent.</param>
/// <param name="Purpose">Why it wants what it asks for; a consent is to this text.</param>
/// <param name="Scopes">What it may ask for.</param>
/// <param name="RedirectUris">Where answers may go, compared character by character.</param>
/// <param name="LogoutUris">Where users may go after signing out, likewise.</param>
/// <param name="Confidential">Whether it keeps a secret; one that cannot is held to PKCE alone.</param>
/// <param name="MustPush">Whether it has to push its requests (RFC 9126 §6).</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record ClientView(string Id, string Tenant, string Name, string Purpose, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris,
    IReadOnlyList<string> LogoutUris, bool Confidential, bool MustPush, DateTimeOffset CreatedAt);

/// <summary>A client with what is kept of its secret.</summary>
internal sealed class Client
{
    public required ClientView View { get; init; }

    public string Id => View.Id;

    public string Tenant => View.Tenant;

    /// <summary>SHA-256 of the secret; null for a public client.</summary>
    public byte[]? SecretHash { get; init; }

    /// <summary>The hash before, while a rotation overlaps.</summary>
    public byte[]? FormerHash { get; init; }

    public DateTimeOffset FormerUntil { get; init; }

    public ETag ETag { get; init; }

    /// <summary>Constant in time. The secret has 256 random bits, so one SHA-256 is enough at rest: there is no dictionary to try.</summary>
    public bool Matches(string secret, DateTimeOffset now)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
        return (SecretHash is { } current && CryptographicOperations.FixedTimeEquals(hash, current))
            | (FormerHash is { } former && now < FormerUntil && CryptographicOperations.FixedTimeEquals(hash, former));
    }
}
