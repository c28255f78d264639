namespace Notary.Letters.Pictures;

/// <summary>A small picture as it stands in the PDF.</summary>
public sealed class LetterPicture
{
    /// <summary>Bytes of a picture that is looked at: a screen of four million pixels, packed.</summary>
    public const int MaxSource = 16 << 20;

    /// <summary>Bytes of a JPEG that is taken as it is: a thumbnail's.</summary>
    private const int MaxJpeg = 256 << 10;

    /// <summary>Pixels across of what is made smaller: at a page's third, what printers show.</summary>
    private const int MostAcross = 400;

    private LetterPicture(byte[] data, int width, int height, string entries)
        => (Data, Width, Height, Entries, Digest) = (data, width, height, entries, Digest.Of(data));

    /// <summary>SHA-256 of the bytes in the PDF.</summary>
    public Digest Digest { get; }

    internal byte[] Data { get; }

    internal int Width { get; }

    internal int Height { get; }

    /// <summary>Of its dictionary: how the bytes are read.</summary>
    internal string Entries { get; }

    /// <summary>A PNG made smaller, or a small JPEG as it is. Equal bytes give equal pictures, given the same zlib.</summary>
    /// <returns>Null for any other bytes.</returns>
    public static LetterPicture? Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSource)
            return null;

        if (JpegHead.Read(bytes) is var (width, height, colors) && bytes.Length <= MaxJpeg)
            return new LetterPicture(bytes.ToArray(), width, height,
                $"/ColorSpace /{(colors == 3 ? "DeviceRGB" : "DeviceGray")} /BitsPerComponent 8 /Filter /DCTDecode");

        if (PngReader.Read(bytes) is not { } png)
            return null;

        var (across, down, small) = Smaller(png.Width, png.Height, png.Rgb);
        return new LetterPicture(PdfWriter.Deflate(small, CompressionLevel.Optimal), across, down,
            "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode");
    }

    /// <summary>Each pixel is the mean of a square of the original's.</summary>
    private static (int Width, int Height, byte[] Rgb) Smaller(int width, int height, byte[] rgb)
    {
        var side = (width + MostAcross - 1) / MostAcross;
        var (across, down) = ((width + side - 1) / side, (height + side - 1) / side);
        var small = new byte[across * down * 3];
        for (var y = 0; y < down; y++)
        {
            for (var x = 0; x < across; x++)
            {
                var (right, bottom) = (Math.Min(width, (x + 1) * side), Math.Min(height, (y + 1) * side));
                var (red, green, blue, count) = (0, 0, 0, (right - (x * side)) * (bottom - (y * side)));
                for (var v = y * side; v < bottom; v++)
                {
                    for (var at = ((v * width) + (x * side)) * 3; at < ((v * width) + right) * 3; at += 3)
                        (red, green, blue) = (red + rgb[at], green + rgb[at + 1], blue + rgb[at + 2]);
                }

                var to = ((y * across) + x) * 3;
                (small[to], small[to + 1], small[to + 2]) = ((byte)(red / count), (byte)(green / count), (byte)(blue / count));
            }
        }

        return (across, down, small);
    }
}
