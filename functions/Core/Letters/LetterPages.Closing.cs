namespace Notary.Letters;

/// <summary>The end of the letter: what it means, the code, the seal.</summary>
internal sealed partial class LetterPages
{
    private const double PairGap = 2;

    private void Meaning()
    {
        List<(string Text, Style Style, string? Language)> not = [(Wording.ProvesNot, Body, null), (Wording.ProvesNotEnglish, English, "en")];
        var closing = ShapeClosing([
            (Wording.Verify, Section, null), (Wording.VerifyHow, Label, null), (Wording.VerifyHowEnglish, Small, "en"),
            (facts.VerifyUrl.OriginalString, Address, null),
        ]);
        Heading(Wording.MeaningSection);
        Say([(Wording.Proves, Body, null), (Wording.ProvesEnglish, English, "en")]);

        // What the letter does not prove, seal and code stay on one page: nobody should see a seal without reading what it is not for.
        Sheet.Need((2 * PairGap) + not.Sum(s => Lines.Break(Fonts.Shape(s.Text), s.Style.Size, Sheet.Width).Count * s.Style.Leading) + HeightOf(closing));
        Barred(() => Say(not));
        Closing(closing, facts.VerifyUrl, LetterSeal.Says(facts.Office, facts.IssuedAt));
    }

    private void Say(List<(string Text, Style Style, string? Language)> says)
    {
        foreach (var (text, style, language) in says)
        {
            Sheet.Paragraph(Root, "P", text, style, language: language);
            Sheet.Gap(language is null ? 0 : PairGap);
        }
    }
}
