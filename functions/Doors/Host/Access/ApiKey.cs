namespace Notary.Host.Access;

/// <summary>A tenant's key as it travels: <c>ntk_</c>, 16 hex digits to find it by, <c>_</c>, 64 hex digits of secret.</summary>
/// <remarks>The secret has 256 random bits, so one SHA-256 is enough at rest: there is no dictionary to try.</remarks>
internal readonly record struct ApiKey(string Prefix, string Secret)
{
    private const string Mark = "ntk_";
    private const int PrefixDigits = 16;
    private const int SecretDigits = 64;
    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>Derives a key from a seed: the same seed and operator give the same key, so a repeated request gets the same answer while
    /// nothing secret is stored.</summary>
    /// <param name="seed">32 random bytes, kept under the idempotency key.</param>
    /// <param name="operatorKey">The operator's key as presented; only its hash is ever stored.</param>
    public static ApiKey Derive(ReadOnlySpan<byte> seed, string operatorKey, string purpose)
    {
        var prefix = HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes("prefix\0" + purpose));
        return new ApiKey(Convert.ToHexStringLower(prefix)[..PrefixDigits], Convert.ToHexStringLower(SecretOf(seed, operatorKey, purpose)));
    }

    /// <summary>32 bytes that only who has both the seed and the operator's key can compute.</summary>
    public static byte[] SecretOf(ReadOnlySpan<byte> seed, string operatorKey, string purpose)
        => HMACSHA256.HashData(HMACSHA256.HashData(Encoding.UTF8.GetBytes(operatorKey), seed), Encoding.UTF8.GetBytes("secret\0" + purpose));

    public static bool TryParse(string text, out ApiKey key)
    {
        key = default;
        if (text.Length != Mark.Length + PrefixDigits + 1 + SecretDigits
            || !text.StartsWith(Mark, StringComparison.Ordinal)
            || text[Mark.Length + PrefixDigits] != '_'
            || text.AsSpan(Mark.Length, PrefixDigits).ContainsAnyExcept(Hex)
            || text.AsSpan(Mark.Length + PrefixDigits + 1).ContainsAnyExcept(Hex))
        {
            return false;
        }

        key = new ApiKey(text.Substring(Mark.Length, PrefixDigits), text[^SecretDigits..]);
        return true;
    }

    /// <summary>What is kept.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>Constant in time, so that a stranger cannot grope his way to the hash.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(), hash);

    public override string ToString() => $"{Mark}{Prefix}_{Secret}";
}
