namespace Notary.Evidence.Draws;

/// <summary>Reads a list as an organiser holds it: whole or not at all.</summary>
/// <remarks>
/// 1. One reader cuts the stream into blocks of whole rows. 2. Every core reads blocks into chunks: texts normalised, salts and handles computed.
/// 3. Equal salts are equal ids. 4. What is left is put in the order of the handles.
/// </remarks>
public static class ListImport
{
    /// <summary>What the list is refused for as a whole.</summary>
    private const string Empty = "the list has no candidates";

    /// <param name="input">Read to its end.</param>
    /// <param name="format">CSV or NDJSON.</param>
    /// <param name="encoding">Null for UTF-8; never guessed.</param>
    /// <param name="rules">Whose groups the candidates may have.</param>
    /// <param name="secret">The list's own.</param>
    /// <param name="rows">Told how many rows were read.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ListRefusedException">Rows are refused.</exception>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: the list as a whole is.</exception>
    public static Task<PublicList> ReadAsync(
        Stream input, ListFormat format, Encoding? encoding, DrawRules rules, ListSecret secret, IProgress<long>? rows, CancellationToken cancel)
        => ReadAsync(input, format, encoding, rules, secret, ShaMany.Widest, rows, cancel);

    internal static async Task<PublicList> ReadAsync(
        Stream input, ListFormat format, Encoding? encoding, DrawRules rules, ListSecret secret, int lanes, IProgress<long>? rows, CancellationToken cancel)
    {
        rules.Check();
        await using var decoded = Decoded(input, encoding);
        var blocks = new RowBlocks(decoded ?? input, format == ListFormat.Csv);
        var (groups, columns, chunks, count) = (Groups.Of(rules), (Columns?)null, new List<CandidateChunk>(), 0L);
        var pending = new Queue<Task<CandidateChunk>>();
        try
        {
            for (var first = true; await blocks.NextAsync(cancel) is { } block; first = false)
            {
                if (first)
                    (block, columns) = Begin(block, format);

                var names = columns;
                pending.Enqueue(Task.Run(() => Read(block, new CandidateReader(names, groups, secret, lanes)), CancellationToken.None));
                if (pending.Count > 2 * Environment.ProcessorCount)
                    await TakeAsync();
            }
        }
        finally
        {
            while (pending.Count > 0)
                await TakeAsync();
        }

        if (blocks.EndlessLine > 0)
        {
            chunks.Add(new CandidateChunk(0));
            chunks[^1].Refuse(blocks.EndlessLine, Codes.RowLong);
        }

        return Finish(chunks, groups);

        async Task TakeAsync()
        {
            var chunk = await pending.Dequeue();
            chunks.Add(chunk);
            count += chunk.Handles.Count;
            rows?.Report(count);
            if (count > DrawRules.MaxCandidates)
                throw DrawJson.Bad("the list", $"has more than {DrawRules.MaxCandidates} candidates");
        }
    }

    private static Stream? Decoded(Stream input, Encoding? encoding)
    {
        if (encoding is null || encoding.CodePage == Encoding.UTF8.CodePage)
            return null;

        // What has no meaning becomes U+FFFD, which no field may hold: so it is refused with its line.
        var marking = (Encoding)encoding.Clone();
        marking.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
        return Encoding.CreateTranscodingStream(input, marking, Encoding.UTF8, leaveOpen: true);
    }

    /// <summary>Takes the byte order mark and the heading from the first block.</summary>
    private static (RowBlock Block, Columns? Columns) Begin(RowBlock block, ListFormat format)
    {
        var bytes = block.Span;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
            throw DrawJson.Bad("the list", "begins with the byte order mark of UTF-16: name that encoding");

        var start = bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? 3 : 0;
        Columns? columns = null;
        var line = block.FirstLine;
        if (format == ListFormat.Csv)
        {
            var end = bytes[start..].IndexOf((byte)'\n');
            columns = Columns.Parse(end < 0 ? bytes[start..] : bytes.Slice(start, end));
            start = end < 0 ? bytes.Length : start + end + 1;
            line++;
        }

        bytes[start..].CopyTo(block.Bytes);
        return (new RowBlock(block.Bytes, block.Length - start, line), columns);
    }

    private static CandidateChunk Read(RowBlock block, CandidateReader reader)
    {
        var chunk = reader.Read(block);
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return chunk;
    }

    private static PublicList Finish(List<CandidateChunk> chunks, byte[][] groups)
    {
        var count = chunks.Sum(c => c.Handles.Count);
        var lines = Joined(chunks, count, c => c.Lines);
        var repeated = Repeated(Joined(chunks, count, c => c.Salts), lines);
        var refused = chunks.Sum(c => c.Refused) + repeated.Count;
        if (refused > 0)
        {
            var told = chunks.SelectMany(c => c.Refusals).Concat(repeated).OrderBy(r => r.Line).Take(ListRefusedException.MostTold);
            throw new ListRefusedException([.. told], refused);
        }

        if (count == 0)
            throw new FaultException(Fault.Malformed, Empty);

        var handles = Joined(chunks, count, c => c.Handles);
        var order = Ordered(handles);
        return new PublicList(groups, Placed(order, handles), Placed(order, Joined(chunks, count, c => c.Weights)),
            Placed(order, Joined(chunks, count, c => c.Groups)), Placed(order, Joined(chunks, count, c => c.Masked)));
    }

    /// <summary>Rows whose id another row has, which stands before them.</summary>
    private static List<ListRefusal> Repeated(UInt128[] salts, int[] lines)
    {
        var found = new List<ListRefusal>();
        var (keys, order) = HandleOrder.Of(salts.Length, i => (ulong)(salts[i] >> 64));
        for (var i = 1; i < keys.Length; i++)
        {
            if (keys[i] != keys[i - 1])
                continue;

            var start = i - 1;
            while (i + 1 < keys.Length && keys[i + 1] == keys[start])
                i++;

            foreach (var same in order[start..(i + 1)].GroupBy(row => salts[row]))
            {
                var at = same.Select(row => lines[row]).Order().ToList();
                found.AddRange(at.Skip(1).Select(line => new ListRefusal(line, Codes.IdRepeated, at[0])));
            }
        }

        return found;
    }

    private static int[] Ordered(Digest[] handles)
    {
        var (keys, order) = HandleOrder.Of(handles.Length, i => handles[i].Words.A);
        for (var i = 1; i < keys.Length; i++)
        {
            // The whole handle decides where its first eight bytes do not.
            for (var at = i; at > 0 && keys[at] == keys[at - 1] && handles[order[at]] < handles[order[at - 1]]; at--)
                (order[at], order[at - 1]) = (order[at - 1], order[at]);
        }

        return order;
    }

    private static T[] Joined<T>(List<CandidateChunk> chunks, int count, Func<CandidateChunk, List<T>> part)
    {
        var (all, at) = (new T[count], 0);
        foreach (var chunk in chunks)
        {
            var list = part(chunk);
            list.CopyTo(all, at);
            at += list.Count;
            list.Clear();
            list.TrimExcess();
        }

        return all;
    }

    private static T[] Placed<T>(int[] order, T[] from)
    {
        var to = new T[from.Length];
        Parallel.For(0, (order.Length + Stretch - 1) / Stretch, part =>
        {
            for (var i = part * Stretch; i < Math.Min(order.Length, (part + 1) * Stretch); i++)
                to[i] = from[order[i]];
        });
        return to;
    }

    /// <summary>Elements moved at once by one core.</summary>
    private const int Stretch = 1 << 16;
}
