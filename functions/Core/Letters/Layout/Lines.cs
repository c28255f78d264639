namespace Notary.Letters.Layout;

/// <summary>Breaks a text into lines: between words and between Chinese characters, keeping closing marks off a line's start and opening
/// marks off its end.</summary>
internal static class Lines
{
    private const string NotFirst = "、。，．：；？！）》」』】〉〕”’…%,.;:?!)]}％";
    private const string NotLast = "（《「『【〈〔“‘([{";
    private const string BreakAfter = "-/_";

    /// <summary>First code point of the CJK blocks, which break between any two characters.</summary>
    private const int FirstCjk = 0x2E80;

    /// <summary>Ranges of glyphs, one a line. A word wider than <paramref name="width"/> (points) is broken where it must be.</summary>
    public static List<Range> Break(ReadOnlySpan<Glyph> text, double size, double width)
    {
        var lines = new List<Range>();
        var limit = (int)(width / size * 1000);
        int start = 0, chance = 0, used = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i > start && MayBreak(text[i - 1], text[i]))
                chance = i;

            used += text[i].Width;

            // A space may hang over the edge: nothing is seen of it. Twice when what follows the chance is too wide itself.
            while (used > limit && i > start && text[i].CodePoint != ' ')
            {
                var end = chance > start ? chance : i;
                lines.Add(start..end);
                start = end;
                used = 0;
                for (var j = start; j <= i; j++)
                    used += text[j].Width;
            }
        }

        lines.Add(start..text.Length);
        return lines;
    }

    /// <summary>Width in points, without trailing spaces.</summary>
    public static double Width(ReadOnlySpan<Glyph> text, double size)
    {
        var last = text.Length;
        while (last > 0 && text[last - 1].CodePoint == ' ')
            last--;

        var width = 0;
        foreach (var glyph in text[..last])
            width += glyph.Width;

        return width * size / 1000;
    }

    private static bool MayBreak(Glyph before, Glyph after)
    {
        if (after.CodePoint == ' ' || Is(NotFirst, after) || Is(NotLast, before))
            return false;

        return before.CodePoint == ' ' || before.CodePoint >= FirstCjk || after.CodePoint >= FirstCjk
            || before.Face == Face.Framed || after.Face == Face.Framed || Is(BreakAfter, before);
    }

    private static bool Is(string set, Glyph glyph) => glyph.CodePoint < 0x10000 && set.Contains((char)glyph.CodePoint, StringComparison.Ordinal);
}
