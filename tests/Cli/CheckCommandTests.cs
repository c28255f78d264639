using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Servers;
using Notary.Verification;

namespace Notary.Cli.Tests;

[TestClass]
public sealed class CheckCommandTests
{
    private static SampleEvidence sample = null!;

    private static string B64(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => sample = await SampleEvidence.CreateAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await sample.DisposeAsync();

    private static async Task<List<JsonElement>> CheckAsync(string subject, params string[] lines)
    {
        var run = await Run.WithInputAsync(string.Join('\n', lines) + "\n", "check", subject, "--jsonl");
        Assert.AreEqual(0, run.Exit, run.Error);
        var answers = run.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.HasCount(lines.Length, answers);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.AreEqual(i + 1, answers[i].GetProperty("line").GetInt32());
            Assert.IsNotNull(answers[i].GetProperty("code").GetString());
            Assert.IsNotNull(answers[i].GetProperty("reason").GetString());
        }

        return answers;
    }

    private static bool Passed(JsonElement answer) => answer.GetProperty("verdict").GetString() switch { "pass" => true, "fail" => false, var v => throw new InvalidOperationException(v) };

    /// <summary>One good question of every kind, the same with the wrong value of one member, and the code that is due.</summary>
    private static IEnumerable<(string Subject, JsonObject Good, string Member, JsonNode Bad, string Code)> Questions()
    {
        var (c, trust) = (sample.Contents, sample.Trust);
        var alpha = trust.Authorities[0];
        var token = c.Tokens.First(t => t.Authority == "alpha" && t.Over == TokenOver.Manifest).Token;
        var roots = new JsonArray([.. alpha.Roots.Select(r => (JsonNode)B64(r.RawData))]);
        yield return ("token", new JsonObject { ["token"] = B64(token.Span), ["data"] = B64(c.Manifest.Span), ["roots"] = roots.DeepClone(), ["policy"] = alpha.PolicyOid }, "data", B64([1]), "imprint");
        yield return ("token", new JsonObject { ["response"] = B64(TokenResponse.Wrap(token)), ["imprint"] = Digest.Of(c.Manifest.Span).ToString(), ["roots"] = roots.DeepClone() }, "response", B64(token.Span), "malformed");
        var leaf = Merkle.LeafHash(Digest.Of(c.Manifest.Span).ToArray());
        var proof = new JsonArray([.. c.Inclusion.Path.Select(p => (JsonNode)B64(p.ToArray()))]);
        var checkpoint = Checkpoint.Parse(c.Inclusion.CheckpointNote.Split("\n\n")[0] + "\n");
        yield return ("inclusion", new JsonObject { ["leafHash"] = B64(leaf.ToArray()), ["index"] = SampleEvidence.Index, ["size"] = checkpoint.Size, ["proof"] = proof.DeepClone(), ["root"] = B64(checkpoint.Root.ToArray()) }, "index", 512, "not-included");
        yield return ("inclusion", new JsonObject { ["leaf"] = B64(Digest.Of(c.Manifest.Span).ToArray()), ["index"] = SampleEvidence.Index, ["size"] = checkpoint.Size, ["proof"] = proof.DeepClone(), ["root"] = checkpoint.Root.ToString() }, "size", 1, "not-included");
        Digest[] two = [Merkle.LeafHash("a"u8), Merkle.LeafHash("b"u8)];
        yield return ("consistency", new JsonObject { ["size1"] = 1, ["root1"] = two[0].ToString(), ["size2"] = 2, ["root2"] = Merkle.Root(two).ToString(), ["proof"] = new JsonArray(two[1].ToString()) }, "root1", two[1].ToString(), "not-consistent");
        yield return ("checkpoint", new JsonObject { ["note"] = c.Inclusion.CheckpointNote, ["origin"] = SampleEvidence.Origin, ["key"] = B64(trust.LogKeySpki) }, "note", c.Inclusion.CheckpointNote.Replace("\n837\n", "\n838\n", StringComparison.Ordinal), "signature");
        var letterRoots = new JsonArray([.. trust.LetterRoots.Select(r => (JsonNode)B64(r.RawData))]);
        var authorities = new JsonArray([.. trust.Authorities.Select(a => new JsonObject { ["name"] = a.Name, ["roots"] = new JsonArray([.. a.Roots.Select(r => (JsonNode)B64(r.RawData))]), ["policy"] = a.PolicyOid })]);
        yield return ("letter", new JsonObject { ["pdf"] = B64(c.Letter.Span), ["letterRoots"] = letterRoots, ["authorities"] = authorities }, "letterRoots", roots.DeepClone(), "untrusted");
        yield return ("manifest", new JsonObject { ["manifest"] = B64(c.Manifest.Span) }, "manifest", B64("{}"u8), "malformed");
        yield return ("transaction", new JsonObject { ["transaction"] = B64(c.Anchor.Transaction) }, "transaction", B64(c.Anchor.Transaction.AsSpan(..^1)), "malformed");
    }

    [TestMethod]
    public async Task Each_oracle_tells_good_from_bad_and_echoes_the_id()
    {
        foreach (var (subject, good, member, bad, code) in Questions())
        {
            good["id"] = new JsonObject { ["any"] = "thing" };
            var changed = good.DeepClone().AsObject();
            changed[member] = bad;
            var answers = await CheckAsync(subject, good.ToJsonString(), changed.ToJsonString());
            Assert.IsTrue(Passed(answers[0]), answers[0].ToString());
            Assert.AreEqual("thing", answers[0].GetProperty("id").GetProperty("any").GetString());
            Assert.IsFalse(Passed(answers[1]), subject);
            Assert.AreEqual(code, answers[1].GetProperty("code").GetString(), answers[1].ToString());
        }
    }

    [TestMethod]
    public async Task Malformed_lines_are_verdicts_and_the_next_line_is_answered()
    {
        foreach (var (subject, good, _, _, _) in Questions().DistinctBy(q => q.Subject))
        {
            string[] lines =
            [
                "", "x", "[]", "null", "1", "{", "{}", "{\"id\":1}", "{\"a\":1,\"a\":2}", "\u0000", "\ufeff{}", new string('[', 100_000),
                .. good.Select(m => With(good, m.Key, null)), .. good.Select(m => With(good, m.Key, new JsonArray(7))),
                .. good.Select(m => With(good, m.Key, "\ud83d")), .. good.Select(m => With(good, m.Key, -1)), With(good, "unknown", 1),
                "{\"token\":\"\\ud800\"}", good.ToJsonString(),
            ];
            var answers = await CheckAsync(subject, lines);
            Assert.IsTrue(Passed(answers[^1]), subject);
            for (var i = 0; i < lines.Length - 1; i++)
            {
                // Leaving out an optional member may still be a good question.
                Assert.IsTrue(!Passed(answers[i]) || lines[i].Contains("\"policy\":null", StringComparison.Ordinal), $"{subject}: {lines[i][..Math.Min(200, lines[i].Length)]}");
            }
        }
    }

    [TestMethod]
    public async Task Bytes_that_are_no_text_and_lines_without_end_are_verdicts()
    {
        byte[] input = [0xff, 0xfe, (byte)'\n', .. Enumerable.Repeat((byte)' ', LineOracle.MaxLine + 10), (byte)'\n', .. "{\"manifest\":\"e30=\"}"u8];
        var run = await Run.WithInputAsync(input, "check", "manifest", "--jsonl");
        Assert.AreEqual(0, run.Exit);
        var codes = run.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("code").GetString()).ToArray();
        CollectionAssert.AreEqual(new[] { "malformed-line", "malformed-line", "malformed" }, codes);
    }

    [TestMethod]
    public async Task Random_changes_of_good_lines_never_crash()
    {
        var random = new Random(20_261_122);
        foreach (var (subject, good, _, _, _) in Questions().DistinctBy(q => q.Subject))
        {
            var line = Encoding.UTF8.GetBytes(good.ToJsonString());
            using var input = new MemoryStream();
            for (var i = 0; i < 60; i++)
            {
                var changed = (byte[])line.Clone();
                changed[random.Next(changed.Length)] = (byte)random.Next(32, 256);
                input.Write(changed);
                input.WriteByte((byte)'\n');
            }

            var run = await Run.WithInputAsync(input.ToArray(), "check", subject, "--jsonl");
            Assert.AreEqual(0, run.Exit, run.Error);
            Assert.HasCount(60, run.Output.TrimEnd().Split('\n'));
        }
    }

    [TestMethod]
    public async Task Each_answer_is_flushed_before_the_next_line_is_asked_for()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "notary.dll");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("dotnet", [path, "check", "manifest", "--jsonl"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        for (var i = 1; i <= 3; i++)
        {
            await process.StandardInput.WriteAsync("{}\n");
            await process.StandardInput.FlushAsync();
            var answer = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            StringAssert.Contains(answer, $"\"line\":{i},");
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode);
    }

    private static string With(JsonObject line, string member, JsonNode? value)
    {
        var changed = line.DeepClone().AsObject();
        changed[member] = value;
        return changed.ToJsonString();
    }
}
