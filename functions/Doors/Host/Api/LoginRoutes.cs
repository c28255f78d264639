using Notary.Identity.Provider;

namespace Notary.Host.Api;

/// <summary>The login centre's endpoints: OpenID Connect's, described by its own discovery document and not by ours.</summary>
internal static class LoginRoutes
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post];

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Without a signing key there is none, and nothing of it is loaded.
        if (routes.ServiceProvider.GetRequiredService<HostSettings>().Vault.LoginKey is null)
            return;

        foreach (var path in LoginPaths.All)
        {
            var route = routes.MapMethods(path, Methods, ServeAsync).WithDisplayName($"login {path}").WithMetadata(new AccessRule.Login())
                .ExcludeFromDescription();
            if (path is LoginPaths.Authorize or LoginPaths.Logout)
                route.WithMetadata(new ForPeople());
        }
    }

    private static Task ServeAsync(HttpContext http) => http.RequestServices.GetRequiredService<LoginDoor>().ServeAsync(http);
}
