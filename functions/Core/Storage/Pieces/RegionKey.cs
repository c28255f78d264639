using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Azure.Core.Cryptography;

namespace Notary.Storage;

/// <summary>The data key of one original, and the regions that it encrypts: the storage SDK's client-side encryption v2, which keeps no key for another
/// process to go on with.</summary>
/// <remarks>
/// Format: each region of 4 MiB is a nonce (12), its ciphertext and a tag (16), AES-256-GCM without associated data; the metadata <c>encryptiondata</c> says
/// so and has the wrapped key, before which stand eight bytes with the protocol's version. A nonce is four zeros and the region's number from 1,
/// little-endian: the SDK reads no other, so a region that is encrypted again after a kill has its nonce again. It must have its bytes again too: a key is
/// for one version of one source (<see cref="PieceSource"/>), and nothing is read from another.
/// </remarks>
internal sealed class RegionKey : IDisposable
{
    public const int RegionBytes = 4 * 1024 * 1024, NonceBytes = 12, TagBytes = 16;

    /// <summary>Metadata in which every SDK looks for it.</summary>
    public const string Metadata = "encryptiondata";

    private const int KeyBytes = 32, VersionBytes = 8;
    private const string Protocol = "2.0";

    private readonly byte[] key;

    private RegionKey(byte[] key, string described) => (this.key, Description) = (key, described);

    /// <summary>What <see cref="Metadata"/> says: the key, wrapped, and how.</summary>
    public string Description { get; }

    /// <summary>A new one, wrapped by <paramref name="wrapper"/>.</summary>
    public static async Task<RegionKey> MakeAsync(IKeyEncryptionKey wrapper, string algorithm, CancellationToken cancel)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var versioned = new byte[VersionBytes + KeyBytes];
        Encoding.ASCII.GetBytes(Protocol, versioned);
        key.CopyTo(versioned, VersionBytes);
        var wrapped = await wrapper.WrapKeyAsync(algorithm, versioned, cancel);
        CryptographicOperations.ZeroMemory(versioned);
        return new RegionKey(key, JsonSerializer.Serialize(new Envelope("FullBlob", new(wrapper.KeyId, wrapped, algorithm), new(Protocol, "AES_GCM_256"),
            new(RegionBytes, NonceBytes), new() { ["EncryptionLibrary"] = $"Notary.Storage ({RuntimeInformation.FrameworkDescription})" })));
    }

    /// <summary>One that was made before.</summary>
    /// <returns>Null when it is none.</returns>
    public static async Task<RegionKey?> FindAsync(string description, IKeyEncryptionKeyResolver resolver, CancellationToken cancel)
    {
        var wrapped = JsonSerializer.Deserialize<Envelope>(description)?.WrappedContentKey;
        if (wrapped is not { KeyId: not null, EncryptedKey: not null, Algorithm: not null })
            return null;

        var wrapper = await resolver.ResolveAsync(wrapped.KeyId, cancel);
        var versioned = await wrapper.UnwrapKeyAsync(wrapped.Algorithm, wrapped.EncryptedKey, cancel);
        return versioned.Length == VersionBytes + KeyBytes && versioned.AsSpan(0, Protocol.Length).SequenceEqual(Encoding.ASCII.GetBytes(Protocol))
            ? new RegionKey(versioned[VersionBytes..], description) : null;
    }

    /// <summary>Bytes of the ciphertext of so many.</summary>
    public static int Encrypted(int length) => length + ((length + RegionBytes - 1) / RegionBytes * (NonceBytes + TagBytes));

    /// <summary>Encrypts whole regions, or the last ones of a blob.</summary>
    /// <param name="region">The number of the first, from 0.</param>
    /// <param name="plain">The same bytes whenever the number is.</param>
    /// <param name="cipher">Room for <see cref="Encrypted"/>.</param>
    /// <returns>Bytes that were written to <paramref name="cipher"/>.</returns>
    public int Encrypt(long region, ReadOnlySpan<byte> plain, Span<byte> cipher)
    {
        using var aes = new AesGcm(key, TagBytes);
        var written = 0;
        for (; !plain.IsEmpty; plain = plain[Math.Min(RegionBytes, plain.Length)..])
        {
            var bytes = plain[..Math.Min(RegionBytes, plain.Length)];
            var to = cipher.Slice(written, bytes.Length + NonceBytes + TagBytes);
            to[..NonceBytes].Clear();
            BinaryPrimitives.WriteInt64LittleEndian(to[(NonceBytes - sizeof(long))..], ++region);
            aes.Encrypt(to[..NonceBytes], bytes, to.Slice(NonceBytes, bytes.Length), to[^TagBytes..]);
            written += to.Length;
        }

        return written;
    }

    /// <summary>A code over notes of the same write, under a key of their own.</summary>
    public byte[] Seal(ReadOnlySpan<byte> notes)
        => HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: "notary progress of an original"u8.ToArray()), notes);

    public void Dispose() => CryptographicOperations.ZeroMemory(key);

    private sealed record Envelope(string EncryptionMode, WrappedKey WrappedContentKey, Agent EncryptionAgent, Regions EncryptedRegionInfo,
        Dictionary<string, string> KeyWrappingMetadata);

    private sealed record WrappedKey(string KeyId, byte[] EncryptedKey, string Algorithm);

    private sealed record Agent(string Protocol, string EncryptionAlgorithm);

    private sealed record Regions(int DataLength, int NonceLength);
}
