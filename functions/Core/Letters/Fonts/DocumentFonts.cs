using System.Collections.Frozen;

namespace Notary.Letters.Fonts;

/// <summary>How one character is shown.</summary>
internal enum Face : byte
{
    /// <summary>In the subset that every letter shares.</summary>
    Shared,

    /// <summary>In the subset of this letter's own characters.</summary>
    Own,

    /// <summary>As its code point in a frame: the font cannot draw it, or it would be drawn as nothing or as something else.</summary>
    Framed,
}

/// <summary>One character ready to set.</summary>
/// <param name="CodePoint">The character.</param>
/// <param name="Code">Its code in the subset.</param>
/// <param name="Face">Which subset.</param>
/// <param name="Width">Thousandths of the font size.</param>
/// <param name="Level">Odd when it is read from right to left (UAX #9).</param>
/// <param name="Inside">Drawn by the outline of one before it, which a line's end must not part from it.</param>
/// <param name="Top">How high it reaches, thousandths of the size, where that may be beyond its line.</param>
/// <param name="Depth">How deep it reaches.</param>
internal readonly record struct Glyph(
    int CodePoint, ushort Code, Face Face, int Width, byte Level = 0, bool Inside = false, short Top = 0, short Depth = 0);

/// <summary>
/// The fonts of one letter: a subset with the letter's fixed wording, made and compressed once per process, and a second
/// small one with whatever characters this letter's names bring.
/// </summary>
internal sealed class DocumentFonts
{
    /// <summary>Size of a framed code point against the text around it.</summary>
    public const double FrameScale = 0.66;

    /// <summary>Space between frame and code point, and between frame and neighbour, in thousandths of the font size.</summary>
    public const int FramePadding = 120;

    private static readonly TrueTypeFont Font = new(Resource("NotoSansSC-Regular.ttf"));

    // Rare on letters of this office, and 3 MB: read when a name first needs it.
    private static readonly Lazy<TrueTypeFont> Fallback = new(() => new(Resource("NotoSans-Fallback.ttf")));
    private static readonly FontSubset SharedSubset = MakeShared();
    private static readonly Typeface SharedFace = new(SharedSubset, CompressionLevel.SmallestSize);
    private static readonly Glyph[] SharedGlyphs = MakeGlyphs();

    // Most of a letter's text is fixed wording: set once per process.
    private static readonly FrozenDictionary<string, Glyph[]> Fixed
        = Wording.Texts.Distinct().ToFrozenDictionary(t => t, t => new DocumentFonts().ShapeAnew(t), StringComparer.Ordinal);

    private readonly FontSubset own = new(Font);

    /// <summary>Whether <see cref="Face.Own"/> is in use.</summary>
    public bool HasOwn => own.CodePoints.Count > 0;

    /// <summary>Characters of a text, composed, in the order in which they were typed. Nothing is dropped. The array is shared: not to be changed.</summary>
    public Glyph[] Shape(string text) => Fixed.TryGetValue(text, out var glyphs) ? glyphs : ShapeAnew(Composition.Compose(text));

    private Glyph[] ShapeAnew(string text)
    {
        var points = new int[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            int point = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                point = char.ConvertToUtf32(text[i], text[i + 1]);
                i++;
            }

            points[count++] = point;
        }

        if (count < points.Length)
            points = points[..count];

        var glyphs = Array.ConvertAll(points, Find);
        if (Array.Exists(glyphs, g => g.Face == Face.Framed))
            SetScripts(points, glyphs);

        return glyphs;
    }

    /// <summary>Sets what neither font draws with the fonts of scripts, and the whole in the order in which it is read.</summary>
    private void SetScripts(int[] points, Glyph[] glyphs)
    {
        var fonts = new ScriptFont?[points.Length];
        for (var i = 0; i < fonts.Length; i++)
            fonts[i] = glyphs[i].Face == Face.Framed ? ScriptFont.Of(points[i], i > 0 ? fonts[i - 1] : null, Deceives(points[i])) : null;

        for (var i = 0; i < fonts.Length; i++)
        {
            if (fonts[i] is { } font && !font.Draws(points[i])
                && !font.Changes(points, i, Array.FindLastIndex(fonts, i, f => f != font) + 1, Array.FindIndex(fonts, i, f => f != font)))
                fonts[i] = null;
        }

        if (Array.TrueForAll(fonts, f => f is null))
            return;

        var levels = Bidi.Levels(points, [.. glyphs.Zip(fonts, (glyph, font) => glyph.Face == Face.Framed && font is null)]);
        for (var i = 0; i < glyphs.Length; i++)
            glyphs[i] = levels[i] % 2 == 0 ? glyphs[i] with { Level = levels[i] } : Mirrored(glyphs[i]) with { Level = levels[i] };

        for (int i = 0, end; i < fonts.Length; i = end)
        {
            end = i + 1;
            if (fonts[i] is not { } font)
                continue;

            while (end < fonts.Length && fonts[end] == font && levels[end] == levels[i])
                end++;

            SetRun(font, points, i, end, glyphs);
        }
    }

    private void SetRun(ScriptFont font, int[] points, int start, int end, Glyph[] glyphs)
    {
        var rightToLeft = glyphs[start].Level % 2 != 0;
        var clusters = font.Shape(points, start, end, rightToLeft);
        for (var c = 0; c < clusters.Count; c++)
        {
            var cluster = clusters[c];
            var count = (c + 1 < clusters.Count ? clusters[c + 1].Start : end) - cluster.Start;
            if (!(cluster.Shows || (cluster.Pieces.Length == 0 && !Array.Exists(points[cluster.Start..(cluster.Start + count)], font.Draws))))
                continue;

            // The first character draws all of the cluster, and each takes its share of the width: a code of its own for every character,
            // from which any reader gets the text as it was typed.
            var shift = rightToLeft ? cluster.Width - (cluster.Width / count) : 0;
            for (var i = 0; i < count; i++)
            {
                var width = (cluster.Width * (i + 1) / count) - (cluster.Width * i / count);
                Piece[] pieces = i > 0 ? [] : shift == 0 ? cluster.Pieces : Array.ConvertAll(cluster.Pieces, p => p with { X = p.X - shift });
                var at = cluster.Start + i;
                glyphs[at] = Drawn(points[at], font.Outlines, pieces, width) with
                {
                    Level = glyphs[at].Level,
                    Inside = i > 0,
                    Top = (short)cluster.Top,
                    Depth = (short)cluster.Depth,
                };
            }
        }
    }

    private Glyph Mirrored(Glyph glyph)
        => glyph.Face != Face.Framed && Bidi.Mirror(glyph.CodePoint) is var other && other != glyph.CodePoint && FontOf(other) is { } font
            ? Drawn(glyph.CodePoint, font, [new Piece(font.Glyph(other), 0, 0)], font.Advance(font.Glyph(other)))
            : glyph;

    private Glyph Drawn(int point, TrueTypeFont font, Piece[] pieces, int advance)
    {
        var code = own.Code(point, font, pieces, advance);
        return new Glyph(point, (ushort)code, Face.Own, own.Width(code));
    }

    /// <summary>The code points of the frame's text: <c>U+</c> and at least four digits.</summary>
    public static string FrameText(int codePoint) => "U+" + codePoint.ToString("X4", CultureInfo.InvariantCulture);

    /// <summary>Width of a framed code point with the space around it, in thousandths of the font size.</summary>
    public static int FrameWidth(int codePoint)
        => (int)(FrameText(codePoint).Sum(digit => SharedGlyphs[digit].Width) * FrameScale) + (4 * FramePadding);

    /// <summary>Character code of an ASCII character in <see cref="Face.Shared"/>.</summary>
    public static int SharedCode(char ascii) => SharedGlyphs[ascii].Code;

    /// <summary>Writes both fonts; the second only when used.</summary>
    public void Write(PdfWriter pdf, int shared, int? ownNumber)
    {
        SharedFace.Write(pdf, shared);
        if (ownNumber is { } number)
            new Typeface(own, CompressionLevel.Fastest).Write(pdf, number);
    }

    private Glyph Find(int point)
    {
        if (point < SharedGlyphs.Length && SharedGlyphs[point].CodePoint != 0)
            return SharedGlyphs[point];

        if (Deceives(point) || FontOf(point) is not { } font)
            return new Glyph(point, 0, Face.Framed, FrameWidth(point));

        var code = own.Code(point, font);
        return new Glyph(point, (ushort)code, Face.Own, own.Width(code));
    }

    private static TrueTypeFont? FontOf(int point) => Font.Glyph(point) != 0 ? Font : Fallback.Value.Glyph(point) != 0 ? Fallback.Value : null;

    // Characters that draw nothing, reverse what follows or sit on their neighbour let one name pass for another.
    private static bool Deceives(int point) => point is not (' ' or 0x3000) && CharUnicodeInfo.GetUnicodeCategory(point) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark;

    /// <summary>A font file that the assembly carries.</summary>
    public static byte[] Resource(string name)
    {
        using var resource = typeof(DocumentFonts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException("the font is not in the assembly");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private static FontSubset MakeShared()
    {
        var subset = new FontSubset(Font);
        for (var ascii = 0x20; ascii < 0x7f; ascii++)
            subset.Code(ascii, Font);

        foreach (var rune in string.Concat(Wording.Texts).EnumerateRunes())
        {
            if (Font.Glyph(rune.Value) == 0)
                throw new InvalidOperationException($"the font lacks U+{rune.Value:X4}, which the letter's wording needs");

            subset.Code(rune.Value, Font);
        }

        return subset;
    }

    private static Glyph[] MakeGlyphs()
    {
        var glyphs = new Glyph[SharedSubset.CodePoints.Max() + 1];
        foreach (var point in SharedSubset.CodePoints)
        {
            var code = SharedSubset.Code(point, Font);
            glyphs[point] = new Glyph(point, (ushort)code, Face.Shared, SharedSubset.Width(code));
        }

        return glyphs;
    }
}
