using System.Buffers.Text;

namespace Notary.Evidence.Batches;

/// <summary>What a batch's salts are derived from. It lives as long as the request: whoever had it could undo the erasure of an item
/// (docs/decisions/0006), so no salt can be derived again, and one tells nothing of another.</summary>
public sealed class ItemSeed
{
    /// <summary>Characters of a salt as items have it.</summary>
    public const int TextLength = 43;

    private readonly byte[] seed = RandomNumberGenerator.GetBytes(Digest.Size);

    /// <summary>SHA-256 of the seed and the item's number, big-endian in 8 bytes: both of one length, so that nothing can be appended.</summary>
    internal void WriteSalt(long number, Span<byte> base64Url)
    {
        Span<byte> message = stackalloc byte[Digest.Size + sizeof(long)];
        Span<byte> salt = stackalloc byte[Digest.Size];
        seed.CopyTo(message);
        BinaryPrimitives.WriteInt64BigEndian(message[Digest.Size..], number);
        SHA256.HashData(message, salt);
        Base64Url.EncodeToUtf8(salt, base64Url, out _, out _);
    }
}
