using System.Buffers.Text;

namespace Notary.Identity.People;

/// <summary>256 random bits that open something. Only their SHA-256 is kept: there is no dictionary to try.</summary>
internal readonly struct Secret
{
    private const int Bytes = 32;

    private readonly byte[] bytes;

    private Secret(byte[] bytes) => this.bytes = bytes;

    public static Secret New() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>A secret that is made again from what it was made from before, such as an operator's repeated request.</summary>
    /// <param name="bytes">32 bytes that nobody else can compute.</param>
    public static Secret Of(byte[] bytes) => bytes.Length == Bytes ? new(bytes) : throw new ArgumentException($"a secret has {Bytes} bytes", nameof(bytes));

    /// <summary>Reads base64url in its one spelling.</summary>
    public static bool TryParse(string text, out Secret secret)
    {
        secret = default;
        var decoded = new byte[Bytes];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out var length) != OperationStatus.Done
            || length != Bytes || Base64Url.EncodeToString(decoded) != text)
            return false;

        secret = new(decoded);
        return true;
    }

    /// <summary>What is kept.</summary>
    public byte[] Hash() => SHA256.HashData(bytes);

    /// <summary>Constant in time, so that a stranger cannot grope his way to the hash.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(), hash);

    /// <summary>A value for one purpose that only a holder of the secret can compute.</summary>
    public byte[] Derive(string purpose) => HMACSHA256.HashData(bytes, Encoding.UTF8.GetBytes(purpose));

    /// <summary>Base64url, 43 characters.</summary>
    public override string ToString() => Base64Url.EncodeToString(bytes);
}
