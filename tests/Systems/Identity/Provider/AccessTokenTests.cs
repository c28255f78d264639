using System.Buffers.Text;

namespace Notary.Identity.Tests.Provider;

/// <summary>Tokens that open nothing: forged, foreign, for somebody else (RFC 8725, RFC 9068 §4).</summary>
[TestClass]
public sealed class AccessTokenTests
{
    private static readonly string[] Kinds =
    [
        "none", "None", "empty signature", "zero signature", "HS256 by the public key", "HS256 by the key set", "own key under the same kid",
        "own key in jwk", "own key by jku", "payload changed", "header changed", "no kid", "unknown kid", "DER signature", "ID token", "for userinfo alone",
        "other issuer's", "refresh token", "two parts", "four parts", "trailing", "padded", "spaces", "nothing",
    ];

    public static IEnumerable<object[]> All => Kinds.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(All))]
    public async Task WhatIsNotOursOpensNothing(string kind)
    {
        using var s = await AttackScene.SetAsync();
        s.Victim.SignIn(s.Bed, s.Victim.Who!.Person, s.Good.Client.Client.Tenant);
        var tokens = await s.Good.TokensAsync(s.Victim);
        var good = tokens.GetProperty("access_token").GetString()!;
        Assert.IsNotNull(await s.Bed.Centre.FindCallerAsync(good, null, default));

        var bad = await ForgeAsync(kind, s, good, tokens);
        Assert.AreNotEqual(good, bad);
        Assert.IsNull(await s.Bed.Centre.FindCallerAsync(bad, null, default), kind);
        Assert.IsNull(await s.Bed.Centre.FindCallerAsync(bad, null, default), $"{kind}, again");
    }

    [TestMethod]
    public async Task AnExpiredOneOpensNothing()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var token = (await rp.TokensAsync(browser)).GetProperty("access_token").GetString()!;
        var left = DateTimeOffset.FromUnixTimeSeconds(Jwt.Payload(token).GetProperty("exp").GetInt64()) - bed.Clock.GetUtcNow();
        bed.Clock.Advance(left - TimeSpan.FromSeconds(30));
        Assert.IsNotNull(await bed.Centre.FindCallerAsync(token, null, default));
        bed.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.IsNull(await bed.Centre.FindCallerAsync(token, null, default));
    }

    private static async Task<string> ForgeAsync(string kind, AttackScene s, string good, JsonElement tokens)
    {
        var parts = good.Split('.');
        var (header, payload) = (Jwt.Header(good), Jwt.Payload(good));
        var kid = header.GetProperty("kid").GetString()!;
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = own.ExportParameters(false).Q;
        var jwks = (await s.Victim.GetAsync("/.well-known/jwks")).Text;
        var key = JsonDocument.Parse(jwks).RootElement.GetProperty("keys")[0];
        using var published = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") },
        });
        return kind switch
        {
            "none" or "None" => $"{Jwt.Part(new { alg = kind, typ = "at+jwt", kid })}.{parts[1]}.",
            "empty signature" => $"{parts[0]}.{parts[1]}.",
            "zero signature" => $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}",
            "HS256 by the public key" => Hmac(Jwt.Part(new { alg = "HS256", typ = "at+jwt", kid }), parts[1], published.ExportSubjectPublicKeyInfo()),
            "HS256 by the key set" => Hmac(Jwt.Part(new { alg = "HS256", typ = "at+jwt", kid }), parts[1], Encoding.UTF8.GetBytes(jwks)),
            "own key under the same kid" => Sign(own, parts[0], parts[1]),
            "own key in jwk" => Sign(own, Jwt.Part(new
            {
                alg = "ES256",
                typ = "at+jwt",
                jwk = new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(q.X), y = Base64Url.EncodeToString(q.Y) },
            }), parts[1]),
            "own key by jku" => Sign(own,
                Jwt.Part(new { alg = "ES256", typ = "at+jwt", kid = "x", jku = s.Bed.Url + ".well-known/jwks", x5u = s.Bed.Url }), parts[1]),
            "payload changed" => $"{parts[0]}.{Text(payload.GetRawText().Replace("read", "rEad", StringComparison.Ordinal))}.{parts[2]}",
            "header changed" => $"{Jwt.Part(new { alg = "ES256", kid, typ = "at+jwt" })}.{parts[1]}.{parts[2]}" is var h && h != good ? h : good + "x",
            "no kid" => Sign(own, Jwt.Part(new { alg = "ES256", typ = "at+jwt" }), parts[1]),
            "unknown kid" => Sign(own, Jwt.Part(new { alg = "ES256", typ = "at+jwt", kid = "unknown" }), parts[1]),
            "DER signature" => $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(own.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}",
            "ID token" => tokens.GetProperty("id_token").GetString()!,
            "for userinfo alone" => (await s.Evil.TokensAsync(s.Victim, ("scope", "openid profile"))).GetProperty("access_token").GetString()!,
            "other issuer's" => await OtherAsync(),
            "refresh token" => tokens.GetProperty("refresh_token").GetString()!,
            "two parts" => $"{parts[0]}.{parts[1]}",
            "four parts" => good + ".x",
            "trailing" => good + "x",
            "padded" => good + "=",
            "spaces" => good.Insert(20, " "),
            "nothing" => "..",
            _ => throw new InvalidOperationException(kind),
        };
    }

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromChars(key.GetProperty(name).GetString());

    private static string Text(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    /// <summary>A token of another login centre, good there.</summary>
    private static async Task<string> OtherAsync()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        return (await rp.TokensAsync(browser)).GetProperty("access_token").GetString()!;
    }

    private static string Sign(ECDsa key, string header, string payload)
        => $"{header}.{payload}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256))}";

    private static string Hmac(string header, string payload, byte[] key)
        => $"{header}.{payload}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{payload}")))}";
}
