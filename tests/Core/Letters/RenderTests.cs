namespace Notary.Letters.Tests;

[TestClass]
public sealed class RenderTests
{
    private static readonly string[] Odd =
    [
        "👨‍👩‍👧.png", "\u202Egpj.exe", "שלום.txt", "مرحبا.txt", "x\u0301.txt",
        "a\u0001b", "a\u00A0b", "𠮷野家.txt", "𰻞𰻞面.txt", "\uFEFFx", "\uE000", "名\u200B称",
    ];

    /// <summary>As macOS writes names.</summary>
    private static readonly string[] Decomposed =
    [
        "Re\u0301sume\u0301 A\u030Angstro\u0308m.txt", "\u304B\u3099\u304D\u3099 \u30CF\u309A\u30F3.txt", "\u1112\u1161\u11AB\u1100\u1173\u11AF.txt",
        "и\u0306 Vie\u0323\u0302t.txt", "x\u0301.txt",
    ];

    private static readonly string[] Words =
    [
        "存证函", "Letter of Evidence Deposit", "〔2026〕示浦电存字第4712号", "示范市示浦区公证路 1 号", "示范存证平台有限公司", "示范公证联盟链", "示范链运营有限公司", "示范国家授时服务中心",
        "1.2.156.999.1.3161", "北京示例科技有限公司", "did:web:notary.example:tenants:acme", "房屋租赁合同（最终版）.pdf", "12,345",
        "2026-11-22 05:00:00.123 UTC", "2026-11-22 13:00:00.123 北京时间 (UTC+08:00)", "2026-11-22 13:00:01.023", "national-time", "second-tsa",
        "log.notary.example/2026", "4711", "4720", "31337", "123456", "contractNo", "A-17", "https://notary.example/verify/",
        "本函证明", "本函不证明", "It does not prove who made or owns the data", "公证处", "1 / 1",
    ];

    [TestMethod]
    public void Equal_facts_give_equal_bytes()
        => CollectionAssert.AreEqual(LetterRenderer.Render(Samples.Letter()), LetterRenderer.Render(Samples.Letter()));

    [TestMethod]
    public async Task Equal_facts_give_equal_bytes_whatever_was_rendered_before_and_beside()
    {
        var alone = LetterRenderer.Render(Samples.Letter());
        var many = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(()
            => (Other: LetterRenderer.Render(Samples.Letter(Samples.Item($"另一份文件{i}.txt"))), Same: LetterRenderer.Render(Samples.Letter())))));
        foreach (var (other, same) in many)
        {
            CollectionAssert.AreEqual(alone, same);
            CollectionAssert.AreNotEqual(alone, other);
        }
    }

    [TestMethod]
    public async Task Every_fact_can_be_read_and_copied()
    {
        var letter = Samples.Letter();
        var text = await Tool.TextAsync(LetterRenderer.Render(letter));
        string[] numbers =
        [
            letter.ManifestDigest.ToString(), letter.CheckpointRoot.ToString(), letter.Contract, letter.Transaction, letter.BlockHash,
            letter.Items[0].Sha256.ToString(), letter.Times[0].Serial,
        ];
        foreach (var word in Words.Concat(numbers))
            StringAssert.Contains(text, word);
    }

    [TestMethod]
    public async Task A_test_says_so_across_each_page_and_no_other_letter_does()
    {
        var letter = Samples.Letter([.. Enumerable.Range(0, 60).Select(i => Samples.Item($"文件 {i}.pdf"))]);
        var (real, pdf) = (LetterRenderer.Render(letter), LetterRenderer.Render(letter with { Test = true }));
        var pages = PageCount(pdf);
        Assert.IsGreaterThan(2, pages);

        // What rises is read letter by letter.
        Assert.AreEqual(pages, (await Tool.TextAsync(pdf)).Split("测 试 T E S T").Length - 1);
        StringAssert.Contains(await Tool.TextAsync(pdf), Wording.TestNotice);
        StringAssert.Contains(await Tool.TextAsync(pdf), Wording.TestNoticeEnglish);
        Assert.IsFalse((await Tool.TextAsync(real)).Contains('测', StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task A_search_for_a_digest_as_sha256sum_prints_it_finds_it_in_every_reader()
    {
        var letter = Samples.Letter();
        var pdf = LetterRenderer.Render(letter);
        string[] whole = [letter.Items[0].Sha256.ToString(), letter.ManifestDigest.ToString(), letter.Transaction, letter.BlockHash];
        foreach (var reader in (string[][])[["pdftotext", "{}", "-"], ["mutool", "draw", "-q", "-F", "txt", "{}"]])
        {
            var (code, text) = await Tool.RunAsync(pdf, reader[0], reader[1..]);
            Assert.AreEqual(0, code, text);
            foreach (var number in whole)
                StringAssert.Contains(text, number);
        }
    }

    [TestMethod]
    public async Task Independent_tools_find_nothing_wrong()
    {
        foreach (var letter in Letters())
            await ToolJudges.AcceptAsync(LetterRenderer.Render(letter));
    }

    [TestMethod]
    public async Task Hundred_items_flow_over_numbered_pages_with_the_head_repeated()
    {
        var letter = Samples.Letter([.. Enumerable.Range(1, 100).Select(i => Samples.Item($"证据{i:000}.png", i * 1000L))]);
        var pdf = LetterRenderer.Render(letter);
        var text = await Tool.TextAsync(pdf);
        var pages = PageCount(pdf);
        Assert.IsGreaterThan(3, pages);
        for (var page = 1; page <= pages; page++)
            StringAssert.Contains(text, $"{page} / {pages}");

        foreach (var item in letter.Items)
        {
            StringAssert.Contains(text, item.Name);
            StringAssert.Contains(text, item.Sha256.ToString());
        }

        Assert.IsGreaterThanOrEqualTo(3, text.Split(Wording.ItemName).Length - 1);
    }

    [TestMethod]
    public async Task Names_of_255_bytes_wrap_and_stay_whole()
    {
        string[] names = [new('很', 85), new('w', 255), string.Concat(Enumerable.Repeat("long name ", 25))];
        var pdf = LetterRenderer.Render(Samples.Letter([.. names.Select(n => Samples.Item(n))]));
        var text = (await Tool.TextAsync(pdf)).Replace(" ", "", StringComparison.Ordinal);
        foreach (var name in names)
            StringAssert.Contains(text, name.Replace(" ", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Characters_that_cannot_be_seen_are_shown_as_code_points()
    {
        var text = await Tool.TextAsync(LetterRenderer.Render(Samples.Letter([.. Odd.Select(n => Samples.Item(n))])));
        string[] shown =
        [
            "U+1F468", "U+200D", "U+1F467", "U+202E gpj.exe",
            "x U+0301 .txt", "a U+0001 b", "a U+00A0 b", "U+FEFF x", "U+E000", "名 U+200B 称",
            "𠮷野家.txt", "面.txt",
        ];
        var flat = text.Replace(" ", "", StringComparison.Ordinal);
        foreach (var expected in shown)
            StringAssert.Contains(flat, expected.Replace(" ", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Names_as_macOS_writes_them_are_shown_composed_and_stated_as_they_are()
    {
        var letter = Samples.Letter([.. Decomposed.Select(n => Samples.Item(n))]);
        var pdf = LetterRenderer.Render(letter);
        var text = await Tool.TextAsync(pdf);
        foreach (var name in (string[])["Résumé Ångström.txt", "がぎ パン.txt", "한글.txt", "й Việt.txt"])
            StringAssert.Contains(text, name);

        var (_, json) = await Tool.RunAsync(pdf, "pdfdetach", "-savefile", "facts.json", "-o", "/dev/stdout", "{}");
        StringAssert.Contains(json, Decomposed[0]);
    }

    [TestMethod]
    public async Task Characters_of_neighbours_are_drawn_and_copied()
    {
        string[] names = ["계약서 최종본.hwp", "𠮷野家、𩸽.pdf", "договор Ελληνικά Việt Nam Łódź.pdf"];
        var text = await Tool.TextAsync(LetterRenderer.Render(Samples.Letter([.. names.Select(n => Samples.Item(n))])));
        foreach (var name in names)
            StringAssert.Contains(text, name);
    }

    [TestMethod]
    public async Task Facts_ride_along_byte_for_byte()
    {
        foreach (var letter in Letters())
        {
            var (code, json) = await Tool.RunAsync(LetterRenderer.Render(letter), "pdfdetach", "-savefile", "facts.json", "-o", "/dev/stdout", "{}");
            Assert.AreEqual(0, code, json);
            Assert.AreEqual(Encoding.UTF8.GetString(letter.ToJson()), json);
        }
    }

    [TestMethod]
    public async Task The_title_and_the_languages_are_stated()
    {
        var pdf = LetterRenderer.Render(Samples.Letter());
        var (_, info) = await Tool.RunAsync(pdf, "pdfinfo", "-enc", "UTF-8", "{}");
        StringAssert.Contains(info, "存证函 Letter of Evidence Deposit 〔2026〕示浦电存字第4712号");
        StringAssert.Matches(info, new("Tagged: +yes"));
        StringAssert.Matches(info, new("Page size: +595.28 x 841.89 pts \\(A4\\)"));
        StringAssert.Contains(Encoding.Latin1.GetString(pdf), "/Lang (zh-CN)");
        var (_, structure) = await Tool.RunAsync(pdf, "pdfinfo", "-struct-text", "{}");
        foreach (var element in (string[])["Document", "H1", "H2", "Table", "TR", "TH", "TD", "Figure", "Form"])
            StringAssert.Contains(structure, element);
    }

    [TestMethod]
    public void Text_that_is_no_Unicode_is_refused()
    {
        var fault = Assert.ThrowsExactly<FaultException>(() => LetterRenderer.Render(Samples.Letter(Samples.Item("\uD800"))));
        Assert.AreEqual(Fault.Malformed, fault.Fault);
    }

    [TestMethod]
    public async Task A_long_note_is_split_over_pages_and_nothing_is_lost()
    {
        var words = Enumerable.Range(0, 900).Select(i => $"词{i}。").ToArray();
        var letter = Samples.Letter() with { Notes = new Dictionary<string, string> { ["长"] = string.Concat(words), ["空"] = "" } };
        var pdf = LetterRenderer.Render(letter);
        var pages = PageCount(pdf);
        Assert.IsGreaterThan(1, pages);
        var text = await Tool.TextAsync(pdf);
        for (var page = 1; page <= pages; page++)
        {
            // Foot and running head come between the halves of a word that is broken there.
            text = text.Replace($"{Wording.Number}{letter.Number} {page} / {pages}", "", StringComparison.Ordinal);
        }

        text = text.Replace("公证处 存证函 Letter of Evidence Deposit", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        var at = 0;
        foreach (var word in words)
        {
            at = text.IndexOf(word, at, StringComparison.Ordinal);
            Assert.IsGreaterThanOrEqualTo(0, at, word);
        }
    }

    /// <summary>Eleven kinds: what people deposit, and what is hard to set.</summary>
    internal static IEnumerable<LetterFacts> Letters()
    {
        yield return Samples.Letter();
        yield return Samples.Letter(
            [.. Enumerable.Range(0, 100).Select(i => Samples.Item($"{new string('长', 80)}{i:000}", i == 3 ? null : i))]) with
        { Kind = "digest" };
        yield return Samples.Letter([.. Odd.Select(n => Samples.Item(n))]) with { Notes = new Dictionary<string, string>() };
        yield return Samples.Letter(new ManifestItem("", 0, "", new Dictionary<string, string>
        {
            ["sha-256"] = Samples.Digest("").ToString(),
            ["sha-512"] = new('a', 128),
            ["sm3"] = new('b', 64),
        })) with
        {
            Office = new LetterOffice("一个名称特别特别特别特别特别特别长的公证处", "An Office Whose Name Is Very Very Very Very Very Long (and has 'quotes' & <brackets>)"),
            Parties = new LetterParties("一个二十个字的简称长得不能再长了是吧是的", new('址', 200), new('平', 200), new('链', 200), new('运', 200)),
        };
        yield return Samples.Letter(Samples.Item("screenshot.png", null)) with { Kind = "digest" };
        yield return Samples.Letter([.. Fonts.ScriptTests.Names.Select(n => Samples.Item(n))]) with { DepositorName = "شىنجاڭ تەۋەككۈلچىلىك شىركىتى" };
        yield return Samples.Letter([.. Decomposed.Select(n => Samples.Item(n))]) with { DepositorName = "Cafe\u0301 Mu\u0308nchen e.K." };
        yield return Samples.Letter(Samples.Item("계약서 최종본.hwp"), Samples.Item("ひらがな・カタカナ契約書.pdf"), Samples.Item("𠮷野家との契約、髙島屋、𩸽.pdf"));
        yield return Samples.Letter(
            Samples.Item(new string('很', 251) + ".pdf"), Samples.Item(new string('w', 255)), Samples.Item("договор №7 Ελληνικά Việt Nam Łódź.pdf"));
        yield return Samples.Letter(Samples.Item("Lease agreement (final).pdf")) with
        {
            DepositorName = "Example Trading Ltd",
            Office = new LetterOffice("Model Notary Office", "Model Notary Office"),
            Parties = new LetterParties("MNO", "1 Model Road, Model City", "Model Platform Ltd", "Model Chain", "Model Chain Operations Ltd"),
        };
        yield return Samples.Letter() with
        {
            Notes = Enumerable.Range(0, 8).ToDictionary(i => $"备注 {i}", i => string.Concat(Enumerable.Repeat("本处确认该合同真实有效。", i + 1)), StringComparer.Ordinal),
        };
    }

    private static int PageCount(byte[] pdf)
        => Encoding.Latin1.GetString(pdf).Split("/Type /Page /Parent").Length - 1;
}
