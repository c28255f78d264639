namespace Notary.Evidence.Draws;

/// <summary>Reads <c>public.csv</c>: only what <see cref="PublicList.WriteAsync"/> would write, for these rules.</summary>
public static class PublicListReader
{
    private const string File = "public.csv";

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: anything else, with the line.</exception>
    public static async Task<PublicList> ReadAsync(Stream input, DrawRules rules, IProgress<long>? rows, CancellationToken cancel)
    {
        var blocks = new RowBlocks(input, quoted: false);
        var groupNames = Groups.Of(rules);
        var (handles, weights, groups, masked) = (new Segments<Digest>(), new Segments<byte>(), new Segments<ushort>(), new Segments<ulong>());
        while (await blocks.NextAsync(cancel) is { } block)
        {
            var (rest, line) = (block.Bytes.AsMemory(0, block.Length), block.FirstLine);
            for (; !rest.IsEmpty; line++)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var row = end < 0 ? throw Bad(line) : rest.Span[..end];
                rest = rest[(end + 1)..];
                if (line == 1)
                {
                    if (!row.SequenceEqual(Encoding.ASCII.GetBytes(PublicList.Header)))
                        throw Bad(line);

                    continue;
                }

                if (handles.Count == DrawRules.MaxCandidates || !TryRow(row, groupNames, out var handle, out var weight, out var group, out var name)
                    || (handles.Count > 0 && handles[handles.Count - 1] >= handle))
                    throw Bad(line);

                handles.Add(handle);
                weights.Add(weight);
                groups.Add(group);
                masked.Add(name);
            }

            ArrayPool<byte>.Shared.Return(block.Bytes);
            rows?.Report(handles.Count);
        }

        return blocks.EndlessLine > 0 || handles.Count == 0 ? throw Bad(Math.Max(blocks.EndlessLine, 2))
            : new PublicList(groupNames, handles.ToArray(), weights.ToArray(), groups.ToArray(), masked.ToArray());
    }

    private static bool TryRow(ReadOnlySpan<byte> row, byte[][] groupNames, out Digest handle, out byte weight, out ushort group, out ulong masked)
    {
        (handle, weight, group, masked) = (default, 0, 0, 0);
        Span<byte> hash = stackalloc byte[Digest.Size];
        const int HexLength = 2 * Digest.Size;
        if (row.Length <= HexLength || row[HexLength] != ',' || row[..HexLength].ContainsAnyInRange((byte)'A', (byte)'F')
            || Convert.FromHexString(row[..HexLength], hash, out _, out _) != OperationStatus.Done)
            return false;

        handle = new Digest(hash);
        row = row[(HexLength + 1)..];
        var (first, last) = (row.IndexOf((byte)','), row.LastIndexOf((byte)','));
        if (last <= first || !CandidateReader.TryWeight(row[..first], out var number))
            return false;

        var found = Groups.IndexOf(groupNames, row[(first + 1)..last]);
        if (found < 0)
            return false;

        (weight, group) = ((byte)number, (ushort)found);
        var name = row[(last + 1)..];
        if (name.Length > CandidateText.MaxMasked)
            return false;

        Span<byte> packed = stackalloc byte[sizeof(ulong)];
        name.CopyTo(packed);
        masked = BinaryPrimitives.ReadUInt64LittleEndian(packed);

        // What is masked already stays as it is.
        return CandidateText.Mask(name) == masked;
    }

    private static FaultException Bad(long line)
        => DrawJson.Bad(File, $"is not a public list of this draw: line {line} is not as it must be, or not behind the one before");
}
