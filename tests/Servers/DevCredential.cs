using System.Net.Http.Json;
using Azure.Core;

namespace Notary.Servers;

/// <summary>Gets tokens from <see cref="VaultServer"/>'s token endpoint by the client credentials flow, as Azure.Identity does from Entra.</summary>
public sealed class DevCredential(Uri authority, TimeProvider clock) : TokenCredential
{
    private static readonly HttpClient Http = new();

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        => GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "local",
            ["scope"] = string.Join(' ', requestContext.Scopes),
        });
        using var answer = await Http.PostAsync(new Uri(authority, $"{requestContext.TenantId}/oauth2/v2.0/token"), form, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!;
        return new AccessToken((string)token["access_token"]!, clock.GetUtcNow().AddSeconds((long)token["expires_in"]!));
    }
}
