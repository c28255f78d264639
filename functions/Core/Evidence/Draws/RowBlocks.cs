namespace Notary.Evidence.Draws;

/// <summary>Whole rows, as many as fit.</summary>
/// <param name="Bytes">Of which the first <paramref name="Length"/> count.</param>
/// <param name="FirstLine">Number of the line on which it begins, from 1.</param>
internal readonly record struct RowBlock(byte[] Bytes, int Length, long FirstLine)
{
    public ReadOnlySpan<byte> Span => Bytes.AsSpan(0, Length);
}

/// <summary>Cuts a stream into blocks of whole rows, so that several cores can read one list.</summary>
/// <param name="input">UTF-8.</param>
/// <param name="quoted">Whether a line break within quotes is no row's end.</param>
/// <param name="size">Bytes of a block; no row is longer.</param>
internal sealed class RowBlocks(Stream input, bool quoted, int size = RowBlocks.Size)
{
    /// <summary>Bytes of a block unless another size is asked for.</summary>
    public const int Size = 1 << 20;

    private byte[] rest = [];
    private long line = 1;
    private bool ended;

    /// <summary>The line of a row that does not end within a block, after which nothing is read; else 0.</summary>
    public long EndlessLine { get; private set; }

    /// <summary>The next block, or null after the last. <see cref="ArrayPool{T}"/>'s, to be given back.</summary>
    public async ValueTask<RowBlock?> NextAsync(CancellationToken cancel)
    {
        if (ended)
            return null;

        var buffer = ArrayPool<byte>.Shared.Rent(size);
        rest.CopyTo(buffer, 0);
        var length = rest.Length + await input.ReadAtLeastAsync(buffer.AsMemory(rest.Length, size - rest.Length), size - rest.Length, false, cancel);
        var whole = length;
        if (length == size)
        {
            whole = Whole(buffer.AsSpan(0, length));
            if (whole == 0)
                EndlessLine = line;
        }

        ended = length < size || whole == 0;
        rest = buffer.AsSpan(whole, length - whole).ToArray();
        var block = new RowBlock(buffer, whole, line);
        line += buffer.AsSpan(0, whole).Count((byte)'\n');
        if (whole > 0)
            return block;

        ArrayPool<byte>.Shared.Return(buffer);
        return null;
    }

    /// <summary>Where the first row's line feed is, or −1.</summary>
    public static int EndOfRow(ReadOnlySpan<byte> rows, bool quoted)
    {
        if (!quoted)
            return rows.IndexOf((byte)'\n');

        for (var at = 0; ;)
        {
            var next = rows[at..].IndexOfAny((byte)'\n', (byte)'"');
            if (next < 0 || rows[at + next] == '\n')
                return next < 0 ? -1 : at + next;

            at += next + 1;
            var close = rows[at..].IndexOf((byte)'"');
            if (close < 0)
                return -1;

            at += close + 1;
        }
    }

    private int Whole(ReadOnlySpan<byte> rows)
    {
        // Without quotes the last line feed is the last row's end.
        if (!quoted || !rows.Contains((byte)'"'))
            return rows.LastIndexOf((byte)'\n') + 1;

        var whole = 0;
        while (EndOfRow(rows[whole..], quoted) is >= 0 and var end)
            whole += end + 1;

        return whole;
    }
}
