namespace Notary.Evidence;

/// <summary>Reads tile paths; a path that a client made up must not reach storage unless it has the one right spelling.</summary>
internal static class TilePaths
{
    /// <summary>Characters: seven elements of an index below 2⁶³ and the rest need fewer.</summary>
    private const int MaxPath = 64;

    public static bool TryParse(string path, out TileName tile)
    {
        tile = default;
        if (path.Length > MaxPath || !path.StartsWith("tile/", StringComparison.Ordinal))
            return false;

        var rest = path.AsSpan("tile/".Length);
        var slash = rest.IndexOf('/');
        if (slash < 1)
            return false;

        var level = Tiles.EntriesLevel;
        if (!rest[..slash].SequenceEqual("entries") && !Decimal(rest[..slash], 63, out level))
            return false;

        rest = rest[(slash + 1)..];
        var width = Tiles.FullWidth;
        if (rest.IndexOf(".p/") is >= 0 and var p)
        {
            if (!Decimal(rest[(p + 3)..], 255, out width) || width == 0)
                return false;

            rest = rest[..p];
        }

        if (!Index(rest, out var index))
            return false;

        tile = new TileName(level, index, width);
        return tile.ToString() == path;
    }

    private static bool Index(ReadOnlySpan<char> text, out long index)
    {
        index = 0;
        foreach (var range in text.Split('/'))
        {
            var element = text[range];
            var last = range.End.GetOffset(text.Length) == text.Length;
            if (!last && (element.IsEmpty || element[0] != 'x'))
                return false;

            var digits = last ? element : element[1..];
            if (digits.Length != 3 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                || index > (long.MaxValue - value) / 1000)
            {
                return false;
            }

            index = (index * 1000) + value;
        }

        return true;
    }

    private static bool Decimal(ReadOnlySpan<char> text, int max, out int value)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max && (text.Length == 1 || text[0] != '0');
}
