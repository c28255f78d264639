using Notary.Verification.Certificates;

namespace Notary.Letters;

/// <summary>Sets the pages of a draw's certificate: what they say, and in which order, is <see cref="CertificateText"/>'s.</summary>
internal sealed class CertificatePages : DocumentPages
{
    private const double HeadingGap = 4.5;

    // A heading with the first rows under it; a barred text with what follows.
    private const double HeadingNeeds = 56;

    private static readonly Dictionary<CertificateStyle, (Style Style, string Type, Side Side, string? Language)> Styles = new()
    {
        [CertificateStyle.Office] = (new(17, 20.5, Ink.Seal, Tracking: 5), "P", Side.Centre, null),
        [CertificateStyle.OfficeEnglish] = (new(8, 10, Ink.Seal, Tracking: 1.2), "P", Side.Centre, "en"),
        [CertificateStyle.Title] = (new(23, 27, Ink.Black, Tracking: 10), "H1", Side.Centre, null),
        [CertificateStyle.TitleEnglish] = (new(10, 12, Ink.Black, Tracking: 1.5), "P", Side.Centre, "en"),
        [CertificateStyle.Number] = (new(8.2, 10.6, Ink.Black), "P", Side.Right, null),
        [CertificateStyle.Body] = (new(8.6, 12, Ink.Black), "P", Side.Left, null),
        [CertificateStyle.English] = (new(7.3, 9.2, Ink.Grey), "P", Side.Left, "en"),
        [CertificateStyle.Heading] = (new(10, 13, Ink.Seal), "H2", Side.Left, null),
        [CertificateStyle.Barred] = (new(8.6, 12, Ink.Black), "P", Side.Left, null),
        [CertificateStyle.BarredEnglish] = (new(7.3, 9.2, Ink.Grey), "P", Side.Left, "en"),
        [CertificateStyle.Value] = (new(8.2, 10.6, Ink.Black), "P", Side.Left, null),
        [CertificateStyle.Strong] = (new(9, 10.8, Ink.Black), "P", Side.Left, null),
        [CertificateStyle.Small] = (new(7, 9, Ink.Grey), "P", Side.Left, null),
        [CertificateStyle.Digits] = (new(8, 10.6, Ink.Black, Grouped: true), "P", Side.Left, null),
    };

    private static readonly Style Label = new(7.6, 10.6, Ink.Grey);

    /// <summary>An address of a draw, 64 digits of it, beside the code.</summary>
    private static readonly Style Address = new(6.3, 9, Ink.Black);

    public CertificatePages(CertificateFacts facts)
    {
        var closing = ShapeClosing(CertificateText.Closing(facts).Select(p
            => (p.Text, p.Style == CertificateStyle.Value ? Address : Styles[p.Style].Style, Styles[p.Style].Language)));
        Table? table = null;
        foreach (var block in CertificateText.Body(facts))
        {
            if (block.Label is { } label)
            {
                table ??= Pairs();
                table.Row([new(label, Label)], [.. block.Passages.Select(p => new Passage(p.Text, Styles[p.Style].Style))]);
                continue;
            }

            table = null;
            Set(block.Passages[0], closing);
        }

        Closing(closing, facts.VerifyUrl, CertificateText.Seal(facts));
        RunningHeads((page, pages) => CertificateText.Running(facts, page, pages));
    }

    /// <summary>What the file says besides its pages.</summary>
    public static DocumentInfo Info(CertificateFacts facts)
    {
        var (title, english) = CertificateText.Title(facts);
        return new($"{title} {english} {facts.Number}", facts.Office, facts.IssuedAt, $"{title}签发 {english} issued",
            "本证书所载事实 The facts of this certificate, RFC 8785 JSON");
    }

    private void Set(CertificatePassage passage, List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> closing)
    {
        var (style, type, side, language) = Styles[passage.Style];
        void Paragraph() => Sheet.Paragraph(Root, type, passage.Text, style, side, language);
        switch (passage.Style)
        {
            case CertificateStyle.OfficeEnglish:
                Paragraph();
                HeadRule();
                break;
            case CertificateStyle.Heading:
                // A heading at the foot of a page without its first rows reads as a mistake.
                Sheet.Need(HeadingNeeds);
                Sheet.Gap(HeadingGap);
                Paragraph();
                break;
            case CertificateStyle.Barred:
                // What is not proved, seal and code stay on one page.
                Sheet.Need(HeadingNeeds + HeightOf(closing));
                Barred(Paragraph);
                break;
            case CertificateStyle.BarredEnglish:
                Barred(Paragraph);
                break;
            default:
                Paragraph();
                break;
        }
    }

    private Table Pairs()
    {
        ThinRule();
        return new Table(Sheet, Root, [new(142, ""), new(Sheet.Width - 142, "")], Label, 0.6, rowHeads: true);
    }
}
