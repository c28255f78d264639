using System.Buffers.Binary;

namespace Notary.Letters.Pictures;

/// <summary>Reads a PNG (ISO/IEC 15948) as screens are written: 8 bits, RGB, not interlaced.</summary>
internal static class PngReader
{
    /// <summary>Pixels across or down, and in all: a screen's, and what may be unfolded of a stranger's.</summary>
    private const int MaxSide = 8192, MaxPixels = 16 << 20;

    private const int Bytes = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>Null when it is none.</returns>
    public static (int Width, int Height, byte[] Rgb)? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Signature))
            return null;

        var (width, height, packed) = (0, 0, new MemoryStream());
        var rest = bytes[Signature.Length..];
        while (Chunk(ref rest, out var type, out var content))
        {
            if (type.SequenceEqual("IHDR"u8))
            {
                // Depth 8, colour type 2, and the only compression and filtering there are; interlacing 0.
                if (content.Length != 13 || !content[8..].SequenceEqual((ReadOnlySpan<byte>)[8, 2, 0, 0, 0]))
                    return null;

                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                packed.Write(content);
            }
        }

        if (width is <= 0 or > MaxSide || height is <= 0 or > MaxSide || (long)width * height > MaxPixels)
            return null;

        packed.Position = 0;
        return Unfold(packed, width, height) is { } rgb ? (width, height, rgb) : null;
    }

    private static bool Chunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content)
    {
        type = content = default;
        if (rest.Length < 12 || BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length > rest.Length - 12)
            return false;

        type = rest.Slice(4, 4);
        content = rest.Slice(8, (int)length);
        rest = rest[(12 + (int)length)..];
        return true;
    }

    private static byte[]? Unfold(Stream packed, int width, int height)
    {
        var (row, rgb) = (width * Bytes, new byte[width * height * Bytes]);
        using var lines = new ZLibStream(packed, CompressionMode.Decompress);
        try
        {
            for (var y = 0; y < height; y++)
            {
                var filter = lines.ReadByte();
                var line = rgb.AsSpan(y * row, row);
                lines.ReadExactly(line);
                if (!Restore(filter, line, y == 0 ? default : rgb.AsSpan((y - 1) * row, row)))
                    return null;
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return null;
        }

        return rgb;
    }

    /// <summary>§9: each byte is a difference to a neighbour's.</summary>
    private static bool Restore(int filter, Span<byte> line, ReadOnlySpan<byte> above)
    {
        if (filter is < 0 or > 4)
            return false;

        for (var i = 0; i < line.Length; i++)
        {
            var left = i < Bytes ? 0 : line[i - Bytes];
            var (up, corner) = above.IsEmpty ? (0, 0) : (above[i], i < Bytes ? 0 : above[i - Bytes]);
            line[i] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 });
        }

        return true;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        var (a, b, c) = (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
