using System.Buffers.Text;

namespace Notary.Letters.Pdf;

/// <summary>A growing run of PDF syntax. Numbers and strings are written so that equal input gives equal bytes on every machine.</summary>
/// <remarks>Borrows its memory; a buffer that is not disposed only costs the pool an array.</remarks>
internal sealed class PdfBuffer(int capacity = 4096) : IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => bytes.AsSpan(0, Length);

    public PdfBuffer Add(ReadOnlySpan<byte> raw)
    {
        raw.CopyTo(Room(raw.Length));
        Length += raw.Length;
        return this;
    }

    public PdfBuffer Int(long value)
    {
        Utf8Formatter.TryFormat(value, Room(20), out var written);
        Length += written;
        return this;
    }

    /// <summary>A number of user space, to a hundredth of a point: finer than any printer, and never in exponent form (ISO 32000-1 §7.3.3).</summary>
    public PdfBuffer Num(double value)
    {
        var hundredths = (long)Math.Round(value * 100, MidpointRounding.AwayFromZero);
        if (hundredths < 0)
        {
            Add("-"u8);
            hundredths = -hundredths;
        }

        var (whole, part) = Math.DivRem(hundredths, 100);
        Int(whole);
        if (part != 0)
        {
            var room = Room(3);
            room[0] = (byte)'.';
            room[1] = (byte)('0' + (part / 10));
            room[2] = (byte)('0' + (part % 10));
            Length += part % 10 == 0 ? 2 : 3;
        }

        return this;
    }

    /// <summary>A number to a ten-thousandth, for scales.</summary>
    public PdfBuffer Precise(double value)
    {
        var parts = (long)Math.Round(value * 10_000, MidpointRounding.AwayFromZero);
        ArgumentOutOfRangeException.ThrowIfNegative(parts);
        Int(parts / 10_000).Add("."u8);
        for (var digit = 1000; digit > 0; digit /= 10)
            Int(parts / digit % 10);

        return this;
    }

    public PdfBuffer Ref(int number) => Int(number).Add(" 0 R"u8);

    /// <summary>Two bytes as four hexadecimal digits: a character code of Identity-H or a UTF-16 unit.</summary>
    public PdfBuffer Hex16(int value)
    {
        var room = Room(4);
        for (var i = 3; i >= 0; i--, value >>= 4)
            room[i] = "0123456789abcdef"u8[value & 15];

        Length += 4;
        return this;
    }

    /// <summary>Bytes as a hexadecimal string.</summary>
    public PdfBuffer Hex(ReadOnlySpan<byte> value)
    {
        Add("<"u8);
        var room = Room(value.Length * 2);
        for (var i = 0; i < value.Length; i++)
        {
            room[2 * i] = "0123456789abcdef"u8[value[i] >> 4];
            room[(2 * i) + 1] = "0123456789abcdef"u8[value[i] & 15];
        }

        Length += value.Length * 2;
        return Add(">"u8);
    }

    /// <summary>A text string (ISO 32000-1 §7.9.2.2) in UTF-16 with its mark. Hexadecimal, so nothing ever needs escaping.</summary>
    public PdfBuffer Text(string value)
    {
        Add("<feff"u8);
        foreach (var unit in value)
            Hex16(unit);

        return Add(">"u8);
    }

    /// <summary>Text that is ASCII by construction, such as a date or a number.</summary>
    public PdfBuffer Ascii(string value)
    {
        Length += Encoding.ASCII.GetBytes(value, Room(value.Length));
        return this;
    }

    /// <summary>The hexadecimal string of <paramref name="count"/> zero bytes.</summary>
    public PdfBuffer ZeroHex(int count)
    {
        Add("<"u8);
        Room(2 * count)[..(2 * count)].Fill((byte)'0');
        Length += 2 * count;
        return Add(">"u8);
    }

    public byte[] ToArray() => Span.ToArray();

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        (bytes, Length) = ([], 0);
    }

    /// <summary>Overwrites what was written before, for values known only later.</summary>
    public void Patch(int at, ReadOnlySpan<byte> value) => value.CopyTo(bytes.AsSpan(at, value.Length));

    private Span<byte> Room(int count)
    {
        if (Length + count > bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, Length + count));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        return bytes.AsSpan(Length);
    }
}
