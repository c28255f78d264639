namespace Notary.Storage;

/// <summary>How far a write in pieces has come: what another process needs to go on, sealed under the original's own data key.</summary>
/// <remarks>
/// Whoever changes a byte of it makes it useless: the write begins anew. Who may write to storage could make a whole one, with a key of his own, as he could
/// replace the source; whatever he does, an original that is not what its digest says is found when it is read (docs/decisions/0034).
/// </remarks>
/// <param name="Name">The blob that is written.</param>
/// <param name="Version">Of the source: its ETag.</param>
/// <param name="Size">Of the source, bytes.</param>
/// <param name="Write">Names the write, in its blocks and in the blob's metadata.</param>
/// <param name="Encryption">The data key, wrapped (<see cref="RegionKey.Description"/>).</param>
/// <param name="BlockBytes">Plaintext of a block.</param>
/// <param name="Offset">Bytes that are hashed, encrypted and staged.</param>
/// <param name="Sha256">The digest's state after them.</param>
/// <param name="Crc32">Of them.</param>
internal sealed record PieceProgress(
    string Name, string Version, long Size, Guid Write, string Encryption, int BlockBytes, long Offset, byte[] Sha256, uint Crc32)
{
    private const int SealBytes = 32;

    /// <summary>Its seal and then itself.</summary>
    public byte[] ToBytes(RegionKey key)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(this);
        return [.. key.Seal(text), .. text];
    }

    /// <returns>Null when it is damaged, of another source, or of a key that is not to be had any more.</returns>
    /// <exception cref="FaultException">VaultUnavailable.</exception>
    public static async Task<(PieceProgress Progress, RegionKey Key)?> FindAsync(
        byte[] bytes, PieceSource source, Azure.Core.Cryptography.IKeyEncryptionKeyResolver resolver, CancellationToken cancel)
    {
        RegionKey? key = null;
        try
        {
            if (bytes.Length > SealBytes
                && JsonSerializer.Deserialize<PieceProgress>(bytes.AsSpan(SealBytes)) is { Name: not null, Encryption: not null, Sha256: not null } found
                && found.Version == source.Version && found.Size == source.Size
                && (key = await RegionKey.FindAsync(found.Encryption, resolver, cancel)) is not null
                && CryptographicOperations.FixedTimeEquals(key.Seal(bytes.AsSpan(SealBytes)), bytes.AsSpan(0, SealBytes)))
            {
                var kept = key;
                key = null;
                return (found, kept);
            }
        }
        catch (Exception e) when (AuthenticatedStream.IsTampering(e) || e is FaultException { Fault: Fault.EvidenceInvalid or Fault.VaultRefused })
        {
            // The wrapped key is damaged too, or the text.
        }
        finally
        {
            key?.Dispose();
        }

        return null;
    }
}

/// <summary>What is written in pieces: the same bytes from any place on, as long as its version is the same.</summary>
/// <param name="Version">Such as its ETag.</param>
/// <param name="Size">Bytes.</param>
/// <param name="OpenAsync">Reads from a byte on, to the end.</param>
public sealed record PieceSource(string Version, long Size, Func<long, CancellationToken, Task<Stream>> OpenAsync);
