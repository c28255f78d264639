namespace Notary.Letters.Pictures;

/// <summary>Size and colours of a JPEG (ITU-T T.81, B.2), as far as PDF readers show it: 8 bits, one or three colours.</summary>
internal static class JpegHead
{
    /// <summary>Pixels across or down: more is no thumbnail.</summary>
    private const int MaxSide = 4096;

    public static (int Width, int Height, int Colors)? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) || !bytes.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]))
            return null;

        for (var at = 2; at + 9 < bytes.Length && bytes[at] == 0xFF;)
        {
            var length = (bytes[at + 2] << 8) | bytes[at + 3];

            // Baseline, extended, progressive: SOF0 to SOF2.
            if (bytes[at + 1] is 0xC0 or 0xC1 or 0xC2)
            {
                var (height, width, colors) = ((bytes[at + 5] << 8) | bytes[at + 6], (bytes[at + 7] << 8) | bytes[at + 8], bytes[at + 9]);
                return bytes[at + 4] == 8 && width is > 0 and <= MaxSide && height is > 0 and <= MaxSide && colors is 1 or 3 ? (width, height, colors) : null;
            }

            if (bytes[at + 1] is 0xDA or 0xD9 || length < 2)
                return null;

            at += 2 + length;
        }

        return null;
    }
}
