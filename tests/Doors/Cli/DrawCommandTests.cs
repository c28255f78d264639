using System.IO.Compression;
using System.Text.RegularExpressions;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary draw</c> over the example of docs/draw-format.md, whole and forged; what docs/cli.md shows is what it prints.</summary>
[TestClass]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class DrawCommandTests
{
    private static readonly string Format = Path.Combine(Repository.Root, "docs", "draw-format.md");
    private static readonly string Cli = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));

    private string folder = null!;

    [TestInitialize]
    public void Unpack()
    {
        folder = Directory.CreateTempSubdirectory("notary-draw").FullName;
        foreach (Match file in Example().Matches(File.ReadAllText(Format)))
        {
            var (name, text) = (file.Groups["file"].Value, file.Groups["text"].Value);
            File.WriteAllText(At(name), name.EndsWith(".json", StringComparison.Ordinal) ? text.Replace("\n", "", StringComparison.Ordinal) : text);
        }
    }

    [TestCleanup]
    public void Remove() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public async Task AWholeDrawIsRecomputedAsTheDocumentSays()
    {
        var run = await Run.AsyncOf("draw", "recompute", folder);
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        Assert.AreEqual(Shown("$ notary draw recompute example"), run.Output);

        var ticket = await Run.AsyncOf("draw", "check-ticket", At("ticket.json"), folder);
        Assert.AreEqual(0, ticket.Exit, ticket.Error);
        Assert.AreEqual(Shown("$ notary draw check-ticket example/ticket.json example"), ticket.Output);
    }

    [TestMethod]
    public async Task StrangersRecomputeFromThePublicListInAZip()
    {
        File.Delete(At("list.csv"));
        File.Delete(At("list-secret.txt"));
        var zip = folder + ".zip";
        await ZipFile.CreateFromDirectoryAsync(folder, zip);
        try
        {
            var run = await Run.AsyncOf("draw", "recompute", zip, "--json");
            Assert.AreEqual(0, run.Exit, run.Output + run.Error);
            var json = JsonDocument.Parse(run.Output).RootElement;
            Assert.AreEqual("recomputed", json.GetProperty("outcome").GetString());
            Assert.AreEqual(64, json.GetProperty("seed").GetString()!.Length);
            Assert.AreEqual("public.csv", Rung(json, "list").GetProperty("subject").GetString());
        }
        finally
        {
            File.Delete(zip);
        }
    }

    [TestMethod]
    [DataRow("list.csv", "欧阳娜娜", "欧阳娜", "list", "public-differs", DisplayName = "a name, of which strangers see less")]
    [DataRow("list.csv", "2026-0004", "2026-0006", "list", "list-differs")]
    [DataRow("list.csv", ",3\n", ",4\n", "list", "list-differs")]
    [DataRow("public.csv", "李*", "王*", "list", "public-differs")]
    [DataRow("reveals.json", "\"7777", "\"7778", "reveals", "reveal-differs")]
    [DataRow("reveals.json", "\"drand\"", "\"block\"", "beacon", "beacon-kind")]
    [DataRow("reveals.json", "aaaa\"", "aaab\"", "seed", "seed-differs")]
    [DataRow("draw.json", "\"quota\":2", "\"quota\":1", "winners", "winners-differ")]
    [DataRow("draw.json", "\"draw\"", "\"rehearsal\"", "result", "result-differs", DisplayName = "a rehearsal passed off as the draw, or the reverse")]
    [DataRow("draw.json", "56ef", "56ee", "list", "list-differs")]
    [DataRow("winners.csv", "1,winner,1,5", "1,winner,1,4", "winners", "winners-differ")]
    [DataRow("result.json", "\"winners\":2", "\"winners\":3", "result", "result-differs")]
    public async Task WhatWasForgedIsNamed(string file, string from, string to, string rung, string code)
    {
        var text = await File.ReadAllTextAsync(At(file));
        Assert.Contains(from, text);
        await File.WriteAllTextAsync(At(file), text.Replace(from, to, StringComparison.Ordinal));
        var run = await Run.AsyncOf("draw", "recompute", folder, "--json");
        Assert.AreEqual(1, run.Exit, run.Output + run.Error);
        var failed = JsonDocument.Parse(run.Output).RootElement.GetProperty("rungs").EnumerateArray()
            .Where(r => r.GetProperty("mark").GetString() == "fail").Select(r => $"{r.GetProperty("rung")} {r.GetProperty("code")}").ToList();
        Assert.Contains($"{rung} {code}", failed, run.Output);
    }

    [TestMethod]
    public async Task WhatIsComputedIsWrittenAndOverwritesNothing()
    {
        foreach (var name in new[] { "public.csv", "winners.csv", "result.json" })
            File.Move(At(name), At("given-" + name));

        var run = await Run.AsyncOf("draw", "recompute", folder, "--out", folder, "--spec", Format);
        Assert.AreEqual(1, run.Exit);
        Assert.Contains("[spec-differs]", run.Output);
        foreach (var name in new[] { "public.csv", "winners.csv", "result.json" })
            CollectionAssert.AreEqual(await File.ReadAllBytesAsync(At("given-" + name)), await File.ReadAllBytesAsync(At(name)), name);

        await BadAsync("already exists", "draw", "recompute", folder, "--out", folder);
    }

    [TestMethod]
    public async Task TicketsAreMadeAndChecked()
    {
        var made = await Run.AsyncOf("draw", "ticket", folder, "--id", "2026-0001x", "--name", " 张三");
        Assert.AreEqual(await File.ReadAllTextAsync(At("ticket.json")), made.Output);
        await BadAsync("nobody of that id and name", "draw", "ticket", folder, "--id", "2026-0001x", "--name", "张");

        var reserve = await Run.AsyncOf("draw", "ticket", folder, "--id", "2026-0003", "--name", "Smith, John");
        await File.WriteAllTextAsync(At("other.json"), reserve.Output);
        var told = await Run.AsyncOf("draw", "check-ticket", At("other.json"), folder, "--json");
        var fates = JsonDocument.Parse(told.Output).RootElement.GetProperty("rounds");
        Assert.AreEqual("reserve, won", string.Join(", ", fates.EnumerateArray().Select(f => f.GetProperty("fate").GetString())));

        await File.WriteAllTextAsync(At("other.json"), reserve.Output.Replace("\"weight\":1", "\"weight\":2", StringComparison.Ordinal));
        var forged = await Run.AsyncOf("draw", "check-ticket", At("other.json"), folder);
        Assert.AreEqual(1, forged.Exit);
        Assert.Contains("[not-included]", forged.Output);
        Assert.DoesNotContain("WON", forged.Output);

        // A result whose maker chose the seed.
        var result = await File.ReadAllTextAsync(At("result.json"));
        await File.WriteAllTextAsync(At("result.json"), result.Replace("\"seed\":\"de33", "\"seed\":\"de34", StringComparison.Ordinal));
        var chosen = await Run.AsyncOf("draw", "check-ticket", At("ticket.json"), folder);
        Assert.AreEqual(1, chosen.Exit);
        Assert.Contains("[seed-differs]", chosen.Output);
    }

    [TestMethod]
    public async Task PersonalLinksAreMadeWhereListAndSecretAre()
    {
        const string Before = "https://notary.example/draws/1111111111111111111111111111111111111111111111111111111111111111/mine#salt=";
        string[] links =
            ["draw", "links", At("list.csv"), "--secret", At("list-secret.txt"), "--url", "https://notary.example/", "--draw", new string('1', 64)];
        File.SetUnixFileMode(At("list-secret.txt"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await BadAsync("others can read", links);
        File.SetUnixFileMode(At("list-secret.txt"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.AppendAllTextAsync(At("list.csv"), "\" \"\"a\"\",b \",名,B,1\n");
        var run = await Run.AsyncOf(links);
        Assert.AreEqual(0, run.Exit, run.Error);
        var (lines, secret) = (run.Output.Split('\n'), new ListSecret(Convert.FromHexString((await File.ReadAllTextAsync(At("list-secret.txt"))).TrimEnd())));
        Assert.AreEqual("id,link", lines[0]);
        Assert.AreEqual($"2026-0001x,{Before}cf16b011c2bc6ea0d5b9ff95a0feb36000b3bcc44528603ea0ed62e6c2f2af8a", lines[1]);
        Assert.AreEqual($"2026-0005,{Before}{secret.Salt("2026-0005")}", lines[5]);
        Assert.AreEqual($"\"\"\"a\"\",b\",{Before}{secret.Salt("\"a\",b")}", lines[6]);
        Assert.HasCount(8, lines);

        // The same from the same list in another form and encoding.
        var rows = "{\"id\":\"2026-0005\",\"name\":\"王\",\"group\":\"丙\"}\r\n";
        await File.WriteAllBytesAsync(At("list.ndjson"), CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes(rows));
        links[2] = At("list.ndjson");
        Assert.AreEqual($"id,link\n{lines[5]}\n", (await Run.AsyncOf([.. links, "--encoding", "gb18030"])).Output);
        await BadAsync("their links are missing; the first: line 1: not in the encoding", links);
        links[6] = "http://notary.example";
        await BadAsync("--url must be https", links);
        links[8] = "11";
        await BadAsync("--draw is not", links);
    }

    [TestMethod]
    public async Task AListInAnotherEncodingIsReadWhenItIsNamed()
    {
        var text = await File.ReadAllTextAsync(At("list.csv"));
        await File.WriteAllBytesAsync(At("list.csv"), CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes(text));
        Assert.Contains("line 2: not in the encoding", (await Run.AsyncOf("draw", "ticket", folder, "--id", "2026-0002")).Error);
        Assert.AreEqual(0, (await Run.AsyncOf("draw", "recompute", folder, "--encoding", "gb18030")).Exit);
    }

    [TestMethod]
    public async Task WhatCannotBeReadEndsWithOneSentence()
    {
        await BadAsync("", "draw", "recompute", At("nowhere"));
        await BadAsync("ticket.json", "draw", "check-ticket", At("list.csv"), folder);
        await BadAsync("neither a folder nor a zip", "draw", "recompute", At("list.csv"));
        await BadAsync("none that is known", "draw", "recompute", folder, "--encoding", "runes");
        await File.AppendAllTextAsync(At("list.csv"), "2026-0001X,张三,A,1\n2026-0009,李,A,0\n");
        var refused = await Run.AsyncOf("draw", "recompute", folder);
        Assert.AreEqual(2, refused.Exit);
        Assert.AreEqual("notary: list.csv: 2 rows are refused and nothing was taken; line 7: the id of line 2 again\n", refused.Error);
        Assert.AreEqual("line 7: the id of line 2 again\nline 8: the weight is not a whole number from 1 to 100 in ASCII digits\n", refused.Output);
        await File.WriteAllTextAsync(At("list-secret.txt"), "secret");
        await BadAsync("64 lower-case", "draw", "recompute", folder);
        File.Delete(At("reveals.json"));
        await BadAsync("has no reveals.json", "draw", "recompute", folder);
        File.Delete(At("result.json"));
        await BadAsync("has no result.json", "draw", "check-ticket", At("ticket.json"), folder);
        await File.AppendAllTextAsync(At("draw.json"), "\n");
        await BadAsync("draw.json: not in the canonical form", "draw", "recompute", folder);
    }

    private static async Task BadAsync(string sentence, params string[] args)
    {
        var run = await Run.AsyncOf(args);
        Assert.AreEqual(2, run.Exit, run.Output);
        Assert.AreEqual("", run.Output);
        Assert.Contains(sentence, run.Error);
        Assert.HasCount(2, run.Error.Split('\n'), run.Error);
    }

    private static JsonElement Rung(JsonElement report, string name)
        => report.GetProperty("rungs").EnumerateArray().First(r => r.GetProperty("rung").GetString() == name);

    /// <summary>What the document shows behind a command, until the next or the block's end.</summary>
    private static string Shown(string command)
    {
        var lines = Cli.Split('\n').SkipWhile(l => l != "    " + command).Skip(1).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal) && l[4] != '$');
        return string.Concat(lines.Select(l => l[4..] + "\n"));
    }

    private string At(string name) => Path.Combine(folder, name);

    [GeneratedRegex(@"`(?<file>[a-z-]+\.(csv|txt|json))`[^\n]*:\n\n```text\n(?<text>.*?\n)```\n", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
