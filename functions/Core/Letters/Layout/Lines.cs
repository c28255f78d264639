namespace Notary.Letters.Layout;

/// <summary>Breaks a text into lines: between words and between Chinese characters, keeping closing marks off a line's start and opening
/// marks off its end.</summary>
internal static class Lines
{
    private const string NotFirst = "、。，．：；？！）》」』】〉〕”’…%,.;:?!)]}％";
    private const string NotLast = "（《「『【〈〔“‘([{";
    private const string VowelsAfter = "ะาๅະາ";
    private const string VowelsBefore = "เแโใไເແໂໃໄ";
    private const string BreakAfter = "-/_?\u0F0B"; // the last ends a Tibetan syllable

    /// <summary>How far letters reach that every leading has room for, thousandths of the size.</summary>
    private const int UsualTop = 1000;
    private const int UsualDepth = 340;

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
            while (used > limit && text[i].CodePoint != ' ' && (chance > start ? chance : Whole(text, i)) is var end && end > start)
            {
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

    /// <summary>What stacked letters need above and below their line besides its leading, points.</summary>
    public static (double Above, double Below) Beyond(ReadOnlySpan<Glyph> line, Style style)
    {
        var (above, below) = (0, 0);
        foreach (var glyph in line)
            (above, below) = (Math.Max(above, glyph.Top - UsualTop), Math.Max(below, glyph.Depth - UsualDepth));

        return (above * style.Size / 1000, below * style.Size / 1000);
    }

    /// <summary>Height of a line, points.</summary>
    public static double Height(ReadOnlySpan<Glyph> line, Style style)
    {
        var (above, below) = Beyond(line, style);
        return above + style.Leading + below;
    }

    /// <summary>Where what is drawn as one with a character starts, and the vowels that Thai and Lao write beside it.</summary>
    private static int Whole(ReadOnlySpan<Glyph> text, int at)
    {
        for (var vowels = 2; at > 0 && (text[at].Inside || ((Is(VowelsAfter, text[at]) || Is(VowelsBefore, text[at - 1])) && vowels-- > 0));)
            at--;

        return at;
    }

    private static bool MayBreak(Glyph before, Glyph after)
    {
        if (after.Inside || after.CodePoint == ' ' || Is(NotFirst, after) || Is(NotLast, before))
            return false;

        return before.CodePoint == ' ' || before.CodePoint >= FirstCjk || after.CodePoint >= FirstCjk
            || before.Face == Face.Framed || after.Face == Face.Framed || Is(BreakAfter, before);
    }

    private static bool Is(string set, Glyph glyph) => glyph.CodePoint < 0x10000 && set.Contains((char)glyph.CodePoint, StringComparison.Ordinal);
}
