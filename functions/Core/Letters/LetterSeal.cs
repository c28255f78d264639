namespace Notary.Letters;

/// <summary>The seal: what a reader sees of the digital signature. Square-framed and plainly digital, so nobody takes it for the office's stamp.</summary>
internal static class LetterSeal
{
    /// <summary>A letter's words in it.</summary>
    public static IReadOnlyList<string> Says(LetterOffice office, DateTimeOffset issuedAt)
        => [office.Chinese, office.English, Wording.SealTitle,
            $"{Wording.SealDate}{issuedAt.UtcDateTime.AddHours(8).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC+08:00"];

    /// <param name="canvas">Empty.</param>
    /// <param name="fonts">The document's.</param>
    /// <param name="says">Office in both languages, title, date.</param>
    /// <param name="width">Points.</param>
    /// <param name="height">Points.</param>
    public static void Draw(PageCanvas canvas, DocumentFonts fonts, IReadOnlyList<string> says, double width, double height)
    {
        canvas.Box(1, 1, width - 2, height - 2, 1.6, Ink.Seal);
        canvas.Box(4, 4, width - 8, height - 8, 0.5, Ink.Seal);
        var inner = width - 20;
        Centred(canvas, fonts, says[0], new Style(15, 0, Ink.Seal, Tracking: 2), width, inner, height - 25);
        Centred(canvas, fonts, says[1], new Style(7.5, 0, Ink.Seal), width, inner, height - 36);
        canvas.Rule(14, height - 43, width - 28, 0.4, Ink.Seal);
        Centred(canvas, fonts, says[2], new Style(8.5, 0, Ink.Seal), width, inner, height - 55);
        Centred(canvas, fonts, says[3], new Style(7, 0, Ink.Seal), width, inner, height - 67);
    }

    private static void Centred(PageCanvas canvas, DocumentFonts fonts, string text, Style style, double width, double inner, double y)
    {
        var glyphs = fonts.Shape(text);
        var natural = Lines.Width(glyphs, style.Size) + (style.Tracking * Math.Max(0, glyphs.Length - 1));
        if (natural > inner)
        {
            // A long name shrinks to the frame rather than leaving it.
            style = style with { Size = style.Size * inner / natural, Tracking = style.Tracking * inner / natural };
            natural = inner;
        }

        canvas.Text(glyphs, (width - natural) / 2, y, style);
    }
}
