namespace Notary.Keys;

/// <summary>The vault's names for elliptic curves.</summary>
public readonly record struct KeyCurveName(string Value)
{
    /// <summary>NIST P-256: the log's and the letters' key.</summary>
    public static KeyCurveName P256 { get; } = new("P-256");

    /// <summary>SECG secp256k1: the chain sender's key.</summary>
    public static KeyCurveName P256K { get; } = new("P-256K");

    public override string ToString() => Value;

    /// <summary>The BCL's curve. .NET names secp256k1 by its OID only.</summary>
    internal ECCurve ToCurve()
        => Value switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-256K" => ECCurve.CreateFromValue("1.3.132.0.10"),
            _ => throw new NotSupportedException($"curve {Value}"),
        };
}

/// <summary>The vault's names for signature algorithms (RFC 7518, RFC 8812); each signs a SHA-256 digest.</summary>
public readonly record struct SignatureAlgorithm(string Value)
{
    public static SignatureAlgorithm ES256 { get; } = new("ES256");

    public static SignatureAlgorithm ES256K { get; } = new("ES256K");

    public static SignatureAlgorithm RS256 { get; } = new("RS256");

    public static SignatureAlgorithm PS256 { get; } = new("PS256");

    public override string ToString() => Value;
}

/// <summary>The vault's names for key wrapping algorithms.</summary>
public readonly record struct KeyWrapAlgorithm(string Value)
{
    public static KeyWrapAlgorithm RsaOaep256 { get; } = new("RSA-OAEP-256");

    public override string ToString() => Value;
}

/// <summary>A key's public half as the vault gives it (RFC 7517).</summary>
public sealed class JsonWebKey
{
    /// <summary>The key's address with its version.</summary>
    public required string Id { get; init; }

    /// <summary>EC or RSA, without the "-HSM" that a vault adds to keys it keeps in hardware.</summary>
    public required string KeyType { get; init; }

    /// <summary>The curve of an EC key.</summary>
    public KeyCurveName? CurveName { get; init; }

    /// <summary>Coordinates of an EC key, big-endian.</summary>
    public byte[]? X { get; init; }

    public byte[]? Y { get; init; }

    /// <summary>Modulus and exponent of an RSA key, big-endian.</summary>
    public byte[]? N { get; init; }

    public byte[]? E { get; init; }

    /// <summary>The public key, for local verification. The caller disposes it.</summary>
    /// <exception cref="CryptographicException">Not a point of the curve.</exception>
    public ECDsa ToECDsa()
        => ECDsa.Create(new ECParameters
        {
            Curve = (CurveName ?? throw new InvalidOperationException("not an EC key")).ToCurve(),
            Q = new ECPoint { X = X, Y = Y },
        });

    /// <summary>The public key, for local wrapping and verification. The caller disposes it.</summary>
    public RSA ToRSA()
        => RSA.Create(new RSAParameters { Modulus = N ?? throw new InvalidOperationException("not an RSA key"), Exponent = E });

    internal static JsonWebKey Parse(JsonElement key)
        => new()
        {
            Id = key.GetProperty("kid").GetString()!,
            KeyType = key.GetProperty("kty").GetString()!.Replace("-HSM", "", StringComparison.Ordinal),
            CurveName = key.TryGetProperty("crv", out var curve) ? new KeyCurveName(curve.GetString()!) : null,
            X = Bytes(key, "x"),
            Y = Bytes(key, "y"),
            N = Bytes(key, "n"),
            E = Bytes(key, "e"),
        };

    private static byte[]? Bytes(JsonElement key, string name)
        => key.TryGetProperty(name, out var value) && value.GetString() is { } text ? System.Buffers.Text.Base64Url.DecodeFromChars(text) : null;
}

/// <summary>One version of a key in the vault.</summary>
/// <param name="Id">Its address: <c>https://vault/keys/name/version</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Key">Its public half.</param>
public sealed record KeyVaultKey(Uri Id, string Name, string Version, JsonWebKey Key);
