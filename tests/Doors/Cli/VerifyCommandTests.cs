using Notary.Servers;

namespace Notary.Cli.Tests;

[TestClass]
public sealed class VerifyCommandTests
{
    private static SampleEvidence sample = null!;
    private static DirectoryInfo folder = null!;

    private static string At(string name) => Path.Combine(folder.FullName, name);

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        sample = await SampleEvidence.CreateAsync();
        folder = Directory.CreateTempSubdirectory("notary-cli-");
        var bundle = await sample.BundleAsync();
        await File.WriteAllBytesAsync(At("good.zip"), bundle);
        bundle[600] ^= 1;
        await File.WriteAllBytesAsync(At("bad.zip"), bundle);
        await File.WriteAllBytesAsync(At("trust.json"), sample.Trust.ToBytes());
        await File.WriteAllBytesAsync(At("original"), SampleEvidence.Original);
        await File.WriteAllTextAsync(At("text"), "not a bundle");
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await sample.DisposeAsync();
        folder.Delete(true);
    }

    [TestMethod]
    public async Task Genuine_evidence_under_a_kept_trust_file_is_0()
    {
        var run = await Run.AsyncOf("verify", At("good.zip"), "--trust", At("trust.json"), "--original", At("original"));
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        StringAssert.EndsWith(run.Output.TrimEnd(), "VERIFIED");
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    public async Task Tampered_evidence_is_1()
    {
        var run = await Run.AsyncOf("verify", At("bad.zip"), "--trust", At("trust.json"), "--json");
        Assert.AreEqual(1, run.Exit);
        using var json = JsonDocument.Parse(run.Output);
        Assert.AreEqual("failed", json.RootElement.GetProperty("outcome").GetString());
        Assert.IsTrue(json.RootElement.GetProperty("rungs").EnumerateArray().Any(r => r.GetProperty("mark").GetString() == "fail"));
        Assert.AreEqual(1, (await Run.AsyncOf("verify", At("good.zip"), "--trust", At("trust.json"), "--original", At("text"))).Exit);
        Assert.AreEqual(1, (await Run.AsyncOf("verify", At("text"), "--trust", At("trust.json"))).Exit);
    }

    [TestMethod]
    public async Task Own_trust_is_loud_and_3_unless_accepted()
    {
        var run = await Run.AsyncOf("verify", At("good.zip"));
        Assert.AreEqual(3, run.Exit);
        StringAssert.Contains(run.Output, "UNKNOWN status     trust.json: WARNING");
        StringAssert.Contains(run.Error, "no --trust file was given");
        var accepted = await Run.AsyncOf("verify", At("good.zip"), "--trust-bundle");
        Assert.AreEqual(0, accepted.Exit);
        StringAssert.Contains(accepted.Output, "WARNING");
        StringAssert.Contains(accepted.Error, "the bundle's own trust.json was used");
        Assert.AreEqual(1, (await Run.AsyncOf("verify", At("bad.zip"))).Exit);
    }

    [TestMethod]
    public async Task A_node_that_does_not_answer_leaves_the_chain_unknown()
    {
        var run = await Run.AsyncOf("verify", At("good.zip"), "--trust", At("trust.json"), "--rpc", "http://127.0.0.1:1/");
        Assert.AreEqual(3, run.Exit, run.Output);
        StringAssert.Contains(run.Output, "[chain-unreachable]");
    }

    [TestMethod]
    public async Task Wrong_usage_is_2_and_one_sentence()
    {
        string[][] wrong =
        [
            [], ["verify"], ["verify", "a", "b"], ["verify", At("missing.zip"), "--trust", At("trust.json")], ["verify", At("good.zip"), "--trust", At("text")],
            ["verify", At("good.zip"), "--trust", At("missing")], ["verify", At("good.zip"), "--nonsense"], ["verify", folder.FullName], ["frobnicate"],
            ["check", "token"], ["check", "nonsense", "--jsonl"], ["deposit", At("text")],
            ["deposit", At("text"), "--url", "http://example.com/", "--key", "k"],
            ["deposit", At("missing"), "--url", "http://127.0.0.1:1/", "--key", "k"],
            ["deposit", At("text"), "--url", "http://127.0.0.1:1/", "--key", "k", "--retries", "0"],
            ["key", "list"], ["verify", At("good.zip"), "--confirmations", "0"],
        ];
        foreach (var args in wrong)
        {
            var run = await Run.AsyncOf(args);
            Assert.AreEqual(2, run.Exit, string.Join(' ', args) + run.Output + run.Error);
            Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
            StringAssert.StartsWith(run.Error, "notary: ");
            Assert.IsFalse(run.Error.Contains("   at ", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public async Task Help_is_0()
    {
        foreach (var args in (string[][])[["--help"], ["verify", "--help"], ["check", "token", "--help"], ["--version"]])
            Assert.AreEqual(0, (await Run.AsyncOf(args)).Exit);
    }

    [TestMethod]
    public async Task What_a_bundle_says_cannot_write_on_the_terminal()
    {
        var report = new BundleReport(null, null, [Verdict.Fail(Rung.Letter, "a\u001b[2Jb", "letter-facts", "合同\r\nVERIFIED \u202e\u200b\ud800\u2028 x")]);
        var output = new StringWriter();
        await ReportPrinter.TextAsync(report, output);
        Assert.AreEqual("FAIL    letter     a?[2Jb: 合同??VERIFIED ??\ufffd? x [letter-facts]\nFAILED\n".ReplaceLineEndings(), output.ToString());
        output = new StringWriter();
        await ReportPrinter.JsonAsync(report, output);
        Assert.HasCount(1, output.ToString().TrimEnd().Split('\n'));
        Assert.IsFalse(output.ToString().TrimEnd().Any(char.IsControl), output.ToString());
    }
}
