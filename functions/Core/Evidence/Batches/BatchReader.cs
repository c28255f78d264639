namespace Notary.Evidence.Batches;

/// <summary>Reads a batch as a partner sends it: NDJSON in UTF-8, one item a line, on all cores and in bounded memory.</summary>
public static class BatchReader
{
    /// <summary>Bytes of a block: sixteen of the longest lines, and small beside what four requests may hold together.</summary>
    private const int BlockBytes = 256 * 1024;

    /// <summary>Blocks at once: above this a request gains nothing, since hashing is no longer what it waits for.</summary>
    private const int MaxAtOnce = 4;

    /// <summary>Gives the chunks in order; the caller disposes of each before he asks for the next. Refused lines are in the chunks.</summary>
    public static async IAsyncEnumerable<ItemChunk> ReadAsync(Stream input, ItemSeed seed, [EnumeratorCancellation] CancellationToken cancel)
    {
        var blocks = new Draws.RowBlocks(input, quoted: false, BlockBytes);
        var (idle, busy) = (new Stack<ItemReader>(), new Queue<(Task<ItemChunk> Chunk, ItemReader Reader)>());
        var atOnce = Math.Min(MaxAtOnce, Environment.ProcessorCount);
        try
        {
            while (await blocks.NextAsync(cancel) is { } block)
            {
                if (busy.Count > atOnce)
                    yield return await TakeAsync();

                var reader = idle.Count > 0 ? idle.Pop() : new ItemReader(seed);
                busy.Enqueue((Task.Run(() => Read(block, reader), CancellationToken.None), reader));
            }

            while (busy.Count > 0)
                yield return await TakeAsync();
        }
        finally
        {
            foreach (var (chunk, _) in busy)
                (await chunk).Dispose();
        }

        if (blocks.EndlessLine > 0)
        {
            var chunk = new ItemChunk();
            chunk.Refuse(blocks.EndlessLine, LineCodes.Long);
            yield return chunk;
        }

        async ValueTask<ItemChunk> TakeAsync()
        {
            var (chunk, reader) = busy.Dequeue();
            idle.Push(reader);
            return await chunk;
        }
    }

    private static ItemChunk Read(Draws.RowBlock block, ItemReader reader)
    {
        try
        {
            return reader.Read(block);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block.Bytes);
        }
    }
}
