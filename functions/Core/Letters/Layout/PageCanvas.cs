namespace Notary.Letters.Layout;

/// <summary>The content stream of one page or form: text, lines and boxes in PDF's own coordinates (origin bottom left, points).</summary>
/// <remarks>Everything drawn is either marked as content of a structure element or as an artifact (ISO 32000-1 §14.8.2).</remarks>
internal sealed class PageCanvas
{
    private readonly List<(double X, double Y, int CodePoint, Style Style)> frames = [];

    public PdfBuffer Content { get; } = new(8192);

    /// <summary>The structure element of each marked sequence, by its number.</summary>
    public List<StructNode> Marked { get; } = [];

    /// <summary>Starts content that belongs to <paramref name="node"/>.</summary>
    public void Begin(StructNode node, int page, string tag)
    {
        Content.Add("/"u8).Ascii(tag).Add(" <</MCID "u8).Int(Marked.Count).Add(">> BDC\n"u8);
        node.AddContent(page, Marked.Count);
        Marked.Add(node);
    }

    /// <summary>Starts what a reader may skip: rules, page numbers, repeated heads.</summary>
    public void BeginArtifact(bool pagination = false)
        => Content.Add(pagination ? "/Artifact <</Type /Pagination>> BDC\n"u8 : "/Artifact BMC\n"u8);

    public void End()
    {
        Content.Add("EMC\n"u8);
        if (frames.Count == 0)
            return;

        BeginArtifact();
        foreach (var (x, y, point, style) in frames)
            Frame(x, y, point, style);

        frames.Clear();
        Content.Add("EMC\n"u8);
    }

    /// <summary>One line of text with its baseline at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public void Text(ReadOnlySpan<Glyph> text, double x, double y, Style style)
    {
        Content.Add("BT "u8);
        Fill(style.Ink);
        if (style.Tracking != 0)
        {
            // Readers take wide spacing for blanks; the actual text keeps the words whole (ISO 32000-1 §14.9.4).
            Content.Add("/Span <</ActualText "u8).Text(string.Concat(text.ToArray().Select(g => char.ConvertFromUtf32(g.CodePoint)))).Add(">> BDC "u8)
                .Num(style.Tracking).Add(" Tc "u8);
        }

        var places = Places(text, x, style);
        var prefix = style.Grouped && text is [{ CodePoint: '0' }, { CodePoint: 'x' }, ..] ? 2 : 0;
        for (var i = 0; i < text.Length;)
        {
            var face = text[i].Face;
            var run = Run(text[i..]);
            x = places is null ? x : places[i];
            if (style.Grouped)
            {
                // Every second group in another ink: a gap that the eye takes for a blank, a program would too.
                var group = Math.Max(0, i - prefix) / Style.Digits;
                run = Math.Min(run, prefix + ((group + 1) * Style.Digits) - i);
                x += i > prefix ? style.Size * Style.Gap / 1000 : 0;
                Fill(group % 2 == 0 ? style.Ink : Ink.Slate);
            }

            if (face == Face.Framed)
            {
                Framed(text[i], x, y, style);
            }
            else
            {
                Content.Add(face == Face.Shared ? "/F1 "u8 : "/F2 "u8).Num(style.Size).Add(" Tf 1 0 0 1 "u8).Num(x).Add(" "u8).Num(y).Add(" Tm <"u8);
                foreach (var glyph in text.Slice(i, run))
                    Content.Hex16(glyph.Code);

                Content.Add("> Tj "u8);
            }

            foreach (var glyph in text.Slice(i, run))
                x += (glyph.Width * style.Size / 1000) + style.Tracking;

            i += run;
        }

        if (style.Tracking != 0)
            Content.Add("0 Tc EMC "u8);

        Content.Add("ET\n"u8);
    }

    /// <summary>A text of the fixed wording, in one line that rises by 45 degrees, its middle at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public void Rising(ReadOnlySpan<Glyph> text, double x, double y, double size, Ink ink)
    {
        var slope = Math.Sqrt(0.5);
        var (along, below) = (Lines.Width(text, size) / 2, 0.36 * size); // half of its length, and of a Han character's height over the baseline
        Content.Add("BT "u8);
        Fill(ink);
        Content.Add("/F1 "u8).Num(size).Add(" Tf "u8).Num(slope).Add(" "u8).Num(slope).Add(" "u8).Num(-slope).Add(" "u8).Num(slope).Add(" "u8)
            .Num(x - ((along - below) * slope)).Add(" "u8).Num(y - ((along + below) * slope)).Add(" Tm <"u8);
        foreach (var glyph in text)
            Content.Hex16(glyph.Code);

        Content.Add("> Tj ET\n"u8);
    }

    /// <summary>A horizontal rule.</summary>
    public void Rule(double x, double y, double width, double weight, Ink ink)
    {
        Stroke(ink);
        Content.Num(weight).Add(" w "u8).Num(x).Add(" "u8).Num(y).Add(" m "u8).Num(x + width).Add(" "u8).Num(y).Add(" l S\n"u8);
    }

    /// <summary>A box's outline.</summary>
    public void Box(double x, double y, double width, double height, double weight, Ink ink)
    {
        Stroke(ink);
        Content.Num(weight).Add(" w "u8);
        Rectangle(x, y, width, height);
        Content.Add("S\n"u8);
    }

    /// <summary>A filled box.</summary>
    public void Area(double x, double y, double width, double height, Ink ink)
    {
        Fill(ink);
        Rectangle(x, y, width, height);
        Content.Add("f\n"u8);
    }

    /// <summary>A picture of the document, by its number, with its lower left corner there.</summary>
    public void Picture(int number, double x, double y, double width, double height)
        => Content.Add("q "u8).Num(width).Add(" 0 0 "u8).Num(height).Add(" "u8).Num(x).Add(" "u8).Num(y).Add(" cm /I"u8).Int(number).Add(" Do Q\n"u8);

    public void Rectangle(double x, double y, double width, double height)
        => Content.Num(x).Add(" "u8).Num(y).Add(" "u8).Num(width).Add(" "u8).Num(height).Add(" re "u8);

    // What is read from right to left is drawn one by one: each further left, and yet in the order in which it was typed, for whoever reads the text.
    private static int Run(ReadOnlySpan<Glyph> text)
    {
        var run = 1;
        while (text[0].Face != Face.Framed && text[0].Level % 2 == 0 && run < text.Length && text[run].Face == text[0].Face && text[run].Level == text[0].Level)
            run++;

        return run;
    }

    /// <summary>Where each character of a line stands when some are read from right to left; null when none is.</summary>
    private static double[]? Places(ReadOnlySpan<Glyph> text, double x, Style style)
    {
        var levels = new byte[text.Length];
        for (var (i, inside) = (text.Length - 1, false); i >= 0; i--)
        {
            // L1: blanks at a line's end stay there.
            inside |= text[i].CodePoint is not (' ' or 0x3000);
            levels[i] = inside ? text[i].Level : (byte)0;
        }

        if (style.Grouped || levels.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            return null;

        var places = new double[levels.Length];
        foreach (var i in Bidi.Order(levels))
        {
            places[i] = x;
            x += (text[i].Width * style.Size / 1000) + style.Tracking;
        }

        return places;
    }

    private void Framed(Glyph glyph, double x, double y, Style style)
    {
        frames.Add((x, y, glyph.CodePoint, style));
        Content.Add("/F1 "u8).Num(style.Size * DocumentFonts.FrameScale).Add(" Tf 1 0 0 1 "u8)
            .Num(x + (2 * DocumentFonts.FramePadding * style.Size / 1000)).Add(" "u8).Num(y + (0.06 * style.Size)).Add(" Tm <"u8);
        foreach (var digit in DocumentFonts.FrameText(glyph.CodePoint))
            Content.Hex16(DocumentFonts.SharedCode(digit));

        Content.Add("> Tj "u8);
    }

    private void Frame(double x, double y, int point, Style style)
    {
        var padding = DocumentFonts.FramePadding * style.Size / 1000;
        var width = (DocumentFonts.FrameWidth(point) * style.Size / 1000) - (2 * padding);
        Box(x + padding, y - (0.08 * style.Size), width, 0.74 * style.Size, 0.3, style.Ink);
    }

    private void Fill(Ink ink) => Content.Num(ink.Red).Add(" "u8).Num(ink.Green).Add(" "u8).Num(ink.Blue).Add(" rg "u8);

    private void Stroke(Ink ink) => Content.Num(ink.Red).Add(" "u8).Num(ink.Green).Add(" "u8).Num(ink.Blue).Add(" RG "u8);
}
