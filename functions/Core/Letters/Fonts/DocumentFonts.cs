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

/// <summary>One character ready to set. <paramref name="Width"/> is in thousandths of the font size.</summary>
internal readonly record struct Glyph(int CodePoint, ushort Code, Face Face, int Width);

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

    private static readonly TrueTypeFont Font = Load("NotoSansSC-Regular.ttf");

    // Rare on letters of this office, and 3 MB: read when a name first needs it.
    private static readonly Lazy<TrueTypeFont> Fallback = new(() => Load("NotoSans-Fallback.ttf"));
    private static readonly FontSubset SharedSubset = MakeShared();
    private static readonly Typeface SharedFace = new(SharedSubset, CompressionLevel.SmallestSize);
    private static readonly Glyph[] SharedGlyphs = MakeGlyphs();

    // Most of a letter's text is fixed wording: set once per process.
    private static readonly FrozenDictionary<string, Glyph[]> Fixed
        = Wording.Texts.Distinct().ToFrozenDictionary(t => t, t => new DocumentFonts().ShapeAnew(t), StringComparer.Ordinal);

    private readonly FontSubset own = new(Font);

    /// <summary>Whether <see cref="Face.Own"/> is in use.</summary>
    public bool HasOwn => own.CodePoints.Count > 0;

    /// <summary>Characters of a text, composed, in their order. Nothing is dropped or reordered. The array is shared: not to be changed.</summary>
    public Glyph[] Shape(string text) => Fixed.TryGetValue(text, out var glyphs) ? glyphs : ShapeAnew(Composition.Compose(text));

    private Glyph[] ShapeAnew(string text)
    {
        var glyphs = new Glyph[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            int point = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                point = char.ConvertToUtf32(text[i], text[i + 1]);
                i++;
            }

            glyphs[count++] = Find(point);
        }

        return count == glyphs.Length ? glyphs : glyphs[..count];
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

    private static TrueTypeFont Load(string name)
    {
        using var resource = typeof(DocumentFonts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException("the font is not in the assembly");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return new TrueTypeFont(bytes);
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
