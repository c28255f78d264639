using Notary.Letters.Pictures;
using Notary.Verification.Certificates;
using Notary.Verification.Recordings;

namespace Notary.Letters;

/// <summary>Sets the pages of a draw's certificate or of a remote forensics letter: what they say, and in which order, is <see cref="CertificateText"/>'s
/// and <see cref="RecordingText"/>'s.</summary>
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

    /// <summary>Points across of a picture, and at most down: four of a screen on a page with what is said of them.</summary>
    private const double PictureWidth = 190, PictureHeight = 130;

    /// <summary>Points above and below a row's text.</summary>
    private const double RowPadding = 0.6;

    private static readonly Column[] Columns = [new(142, ""), new(Sheet.Width - 142, "")];

    public CertificatePages(CertificateFacts facts)
        : this(CertificateText.Body(facts), CertificateText.Closing(facts), facts.VerifyUrl, CertificateText.Seal(facts),
            (page, pages) => CertificateText.Running(facts, page, pages), new Dictionary<Digest, LetterPicture>())
    {
    }

    /// <param name="facts">Of a recording.</param>
    /// <param name="pictures">By the digests that the facts have.</param>
    public CertificatePages(RecordingFacts facts, IReadOnlyDictionary<Digest, LetterPicture> pictures)
        : this(RecordingText.Body(facts), RecordingText.Closing(facts), facts.VerifyUrl, RecordingText.Seal(facts),
            (page, pages) => RecordingText.Running(facts, page, pages), pictures)
    {
    }

    private CertificatePages(
        IEnumerable<CertificateBlock> body, IEnumerable<CertificatePassage> says, Uri verifyUrl, IReadOnlyList<string> seal,
        Func<int, int, (string Left, string Right, string? Head)> running, IReadOnlyDictionary<Digest, LetterPicture> pictures)
    {
        var closing = ShapeClosing(says.Select(p
            => (p.Text, p.Style == CertificateStyle.Value ? Address : Styles[p.Style].Style, Styles[p.Style].Language)));
        Table? table = null;
        var blocks = body.ToList();
        for (var i = 0; i < blocks.Count; i++)
        {
            // A picture stands under the row that tells of it, and that under its heading.
            if (Together(blocks, i, pictures) is var needs && needs > Sheet.Free && needs <= Sheet.Whole)
            {
                table = null;
                Sheet.NewPage();
            }

            var block = blocks[i];
            if (block.Label is { } label)
            {
                table ??= Pairs();
                table.Row([new(label, Label)], [.. block.Passages.Select(p => new Passage(p.Text, Styles[p.Style].Style))]);
                continue;
            }

            table = null;
            if (block.Picture is { } picture)
                Show(pictures[picture], block.Passages[0].Text);
            else
                Set(block.Passages[0], closing);
        }

        Closing(closing, verifyUrl, seal);
        RunningHeads(running);
    }

    /// <summary>Likewise.</summary>
    public static DocumentInfo Info(RecordingFacts facts)
    {
        var (title, english) = RecordingText.Title;
        return new($"{title} {english} {facts.Number}", facts.Office, facts.IssuedAt, $"{title}签发 {english} issued",
            "本函所载事实 The facts of this letter, RFC 8785 JSON");
    }

    /// <summary>What the file says besides its pages.</summary>
    public static DocumentInfo Info(CertificateFacts facts)
    {
        var (title, english) = CertificateText.Title(facts);
        return new($"{title} {english} {facts.Number}", facts.Office, facts.IssuedAt, $"{title}签发 {english} issued",
            "本证书所载事实 The facts of this certificate, RFC 8785 JSON");
    }

    /// <summary>Points of a row with its picture, and of a heading over these; 0 for anything else.</summary>
    private double Together(List<CertificateBlock> blocks, int at, IReadOnlyDictionary<Digest, LetterPicture> pictures)
    {
        var heading = blocks[at] is { Label: null, Picture: null, Passages: [{ Style: CertificateStyle.Heading }] };
        var row = heading ? at + 1 : at;
        if (row + 1 >= blocks.Count || blocks[row].Label is not { } label || blocks[row + 1].Picture is not { } picture)
            return 0;

        var (_, height) = Shape(pictures[picture]);
        return Table.HeightOf(Fonts, Columns, RowPadding, [new(label, Label)],
                [.. blocks[row].Passages.Select(p => new Passage(p.Text, Styles[p.Style].Style))])
            + height + (3 * HeadingGap) + (heading ? HeadingGap + Styles[CertificateStyle.Heading].Style.Leading : 0);
    }

    private static (double Width, double Height) Shape(LetterPicture picture)
    {
        var scale = Math.Min(PictureWidth / picture.Width, PictureHeight / picture.Height);
        return (picture.Width * scale, picture.Height * scale);
    }

    private void Show(LetterPicture picture, string alternative)
    {
        var (width, height) = Shape(picture);
        Sheet.Need(height + (2 * HeadingGap));
        Sheet.Gap(HeadingGap);
        Sheet.Page.Begin(Root.Add("Figure", alternative: alternative), Sheet.Index, "Figure");
        Sheet.Page.Picture(Shown.Count, Sheet.Left + 142, Sheet.Y - height, width, height);
        Sheet.Page.End();
        Shown.Add(picture);
        Sheet.Gap(height + HeadingGap);
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
        return new Table(Sheet, Root, Columns, Label, RowPadding, rowHeads: true);
    }
}
