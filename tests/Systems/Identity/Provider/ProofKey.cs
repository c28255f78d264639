using System.Buffers.Text;

namespace Notary.Identity.Tests.Provider;

/// <summary>A client's key, and proofs of it (RFC 9449 §4.2) with whatever a test wants wrong.</summary>
internal sealed class ProofKey : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Dictionary<string, object?> Jwk
    {
        get
        {
            var q = key.ExportParameters(false).Q;
            return new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y) };
        }
    }

    /// <summary>RFC 7638 §3.</summary>
    public string Thumbprint => Hash($$"""{"crv":"P-256","kty":"EC","x":"{{Jwk["x"]}}","y":"{{Jwk["y"]}}"}""");

    public static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    /// <summary>A good proof, unless the parts are changed.</summary>
    public string Prove(string method, Uri address, DateTimeOffset now, string? token = null,
        Action<Dictionary<string, object?>>? header = null, Action<Dictionary<string, object?>>? payload = null)
    {
        var head = new Dictionary<string, object?> { ["typ"] = "dpop+jwt", ["alg"] = "ES256", ["jwk"] = Jwk };
        var body = new Dictionary<string, object?>
        {
            ["jti"] = Guid.NewGuid().ToString(), ["htm"] = method, ["htu"] = address.AbsoluteUri, ["iat"] = now.ToUnixTimeSeconds(),
        };
        if (token is not null)
            body["ath"] = Hash(token);

        header?.Invoke(head);
        payload?.Invoke(body);
        var signed = $"{Part(head)}.{Part(body)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    public void Dispose() => key.Dispose();
}
