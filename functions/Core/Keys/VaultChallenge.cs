using System.Diagnostics.CodeAnalysis;

namespace Notary.Keys;

/// <summary>What a vault's 401 says about the token it wants.</summary>
/// <param name="Scope">The audience to ask a token for.</param>
/// <param name="Tenant">The directory that issues it, where the vault names one.</param>
internal sealed record VaultChallenge(string Scope, string? Tenant)
{
    private const string Bearer = "Bearer ";

    /// <summary>Reads <c>Bearer authorization="https://login…/tenant", resource="https://vault.azure.net"</c> (or <c>scope</c>).</summary>
    public static bool TryParse(string? header, Uri vault, [NotNullWhen(true)] out VaultChallenge? challenge)
    {
        challenge = null;
        if (header?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) != true)
            return false;

        var parts = header[Bearer.Length..].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToLookup(part => part[0], part => part[1].Trim('"'), StringComparer.OrdinalIgnoreCase);
        var scope = parts["scope"].FirstOrDefault() ?? (parts["resource"].FirstOrDefault() is { } resource ? resource + "/.default" : null);
        if (scope is null || !Uri.TryCreate(scope, UriKind.Absolute, out var audience))
            return false;

        // A token sent to the wrong server is a token given away: the audience must be the vault's own domain, as the
        // SDK demands, so that a rogue server cannot ask for a token to something else.
        if (!vault.Host.Equals(audience.Host, StringComparison.OrdinalIgnoreCase)
            && !vault.Host.EndsWith("." + audience.Host, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"the vault's challenge names {audience.Host}, which is not the domain of {vault.Host}");
        }

        var authority = parts["authorization"].Concat(parts["authorization_uri"]).FirstOrDefault();
        challenge = new(scope, Uri.TryCreate(authority, UriKind.Absolute, out var uri) && uri.Segments.Length > 1 ? uri.Segments[1].Trim('/') : null);
        return true;
    }

    public TokenRequestContext ToRequest() => new([Scope], tenantId: Tenant);
}
