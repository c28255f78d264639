namespace Notary.Letters;

/// <summary>The end of the letter: what it means, the code, the seal.</summary>
internal sealed partial class LetterPages
{
    private const double QrSide = 82;
    private const double SealWidth = 152;
    private const double SealHeight = 76;
    private const double PairGap = 2;
    private const double ClosingGap = 4;
    private const double ClosingWidth = Sheet.Width - QrSide - SealWidth - 14;

    /// <summary>Where the seal is, on the last page: x, y, width, height.</summary>
    public (double X, double Y, double Width, double Height) SealArea { get; private set; }

    /// <summary>The seal's drawing, with its lower left corner at the origin.</summary>
    public PageCanvas Seal { get; } = new();

    private void Meaning()
    {
        List<(string Text, Style Style, string? Language)> not = [(Wording.ProvesNot, Body, null), (Wording.ProvesNotEnglish, English, "en")];
        var closing = ShapeClosing();
        Heading(Wording.MeaningSection);
        Say([(Wording.Proves, Body, null), (Wording.ProvesEnglish, English, "en")]);

        // What the letter does not prove, seal and code stay on one page: nobody should see a seal without reading what it is not for.
        Sheet.Need((2 * PairGap) + not.Sum(s => Lines.Break(Fonts.Shape(s.Text), s.Style.Size, Sheet.Width).Count * s.Style.Leading)
            + ClosingGap + Math.Max(QrSide, closing.Sum(p => p.Lines.Count * p.Style.Leading)));
        Barred(() => Say(not));
        Closing(closing);
    }

    private void Say(List<(string Text, Style Style, string? Language)> says)
    {
        foreach (var (text, style, language) in says)
        {
            Sheet.Paragraph(Root, "P", text, style, language: language);
            Sheet.Gap(language is null ? 0 : PairGap);
        }
    }

    private List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> ShapeClosing()
    {
        List<(string Text, Style Style, string? Language)> says =
        [
            (Wording.Verify, Section, null), (Wording.VerifyHow, Label, null), (Wording.VerifyHowEnglish, Small, "en"),
            (facts.VerifyUrl.OriginalString, Address, null),
        ];
        return [.. says.Select(s => (Fonts.Shape(s.Text), s.Style, s.Language))
            .Select(s => (s.Item1, Lines.Break(s.Item1, s.Style.Size, ClosingWidth), s.Style, s.Language))];
    }

    private void Closing(List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> passages)
    {
        Sheet.Gap(ClosingGap);
        var (page, top) = (Sheet.Page, Sheet.Y);
        page.Begin(Root.Add("Figure", alternative: Wording.QrAlternative + facts.VerifyUrl.OriginalString), Sheet.Index, "Figure");
        Qr.Draw(page, facts.VerifyUrl.OriginalString, Sheet.Left - 8, top - QrSide, QrSide);
        page.End();
        foreach (var (text, lines, style, language) in passages)
        {
            page.Begin(Root.Add("P", language), Sheet.Index, "P");
            foreach (var line in lines)
                Sheet.Line(text.AsSpan(line), Sheet.Left + QrSide + 4, ClosingWidth, style);

            page.End();
        }

        SealArea = (Sheet.Left + Sheet.Width - SealWidth, top - SealHeight - 6, SealWidth, SealHeight);
        LetterSeal.Draw(Seal, Fonts, facts, SealWidth, SealHeight);
    }
}
