using System.Text.Json;
using Notary.Chain.Draws;
using Notary.Evidence.Drand;

namespace Notary.Chain.Tests.Draws;

/// <summary>The contract's verification of drand's signatures, on published rounds and on everything near them.</summary>
[TestClass]
public sealed class DrandContractTests
{
    private const string Prime = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

    private static readonly string Zero = new('0', 96);

    [TestMethod]
    public async Task Published_rounds_of_quicknet_verify_and_nothing_near_them_does()
    {
        await using var scene = await DrawScene.CreateAsync(drand: DrandChain.Quicknet);
        Assert.AreEqual(DrandChain.Quicknet.Hash, (await scene.Registry.TermsAsync()).DrandHash);
        var published = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(
            Path.Combine(Repository.Root, "tests", "Core", "Evidence", "Vectors", "drand-quicknet.json")));
        var rounds = published.GetProperty("rounds").EnumerateArray()
            .Select(r => DrandRound.Parse(JsonSerializer.SerializeToUtf8Bytes(r), r.GetProperty("round").GetInt64())).ToList();
        foreach (var round in rounds)
        {
            Assert.AreEqual(round.Randomness, await scene.Registry.RandomnessAsync(round));
            Assert.IsNull(await scene.Registry.RandomnessAsync(round with { Round = round.Round + 1 }), "the round after");
            Assert.IsNull(await scene.Registry.RandomnessAsync(round with { Round = round.Round - 1 }), "the round before");
            Assert.IsNull(await scene.Registry.RandomnessAsync(DrandRound.Create(round.Round, [(byte)(round.Signature[0] ^ 0x20), .. round.Signature[1..]])),
                "the point negated");
        }

        var good = rounds[0];
        var (x, y) = (Convert.ToHexStringLower(good.Point[..48]), Convert.ToHexStringLower(good.Point[48..]));
        foreach (var (point, why) in new[]
        {
            (Convert.ToHexStringLower(rounds[1].Point), "another round's"),
            (Convert.ToHexStringLower(good.Signature), "compressed"),
            ("", "nothing"), (x, "x alone"), (x + y + "00", "a byte too many"), (x + y[2..], "a byte too few"),
            (Zero + Zero, "infinity"), (y + x, "y before x"), (x + Zero, "off the curve"),
            (Zero + Zero[..^1] + "2", "on the curve, outside the subgroup"),
            (Prime + Zero[..^1] + "2", "the same with x = p"),
            (x + Plus(y, Prime), "y + p"), (Plus(x, Prime) + y, "x + p"), (Convert.ToHexStringLower(good.Signature) + y, "with the flags left in"),
        })
        {
            Assert.IsNull(await scene.Registry.RandomnessAsync(good with { Point = Convert.FromHexString(point) }), why);
        }
    }

    [TestMethod]
    public async Task A_registry_is_not_deployed_with_a_key_that_would_verify_anything()
    {
        await using var scene = await DrawScene.CreateAsync();
        var key = Convert.ToHexStringLower(scene.Drand.KeyPoint);
        var deployer = DrawScene.Somebody();

        // x = 2 belongs to the curve of G2 but not to its subgroup.
        Assert.IsTrue(Bls381.TryExpandG2([0x80, .. new byte[94], 2], out var outside));
        foreach (var (point, genesis, period, why) in new[]
        {
            (new string('0', 384), 1L, 3, "infinity"),
            (Convert.ToHexStringLower(outside), 1L, 3, "outside the subgroup"),
            (key[..^1] + (key[^1] == '0' ? '1' : '0'), 1L, 3, "off the curve"),
            (key[96..192] + key[..96] + key[192..], 1L, 3, "c0 before c1"),
            (key[..^2], 1L, 3, "a byte too few"), (key + "00", 1L, 3, "a byte too many"),
            (key, 0L, 3, "no genesis"), (key, 1L, 0, "no period"),
        })
        {
            var data = ContractArtifact.DrawRegistry.Create(Convert.FromHexString(point), genesis, period, scene.Drand.GroupHash, "x", 12L);
            await Assert.ThrowsExactlyAsync<FaultException>(() => scene.Client.EstimateGasAsync(deployer, null, data), why);
        }

        var right = ContractArtifact.DrawRegistry.Create(scene.Drand.KeyPoint, 1L, 3, scene.Drand.GroupHash, "x", 12L);
        Assert.IsTrue(await scene.Client.EstimateGasAsync(deployer, null, right) > 1_000_000);
    }

    [TestMethod]
    public async Task A_chain_without_the_precompiles_takes_no_registry()
    {
        await using var old = await Servers.Anvil.StartAsync(new AnvilOptions { Extra = ["--hardfork", "cancun"] });
        await using var scene = await DrawScene.CreateAsync();
        var client = new ChainClient(new ChainOptions { RpcUrls = [old.Url], ChainId = old.ChainId, Contract = "0x" + new string('0', 40) },
            new HttpClient(), TimeProvider.System);
        var data = ContractArtifact.DrawRegistry.Create(scene.Drand.KeyPoint, 1L, 3, scene.Drand.GroupHash, "x", 12L);
        Assert.AreEqual(Fault.ChainRefused,
            (await Assert.ThrowsExactlyAsync<FaultException>(() => client.EstimateGasAsync(DrawScene.Somebody(), null, data))).Fault);
    }

    /// <summary>Who serves the rounds can lie in any of these ways; the seed comes only from the truth.</summary>
    [TestMethod]
    public async Task A_lying_beacon_fixes_no_seed()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, _) = await scene.PlayAsync();
        foreach (var lie in new[] { "other-round", "other-key", "negated", "small-order" })
        {
            await scene.Beacon.TellAsync(new DrandBehaviour(Ahead: 86_400, Lie: lie));
            await scene.RefusedAsync("NotVerified", scene.Publisher, await scene.SeedCallAsync(plan), lie);
        }

        // Other members sign now than at first: it is the same signature.
        await scene.Beacon.TellAsync(new DrandBehaviour(Up: 4, Ahead: 86_400));
        var seed = await scene.SeedCallAsync(plan);
        await scene.Beacon.TellAsync(new DrandBehaviour(Up: 3, Ahead: 86_400));
        CollectionAssert.AreEqual(seed.Data, (await scene.SeedCallAsync(plan)).Data);
        await scene.RefusedAsync("NotVerified", scene.Publisher, DrawCall.FixSeed(plan.DrawId), "no signature at all");
        await scene.RefusedAsync("NotVerified", scene.Publisher, DrawCall.FixSeed(plan.DrawId, await scene.RoundAsync(plan.Number + 1)), "a later round");
        await scene.RefusedAsync("NotVerified", scene.Publisher, DrawCall.FixSeed(plan.DrawId, await scene.RoundAsync(plan.Number - 1)), "an earlier round");
        await scene.DoAsync(scene.Publisher, seed);
        Assert.AreEqual((await scene.RoundAsync(plan.Number)).Randomness, (await scene.StateAsync(plan.DrawId)).Beacon);
    }

    private static string Plus(string a, string b)
        => (BigInteger.Parse("0" + a, System.Globalization.NumberStyles.HexNumber) + BigInteger.Parse("0" + b, System.Globalization.NumberStyles.HexNumber))
            .ToString("x97")[^96..];
}
