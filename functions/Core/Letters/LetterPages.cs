namespace Notary.Letters;

/// <summary>Sets the pages of one letter: what stands where, in which size.</summary>
internal sealed partial class LetterPages : IDisposable
{
    private const string Sha256 = "sha-256";
    private const string Between = "   ·   ";
    private const double HeadingGap = 7;

    private static readonly Style OfficeStyle = new(16, 21, Ink.Seal, Bold: true, Tracking: 5);
    private static readonly Style OfficeEnglishStyle = new(8, 10, Ink.Seal, Tracking: 1.2);
    private static readonly Style Title = new(23, 29, Ink.Black, Bold: true, Tracking: 10);
    private static readonly Style TitleEnglish = new(10, 13, Ink.Black, Tracking: 1.5);
    private static readonly Style Body = new(8.6, 12.6, Ink.Black);
    private static readonly Style English = new(7.5, 9.8, Ink.Grey);
    private static readonly Style Section = new(9.2, 13.5, Ink.Seal, Bold: true);
    private static readonly Style Label = new(7.6, 11, Ink.Grey);
    private static readonly Style Value = new(8.2, 11, Ink.Black);
    private static readonly Style Strong = new(8.2, 11, Ink.Black, Bold: true);
    private static readonly Style Small = new(7, 9, Ink.Grey);
    private static readonly Style Digits = new(7.4, 9.6, Ink.Black);
    private static readonly Style Running = new(7.2, 10, Ink.Grey);

    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    private readonly LetterFacts facts;

    public LetterPages(LetterFacts facts)
    {
        this.facts = facts;
        Sheet = new Sheet(Fonts);
        Root = new StructNode("Document", null);
        Head();
        Deposit();
        Items();
        Times();
        LogAndChain();
        Notes();
        Meaning();
        for (var page = 0; page < Sheet.Pages.Count; page++)
            RunningHeads(Sheet.Pages[page], page);
    }

    public DocumentFonts Fonts { get; } = new();

    public Sheet Sheet { get; }

    /// <summary>Top of the logical structure.</summary>
    public StructNode Root { get; }

    public void Dispose()
    {
        Seal.Content.Dispose();
        foreach (var page in Sheet.Pages)
            page.Content.Dispose();
    }

    private void Head()
    {
        var office = facts.Office;
        Sheet.Paragraph(Root, "P", office.Chinese, OfficeStyle, Side.Centre);
        Sheet.Paragraph(Root, "P", office.English, OfficeEnglishStyle, Side.Centre, "en");
        Sheet.Gap(5);
        Sheet.Page.BeginArtifact();
        Sheet.Page.Rule(Sheet.Left, Sheet.Y, Sheet.Width, 1.8, Ink.Seal);
        Sheet.Page.Rule(Sheet.Left, Sheet.Y - 2.8, Sheet.Width, 0.5, Ink.Seal);
        Sheet.Page.End();
        Sheet.Gap(10);
        Sheet.Paragraph(Root, "H1", Wording.TitleChinese, Title, Side.Centre);
        Sheet.Paragraph(Root, "P", Wording.TitleEnglish, TitleEnglish, Side.Centre, "en");
        Sheet.Paragraph(Root, "P", Wording.Number + facts.Number, Value, Side.Right);
        Sheet.Gap(3);
        Sheet.Paragraph(Root, "P", Wording.Certify, Body);
        Sheet.Paragraph(Root, "P", Wording.CertifyEnglish, English, language: "en");
    }

    private void Deposit()
    {
        var table = Pairs(Wording.DepositSection);
        table.Row([new(Wording.Depositor, Label)], [new(facts.DepositorName, Strong)]);
        table.Row([new(Wording.DepositorDid, Label)], [new(facts.Depositor, Value)]);
        table.Row([new(Wording.DepositAndKind, Label)], [new($"{facts.Id}{Between}{KindName(facts.Kind)}", Value)]);
        table.Row([new(Wording.Received, Label)], [new(Both(facts.ReceivedAt), Value)]);
        table.Row([new(Wording.ManifestDigest, Label)], [new(Grouped(facts.ManifestDigest.ToString()), Value)]);
    }

    private void Items()
    {
        Heading(Wording.ItemsSection);
        var table = new Table(
            Sheet,
            Root,
            [new(26, Wording.ItemNumber, Side.Right), new(Sheet.Width - 26 - 84 - 172, Wording.ItemName),
                new(84, Wording.ItemSize, Side.Right), new(172, Wording.ItemDigest)],
            Label,
            2,
            rowHeads: false);
        for (var i = 0; i < facts.Items.Count; i++)
        {
            var item = facts.Items[i];
            table.Row(
                [new(Invariant(i + 1), Value)],
                [item.Name.Length == 0 ? new(Wording.NoName, Label) : new(item.Name, Value), new(item.MediaType, Small)],
                [new(item.Size is { } size ? size.ToString("#,0", CultureInfo.InvariantCulture) : Wording.NoValue, Value)],
                Digests(item));
        }
    }

    private void Times()
    {
        Heading(Wording.TimesSection);
        var table = new Table(
            Sheet,
            Root,
            [
                new(84, Wording.Authority), new(80, Wording.Over), new(102, Wording.TimeUtc), new(102, Wording.TimeBeijing),
                new(Sheet.Width - 368, Wording.Serial),
            ],
            Label,
            2,
            rowHeads: false);
        foreach (var time in facts.Times)
        {
            table.Row(
                [new(time.Authority, Strong)],
                [new(time.Over switch { "manifest" => Wording.OverManifest, "checkpoint" => Wording.OverCheckpoint, var other => other }, Value)],
                [new(Clock(time.GenTime.ToUniversalTime()), Value)],
                [new(Clock(time.GenTime.ToOffset(Beijing)), Value)],
                [new(Grouped(time.Serial), Digits)]);
        }
    }

    private void LogAndChain()
    {
        var table = Pairs(Wording.LogSection);
        table.Row(
            [new(Wording.Log, Label)],
            [new($"{facts.LogOrigin}{Between}{Wording.LogIndex}{Invariant(facts.LogIndex)}{Between}{Wording.CheckpointSize}{Invariant(facts.CheckpointSize)}",
                Value)]);
        table.Row([new(Wording.CheckpointRoot, Label)], [new(Grouped(facts.CheckpointRoot.ToString()), Value)]);
        table.Row(
            [new(Wording.Chain, Label)],
            [new($"{Wording.ChainId}{Invariant(facts.ChainId)}{Between}{Wording.Block}{Invariant(facts.Block)}", Value)]);
        table.Row([new(Wording.Contract, Label)], [new(Grouped(facts.Contract), Value)]);
        table.Row([new(Wording.Transaction, Label)], [new(Grouped(facts.Transaction), Value)]);
        table.Row([new(Wording.BlockHash, Label)], [new(Grouped(facts.BlockHash), Value)]);
        table.Row([new(Wording.BlockTime, Label)], [new(Both(facts.BlockTime), Value)]);
    }

    private void Notes()
    {
        if (facts.Notes.Count == 0)
            return;

        var table = Pairs(Wording.NotesSection);
        foreach (var (name, text) in facts.Notes.OrderBy(n => n.Key, StringComparer.Ordinal))
            table.Row([new(name, Label)], [new(text, Value)]);
    }

    private void Heading(string text)
    {
        // A heading at the foot of a page without its first rows reads as a mistake.
        Sheet.Need(56);
        Sheet.Gap(HeadingGap);
        Sheet.Paragraph(Root, "H2", text, Section);
    }

    private Table Pairs(string heading)
    {
        Heading(heading);
        Sheet.Page.BeginArtifact();
        Sheet.Page.Rule(Sheet.Left, Sheet.Y, Sheet.Width, 0.6, Ink.Grey);
        Sheet.Page.End();
        return new Table(Sheet, Root, [new(142, ""), new(Sheet.Width - 142, "")], Label, 1.3, rowHeads: true);
    }

    private void RunningHeads(PageCanvas page, int index)
    {
        page.BeginArtifact(pagination: true);
        page.Rule(Sheet.Left, Sheet.Bottom - 10, Sheet.Width, 0.4, Ink.Hairline);
        Foot(page, $"{Wording.Number}{facts.Number}", Side.Left, Sheet.Bottom - 20);
        Foot(page, $"{Invariant(index + 1)} / {Invariant(Sheet.Pages.Count)}", Side.Right, Sheet.Bottom - 20);
        if (index > 0)
        {
            Foot(page, $"{facts.Office.Chinese}  {Wording.TitleChinese} {Wording.TitleEnglish}", Side.Left, Sheet.PageHeight - 42);
            page.Rule(Sheet.Left, Sheet.PageHeight - 48, Sheet.Width, 0.5, Ink.Seal);
        }

        page.End();
    }

    private void Foot(PageCanvas page, string text, Side side, double y)
    {
        var glyphs = Fonts.Shape(text);
        var x = side == Side.Left ? Sheet.Left : Sheet.Left + Sheet.Width - Lines.Width(glyphs, Running.Size);
        page.Text(glyphs, x, y, Running);
    }

    private static Passage[] Digests(ManifestItem item)
    {
        var passages = new List<Passage>();
        foreach (var (algorithm, value) in item.Digests.OrderBy(d => d.Key != Sha256).ThenBy(d => d.Key, StringComparer.Ordinal))
        {
            if (algorithm != Sha256)
                passages.Add(new Passage(algorithm.ToUpperInvariant(), Small));

            // Four groups a line, always: a column of digests is compared line by line.
            passages.AddRange(value.Chunk(32).Select(line => new Passage(Grouped(new string(line)), Digits)));
        }

        return [.. passages];
    }

    private static string KindName(string kind) => kind switch
    {
        "file" => Wording.KindFile,
        "digest" => Wording.KindDigest,
        "forensics" => Wording.KindForensics,
        "draw" => Wording.KindDraw,
        "contract" => Wording.KindContract,
        _ => kind,
    };

    /// <summary>Eight digits, a space, eight digits…: how people compare digests aloud. A leading 0x stays in front.</summary>
    internal static string Grouped(string hex)
    {
        const int group = 8;
        var prefix = hex.StartsWith("0x", StringComparison.Ordinal) ? "0x " : "";
        var digits = prefix.Length == 0 ? hex : hex[2..];
        return prefix + string.Join(' ', digits.Chunk(group).Select(c => new string(c)));
    }

    private static string Both(DateTimeOffset time)
        => $"{Clock(time.ToUniversalTime())} UTC{Between}{Clock(time.ToOffset(Beijing))} UTC+08:00";

    // Every digit the token has: cutting any would state an earlier time than was proved.
    private static string Clock(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
