using System.Buffers.Text;
using System.Collections.Concurrent;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Notary.Identity.Stores;

namespace Notary.Identity.Provider;

/// <summary>A DPoP proof as it came with a request.</summary>
/// <param name="Jwt">The header's value; null when it is missing or there are several.</param>
/// <param name="Method">The request's method, as it was sent.</param>
/// <param name="Address">The request's address by the office's public name; a query does not matter.</param>
public sealed record ShownProof(string? Jwt, string Method, Uri Address)
{
    /// <summary>The request header, and the scheme of an Authorization with a token that is bound.</summary>
    public const string Name = "DPoP";

    /// <summary>What a request shows; <paramref name="issuer"/> is by what name we are called in public.</summary>
    public static ShownProof Of(HttpRequest request, string method, Uri issuer)
        => new(request.Headers[Name] is [{ Length: > 0 } one] ? one : null, method, new Uri(issuer, request.PathBase.Add(request.Path).ToUriComponent()));
}

/// <summary>Judges DPoP proofs (RFC 9449 §4.3): 1. one JWT of the right type, by a public key that it brings; 2. its signature; 3. this method and this
/// address; 4. this access token; 5. made just now; 6. not seen before.</summary>
/// <remarks>6 is remembered by this instance; for what changes something also in storage, so that no other instance takes it again.</remarks>
internal sealed class PossessionProofs(Grants grants, TimeProvider clock)
{
    public const string Algorithm = SecurityAlgorithms.EcdsaSha256;

    /// <summary>How far a client's clock may be off, either way.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // One of P-256 with all claims has some 500 bytes.
    private const int MaxLength = 2048;
    private const int MaxIdLength = 128;
    private const int MaxSeen = 50_000;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly ConcurrentDictionary<string, long> seen = new(StringComparer.Ordinal);

    /// <summary>The thumbprint (RFC 7638) of the key that a good proof was made with, or null.</summary>
    /// <param name="shown">What came.</param>
    /// <param name="token">The access token that came with it; null where none is shown.</param>
    /// <param name="cancel">Ends the look into storage.</param>
    public async ValueTask<string?> JudgeAsync(ShownProof shown, string? token, CancellationToken cancel)
    {
        // 1
        if (shown.Jwt is not { Length: <= MaxLength } text || !TryRead(text, out var jwt) || KeyOf(jwt) is not { } key)
            return null;

        // 2
        var result = await Handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidAlgorithms = [Algorithm],
            ValidTypes = ["dpop+jwt"],
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = true,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        if (!result.IsValid)
            return null;

        // 3, 4, 5
        var hash = token is null ? null : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (Claim<string>(jwt, "htm") != shown.Method || !IsAddress(Claim<string>(jwt, "htu"), shown.Address)
            || (hash is not null && Claim<string>(jwt, "ath") != hash)
            || !jwt.TryGetPayloadValue<long>("iat", out var made)
            || Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - (decimal)made) > (decimal)Window.TotalSeconds
            || Claim<string>(jwt, "jti") is not { Length: > 0 and <= MaxIdLength } id)
        {
            return null;
        }

        // 6
        var thumbprint = Base64Url.EncodeToString(key.ComputeJwkThumbprint());
        return await IsNewAsync($"{thumbprint}\n{id}", made, shown.Method, cancel) ? thumbprint : null;
    }

    /// <summary>Whether a text could be a key's thumbprint: SHA-256 in base64url.</summary>
    public static bool IsThumbprint(string text) => text.Length == 43 && Base64Url.IsValid(text);

    private async ValueTask<bool> IsNewAsync(string name, long made, string method, CancellationToken cancel)
    {
        if (seen.Count >= MaxSeen)
            Forget();

        if (!seen.TryAdd(name, made))
            return false;

        return HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            || await grants.AddProofAsync(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), clock.GetUtcNow() + Window, cancel);
    }

    private void Forget()
    {
        var old = clock.GetUtcNow().ToUnixTimeSeconds() - (long)Window.TotalSeconds;
        foreach (var (name, made) in seen)
        {
            if (made < old)
                seen.TryRemove(name, out _);
        }

        // All of one minute: whoever has that many proofs made is let make them again.
        if (seen.Count >= MaxSeen)
            seen.Clear();
    }

    private static bool TryRead(string text, out JsonWebToken jwt)
    {
        try
        {
            jwt = new JsonWebToken(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            jwt = null!;
            return false;
        }
    }

    /// <summary>A public key on P-256 and nothing that is private.</summary>
    private static JsonWebKey? KeyOf(JsonWebToken jwt)
    {
        if (!jwt.TryGetHeaderValue<JsonElement>("jwk", out var header) || header.ValueKind != JsonValueKind.Object)
            return null;

        var (type, curve, x, y) = (Text(header, "kty"), Text(header, "crv"), Text(header, "x"), Text(header, "y"));
        return type == "EC" && curve == "P-256" && x is { Length: 43 } && y is { Length: 43 } && !header.TryGetProperty("d", out _)
            ? new JsonWebKey { Kty = type, Crv = curve, X = x, Y = y } : null;
    }

    // By scheme, host, port and path (RFC 9449 §4.3, 9); the parts are compared as RFC 3986 §6.2.3 makes them equal.
    private static bool IsAddress(string? text, Uri address)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && uri.GetLeftPart(UriPartial.Path) == address.GetLeftPart(UriPartial.Path);

    private static string? Text(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static T? Claim<T>(JsonWebToken jwt, string name) => jwt.TryGetPayloadValue<T>(name, out var value) ? value : default;
}
