using System.Buffers.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notary.Identity.Tests.People;

/// <summary>An OpenID provider that says what a test tells it to say.</summary>
internal sealed class RogueProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RSA key = RSA.Create(2048);

    private RogueProvider(WebApplication app) => this.app = app;

    public string Issuer => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>What discovery says the issuer is; null for the truth.</summary>
    public string? SaidIssuer { get; set; }

    /// <summary>Whether discovery promises an iss in each answer (RFC 9207 §3).</summary>
    public bool PromisesIssuer { get; set; }

    /// <summary>The status and body of the token endpoint.</summary>
    public int Status { get; set; } = 200;

    public string Answer { get; set; } = "{}";

    /// <summary>What was sent to the token endpoint.</summary>
    public string Asked { get; private set; } = "";

    public static async Task<RogueProvider> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var provider = new RogueProvider(builder.Build());
        provider.app.Run(provider.ServeAsync);
        await provider.app.StartAsync();
        return provider;
    }

    /// <summary>An ID token with these claims, each a change of a right one's; null takes one away.</summary>
    public JsonObject Claims(string nonce, TimeProvider clock) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = OidcProvider.ClientId,
        ["sub"] = "somebody",
        ["name"] = "书记员",
        ["roles"] = new JsonArray("clerk"),
        ["nonce"] = nonce,
        ["iat"] = clock.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
    };

    public string Sign(JsonObject claims, string algorithm = "RS256", RSA? with = null)
    {
        var signed = $"{Encode(new JsonObject { ["alg"] = algorithm, ["kid"] = "k" })}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        return signed + "." + algorithm switch
        {
            "none" => "",
            // The confusion of the two kinds: the public key as the secret of a MAC.
            "HS256" => Base64Url.EncodeToString(HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), bytes)),
            _ => Base64Url.EncodeToString((with ?? key).SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        key.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        switch (http.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                await http.Response.WriteAsJsonAsync(new JsonObject
                {
                    ["issuer"] = SaidIssuer ?? Issuer,
                    ["authorization_endpoint"] = Issuer + "/auth",
                    ["token_endpoint"] = Issuer + "/token",
                    ["jwks_uri"] = Issuer + "/jwks",
                    ["authorization_response_iss_parameter_supported"] = PromisesIssuer,
                });
                break;
            case "/jwks":
                var parameters = key.ExportParameters(includePrivateParameters: false);
                await http.Response.WriteAsJsonAsync(new JsonObject
                {
                    ["keys"] = new JsonArray(new JsonObject
                    {
                        ["kty"] = "RSA",
                        ["kid"] = "k",
                        ["use"] = "sig",
                        ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                        ["e"] = Base64Url.EncodeToString(parameters.Exponent),
                    }),
                });
                break;
            default:
                using (var reader = new StreamReader(http.Request.Body))
                    Asked = await reader.ReadToEndAsync();

                http.Response.StatusCode = Status;
                await http.Response.WriteAsync(Answer);
                break;
        }
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
