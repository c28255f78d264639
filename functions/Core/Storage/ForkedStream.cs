using System.Threading.Channels;

namespace Notary.Storage;

/// <summary>Reads a source once and gives its bytes to two parties that work at the same time: the SDK's encrypting reader, and SHA-256.</summary>
/// <remarks>
/// 1. The pump reads the source into pooled chunks. 2. Each chunk goes to the hasher and to the reader; whoever is done
/// second returns it. 3. Both queues are bounded, so the slower one (the network) holds back the source. 4. The reader
/// sees the end only after the digest is known and <c>accept</c> has agreed: an exception there reaches the uploader
/// before it commits anything.
/// </remarks>
internal sealed class ForkedStream : ForwardStream
{
    /// <summary>Bytes of a chunk: large against the cost of passing it on.</summary>
    private const int ChunkBytes = 1024 * 1024;

    /// <summary>Chunks on the way to each party: 4 MiB of slack, bounded per upload.</summary>
    private const int QueuedChunks = 4;

    private readonly Stream source;
    private readonly Action<StoredOriginal>? accept;
    private readonly CancellationTokenSource stop;
    private readonly Channel<Chunk> toReader = Queue();
    private readonly Channel<Chunk> toHasher = Queue();
    private readonly Task pump;
    private readonly Task<(Digest Sha256, uint Crc32)> hasher;
    private Chunk? current;
    private int consumed;
    private long size;

    public ForkedStream(Stream source, Action<StoredOriginal>? accept, CancellationToken cancel)
    {
        this.source = source;
        this.accept = accept;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        pump = Task.Run(PumpAsync, CancellationToken.None);
        hasher = Task.Run(HashAsync, CancellationToken.None);
    }

    /// <summary>Digest and size, once the end was read; null before.</summary>
    public StoredOriginal? Result { get; private set; }

    /// <summary>What the source or <c>accept</c> threw, so that the caller can tell it from a failure of storage.</summary>
    public Exception? SourceFailure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Result is not null || buffer.IsEmpty)
            return 0;

        if (current is null)
        {
            if (!await toReader.Reader.WaitToReadAsync(cancellationToken) || !toReader.Reader.TryRead(out current))
            {
                await FinishAsync();
                return 0;
            }

            consumed = 0;
        }

        var count = Math.Min(buffer.Length, current.Length - consumed);
        current.Bytes.AsMemory(consumed, count).CopyTo(buffer);
        consumed += count;
        if (consumed == current.Length)
        {
            current.Release();
            current = null;
        }

        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(pump, hasher).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        current?.Release();
        current = null;
        Drain(toReader);
        Drain(toHasher);
        stop.Dispose();
        await base.DisposeAsync();
    }

    private static Channel<Chunk> Queue()
        => Channel.CreateBounded<Chunk>(new BoundedChannelOptions(QueuedChunks) { SingleReader = true, SingleWriter = true });

    private static void Drain(Channel<Chunk> queue)
    {
        while (queue.Reader.TryRead(out var chunk))
            chunk.Release();
    }

    private async Task FinishAsync()
    {
        try
        {
            // A pump that failed completed the queue early: its failure comes out here.
            await pump;
            var (sha256, crc32) = await hasher;
            var result = new StoredOriginal(sha256, size, crc32);
            accept?.Invoke(result);
            Result = result;
        }
        catch (Exception failure)
        {
            SourceFailure = failure;
            throw;
        }
    }

    private async Task PumpAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var chunk = new Chunk(ArrayPool<byte>.Shared.Rent(ChunkBytes));
                chunk.Length = await source.ReadAtLeastAsync(chunk.Bytes.AsMemory(0, ChunkBytes), ChunkBytes, throwOnEndOfStream: false, stop.Token);
                if (chunk.Length == 0)
                {
                    chunk.Release();
                    chunk.Release();
                    return;
                }

                size += chunk.Length;
                await toHasher.Writer.WriteAsync(chunk, stop.Token);
                await toReader.Writer.WriteAsync(chunk, stop.Token);
            }
        }
        catch (Exception thrown)
        {
            failure = thrown;
            throw;
        }
        finally
        {
            toHasher.Writer.Complete(failure);
            toReader.Writer.Complete();
        }
    }

    private async Task<(Digest Sha256, uint Crc32)> HashAsync()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var crc = new System.IO.Hashing.Crc32();
        await foreach (var chunk in toHasher.Reader.ReadAllAsync(stop.Token))
        {
            sha.AppendData(chunk.Bytes, 0, chunk.Length);
            crc.Append(chunk.Bytes.AsSpan(0, chunk.Length));
            chunk.Release();
        }

        return (new Digest(sha.GetHashAndReset()), crc.GetCurrentHashAsUInt32());
    }

    /// <summary>A pooled buffer with two readers. One that is never returned (a cancelled upload) is the collector's.</summary>
    private sealed class Chunk(byte[] bytes)
    {
        private int readers = 2;

        public byte[] Bytes { get; } = bytes;

        public int Length { get; set; }

        public void Release()
        {
            if (Interlocked.Decrement(ref readers) == 0)
                ArrayPool<byte>.Shared.Return(Bytes);
        }
    }
}
