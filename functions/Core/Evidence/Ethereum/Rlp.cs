namespace Notary.Evidence.Ethereum;

/// <summary>RLP (Ethereum yellow paper, appendix B), written and read in its one canonical form.</summary>
public static class Rlp
{
    // A kilobyte of nested list prefixes would otherwise overflow the reader's stack; headers, transactions,
    // receipts and trie nodes nest at most five deep.
    private const int MaxDepth = 32;

    private const int ShortLimit = 55;

    /// <summary>The canonical encoding.</summary>
    public static byte[] Encode(RlpItem item)
    {
        var buffer = new byte[EncodedLength(item)];
        Write(item, buffer);
        return buffer;
    }

    /// <summary>The canonical encoding of a list.</summary>
    public static byte[] EncodeList(params IReadOnlyList<RlpItem> items) => Encode(RlpItem.List(items));

    /// <summary>Reads exactly one item. Anything but the canonical encoding is refused: long form where the short fits, leading zeros in a length,
    /// a prefixed single byte below 0x80, trailing bytes.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static RlpItem Decode(ReadOnlyMemory<byte> data)
    {
        var item = Read(data, 0, out var used);
        return used == data.Length ? item : throw Bad($"{data.Length - used} bytes follow the item");
    }

    internal static FaultException Bad(string why) => new(Fault.Malformed, "RLP: " + why);

    private static RlpItem Read(ReadOnlyMemory<byte> data, int depth, out int used)
    {
        if (depth > MaxDepth)
            throw Bad($"lists nest deeper than {MaxDepth}");

        if (data.IsEmpty)
            throw Bad("no bytes where an item belongs");

        var prefix = data.Span[0];
        if (prefix < 0x80)
        {
            used = 1;
            return RlpItem.Of(data[..1]);
        }

        var isList = prefix >= 0xc0;
        var (start, length) = Extent(data.Span, prefix - (isList ? 0xc0 : 0x80));
        if (length > (ulong)(data.Length - start))
            throw Bad("an item is longer than what is left");

        used = start + (int)length;
        var payload = data[start..used];
        if (isList)
            return RlpItem.List(ReadAll(payload, depth + 1));

        return payload.Length == 1 && payload.Span[0] < 0x80 ? throw Bad("a single byte below 0x80 has a prefix") : RlpItem.Of(payload);
    }

    private static List<RlpItem> ReadAll(ReadOnlyMemory<byte> payload, int depth)
    {
        var items = new List<RlpItem>();
        while (!payload.IsEmpty)
        {
            items.Add(Read(payload, depth, out var used));
            payload = payload[used..];
        }

        return items;
    }

    // kind: the prefix with 0x80 or 0xc0 taken off, 0..55 being the length itself, 56..63 how many bytes hold it.
    private static (int Start, ulong Length) Extent(ReadOnlySpan<byte> data, int kind)
    {
        if (kind <= ShortLimit)
            return (1, (ulong)kind);

        var count = kind - ShortLimit;
        if (data.Length < 1 + count)
            throw Bad("a length is cut off");

        ulong length = 0;
        foreach (var b in data.Slice(1, count))
            length = (length << 8) | b;

        return data[1] == 0 || length <= (ulong)ShortLimit ? throw Bad("a length is not in its shortest form") : (1 + count, length);
    }

    private static int EncodedLength(RlpItem item)
    {
        var payload = PayloadLength(item);
        return !item.IsList && payload == 1 && item.Bytes.Span[0] < 0x80 ? 1 : 1 + LengthOfLength(payload) + payload;
    }

    private static int PayloadLength(RlpItem item) => item.IsList ? item.Items.Sum(EncodedLength) : item.Bytes.Length;

    private static int LengthOfLength(int payload)
        => payload <= ShortLimit ? 0 : payload <= 0xff ? 1 : payload <= 0xffff ? 2 : payload <= 0xff_ffff ? 3 : 4;

    private static Span<byte> Write(RlpItem item, Span<byte> to)
    {
        var payload = PayloadLength(item);
        if (!item.IsList && payload == 1 && item.Bytes.Span[0] < 0x80)
        {
            to[0] = item.Bytes.Span[0];
            return to[1..];
        }

        var extra = LengthOfLength(payload);
        to[0] = (byte)((item.IsList ? 0xc0 : 0x80) + (extra == 0 ? payload : ShortLimit + extra));
        for (var i = 0; i < extra; i++)
            to[extra - i] = (byte)(payload >> (8 * i));

        to = to[(1 + extra)..];
        if (!item.IsList)
        {
            item.Bytes.Span.CopyTo(to);
            return to[payload..];
        }

        foreach (var child in item.Items)
            to = Write(child, to);

        return to;
    }
}
