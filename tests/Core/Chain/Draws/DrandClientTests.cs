using Notary.Chain.Draws;
using Notary.Evidence.Drand;
using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests.Draws;

[TestClass]
public sealed class DrandClientTests
{
    private static readonly HttpClient Http = new();

    [TestMethod]
    public async Task Rounds_come_in_their_time_while_a_threshold_of_the_members_is_up()
    {
        await using var beacon = await DrandBeacon.StartAsync(new DrandBeaconOptions { Period = 3600 });
        var client = await ClientAsync(beacon);
        var chain = await client.ChainAsync();
        Assert.AreEqual(3600, chain.Period);
        Assert.IsNotNull(await client.RoundAsync(1));
        Assert.IsNull(await client.RoundAsync(2), "an hour too early");
        await beacon.TellAsync(new DrandBehaviour(Ahead: 3600));
        var second = await client.RoundAsync(2);
        Assert.AreEqual(2, second!.Round);
        await beacon.TellAsync(new DrandBehaviour(Up: 2, Ahead: 3600));
        Assert.IsNull(await client.RoundAsync(2), "two of five cannot sign");
        await beacon.TellAsync(new DrandBehaviour(Up: 3, Ahead: 3600));
        Assert.AreEqual(second.Randomness, (await client.RoundAsync(2))!.Randomness, "any three sign the same");
    }

    [TestMethod]
    public async Task Another_chains_node_is_not_believed()
    {
        await using var pinned = await DrandBeacon.StartAsync();
        await using var other = await DrandBeacon.StartAsync();
        var hash = DrandChain.ParseInfo(await pinned.InfoAsync()).Hash;
        var astray = Client(hash.ToString(), other.Url);
        await FaultsAsync(() => astray.ChainAsync());
        Assert.IsNull(await astray.RoundAsync(1), "it does not know the chain");
        var both = Client(hash.ToString(), other.Url, pinned.Url);
        Assert.AreEqual(hash, (await both.ChainAsync()).Hash);
        Assert.IsNotNull(await both.RoundAsync(1));
    }

    [TestMethod]
    public async Task What_cannot_be_read_is_no_answer_and_the_next_node_is_asked()
    {
        await using var beacon = await DrandBeacon.StartAsync();
        await using var honest = await DrandBeacon.StartAsync();
        var client = await ClientAsync(beacon);
        foreach (var lie in new[] { "other-number", "randomness", "truncated", "not-a-point", "infinity", "beyond-the-prime", "no-json", "endless" })
        {
            await beacon.TellAsync(new DrandBehaviour(Lie: lie));
            await FaultsAsync(() => client.RoundAsync(1), lie);
        }

        foreach (var lie in new[] { "no-json", "endless" })
        {
            await beacon.TellAsync(new DrandBehaviour(Lie: lie));
            await FaultsAsync(() => client.ChainAsync(), lie);
        }

        var hash = DrandChain.ParseInfo(await honest.InfoAsync()).Hash.ToString();
        Assert.IsNotNull(await Client(hash, beacon.Url, new Uri("http://127.0.0.1:1/"), honest.Url).RoundAsync(1));
        await FaultsAsync(() => Client(hash, new Uri("http://127.0.0.1:1/")).RoundAsync(1));
        beacon.Process.Signal("STOP");
        await FaultsAsync(() => Client(hash, beacon.Url).RoundAsync(1), "silence");
        beacon.Process.Signal("CONT");
    }

    [TestMethod]
    public void Settings_are_named_when_they_cannot_be()
    {
        Uri[] urls = [new("http://127.0.0.1:1/")];
        foreach (var (options, name) in new[]
        {
            (new DrandOptions(), "Drand:Urls"), (new DrandOptions { Urls = [new("ftp://127.0.0.1/")] }, "Drand:Urls"),
            (new DrandOptions { Urls = urls, ChainHash = "52DB" }, "Drand:ChainHash"),
            (new DrandOptions { Urls = urls, RequestTimeout = TimeSpan.Zero }, "Drand:RequestTimeout"),
        })
        {
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(() => new DrandClient(options, Http, TimeProvider.System)).Message, name);
        }

        Assert.AreEqual(DrandChain.Quicknet.Hash.ToString(), new DrandOptions { Urls = urls }.ChainHash);
    }

    /// <summary>The auditor asks any node of a chain with EIP-2537 for the pairing; no registry is believed.</summary>
    [TestMethod]
    public async Task An_auditor_verifies_a_round_with_any_node()
    {
        await using var node = await Servers.Anvil.StartAsync();
        await using var beacon = await DrandBeacon.StartAsync(new DrandBeaconOptions { Genesis = 1_700_000_000 });
        var chain = DrandChain.ParseInfo(await beacon.InfoAsync());
        var client = await ClientAsync(beacon);
        var round = (await client.RoundAsync(1000))!;
        Assert.AreEqual(DrandOutcome.Verified, (await DrandVerifier.CheckAsync(chain, round, node.Url, Http)).Outcome);
        Assert.AreEqual(DrandOutcome.Failed, (await DrandVerifier.CheckAsync(DrandChain.Quicknet, round, node.Url, Http)).Outcome, "another chain's key");
        Assert.AreEqual(DrandOutcome.Failed, (await DrandVerifier.CheckAsync(chain, round with { Round = 1001 }, node.Url, Http)).Outcome);
        foreach (var lie in new[] { "other-round", "other-key", "negated", "small-order" })
        {
            await beacon.TellAsync(new DrandBehaviour(Lie: lie));
            Assert.AreEqual(DrandOutcome.Failed, (await DrandVerifier.CheckAsync(chain, (await client.RoundAsync(1000))!, node.Url, Http)).Outcome, lie);
        }

        var published = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(File.ReadAllBytes(
            Path.Combine(Repository.Root, "tests", "Core", "Evidence", "Vectors", "drand-quicknet.json")));
        foreach (var known in published.GetProperty("rounds").EnumerateArray())
        {
            var read = DrandRound.Create(known.GetProperty("round").GetInt64(), Convert.FromHexString(known.GetProperty("signature").GetString()!));
            Assert.AreEqual("verified", (await DrandVerifier.CheckAsync(DrandChain.Quicknet, read, node.Url, Http)).Code);
        }

        await using var old = await Servers.Anvil.StartAsync(new AnvilOptions { Extra = ["--hardfork", "cancun"] });
        Assert.AreEqual(DrandOutcome.Unjudged, (await DrandVerifier.CheckAsync(chain, round, old.Url, Http)).Outcome, "without the precompiles");
        Assert.AreEqual(DrandOutcome.Unjudged, (await DrandVerifier.CheckAsync(chain, round, new Uri("http://127.0.0.1:1/"), Http)).Outcome);
        Assert.AreEqual(DrandOutcome.Unjudged, (await DrandVerifier.CheckAsync(chain, round, beacon.Url, Http)).Outcome, "no node at all");
    }

    private static async Task<DrandClient> ClientAsync(DrandBeacon beacon)
        => Client(DrandChain.ParseInfo(await beacon.InfoAsync()).Hash.ToString(), beacon.Url);

    private static DrandClient Client(string hash, params Uri[] urls)
        => new(new DrandOptions { Urls = urls, ChainHash = hash, RequestTimeout = TimeSpan.FromSeconds(3) }, Http, TimeProvider.System);

    private static async Task FaultsAsync(Func<Task> action, string why = "")
        => Assert.AreEqual(Fault.BeaconUnreachable, (await Assert.ThrowsExactlyAsync<FaultException>(action, why)).Fault, why);
}
