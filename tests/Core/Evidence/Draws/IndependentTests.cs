namespace Notary.Evidence.Tests.Draws;

/// <summary>The same files, byte for byte, as an implementation in another language that knows docs/draw-format.md and nothing else.</summary>
[TestClass]
public sealed class IndependentTests
{
    private const int Small = 1_200;
    private const int Large = 100_000;
    private const int Damaged = 4_000;

    private static readonly string[] Surnames = ["张", "欧阳", "阿依古丽·", "é", "e\u0301", "O'", "=", "\U00020000", "  Ann ", "", "각", "각"];

    private static readonly string[] Ends = ["三", "x", "娜娜", "\u3099", " ", ", \"Jr.\"", "\u0323\u0307", ""];

    [TestMethod]
    public async Task ManySmallDraws()
    {
        var questions = new List<(string Json, byte[] List, ListFormat Format, DrawRules Rules, int Number)>();
        for (var i = 0; i < Small; i++)
        {
            var random = new Random(i);
            var rules = Rules(random);
            var format = i % 2 == 0 ? ListFormat.Csv : ListFormat.NdJson;
            var list = List(random, rules, random.Next(1, 60), DrawRules.MaxWeight, format);
            questions.Add((Question(i, rules, format, Convert.ToBase64String(list), null), list, format, rules, i));
        }

        var answers = await NodePeer.AskAsync("draw.mjs", "draws", [.. questions.Select(q => q.Json)], "Draws/independent");
        for (var i = 0; i < Small; i++)
            await CompareAsync(answers[i], questions[i].List, questions[i].Format, questions[i].Rules, i);
    }

    [TestMethod]
    public async Task OneLargeDraw()
    {
        var random = new Random(Large);
        var rules = new DrawRules(["A", "B", "乙"],
        [
            DrawBed.Round(5_000, 1_000, weights: true), DrawBed.Round(2_000, 100, groups: ["A", "乙"]),
            DrawBed.Round(80_000, 30_000, earlierWinners: true), DrawBed.Round(10, 10, groups: "B"),
        ]);
        var list = List(random, rules, Large, 3, ListFormat.Csv);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, list);
            var answers = await NodePeer.AskAsync("draw.mjs", "draws", [Question(Large, rules, ListFormat.Csv, null, file)], "Draws/independent");
            await CompareAsync(answers[0], list, ListFormat.Csv, rules, Large);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Lists with a few bytes put in, taken out or changed: both take them, as the same candidates, or neither does.</summary>
    [TestMethod]
    public async Task DamagedListsAreJudgedAlike()
    {
        string[] texts =
            ["\"", "\"\"", ",", "\n", "\r", "\r\n", "\0", "\uFEFF", "\u3000", "\u200c", "\u0301", " ", "\t", "\\", "\\u00e9", "{", "}", ":", "0", "1e0", "."];
        byte[][] pieces = [.. texts.Select(Encoding.UTF8.GetBytes), [0xff], [0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]];
        var (rules, lists) = (DrawBed.Rules(DrawBed.Round(1)), new List<(byte[] Bytes, ListFormat Format)>());
        for (var i = 0; i < Damaged; i++)
        {
            var random = new Random(i);
            var format = i % 2 == 0 ? ListFormat.Csv : ListFormat.NdJson;
            var bytes = List(random, rules, random.Next(1, 6), 9, format).ToList();
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                var at = random.Next(bytes.Count);
                bytes.RemoveRange(at, Math.Min(random.Next(3), bytes.Count - at));
                bytes.InsertRange(at, random.Next(4) == 0 ? [] : pieces[random.Next(pieces.Length)]);
            }

            lists.Add(([.. bytes], format));
        }

        var answers = await NodePeer.AskAsync("draw.mjs", "lists", [.. lists.Select(l => JsonSerializer.Serialize(new
        {
            list = Convert.ToBase64String(l.Bytes),
            format = l.Format.ToString().ToLowerInvariant(),
            groups = Array.Empty<string>(),
        }))], "Draws/independent");
        var taken = 0;
        for (var i = 0; i < Damaged; i++)
        {
            var ours = "!";
            try
            {
                var list = await DrawBed.ListAsync(lists[i].Bytes, rules, lists[i].Format);
                var theirs = answers[i] == "!" ? [] : JsonNode.Parse(answers[i])!.AsArray();
                foreach (var one in theirs)
                {
                    var (id, name) = ((string)one!["id"]!, (string)one["name"]!);
                    var place = list.IndexOf(ListSecret.Handle(DrawBed.Secret.Salt(id), id, name));
                    Assert.IsTrue(place >= 0 && list[place].Weight == (int)one["weight"]!, $"list {i} lacks {id}");
                }

                ours = list.Count == theirs.Count ? answers[i] : "taken";
                taken++;
            }
            catch (Exception e) when (e is ListRefusedException or FaultException)
            {
            }

            Assert.AreEqual(answers[i], ours, $"list {i}: {JsonSerializer.Serialize(Encoding.UTF8.GetString(lists[i].Bytes))}");
        }

        Assert.IsTrue(taken is > Damaged / 10 and < Damaged * 9 / 10, $"{taken} of {Damaged} were taken");
    }

    private static async Task CompareAsync(string answer, byte[] bytes, ListFormat format, DrawRules rules, int number)
    {
        var theirs = JsonNode.Parse(answer)!;
        var list = await DrawBed.ListAsync(bytes, rules, format);
        var (draw, reveals) = Draw(number, rules, list);
        Assert.AreEqual((string)theirs["public"]!, Digest.Of(await DrawBed.PublicAsync(list)).ToString(), $"public list {number}");
        Assert.AreEqual((string)theirs["draw"]!, Encoding.UTF8.GetString(draw.ToBytes()), $"draw {number}");
        Assert.AreEqual(draw, DrawDocument.Parse(draw.ToBytes()) with { Rules = draw.Rules });

        var (result, winners) = await DrawBed.DrawAsync(draw, list, reveals);
        Assert.AreEqual((string)theirs["winners"]!, Encoding.UTF8.GetString(winners), $"winners {number}");
        Assert.AreEqual((string)theirs["result"]!, Encoding.UTF8.GetString(result.ToBytes()), $"result {number}");
        CollectionAssert.AreEqual(result.ToBytes(), DrawResult.Parse(result.ToBytes()).ToBytes());

        var json = JsonNode.Parse((string)theirs["ticket"]!)!;
        var ticket = CandidateTicket.Of(draw, list, DrawBed.Secret, (string)json["id"]!, (string)json["name"]!)!;
        Assert.AreEqual((string)theirs["ticket"]!, Encoding.UTF8.GetString(ticket.ToBytes()), $"ticket {number}");
        Assert.IsTrue(ticket.IsIn(draw));

        // What he finds alone is what the table says.
        var rows = Encoding.UTF8.GetString(winners).Split('\n').Select(row => row.Split(',')).Where(row => row.Length > 4 && row[4] == ticket.Handle.ToString())
            .ToDictionary(row => int.Parse(row[0], CultureInfo.InvariantCulture), row => (Place: row[1], Number: row[6]));
        foreach (var fate in ticket.Fates(draw, result))
        {
            var place = rows.TryGetValue(fate.Round, out var row) ? row.Place : null;
            Assert.AreEqual(place, fate.Fate switch { Fate.Won => "winner", Fate.Reserve => "reserve", _ => null }, $"round {fate.Round} of draw {number}");
            Assert.IsTrue(place is null || row.Number == fate.Number!.Value.ToString("x32", CultureInfo.InvariantCulture));
        }
    }

    private static (DrawDocument Draw, DrawReveals Reveals) Draw(int number, DrawRules rules, PublicList list)
    {
        var random = new Random(-1 - number);
        var draw = DrawBed.Draw(rules, list, random);
        return (draw, DrawBed.Reveals(draw.Id, random, draw.Beacon is BeaconPlan.Drand ? BeaconKind.Drand : BeaconKind.Block));
    }

    private static string Question(int number, DrawRules rules, ListFormat format, string? list, string? file)
    {
        var any = DrawBed.ListAsync("id\n1\n", DrawBed.Rules(DrawBed.Round(1))).GetAwaiter().GetResult();
        var (draw, reveals) = Draw(number, rules, any);
        return new JsonObject
        {
            ["list"] = list,
            ["file"] = file,
            ["format"] = format.ToString().ToLowerInvariant(),
            ["secret"] = Convert.ToHexStringLower(DrawBed.Secret.ToArray()),
            ["draw"] = JsonNode.Parse(draw.ToBytes()),
            ["reveals"] = JsonNode.Parse(reveals.ToBytes()),
            ["candidate"] = number,
        }.ToJsonString();
    }

    private static DrawRules Rules(Random random)
    {
        string[] groups = [.. new[] { "A", "B", "á", "乙", "\U00020000" }.Take(random.Next(6))];
        return new DrawRules(groups, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => DrawBed.Round(
            random.Next(1, 30), random.Next(10), random.Next(2) == 0, random.Next(2) == 0, [.. groups.Where(_ => random.Next(2) == 0)]))]);
    }

    private static byte[] List(Random random, DrawRules rules, int count, int heaviest, ListFormat format)
    {
        var text = new StringBuilder(random.Next(3) == 0 ? "\uFEFF" : "");
        var line = random.Next(2) == 0 ? "\n" : "\r\n";
        text.Append(format == ListFormat.Csv ? "group,id,weight,name" + line : "");
        for (var i = 0; i < count; i++)
        {
            var group = rules.Groups.Count == 0 ? "" : rules.Groups[random.Next(rules.Groups.Count)];
            var (id, weight) = ($"{i}-{random.Next()}x张", random.Next(1, heaviest + 1));
            var name = Surnames[random.Next(Surnames.Length)] + Ends[random.Next(Ends.Length)];
            var quoted = name.Replace("\"", "\"\"", StringComparison.Ordinal);
            text.Append(format == ListFormat.NdJson ? JsonSerializer.Serialize(new { id, name, group = $" {group}\u3000", weight })
                : string.Create(CultureInfo.InvariantCulture, $"{group},\u00a0{id} ,{weight},\"{quoted}\"")).Append(line);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
