namespace Notary.Letters.Layout;

/// <summary>A text in a cell; a cell stacks several.</summary>
internal readonly record struct Passage(string Text, Style Style);

/// <summary>A column.</summary>
/// <param name="Width">Points.</param>
/// <param name="Head">Heading; empty in a table without head.</param>
/// <param name="Side">How its cells are set.</param>
internal readonly record struct Column(double Width, string Head, Side Side = Side.Left);

/// <summary>
/// A ruled table that flows over pages: a row that does not fit moves to the next page, a tall row is split between lines,
/// and the head is repeated (as an artifact: a reader hears it once).
/// </summary>
internal sealed class Table
{
    private const double Padding = 4;

    // Rows up to this height (points) stay in one piece; taller ones are split rather than leave a hole on the page.
    private const double KeepTogether = 160;

    private readonly Sheet sheet;
    private readonly Column[] columns;
    private readonly Style headStyle;
    private readonly double rowPadding;
    private readonly StructNode body;
    private readonly bool rowHeads;

    /// <param name="sheet">Where to draw.</param>
    /// <param name="parent">The element that gets the table.</param>
    /// <param name="columns">Columns from left to right.</param>
    /// <param name="headStyle">Style of the head.</param>
    /// <param name="rowPadding">Space above and below a row's text, points.</param>
    /// <param name="rowHeads">Whether the first cell of a row is its heading; else the columns have heads.</param>
    public Table(Sheet sheet, StructNode parent, Column[] columns, Style headStyle, double rowPadding, bool rowHeads)
    {
        (this.sheet, this.columns, this.headStyle, this.rowPadding, this.rowHeads) = (sheet, columns, headStyle, rowPadding, rowHeads);
        body = parent.Add("Table");
        if (!rowHeads)
        {
            sheet.Need(HeadHeight + (3 * headStyle.Leading));
            Head(body.Add("TR"));
        }
    }

    private double HeadHeight => headStyle.Leading + (2 * rowPadding);

    /// <summary>Adds a row: one list of passages for each column.</summary>
    public void Row(params ReadOnlySpan<Passage[]> cells)
    {
        var row = Cells(cells);
        Keep(Height(row) + (2 * rowPadding));
        Draw(columns, row);
        Rule();
    }

    /// <summary>Adds a row and, right beneath it, what needs the width of all columns but the first.</summary>
    public void RowOver(ReadOnlySpan<Passage[]> cells, Passage[] beneath)
    {
        var row = Cells(cells);
        Column[] wide = [columns[0], new(columns[1..].Sum(c => c.Width), "")];
        var under = body.Add("TR");
        CellLines[] second =
        [
            new(sheet.Fonts, [], 0, under.Add("TD")),
            new(sheet.Fonts, beneath, wide[1].Width - (2 * Padding), under.Add("TD", columns: columns.Length - 1)),
        ];
        Keep(Height(row) + Height(second) + (2 * rowPadding));
        Draw(columns, row);
        sheet.Y += 2 * rowPadding;
        Draw(wide, second);
        Rule();
    }

    private CellLines[] Cells(ReadOnlySpan<Passage[]> cells)
    {
        var row = body.Add("TR");
        var lines = new CellLines[columns.Length];
        for (var c = 0; c < columns.Length; c++)
        {
            var node = rowHeads && c == 0 ? row.Add("TH", scope: "Row") : row.Add("TD");
            lines[c] = new CellLines(sheet.Fonts, cells[c], columns[c].Width - (2 * Padding), node);
        }

        return lines;
    }

    private void Keep(double height)
    {
        if (height > sheet.Free && (height <= KeepTogether || sheet.Free < KeepTogether / 4))
            NextPage();
    }

    /// <summary>Points that a row would take.</summary>
    public static double HeightOf(DocumentFonts fonts, Column[] columns, double rowPadding, params ReadOnlySpan<Passage[]> cells)
    {
        var height = 0d;
        for (var c = 0; c < columns.Length; c++)
            height = Math.Max(height, Broken(fonts, cells[c], columns[c].Width - (2 * Padding)).Sum(l => l.Height));

        return height + (2 * rowPadding);
    }

    private static List<(Glyph[] Text, Range Line, Style Style, double Height)> Broken(DocumentFonts fonts, Passage[] passages, double width)
    {
        var lines = new List<(Glyph[] Text, Range Line, Style Style, double Height)>();
        foreach (var passage in passages)
        {
            var glyphs = fonts.Shape(passage.Text);
            foreach (var line in Lines.Break(glyphs, passage.Style.Size, width))
                lines.Add((glyphs, line, passage.Style, Lines.Height(glyphs.AsSpan(line), passage.Style)));
        }

        return lines;
    }

    private static double Height(CellLines[] cells) => cells.Max(c => c.Height);

    private void NextPage()
    {
        sheet.NewPage();
        if (!rowHeads)
            Head(null);
    }

    private void Draw(Column[] layout, CellLines[] cells)
    {
        while (true)
        {
            DrawWhatFits(layout, cells);
            if (cells.All(c => c.Done))
                return;

            Rule();
            NextPage();
        }
    }

    private void DrawWhatFits(Column[] layout, CellLines[] cells)
    {
        var top = sheet.Y;
        var room = sheet.Free - (2 * rowPadding);
        var x = Sheet.Left;
        var lowest = top - rowPadding;
        for (var c = 0; c < cells.Length; c++)
        {
            sheet.Y = top - rowPadding;
            if (!cells[c].Done)
            {
                sheet.Page.Begin(cells[c].Node, sheet.Index, rowHeads && c == 0 ? "TH" : "TD");
                cells[c].Draw(sheet, x + Padding, layout[c], room);
                sheet.Page.End();
            }

            lowest = Math.Min(lowest, sheet.Y);
            x += layout[c].Width;
        }

        sheet.Y = lowest - rowPadding;
    }

    private void Rule()
    {
        sheet.Page.BeginArtifact();
        sheet.Page.Rule(Sheet.Left, sheet.Y, Sheet.Width, 0.4, Ink.Hairline);
        sheet.Page.End();
    }

    private void Head(StructNode? row)
    {
        var (page, x, top) = (sheet.Page, Sheet.Left, sheet.Y);
        page.BeginArtifact();
        page.Area(x, top - HeadHeight, Sheet.Width, HeadHeight, Ink.Tint);
        page.Rule(x, top - HeadHeight, Sheet.Width, 0.6, Ink.Grey);
        page.End();
        foreach (var column in columns)
        {
            if (row is null)
                page.BeginArtifact(pagination: true);
            else
                page.Begin(row.Add("TH", scope: "Column"), sheet.Index, "TH");

            sheet.Y = top - rowPadding;
            sheet.Line(sheet.Fonts.Shape(column.Head), x + Padding, column.Width - (2 * Padding), headStyle, column.Side);
            page.End();
            x += column.Width;
        }

        sheet.Y = top - HeadHeight;
    }

    /// <summary>The lines of one cell that are still to be drawn.</summary>
    private sealed class CellLines
    {
        private readonly List<(Glyph[] Text, Range Line, Style Style, double Height)> lines;
        private int next;

        public CellLines(DocumentFonts fonts, Passage[] passages, double width, StructNode node)
            => (Node, lines) = (node, Broken(fonts, passages, width));

        public StructNode Node { get; }

        public double Height => lines.Sum(l => l.Height);

        public bool Done => next == lines.Count;

        public void Draw(Sheet sheet, double x, Column column, double room)
        {
            for (; next < lines.Count && (room -= lines[next].Height) >= 0; next++)
            {
                var (text, line, style, _) = lines[next];
                sheet.Line(text.AsSpan(line), x, column.Width - (2 * Padding), style, column.Side);
            }
        }
    }
}
