using Notary.Identity.People;
using Notary.Identity.Stores;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>What a client may ask for.</summary>
public static class LoginScopes
{
    /// <summary>Reads the tenant's deposits: the scope of an API key.</summary>
    public const string Read = "read";

    /// <summary>Makes deposits: likewise.</summary>
    public const string Write = "write";

    /// <summary>All of them, from the least to the most.</summary>
    public static IReadOnlyList<string> Names { get; } = [Scopes.OpenId, Scopes.Profile, Scopes.OfflineAccess, Read, Write];

    /// <summary>Of what a client asks for, what this person can give it.</summary>
    /// <remarks>A client opens the deposits of the tenant that registered it and of nobody else: one employee's click must not open his employer's
    /// deposits to strangers. Everybody may use it to show who he is.</remarks>
    internal static IEnumerable<string> Grantable(IEnumerable<string> wanted, Client client, string? tenant, Role role)
        => wanted.Where(scope => scope switch
        {
            Read => tenant == client.Tenant,
            Write => tenant == client.Tenant && role is Role.Depositor or Role.Owner,
            _ => true,
        });
}
