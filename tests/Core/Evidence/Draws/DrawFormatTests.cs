using System.Text.RegularExpressions;

namespace Notary.Evidence.Tests.Draws;

/// <summary>The example of docs/draw-format.md is what the engine computes, and the files have one spelling.</summary>
[TestClass]
public sealed partial class DrawFormatTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "draw-format.md"));

    private static readonly Dictionary<string, string> Shown
        = Block().Matches(Document).ToDictionary(m => m.Groups["file"].Value, m => m.Groups["text"].Value, StringComparer.Ordinal);

    /// <summary>Shown with line breaks that the file does not have.</summary>
    private static byte[] Json(string file) => Encoding.UTF8.GetBytes(Shown[file].Replace("\n", "", StringComparison.Ordinal));

    private static readonly ListSecret Secret = new(Convert.FromHexString(Shown["list-secret.txt"].TrimEnd()));

    private static async Task<(DrawDocument Draw, PublicList List, DrawReveals Reveals)> ExampleAsync()
    {
        var draw = DrawDocument.Parse(Json("draw.json"));
        using var rows = new MemoryStream(Encoding.UTF8.GetBytes(Shown["list.csv"]));
        var list = await ListImport.ReadAsync(rows, ListFormat.Csv, null, draw.Rules, Secret, null, CancellationToken.None);
        return (draw, list, DrawReveals.Parse(Json("reveals.json")));
    }

    [TestMethod]
    public async Task TheExampleIsWhatTheEngineComputes()
    {
        var (draw, list, reveals) = await ExampleAsync();
        Assert.AreEqual(Shown["public.csv"], Encoding.UTF8.GetString(await DrawBed.PublicAsync(list)));
        Assert.AreEqual(draw.List, list.Commitment());
        foreach (var commit in reveals.Commits.Where(c => c.Secret is not null))
            Assert.AreEqual(commit.Commitment, DrawCommit.Of(draw.Id, commit.Party, commit.Secret!.Value));

        var (result, winners) = await DrawBed.DrawAsync(draw, list, reveals);
        Assert.AreEqual(Shown["winners.csv"], Encoding.UTF8.GetString(winners));
        CollectionAssert.AreEqual(Json("result.json"), result.ToBytes());

        var ticket = CandidateTicket.Of(draw, list, Secret, "2026-0001x", "张三")!;
        CollectionAssert.AreEqual(Json("ticket.json"), ticket.ToBytes());
        Assert.AreEqual("Won, WonBefore", string.Join(", ", ticket.Fates(draw, result).Select(f => f.Fate)));
        var figures = Figure().Matches(Document).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        Assert.AreEqual(ticket.Salt.ToString(), figures["salt of the first row"]);
        Assert.AreEqual(ticket.Handle.ToString(), figures["its handle"]);
        Assert.AreEqual(draw.Commitment().ToString(), figures["commitment"]);
        Assert.AreEqual(result.Seed.ToString(), figures["seed"]);
        Assert.AreEqual(Digest.Of([.. "notary-draw/1 round\0"u8, .. result.Seed.ToArray(), 0, 0, 0, 1]).ToString(), figures["key of round 1"]);
        Assert.AreEqual(result.ToDigest().ToString(), figures["result"]);
        var approvals = DrawApprovals.Parse(Json("approvals.json"));
        Assert.IsTrue(approvals.DrawId == draw.Id && approvals.IsApproved(ApprovalStep.Commit, draw.Commitment()));
        Assert.AreEqual(
            DrawApproval.Challenge(draw.Id, ApprovalStep.Commit, draw.Commitment(), approvals.Approvals[0].Notary).ToString(),
            figures["challenge of the first approval"]);
        Assert.HasCount(7, figures);
    }

    [TestMethod]
    public void TheProgramHasTheDocument() => Assert.AreEqual(Digest.Of(Encoding.UTF8.GetBytes(Document)), DrawFormat.Digest);

    [TestMethod]
    [DataRow("draw.json")]
    [DataRow("reveals.json")]
    [DataRow("result.json")]
    [DataRow("ticket.json")]
    [DataRow("approvals.json")]
    public void FilesHaveOneSpelling(string file)
    {
        Action<byte[]> parse = file switch
        {
            "draw.json" => b => DrawDocument.Parse(b),
            "reveals.json" => b => DrawReveals.Parse(b),
            "result.json" => b => DrawResult.Parse(b),
            "approvals.json" => b => DrawApprovals.Parse(b),
            _ => b => CandidateTicket.Parse(b),
        };
        var bytes = Json(file);
        parse(bytes);
        Refused(bytes[..^1]);
        Refused([.. bytes, (byte)'\n']);
        Refused([0xef, 0xbb, 0xbf, .. bytes]);
        Refused("{}"u8.ToArray());
        Refused("[]"u8.ToArray());
        Refused("null"u8.ToArray());
        var json = JsonNode.Parse(bytes)!;
        foreach (var change in Changes(json).ToList())
            Refused(change);

        void Refused(byte[] wrong)
        {
            var e = Assert.ThrowsExactly<FaultException>(() => parse(wrong), Encoding.UTF8.GetString(wrong));
            Assert.AreEqual(Fault.Malformed, e.Fault);
        }
    }

    /// <summary>A member gone, one more, and each value made one of another type, anywhere in the file.</summary>
    private static IEnumerable<byte[]> Changes(JsonNode root)
    {
        var paths = new List<JsonNode>();
        Collect(root, paths);
        for (var i = 0; i < paths.Count; i++)
        {
            if (paths[i] is JsonObject o)
            {
                foreach (var name in o.Select(m => m.Key).ToList())
                {
                    yield return Changed(root, i, n => n.AsObject().Remove(name));
                    yield return Changed(root, i, n => n.AsObject()[name] = 1.5);
                    yield return Changed(root, i, n => n.AsObject()[name] = new JsonObject());
                }

                yield return Changed(root, i, n => n.AsObject()["more"] = null);
            }
        }
    }

    private static byte[] Changed(JsonNode root, int which, Action<JsonNode> change)
    {
        var (copy, all) = (root.DeepClone(), new List<JsonNode>());
        Collect(copy, all);
        change(all[which]);
        return Jcs.Canonicalize(copy);
    }

    private static void Collect(JsonNode? node, List<JsonNode> into)
    {
        if (node is null)
            return;

        into.Add(node);
        foreach (var child in node switch { JsonObject o => o.Select(m => m.Value), JsonArray a => a, _ => [] })
            Collect(child, into);
    }

    [TestMethod]
    public async Task RulesThatContradictThemselvesAreRefused()
    {
        var (draw, _, _) = await ExampleAsync();
        DrawRules[] wrong =
        [
            draw.Rules with { Rounds = [] },
            draw.Rules with { Groups = ["B", "A"] },
            draw.Rules with { Groups = ["A", "A", "B"] },
            draw.Rules with { Groups = ["A", "B", "C "] },
            draw.Rules with { Groups = ["A", "B", "C,"] },
            draw.Rules with { Groups = ["", "A", "B"] },
            draw.Rules with { Groups = ["A", "B", "e\u0301"] },
            draw.Rules with { Groups = [.. Enumerable.Range(0, 1001).Select(i => $"{i:0000}")] },
            draw.Rules with { Rounds = [DrawBed.Round(0)] },
            draw.Rules with { Rounds = [DrawBed.Round(1, groups: "C")] },
            draw.Rules with { Rounds = [DrawBed.Round(1, groups: ["B", "A"])] },
            draw.Rules with { Rounds = [.. Enumerable.Repeat(DrawBed.Round(1), 101)] },
        ];
        foreach (var rules in wrong)
            Assert.ThrowsExactly<FaultException>(() => DrawDocument.Parse((draw with { Rules = rules }).ToBytes()));
    }

    [TestMethod]
    public async Task AnotherListIsNotDrawnFrom()
    {
        var (draw, _, reveals) = await ExampleAsync();
        using var rows = new MemoryStream(Encoding.UTF8.GetBytes(Shown["list.csv"].Replace(",3\n", ",4\n", StringComparison.Ordinal)));
        var other = await ListImport.ReadAsync(rows, ListFormat.Csv, null, draw.Rules, Secret, null, CancellationToken.None);
        Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => DrawBed.DrawAsync(draw, other, reveals))).Fault);
    }

    [TestMethod]
    public async Task AForgedTicketIsNotInTheList()
    {
        var (draw, _, _) = await ExampleAsync();
        var ticket = CandidateTicket.Parse(Json("ticket.json"));
        Assert.IsTrue(ticket.IsIn(draw));
        CandidateTicket[] forged =
        [
            ticket with { Id = "2026-0001X" }, ticket with { Name = "张二" }, ticket with { Group = "B" }, ticket with { Weight = 2 },
            ticket with { Position = 4 }, ticket with { Position = 6 }, ticket with { Position = 0 }, ticket with { Path = [] },
            ticket with { Salt = ticket.Handle }, ticket with { DrawId = ticket.Salt },
        ];
        foreach (var one in forged)
            Assert.IsFalse(one.IsIn(draw));
    }

    [GeneratedRegex(@"`(?<file>[a-z-]+\.(csv|txt|json))`[^\n]*:\n\n```text\n(?<text>.*?\n)```\n", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| ([a-z0-9 ]+) \| `([0-9a-f]{64})` \|$", RegexOptions.Multiline)]
    private static partial Regex Figure();
}
