namespace Notary.Letters;

/// <summary>Sets the pages of one letter: what stands where, in which size.</summary>
internal sealed partial class LetterPages : DocumentPages
{
    private const string Sha256 = "sha-256";
    private const string Between = "   ·   ";
    private const double HeadingGap = 4.5;

    /// <summary>Points: as long as a page's diagonal has room for, margins left.</summary>
    private const double TestMarkSize = 118;

    private static readonly Style OfficeStyle = new(17, 20.5, Ink.Seal, Tracking: 5);
    private static readonly Style OfficeEnglishStyle = new(8, 10, Ink.Seal, Tracking: 1.2);
    private static readonly Style Title = new(23, 27, Ink.Black, Tracking: 10);
    private static readonly Style TitleEnglish = new(10, 12, Ink.Black, Tracking: 1.5);
    private static readonly Style Body = new(8.6, 12, Ink.Black);
    private static readonly Style English = new(7.3, 9.2, Ink.Grey);
    private static readonly Style TestNotice = new(10, 13, Ink.Seal);
    private static readonly Style Section = new(10, 13, Ink.Seal);
    private static readonly Style Label = new(7.6, 10.6, Ink.Grey);
    private static readonly Style Value = new(8.2, 10.6, Ink.Black);
    private static readonly Style Strong = new(9, 10.8, Ink.Black);
    private static readonly Style Small = new(7, 9, Ink.Grey);

    /// <summary>A digest and the question mark behind it on one line.</summary>
    private static readonly Style Address = new(6.3, 9, Ink.Black);
    private static readonly Style Number = new(8, 10.6, Ink.Black, Grouped: true);
    private static readonly Style SmallNumber = new(7.4, 9.6, Ink.Black, Grouped: true);

    /// <summary>A digest of 512 bits on one line.</summary>
    private static readonly Style LongNumber = new(5.9, 9.6, Ink.Black, Grouped: true);

    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    private readonly LetterFacts facts;

    /// <summary>Characters of a second's fraction, the point included; 0 when no time has any.</summary>
    private readonly int fraction;

    public LetterPages(LetterFacts facts)
    {
        this.facts = facts;
        fraction = facts.Times.Select(t => t.GenTime).Concat([facts.ReceivedAt, facts.BlockTime])
            .Max(t => t.ToString(".FFFFFFF", CultureInfo.InvariantCulture).TrimEnd('.').Length);
        if (facts.Test)
            Sheet.Under(AcrossPage);

        Head();
        Deposit();
        Items();
        Times();
        LogAndChain();
        Notes();
        Meaning();
        RunningHeads((page, pages) => ($"{Wording.Number}{facts.Number}", $"{Invariant(page)} / {Invariant(pages)}",
            page > 1 ? $"{facts.Office.Chinese}  {Wording.TitleChinese} {Wording.TitleEnglish}" : null));
    }

    private void AcrossPage(PageCanvas page)
    {
        page.BeginArtifact();
        page.Rising(Fonts.Shape(Wording.TestMark), Sheet.PageWidth / 2, Sheet.PageHeight / 2, TestMarkSize, Ink.Pale);
        page.End();
    }

    private void Head()
    {
        var office = facts.Office;
        Sheet.Paragraph(Root, "P", office.Chinese, OfficeStyle, Side.Centre);
        Sheet.Paragraph(Root, "P", office.English, OfficeEnglishStyle, Side.Centre, "en");
        HeadRule();
        Sheet.Paragraph(Root, "H1", Wording.TitleChinese, Title, Side.Centre);
        Sheet.Paragraph(Root, "P", Wording.TitleEnglish, TitleEnglish, Side.Centre, "en");
        Sheet.Paragraph(Root, "P", Wording.Number + facts.Number, Value, Side.Right);
        Sheet.Gap(3);
        if (facts.Test)
        {
            Barred(() =>
            {
                Sheet.Paragraph(Root, "P", Wording.TestNotice, TestNotice);
                Sheet.Paragraph(Root, "P", Wording.TestNoticeEnglish, English, language: "en");
            });
            Sheet.Gap(3);
        }

        Sheet.Paragraph(Root, "P", Wording.Certify, Body);
        Sheet.Paragraph(Root, "P", Wording.CertifyEnglish, English, language: "en");
    }

    private void Deposit()
    {
        var table = Pairs(Wording.DepositSection);
        table.Row([new(Wording.Depositor, Label)], [new(facts.DepositorName, Strong), new(Wording.DepositorClaim, Small)]);
        table.Row([new(Wording.DepositorDid, Label)], [new(facts.Depositor, Value)]);
        table.Row([new(Wording.DepositAndKind, Label)], [new($"{facts.Id}{Between}{KindName(facts.Kind)}", Value)]);
        table.Row([new(Wording.Received, Label)], [new(Both(facts.ReceivedAt), Value)]);
        table.Row([new(Wording.ManifestDigest, Label)], [new(facts.ManifestDigest.ToString(), Number)]);
    }

    private void Items()
    {
        Heading(Wording.ItemsSection);
        if (facts.Kind == "digest")
            Barred(() => Sheet.Paragraph(Root, "P", Wording.DepositorHashed, Strong));
        else if (facts.Kind == "file")
            Sheet.Paragraph(Root, "P", Wording.PlatformHashed, Value);

        Sheet.Paragraph(Root, "P", facts.Kind == "digest" ? Wording.ClaimsOfDigests : Wording.Claims, Value);
        Sheet.Gap(PairGap);
        var table = new Table(
            Sheet,
            Root,
            [new(26, Wording.ItemNumber, Side.Right), new(Sheet.Width - 26 - 84, Wording.ItemName), new(84, Wording.ItemSize, Side.Right)],
            Label,
            1.4,
            rowHeads: false);
        for (var i = 0; i < facts.Items.Count; i++)
        {
            var item = facts.Items[i];
            table.RowOver(
                [
                    [new(Invariant(i + 1), Value)],
                    [item.Name.Length == 0 ? new(Wording.NoName, Label) : new(item.Name, Value), new(item.MediaType, Small)],
                    [new(item.Size is { } size ? size.ToString("#,0", CultureInfo.InvariantCulture) : Wording.NoValue, Value)],
                ],
                Digests(item));
        }
    }

    private void Times()
    {
        var authorities = facts.Times.Where(t => t.By is not null).Select(t => (t.Authority, By: t.By!)).Distinct().ToList();
        if (authorities.Count == 0)
            Heading(Wording.TimesSection);
        else
            Authorities(Pairs(Wording.TimesSection), authorities);

        var table = new Table(
            Sheet,
            Root,
            [
                new(96, Wording.Authority), new(80, Wording.Over), new(132, Wording.TimeStamped), new(Sheet.Width - 308, Wording.Serial),
            ],
            Label,
            0.8,
            rowHeads: false);
        foreach (var time in facts.Times)
        {
            table.Row(
                [new(time.Authority, Value)],
                [new(time.Over switch { "manifest" => Wording.OverManifest, "checkpoint" => Wording.OverCheckpoint, var other => other }, Value)],
                [new(Clock(time.GenTime.ToOffset(Beijing)), Value)],
                [new(time.Serial, SmallNumber)]);
        }
    }

    private static void Authorities(Table table, List<(string Authority, LetterAuthority By)> authorities)
    {
        foreach (var (authority, by) in authorities)
        {
            table.Row(
                [new(authority, Strong), new(Wording.AuthorityCertificate, Small)],
                [new($"{by.LegalName}{Between}{by.Policy}{Wording.Policy}", Value), new(by.Certificate.ToString(), SmallNumber)]);
        }
    }

    private void LogAndChain()
    {
        var table = Pairs(Wording.LogSection);
        table.Row(
            [new(Wording.Log, Label)],
            [new($"{facts.LogOrigin}{Between}{Wording.LogIndex}{Invariant(facts.LogIndex)}{Between}{Wording.CheckpointSize}{Invariant(facts.CheckpointSize)}",
                Value)]);
        table.Row([new(Wording.CheckpointRoot, Label)], [new(facts.CheckpointRoot.ToString(), Number)]);
        table.Row(
            [new(Wording.Chain, Label)],
            [new($"{Wording.ChainId}{Invariant(facts.ChainId)}{Between}{Wording.Block}{Invariant(facts.Block)}", Value)]);
        table.Row([new(Wording.Contract, Label)], [new(facts.Contract, Number)]);
        table.Row([new(Wording.Transaction, Label)], [new(facts.Transaction, Number)]);
        table.Row([new(Wording.BlockHash, Label)], [new(facts.BlockHash, Number)]);
        table.Row([new(Wording.BlockTime, Label)], [new(Both(facts.BlockTime), Value)]);
        if (facts.Parties is not { } said)
            return;

        table.Row(
            [new(Wording.OfficeStates, Label), new(Wording.OfficeStatesEnglish, Small)],
            [new($"{Wording.OfficeAddress}{said.Address}{Between}{Wording.Operator}{said.Operator}", Value),
                new($"{Wording.ChainName}{said.ChainName}{Between}{Wording.ChainOperator}{said.ChainOperator}", Value)]);
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
        ThinRule();
        return new Table(Sheet, Root, [new(142, ""), new(Sheet.Width - 142, "")], Label, 0.6, rowHeads: true);
    }

    private static Passage[] Digests(ManifestItem item)
    {
        var passages = new List<Passage>();
        foreach (var (algorithm, value) in item.Digests.OrderBy(d => d.Key != Sha256).ThenBy(d => d.Key, StringComparer.Ordinal))
        {
            if (algorithm != Sha256)
                passages.Add(new Passage(algorithm.ToUpperInvariant(), Small));

            // One line each: a reader's search for what sha256sum printed finds it.
            passages.Add(new Passage(value, value.Length > 64 ? LongNumber : SmallNumber));
        }

        return [.. passages];
    }

    /// <summary>What the file says besides its pages.</summary>
    public static DocumentInfo Info(LetterFacts facts) => new(
        $"{Wording.TitleChinese} {Wording.TitleEnglish} {facts.Number}", facts.Office, facts.IssuedAt, Wording.SignatureReason,
        "本函所载事实 The facts of this letter, RFC 8785 JSON");

    private static string KindName(string kind) => kind switch
    {
        "file" => Wording.KindFile,
        "digest" => Wording.KindDigest,
        "forensics" => Wording.KindForensics,
        "draw" => Wording.KindDraw,
        "contract" => Wording.KindContract,
        "batch" => Wording.KindBatch,
        _ => kind,
    };

    private string Both(DateTimeOffset time)
        => $"{Clock(time.ToOffset(Beijing))} {Wording.InBeijing}{Between}{Clock(time.ToUniversalTime())} UTC";

    // Every digit the token has: cutting any would state an earlier time than was proved. All times of a letter have as many as the longest.
    private string Clock(DateTimeOffset time)
        => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + time.ToString(".fffffff", CultureInfo.InvariantCulture)[..fraction];

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
