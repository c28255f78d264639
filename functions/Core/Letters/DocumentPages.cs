using Notary.Letters.Pictures;

namespace Notary.Letters;

/// <summary>What the file says of itself besides its pages.</summary>
/// <param name="Title">Document title.</param>
/// <param name="Office">Who issues it.</param>
/// <param name="IssuedAt">When it was made.</param>
/// <param name="Reason">Of the signature.</param>
/// <param name="FactsDescription">Of the attached facts.</param>
internal sealed record DocumentInfo(string Title, LetterOffice Office, DateTimeOffset IssuedAt, string Reason, string FactsDescription);

/// <summary>A document's pages, with an end that has a code for verification and a seal.</summary>
internal abstract class DocumentPages : IDisposable
{
    protected const double QrSide = 82;
    protected const double ClosingGap = 4;
    protected const double ClosingWidth = Sheet.Width - QrSide - SealWidth - 14;

    private const double SealWidth = 152;
    private const double SealHeight = 76;

    private static readonly Style Running = new(7.2, 10, Ink.Grey);

    protected DocumentPages() => Sheet = new Sheet(Fonts);

    public DocumentFonts Fonts { get; } = new();

    public Sheet Sheet { get; }

    /// <summary>Top of the logical structure.</summary>
    public StructNode Root { get; } = new("Document", null);

    /// <summary>Where the seal is, on the last page: x, y, width, height.</summary>
    public (double X, double Y, double Width, double Height) SealArea { get; private set; }

    /// <summary>The seal's drawing, with its lower left corner at the origin.</summary>
    public PageCanvas Seal { get; } = new();

    /// <summary>Pictures in the order in which they are drawn.</summary>
    public List<LetterPicture> Shown { get; } = [];

    public void Dispose()
    {
        Seal.Content.Dispose();
        foreach (var page in Sheet.Pages)
            page.Content.Dispose();
    }

    protected void HeadRule()
    {
        Sheet.Gap(4);
        Sheet.Page.BeginArtifact();
        Sheet.Page.Rule(Sheet.Left, Sheet.Y, Sheet.Width, 1.8, Ink.Seal);
        Sheet.Page.Rule(Sheet.Left, Sheet.Y - 2.8, Sheet.Width, 0.5, Ink.Seal);
        Sheet.Page.End();
        Sheet.Gap(5);
    }

    protected void ThinRule()
    {
        Sheet.Page.BeginArtifact();
        Sheet.Page.Rule(Sheet.Left, Sheet.Y, Sheet.Width, 0.6, Ink.Grey);
        Sheet.Page.End();
    }

    /// <summary>What nobody is to overlook: a bar stands beside it. On one page.</summary>
    protected void Barred(Action set)
    {
        var top = Sheet.Y;
        set();
        Sheet.Page.BeginArtifact();
        Sheet.Page.Area(Sheet.Left - 7, Sheet.Y, 2, top - Sheet.Y, Ink.Seal);
        Sheet.Page.End();
    }

    /// <summary>Lines beside the code, broken to the room there.</summary>
    protected List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> ShapeClosing(
        IEnumerable<(string Text, Style Style, string? Language)> says)
        => [.. says.Select(s => (Fonts.Shape(s.Text), s.Style, s.Language))
            .Select(s => (s.Item1, Lines.Break(s.Item1, s.Style.Size, ClosingWidth), s.Style, s.Language))];

    /// <summary>Points that the end needs.</summary>
    protected static double HeightOf(List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> closing)
        => ClosingGap + Math.Max(QrSide, closing.Sum(p => p.Lines.Count * p.Style.Leading));

    /// <summary>The end: the code, what stands beside it, the seal.</summary>
    protected void Closing(
        List<(Glyph[] Text, List<Range> Lines, Style Style, string? Language)> passages, Uri address, IReadOnlyList<string> seal)
    {
        Sheet.Gap(ClosingGap);
        var (page, top) = (Sheet.Page, Sheet.Y);
        page.Begin(Root.Add("Figure", alternative: Wording.QrAlternative + address.OriginalString), Sheet.Index, "Figure");
        Qr.Draw(page, address.OriginalString, Sheet.Left - 8, top - QrSide, QrSide);
        page.End();
        foreach (var (text, lines, style, language) in passages)
        {
            page.Begin(Root.Add("P", language), Sheet.Index, "P");
            foreach (var line in lines)
                Sheet.Line(text.AsSpan(line), Sheet.Left + QrSide + 4, ClosingWidth, style);

            page.End();
        }

        SealArea = (Sheet.Left + Sheet.Width - SealWidth, top - SealHeight - 6, SealWidth, SealHeight);
        LetterSeal.Draw(Seal, Fonts, seal, SealWidth, SealHeight);
    }

    /// <summary>Foot and head of every page, once all of them are there.</summary>
    protected void RunningHeads(Func<int, int, (string Left, string Right, string? Head)> says)
    {
        for (var index = 0; index < Sheet.Pages.Count; index++)
        {
            var page = Sheet.Pages[index];
            var (left, right, head) = says(index + 1, Sheet.Pages.Count);
            page.BeginArtifact(pagination: true);
            page.Rule(Sheet.Left, Sheet.Bottom - 10, Sheet.Width, 0.4, Ink.Hairline);
            Foot(page, left, Side.Left, Sheet.Bottom - 20);
            Foot(page, right, Side.Right, Sheet.Bottom - 20);
            if (head is not null)
            {
                Foot(page, head, Side.Left, Sheet.PageHeight - 42);
                page.Rule(Sheet.Left, Sheet.PageHeight - 48, Sheet.Width, 0.5, Ink.Seal);
            }

            page.End();
        }
    }

    private void Foot(PageCanvas page, string text, Side side, double y)
    {
        var glyphs = Fonts.Shape(text);
        var x = side == Side.Left ? Sheet.Left : Sheet.Left + Sheet.Width - Lines.Width(glyphs, Running.Size);
        page.Text(glyphs, x, y, Running);
    }
}
