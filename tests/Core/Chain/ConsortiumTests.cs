using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notary.Chain.Tests;

/// <summary>The consortium's contracts, as they are committed.</summary>
[TestClass]
public sealed partial class ConsortiumTests
{
    private const int MinRefusals = 25;
    private const int MinCalls = 100_000;

    // Measured: 59,979, of it 6,600 for asking the consortium.
    private const long MaxAnchorGas = 61_000;

    /// <summary>In forge's EVM: the wrong people, one by one, and calls at random against books kept beside the contract.</summary>
    [TestMethod]
    public async Task The_wrong_people_are_refused_and_the_rules_hold_whatever_is_called()
    {
        var folder = Directory.CreateTempSubdirectory("notary-forge-").FullName;
        try
        {
            Copy(Path.Combine(Repository.Root, "functions", "Core", "Chain", "contracts"), Path.Combine(folder, "contracts"));
            Copy(Path.Combine(Repository.Root, "tests", "Core", "Chain", "Contracts"), Path.Combine(folder, "test"));
            File.Move(Path.Combine(folder, "test", "foundry.toml"), Path.Combine(folder, "foundry.toml"));
            var output = await ForgeAsync(folder, "--no-match-contract", "FallbackTest");
            Assert.IsGreaterThanOrEqualTo(MinRefusals, Regex.Count(output, @"\[PASS\] test_refused_"), output);
            var calls = int.Parse(Calls().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.IsGreaterThanOrEqualTo(MinCalls, calls, output);

            // The fork before the one that brought P-256 to 0x100.
            Assert.Contains("1 passed; 0 failed", await ForgeAsync(folder, "--match-contract", "FallbackTest", "--evm-version", "prague"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>On a node, by an independent client: founding, admission, removal, threshold, key, and the log's way over from the earlier contract.</summary>
    [TestMethod]
    public async Task Four_organisations_from_nothing_decide_and_anchor()
    {
        await using var anvil = await Anvil.StartAsync();
        var (code, output) = await Tool.NodeAsync(Path.Combine("tests", "Core", "Chain", "consortium.mjs"), anvil.Url.ToString());
        Assert.AreEqual(0, code, output);
        var said = JsonSerializer.Deserialize<JsonElement>(output);
        Console.WriteLine(said.GetProperty("gas"));

        CollectionAssert.AreEqual(new[] { 1, 1, 1, 3, 1 }, said.GetProperty("statuses").EnumerateArray().Select(s => s.GetInt32()).ToArray(), output);
        Assert.AreEqual(0b101110, said.GetProperty("voters").GetInt32());
        CollectionAssert.AreEqual(new[] { 2, 3 }, said.GetProperty("threshold").EnumerateArray().Select(s => s.GetInt32()).ToArray());
        Assert.AreEqual(said.GetProperty("expected").GetRawText(), said.GetProperty("roots").GetRawText(), "roots, before and after the change");

        // What its events say is what was decided: the votes counted outside are those counted inside, and enough.
        CollectionAssert.AreEqual(new[] { 3, 3, 3, 2 }, said.GetProperty("counted").EnumerateArray().Select(c => c.GetProperty("by").GetInt32()).ToArray());
        foreach (var decided in said.GetProperty("counted").EnumerateArray())
        {
            Assert.AreEqual(decided.GetProperty("by").GetInt32(), decided.GetProperty("votes").GetInt32());
            Assert.AreEqual(decided.GetProperty("needed").GetInt32(), decided.GetProperty("votes").GetInt32());
        }

        // The same event as the earlier contract's: bundles, and those who judge them, see no difference.
        var log = said.GetProperty("log");
        var topics = log.GetProperty("topics").EnumerateArray().Select(t => Hex.Bytes(t.GetString(), 32)).ToArray();
        var read = AnchorContract.TryDecodeAnchored(
            new EventLog(Address.Parse(log.GetProperty("address").GetString()!), topics, Hex.Bytes(log.GetProperty("data").GetString())), out var anchored);
        Assert.IsTrue(read);
        Assert.AreEqual(30, anchored!.Size);
        Assert.AreEqual(said.GetProperty("expected").GetProperty("30").GetString(), "0x" + anchored.Root);
        Assert.AreEqual(Address.Parse(said.GetProperty("sender").GetString()!), anchored.Sender);
        Assert.IsLessThanOrEqualTo(MaxAnchorGas, said.GetProperty("gas").GetProperty("anchor").GetInt64());
    }

    private static async Task<string> ForgeAsync(string folder, params string[] which)
    {
        var scripts = Path.Combine(Repository.Root, "scripts");
        var (code, output) = await Tool.RunAsync(new System.Diagnostics.ProcessStartInfo(Repository.NodeTool("forge"),
        [
            "test", "--root", folder, "--use", Path.Combine(folder, "test", "solc.mjs"),
            "--remappings", $"@openzeppelin/={Path.Combine(scripts, "node_modules", "@openzeppelin")}/", .. which,
        ])
        {
            WorkingDirectory = folder,
            Environment = { ["HOME"] = folder, ["NOTARY_SCRIPTS"] = scripts, ["NO_COLOR"] = "1" },
        });
        Assert.AreEqual(0, code, output);
        return output;
    }

    [GeneratedRegex(@"invariant_the_rules_hold\(\) \(runs: \d+, calls: (\d+)")]
    private static partial Regex Calls();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
