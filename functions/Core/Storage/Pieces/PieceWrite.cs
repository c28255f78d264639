using System.Collections.Concurrent;
using System.IO.Hashing;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Storage;

/// <summary>An original that is written in pieces, each of which another process can go on from.</summary>
/// <remarks>
/// 1. The source is read in order, a block at a time. 2. Each block is hashed, in order, and beside that encrypted and staged, several at once.
/// 3. At a piece's end, once all up to it is staged, how far it has come is saved. 4. The last piece commits the blocks, after <c>accept</c> has agreed.
/// A write's blocks have names of its own, so that of two that write the same original none takes the other's blocks for its own.
/// </remarks>
public sealed class PieceWrite : IDisposable
{
    /// <summary>Of a blob, by the service.</summary>
    private const int MaxBlocks = 50_000;

    /// <summary>64 MiB: two dozen of such buffers would be the memory of an instance. It bounds an original at 3 TiB.</summary>
    private const int MaxRegionsOfBlock = 16;

    private readonly RegionKey key;
    private readonly PieceProgress begun;
    private readonly PieceSource source;
    private readonly ConcurrentStack<byte[]> plains = [];
    private readonly ConcurrentStack<byte[]> ciphers = [];

    private PieceWrite(PieceProgress begun, RegionKey key, PieceSource source) => (this.begun, this.key, this.source) = (begun, key, source);

    /// <summary>The blob that it makes.</summary>
    public string Name => begun.Name;

    /// <summary>Where it goes on, in bytes.</summary>
    public long Offset => begun.Offset;

    /// <summary>Buffers that it has made and that are at rest.</summary>
    internal int Buffers => plains.Count + ciphers.Count;

    internal string Encryption => begun.Encryption;

    internal string Write => begun.Write.ToString("N");

    internal static PieceWrite Resume(PieceProgress progress, RegionKey key, PieceSource source) => new(progress, key, source);

    /// <exception cref="FaultException">TooLarge.</exception>
    internal static PieceWrite Begin(string name, RegionKey key, PieceSource source, int blockBytes)
    {
        var least = (int)Math.Min(int.MaxValue, (source.Size + ((long)MaxBlocks * RegionKey.RegionBytes) - 1) / ((long)MaxBlocks * RegionKey.RegionBytes));
        var regions = Math.Max(least, Math.Max(1, blockBytes / RegionKey.RegionBytes));
        return least > MaxRegionsOfBlock
            ? throw new FaultException(Fault.TooLarge, $"an original has at most {(long)MaxBlocks * MaxRegionsOfBlock * RegionKey.RegionBytes} bytes")
            : new(new PieceProgress(name, source.Version, source.Size, Guid.NewGuid(), key.Description, regions * RegionKey.RegionBytes, 0,
                new SuspendableSha256().Suspend(), 0), key, source);
    }

    /// <summary>Reads, hashes, encrypts and stages what is left.</summary>
    /// <returns>What it is, and the names of all its blocks.</returns>
    internal async Task<(StoredOriginal Stored, IReadOnlyList<string> Blocks)> StageAsync(
        BlockBlobClient blob, int concurrency, long pieceBytes, Func<byte[], CancellationToken, Task> save, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var flights = new Queue<Flight>();
        var hash = new Hash(SuspendableSha256.Resume(begun.Sha256, begun.Offset), begun.Crc32);
        var (hashing, next) = (Task.CompletedTask, NextPiece(begun.Offset));
        try
        {
            await using var content = await source.OpenAsync(begun.Offset, stop.Token);
            for (var offset = begun.Offset; offset < source.Size;)
            {
                // 1.
                var length = (int)Math.Min(begun.BlockBytes, source.Size - offset);
                var plain = Rent(plains, begun.BlockBytes);
                await content.ReadExactlyAsync(plain.AsMemory(0, length), stop.Token);

                // 2.
                var number = offset / begun.BlockBytes;
                offset += length;
                var mark = offset >= next && offset < source.Size;
                if (mark)
                    next = NextPiece(offset);

                var hashed = HashAsync(hashing, hash, plain.AsMemory(0, length), mark ? offset : null);
                hashing = hashed;
                flights.Enqueue(new Flight(SendAsync(blob, number, plain, length, hashed, stop.Token), hashed));
                if (flights.Count >= concurrency)
                    await LandAsync(flights.Dequeue());
            }

            while (flights.TryDequeue(out var flight))
                await LandAsync(flight);
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll([hashing, .. flights.Select(flight => flight.Sent)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        var count = (source.Size + begun.BlockBytes - 1) / begun.BlockBytes;
        return (new StoredOriginal(hash.Sha.Finish(), source.Size, hash.Crc), [.. Enumerable.Range(0, (int)count).Select(n => BlockName(n))]);

        // 3.
        async Task LandAsync(Flight flight)
        {
            await flight.Sent;
            if (await flight.Hashed is { } progress)
                await save(progress.ToBytes(key), stop.Token);
        }

        long NextPiece(long from) => ((from / pieceBytes) + 1) * pieceBytes;
    }

    public void Dispose() => key.Dispose();

    /// <summary>After the one before.</summary>
    private Task<PieceProgress?> HashAsync(Task before, Hash hash, ReadOnlyMemory<byte> plain, long? mark) => Task.Run(async () =>
    {
        await before;
        hash.Append(plain.Span);
        return mark is { } offset ? begun with { Offset = offset, Sha256 = hash.Sha.Suspend(), Crc32 = hash.Crc } : null;
    });

    private async Task SendAsync(BlockBlobClient blob, long number, byte[] plain, int length, Task hashed, CancellationToken cancel)
    {
        var cipher = Rent(ciphers, RegionKey.Encrypted(begun.BlockBytes));
        var written = await Task.Run(() => key.Encrypt(number * (begun.BlockBytes / RegionKey.RegionBytes), plain.AsSpan(0, length), cipher), cancel);
        try
        {
            using var body = new MemoryStream(cipher, 0, written, writable: false);
            await blob.StageBlockAsync(BlockName(number), body, cancellationToken: cancel);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }

        await hashed;
        ciphers.Push(cipher);
        plains.Push(plain);
    }

    /// <summary>One that is used again, of those of its length: as many as blocks were ever on their way at once.</summary>
    private static byte[] Rent(ConcurrentStack<byte[]> buffers, int length)
        => buffers.TryPop(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(length);

    private string BlockName(long number)
    {
        Span<byte> name = stackalloc byte[20];
        begun.Write.TryWriteBytes(name);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(name[16..], (int)number);
        return Convert.ToBase64String(name);
    }

    private sealed record Flight(Task Sent, Task<PieceProgress?> Hashed);

    private sealed class Hash(SuspendableSha256 sha, uint crc)
    {
        public SuspendableSha256 Sha { get; } = sha;

        public uint Crc { get; private set; } = crc;

        public void Append(ReadOnlySpan<byte> plain)
        {
            Sha.Append(plain);
            Crc = Crc32Join.Join(Crc, Crc32.HashToUInt32(plain), plain.Length);
        }
    }
}
