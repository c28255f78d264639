namespace Notary.Evidence.Draws;

/// <summary>Reads a list as an organiser holds it: whole or not at all.</summary>
/// <remarks>
/// 1. One reader cuts the stream into blocks of whole rows. 2. Every core reads blocks into chunks: texts normalised, salts and handles computed.
/// 3. Equal salts are equal ids. 4. What is left is put in the order of the handles.
/// </remarks>
public static class ListImport
{
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
        var (groups, columns, found) = (Groups.Of(rules), (Columns?)null, new Found());
        var (idle, busy) = (new Stack<CandidateReader>(), new Queue<(Task<CandidateChunk> Chunk, CandidateReader Reader)>());
        try
        {
            for (var first = true; await blocks.NextAsync(cancel) is { } block; first = false)
            {
                if (first)
                    (block, columns) = Begin(block, format);

                if (busy.Count > Environment.ProcessorCount)
                    await TakeAsync();

                var reader = idle.Count > 0 ? idle.Pop() : new CandidateReader(columns, groups, secret, lanes);
                busy.Enqueue((Task.Run(() => Read(block, reader), CancellationToken.None), reader));
            }
        }
        finally
        {
            while (busy.Count > 0)
                await TakeAsync();
        }

        if (blocks.EndlessLine > 0)
            found.Refuse(blocks.EndlessLine, Codes.RowLong);

        return found.ToList(groups);

        async Task TakeAsync()
        {
            var (chunk, reader) = busy.Dequeue();
            found.Add(await chunk);
            idle.Push(reader);
            rows?.Report(found.Count);
        }
    }

    internal static Stream? Decoded(Stream input, Encoding? encoding)
    {
        if (encoding is null || encoding.CodePage == Encoding.UTF8.CodePage)
            return null;

        // What has no meaning becomes U+FFFD, which no field may hold: so it is refused with its line.
        var marking = (Encoding)encoding.Clone();
        marking.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
        return Encoding.CreateTranscodingStream(input, marking, Encoding.UTF8, leaveOpen: true);
    }

    /// <summary>Takes the byte order mark and the heading from the first block.</summary>
    internal static (RowBlock Block, Columns? Columns) Begin(RowBlock block, ListFormat format)
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

    internal static CandidateChunk Read(RowBlock block, CandidateReader reader)
    {
        var chunk = reader.Read(block);
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return chunk;
    }

    /// <summary>All that was read so far, in the list's own order.</summary>
    private sealed class Found
    {
        private readonly Segments<Digest> handles = new();
        private readonly Segments<UInt128> salts = new();
        private readonly Segments<int> lines = new();
        private readonly Segments<ulong> masked = new();
        private readonly Segments<ushort> groups = new();
        private readonly Segments<byte> weights = new();
        private readonly List<ListRefusal> refusals = [];
        private long refused;

        public int Count => handles.Count;

        public void Add(CandidateChunk chunk)
        {
            if (Count + chunk.Handles.Count > DrawRules.MaxCandidates)
                throw DrawJson.Bad("the list", $"has more than {DrawRules.MaxCandidates} candidates");

            handles.Add(chunk.Handles);
            salts.Add(chunk.Salts);
            lines.Add(chunk.Lines);
            masked.Add(chunk.Masked);
            groups.Add(chunk.Groups);
            weights.Add(chunk.Weights);
            refusals.AddRange(chunk.Refusals.Take(ListRefusedException.MostTold - refusals.Count));
            refused += chunk.Refused;
        }

        public void Refuse(long line, string code)
        {
            refusals.Add(new ListRefusal(line, code));
            refused++;
        }

        public PublicList ToList(byte[][] names)
        {
            var order = new HandleOrder(Count);
            var repeated = Repeated(order);
            if (refused + repeated.Count > 0)
            {
                var told = refusals.Concat(repeated).OrderBy(r => r.Line).Take(ListRefusedException.MostTold);
                throw new ListRefusedException([.. told], refused + repeated.Count);
            }

            if (Count == 0)
                throw DrawJson.Bad("the list", "has no candidates");

            salts.Clear();
            lines.Clear();
            order.Sort(i => handles[i].Words.A);
            var (keys, places) = (order.Keys, order.Order);
            for (var i = 1; i < keys.Length; i++)
            {
                // The whole handle decides where its first eight bytes do not.
                for (var at = i; at > 0 && keys[at] == keys[at - 1] && handles[places[at]] < handles[places[at - 1]]; at--)
                    (places[at], places[at - 1]) = (places[at - 1], places[at]);
            }

            return new PublicList(names, handles.Take(places), weights.Take(places), groups.Take(places), masked.Take(places));
        }

        /// <summary>Rows whose id another row has, which stands before them.</summary>
        private List<ListRefusal> Repeated(HandleOrder order)
        {
            order.Sort(i => (ulong)(salts[i] >> 64));
            var (keys, found) = (order.Keys, new List<ListRefusal>());
            for (var i = 1; i < keys.Length; i++)
            {
                if (keys[i] != keys[i - 1])
                    continue;

                var start = i - 1;
                while (i + 1 < keys.Length && keys[i + 1] == keys[start])
                    i++;

                foreach (var same in order.Order[start..(i + 1)].GroupBy(row => salts[row]))
                {
                    var at = same.Select(row => lines[row]).Order().ToList();
                    found.AddRange(at.Skip(1).Select(line => new ListRefusal(line, Codes.IdRepeated, at[0])));
                }
            }

            return found;
        }
    }
}
