namespace Notary.Letters.Layout;

/// <summary>A document being filled from top to bottom: pages are added as they are needed.</summary>
internal sealed class Sheet(DocumentFonts fonts)
{
    /// <summary>A4 in points.</summary>
    public const double PageWidth = 595.28;

    public const double PageHeight = 841.89;

    public const double Left = 54;

    public const double Width = PageWidth - (2 * Left);

    /// <summary>Where content starts on every page after the first, under the running head.</summary>
    public const double Top = PageHeight - 60;

    /// <summary>Where content ends, above the page number.</summary>
    public const double Bottom = 40;

    /// <summary>What a page after the first holds.</summary>
    public const double Whole = Top - Bottom;

    private readonly List<PageCanvas> pages = [new()];
    private Action<PageCanvas>? under;

    public DocumentFonts Fonts => fonts;

    public IReadOnlyList<PageCanvas> Pages => pages;

    public PageCanvas Page => pages[^1];

    /// <summary>Index of the current page.</summary>
    public int Index => pages.Count - 1;

    /// <summary>Upper edge of what is still free on the page.</summary>
    public double Y { get; set; } = PageHeight - 28;

    public double Free => Y - Bottom;

    public void NewPage()
    {
        pages.Add(new PageCanvas());
        under?.Invoke(Page);
        Y = Top;
    }

    /// <summary>Draws on every page before anything else does. Called before the first is written on.</summary>
    public void Under(Action<PageCanvas> draw)
    {
        under = draw;
        draw(Page);
    }

    /// <summary>Starts a new page unless <paramref name="height"/> points are free.</summary>
    public void Need(double height)
    {
        if (Free < height)
            NewPage();
    }

    public void Gap(double height) => Y -= height;

    /// <summary>Sets a text as lines of the current width under a new element of <paramref name="type"/>.</summary>
    public void Paragraph(StructNode parent, string type, string text, Style style, Side side = Side.Left, string? language = null)
    {
        var glyphs = fonts.Shape(text);
        var lines = Lines.Break(glyphs, style.Size, Width);
        var node = parent.Add(type, language);
        for (var next = 0; next < lines.Count;)
        {
            Need(Lines.Height(glyphs.AsSpan(lines[next]), style));
            Page.Begin(node, Index, type);
            for (; next < lines.Count && Free >= Lines.Height(glyphs.AsSpan(lines[next]), style); next++)
                Line(glyphs.AsSpan(lines[next]), Left, Width, style, side);

            Page.End();
        }
    }

    /// <summary>One line inside [<paramref name="x"/>, x + width], moving down by its leading. The caller has marked it.</summary>
    public void Line(ReadOnlySpan<Glyph> glyphs, double x, double width, Style style, Side side = Side.Left)
    {
        var free = width - Lines.Width(glyphs, style.Size) - (style.Tracking * Math.Max(0, glyphs.Length - 1));
        var start = x + side switch { Side.Left => 0, Side.Centre => free / 2, _ => free };
        var (above, below) = Lines.Beyond(glyphs, style);
        Y -= above;
        Page.Text(glyphs, start, Y - Baseline(style), style);
        Y -= style.Leading + below;
    }

    /// <summary>From a line's upper edge down to its baseline: half of the leading is above, half below.</summary>
    public static double Baseline(Style style) => ((style.Leading - style.Size) / 2) + (0.86 * style.Size);
}
