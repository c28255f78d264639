namespace Notary.Evidence.Tests.Draws;

/// <summary>What a list may hold, and that one wrong row keeps all of it out. Every case is judged by the independent implementation, too.</summary>
[TestClass]
public sealed class ListImportTests
{
    private const string Gb18030 = "gb18030";

    private static readonly DrawRules Grouped = new(["甲", "乙", "A"], [DrawBed.Round(1)]);

    private static readonly DrawRules Sorted = Grouped with { Groups = [.. Grouped.Groups.Order(StringComparer.Ordinal)] };

    private static readonly DrawRules Plain = DrawBed.Rules(DrawBed.Round(1));

    /// <summary>Text, whether it is taken, and why not.</summary>
    private static readonly (string Text, string? Code, int Line)[] CsvCases =
    [
        ("id\n1", null, 0),
        ("id\r\n1\r\n2\r\n", null, 0),
        ("\uFEFFid,name\n1,张三\n", null, 0),
        ("id,name\n1,\uFEFF张三\n", "name-character", 2),
        ("id,name\n\uFEFF1,张三\n", "id-character", 2),
        ("id\n1\n\n\n2\n", null, 0),
        ("id\n1\n \n", "id-empty", 3),
        ("weight,id\n100,1\n1,2\n", null, 0),
        ("id,weight\n1,0\n", "weight", 2),
        ("id,weight\n1,101\n", "weight", 2),
        ("id,weight\n1,1.5\n", "weight", 2),
        ("id,weight\n1,１\n", "weight", 2),
        ("id,weight\n1, 1\n", "weight", 2),
        ("id,weight\n1,+1\n", "weight", 2),
        ("id,weight\n1,01\n", "weight", 2),
        ("id,weight\n1,\n", "weight", 2),
        ("id,weight\n1,99999999999999999999\n", "weight", 2),
        ("id,weight\n1,\"7\"\n", null, 0),
        ("id,name\n1,\"a,\"\"b\"\"\"\n", null, 0),
        ("id,name\n\"1\",\"\"\n", null, 0),
        ("id,name\n1,\"a\nb\"\n2,c\n", "name-character", 2),
        ("id,name\n1,a\n2,\"b\r\nc\"\n3,\"d\n\ne\"\n", "name-character", 3),
        ("id,name\n1,a\"b\n2,c\"d\n", "row-quotes", 2),
        ("id,name\n1, \"a\"\n", "row-quotes", 2),
        ("id,name\n1,\"a\"b\n", "row-quotes", 2),
        ("id,name\n1,\"a\n2,b\n3,c\n", "row-quotes", 2),
        ("id,name\n1\n", "row-fields", 2),
        ("id,name\n1,a,b\n", "row-fields", 2),
        ("id,name\n1,a,\n", "row-fields", 2),
        ("id,name,group,weight\n1,a,,1,\n", "row-fields", 2),
        ("id,name\n1,\"a\",b\n", "row-fields", 2),
        ("id\n1\n2\n1\n", "id-repeated", 4),
        ("id\n11010519491231002X\n11010519491231002x\n", "id-repeated", 3),
        ("id\né\n\u2003e\u0301\u3000\n", "id-repeated", 3),
        ("id\na\0b\n", "id-character", 2),
        ("id\na b\n", "id-character", 2),
        ("id\na\u200bb\n", "id-character", 2),
        ("id\n１２３\n", "id-character", 2),
        ("id\n\uFFFD\n", "row-encoding", 2),
        ("id\n\uFFFE\n", "id-character", 2),
        ("id\n\U0001FFFE\n", "id-character", 2),
        ("id\n\U000E0041\n", "id-character", 2),
        ("id\n" + new string('x', 64) + "\n", null, 0),
        ("id\n" + new string('x', 65) + "\n", "id-long", 2),
        ("id\n" + new string(' ', 3000) + new string('x', 64) + new string('\t', 3000) + "\n", null, 0),
        ("id\n" + new string('张', 21) + "\n", null, 0),
        ("id\n" + new string('张', 22) + "\n", "id-long", 2),
        ("id,name\n1," + new string('n', 200) + "\n2," + new string('n', 201) + "\n", "name-long", 3),
        ("id,name\n1," + new string('n', 65_534) + "\n", "name-long", 2),
        ("id,name\n1," + new string('n', 65_535) + "\n", "row-long", 2),
        ("id,group\n1,\n2,A\n", "group-unknown", 3),
        ("id,name\n1,=1+1\n2,O'Neil\n3,\n4, \n", null, 0),
        ("id,name\n1,a\rb\n", "name-character", 2),
        ("id\n1\r\r\n", "id-character", 2),
    ];

    private static readonly (string Text, string? Code)[] JsonCases =
    [
        ("{\"id\":\"1\"}", null),
        ("{\"id\":\"1\",\"name\":\"张三\",\"group\":\"\",\"weight\":100}\r\n {\"id\" : \"2\"} \n\n", null),
        ("{\"\\u0069d\":\"\\u0031\",\"weight\":1e1}\n", null),
        ("{\"id\":\"1\",\"weight\":2.0}\n", null),
        ("{\"id\":\"1\",\"weight\":1.5}\n", "weight"),
        ("{\"id\":\"1\",\"weight\":0}\n", "weight"),
        ("{\"id\":\"1\",\"weight\":101}\n", "weight"),
        ("{\"id\":\"1\",\"weight\":-1}\n", "weight"),
        ("{\"id\":\"1\",\"weight\":1e999}\n", "weight"),
        ("{\"id\":\"1\",\"weight\":\"1\"}\n", "row-fields"),
        ("{\"id\":1}\n", "row-fields"),
        ("{\"id\":null}\n", "row-fields"),
        ("{\"name\":\"a\"}\n", "row-fields"),
        ("{\"id\":\"1\",\"id\":\"2\"}\n", "row-fields"),
        ("{\"id\":\"1\",\"\\u0069d\":\"2\"}\n", "row-fields"),
        ("{\"id\":\"1\",\"age\":2}\n", "row-fields"),
        ("{\"id\":{\"a\":1}}\n", "row-fields"),
        ("{\"id\":\"1\"},\n", "row-json"),
        ("{\"id\":\"1\"}{\"id\":\"2\"}\n", "row-json"),
        ("{\"id\":\"1\",}\n", "row-json"),
        ("[{\"id\":\"1\"}]\n", "row-json"),
        ("{}\n", "row-fields"),
        ("   \n", "row-json"),
        ("id,name\n1,a\n", "row-json"),
        ("{\"id\":\"\\ud800\"}\n", "row-encoding"),
        ("{\"id\":\"a\\u0000\"}\n", "id-character"),
        ("{\"id\":\"1\"}\n{\"id\":\" 1\"}\n", "id-repeated"),
        ("{\"id\":\"1\",\"name\":\"a\\nb\"}\n", "name-character"),
    ];

    [TestMethod]
    public async Task CsvOfEveryKind() => await JudgeAsync(ListFormat.Csv, CsvCases);

    [TestMethod]
    public async Task JsonOfEveryKind() => await JudgeAsync(ListFormat.NdJson, [.. JsonCases.Select(c => (c.Text, c.Code, 0))]);

    private static async Task JudgeAsync(ListFormat format, (string Text, string? Code, int Line)[] cases)
    {
        var questions = cases.Select(c => JsonSerializer.Serialize(new
        {
            list = Convert.ToBase64String(Encoding.UTF8.GetBytes(c.Text)),
            format = format.ToString().ToLowerInvariant(),
            groups = Array.Empty<string>(),
        }));
        var answers = await NodePeer.AskAsync("draw.mjs", "lists", [.. questions], "Draws/independent");
        for (var i = 0; i < cases.Length; i++)
        {
            var (text, code, line) = cases[i];
            var said = JsonSerializer.Serialize(text.Length > 200 ? text[..200] : text);
            Assert.AreEqual(code is null, answers[i] != "!", $"the peer on {said}: {answers[i]}");
            if (code is null)
            {
                var list = await DrawBed.ListAsync(text, Plain, format);
                Assert.AreEqual(JsonNode.Parse(answers[i])!.AsArray().Count, list.Count, said);
                continue;
            }

            var refused = await Assert.ThrowsExactlyAsync<ListRefusedException>(() => DrawBed.ListAsync(text, Plain, format), said);
            Assert.AreEqual(code, refused.Refusals[0].Code, said);
            Assert.IsFalse(refused.Refusals[0].ToString().EndsWith("the row", StringComparison.Ordinal));
            if (line > 0)
                Assert.AreEqual(line, refused.Refusals[0].Line, said);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("\n")]
    [DataRow("id\n")]
    [DataRow("1\n2\n")]
    [DataRow("id,id\n1,1\n")]
    [DataRow("id,age\n1,1\n")]
    [DataRow("name\na\n")]
    [DataRow("\"id\"\n1\n")]
    [DataRow("ID\n1\n")]
    public async Task AListWithoutCandidatesOrColumns(string text)
    {
        await Assert.ThrowsExactlyAsync<FaultException>(() => DrawBed.ListAsync(text, Plain));
        var list = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var question = JsonSerializer.Serialize(new { list, format = "csv", groups = Array.Empty<string>() });
        Assert.AreEqual("!", (await NodePeer.AskAsync("draw.mjs", "lists", [question], "Draws/independent"))[0]);
    }

    [TestMethod]
    public async Task GroupsAreTheRules()
    {
        var list = await DrawBed.ListAsync("id,group,name\n1, 甲 ,王\n2,A,欧阳娜娜\n3,乙,Ann\n", Sorted);
        CollectionAssert.AreEquivalent(new[] { "甲|*", "A|欧***", "乙|A**" }, Enumerable.Range(0, 3).Select(i => $"{list[i].Group}|{list[i].Masked}").ToList());
        var refused = await Assert.ThrowsExactlyAsync<ListRefusedException>(() => DrawBed.ListAsync("id,group\n1,甲\n2,丙\n3,\n4,\"甲,\"\n", Sorted));
        Assert.AreEqual("3 group-unknown, 4 group-unknown, 5 group-character", string.Join(", ", refused.Refusals.Select(r => $"{r.Line} {r.Code}")));
    }

    [TestMethod]
    public async Task EncodingsAreNamedAndNeverGuessed()
    {
        const string Text = "id,name\n1,张三\n2,李四\n3,\u3400\U00020000\n";
        var utf8 = await DrawBed.ListAsync(Text, Plain);
        foreach (var name in new[] { Gb18030, "utf-16" })
        {
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];
            Assert.AreEqual(utf8.Root(), (await DrawBed.ListAsync(bytes, Plain, encoding: encoding)).Root(), name);
            if (name == Gb18030)
                Assert.AreEqual("row-encoding", await CodeAsync(bytes, null));
            else
                Assert.Contains("UTF-16", (await Assert.ThrowsExactlyAsync<FaultException>(() => DrawBed.ListAsync(bytes, Plain))).Message);
        }

        // Bytes that the named encoding does not have.
        byte[] broken = [.. "id,name\n1,"u8, 0xff, 0xff, (byte)'\n'];
        var gb = CodePagesEncodingProvider.Instance.GetEncoding(Gb18030);
        Assert.AreEqual("row-encoding", await CodeAsync(broken, gb));

        static async Task<string> CodeAsync(byte[] bytes, Encoding? encoding)
            => (await Assert.ThrowsExactlyAsync<ListRefusedException>(() => DrawBed.ListAsync(bytes, Plain, encoding: encoding))).Refusals[0].Code;
    }

    [TestMethod]
    public async Task TheFirstHundredRefusalsAreToldInOrderAndAllAreCounted()
    {
        // Over several blocks, with duplicates among them.
        var text = new StringBuilder("id,name,weight\n");
        const int Rows = 120_000;
        for (var i = 0; i < Rows; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i % 1000 == 999 ? i - 1 : i)},some name,{(i % 1000 == 5 ? "zwei" : "2")}\n");

        var refused = await Assert.ThrowsExactlyAsync<ListRefusedException>(() => DrawBed.ListAsync(text.ToString(), Plain));
        Assert.AreEqual(2 * Rows / 1000, refused.Total);
        Assert.HasCount(ListRefusedException.MostTold, refused.Refusals);
        for (var i = 0; i < ListRefusedException.MostTold; i++)
        {
            // Row i stands in line i + 2.
            var thousand = (i / 2 * 1000) + 2;
            var wanted = i % 2 == 0 ? new ListRefusal(thousand + 5, "weight") : new ListRefusal(thousand + 999, "id-repeated", thousand + 998);
            Assert.AreEqual(wanted, refused.Refusals[i]);
        }
    }

    [TestMethod]
    public async Task AQuoteThatIsNeverClosedEndsAtABound()
    {
        var text = "id,name\n1,a\n2,\"b\n" + string.Concat(Enumerable.Repeat("3,no quote for a very long time\n", 100_000));
        var refused = await Assert.ThrowsExactlyAsync<ListRefusedException>(() => DrawBed.ListAsync(text, Plain));
        Assert.AreEqual(new ListRefusal(3, "row-long"), refused.Refusals.Single());
    }

    [TestMethod]
    public async Task OrderOfRowsAndWidthOfLanesDoNotMatter()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 40_000).Select(i => $"{i * 31},{new string('n', i % 200)},{1 + (i % 100)}").ToArray();
        var list = await DrawBed.ListAsync("id,name,weight\n" + string.Join('\n', rows), Plain);
        var bytes = await DrawBed.PublicAsync(list);
        random.Shuffle(rows);
        foreach (var lanes in new[] { 1, 8, 16 }.Where(l => l <= ShaMany.Widest))
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes("id,name,weight\r\n" + string.Join("\r\n", rows)));
            var other = await ListImport.ReadAsync(stream, ListFormat.Csv, null, Plain, DrawBed.Secret, lanes, null, CancellationToken.None);
            CollectionAssert.AreEqual(bytes, await DrawBed.PublicAsync(other));
        }

        using var again = new MemoryStream(bytes);
        var read = await PublicListReader.ReadAsync(again, Plain, null, CancellationToken.None);
        Assert.AreEqual(list.Commitment(), read.Commitment());

        // The salts are the definition's, and positions lead to the root.
        var salt = DrawBed.Secret.Salt("31");
        var index = list.IndexOf(ListSecret.Handle(salt, "31", "n"));
        Assert.IsTrue(index >= 0);
        foreach (var i in new[] { 0, index, list.Count - 1 })
        {
            byte[] leaf = [.. list[i].Handle.ToArray(), (byte)list[i].Weight, 0, (byte)list[i].Masked.Length, .. Encoding.UTF8.GetBytes(list[i].Masked)];
            Assert.IsTrue(Merkle.VerifyInclusion(Merkle.LeafHash(leaf), i, list.Count, list.Path(i), list.Root()));
        }
    }

    [TestMethod]
    public async Task APublicListHasOneSpelling()
    {
        var list = await DrawBed.ListAsync("id,name,group,weight\n1,张三,甲,3\n2,李四,A,1\n3,王五,乙,2\n", Sorted);
        var lines = Encoding.UTF8.GetString(await DrawBed.PublicAsync(list)).Split('\n');
        await ReadAsync(lines);
        string[][] forged =
        [
            [lines[0], lines[2], lines[1], .. lines[3..]],
            [lines[0], lines[1], lines[1], .. lines[3..]],
            [lines[0], lines[1].ToUpperInvariant(), .. lines[2..]],
            [lines[0], lines[1].Replace(",", ", ", StringComparison.Ordinal), .. lines[2..]],
            [lines[0], lines[1] + "\r", .. lines[2..]],
            [lines[0], lines[1] + "四五六七八", .. lines[2..]],
            [.. lines[1..]],
            [lines[0], ""],
            lines[..^1],
        ];
        foreach (var wrong in forged)
            await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(wrong), string.Join('|', wrong));

        static async Task ReadAsync(string[] lines)
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            await PublicListReader.ReadAsync(stream, Sorted, null, CancellationToken.None);
        }
    }
}
