namespace Notary.Cli.Tests;

[TestClass]
public sealed class CheckCommandTests
{
    private static Questions questions = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => questions = await Questions.CreateAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await questions.DisposeAsync();

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

    private static bool Passed(JsonElement answer)
        => answer.GetProperty("verdict").GetString() switch { "pass" => true, "fail" => false, var v => throw new InvalidOperationException(v) };

    [TestMethod]
    public async Task Each_oracle_tells_good_from_bad_and_echoes_the_id()
    {
        foreach (var (subject, good, member, bad, code) in questions.All())
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
        foreach (var (subject, good, _, _, _) in questions.All().DistinctBy(q => q.Subject))
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
                Assert.IsTrue(!Passed(answers[i]) || lines[i].Contains("\"policy\":null", StringComparison.Ordinal),
                    $"{subject}: {lines[i][..Math.Min(200, lines[i].Length)]}");
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
    public async Task Each_answer_is_flushed_before_the_next_line_is_asked_for()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "notary.dll");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("dotnet",
            [path, "check", "manifest", "--jsonl"])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        for (var i = 1; i <= 3; i++)
        {
            await process.StandardInput.WriteAsync("{}\n");
            await process.StandardInput.FlushAsync();
            var answer = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(5));
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
