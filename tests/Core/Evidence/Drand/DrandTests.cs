using System.Text.Json;
using Notary.Evidence.Drand;

namespace Notary.Evidence.Tests.Drand;

[TestClass]
public sealed class DrandTests
{
    private static readonly JsonObject Published = JsonNode.Parse(File.ReadAllBytes(TestFiles.Vector("drand-quicknet.json")))!.AsObject();

    [TestMethod]
    public void Quicknet_is_the_chain_of_its_published_hash()
    {
        var read = DrandChain.ParseInfo(Bytes(Published["info"]!));
        Assert.AreEqual("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971", read.Hash.ToString());
        Assert.AreEqual(DrandChain.Quicknet.Hash, read.Hash);
        CollectionAssert.AreEqual(DrandChain.Quicknet.KeyPoint, read.KeyPoint);
    }

    [TestMethod]
    public void Published_rounds_are_read()
    {
        foreach (var round in Published["rounds"]!.AsArray())
        {
            var read = DrandRound.Parse(Bytes(round!), (long)round!["round"]!);
            Assert.AreEqual((string)round["randomness"]!, read.Randomness.ToString());
            Assert.AreEqual(2 * Bls381.FieldSize, read.Point.Length);
            CollectionAssert.AreEqual(read.Signature, DrandRound.OfPoint(read.Round, read.Point).Signature);
            for (var at = 0; at < read.Point.Length; at += 5)
            {
                byte[] off = [.. read.Point];
                off[at] ^= 0x80;
                Throws(() => DrandRound.OfPoint(read.Round, off));
            }

            Throws(() => DrandRound.OfPoint(read.Round, read.Point[..^1]));
            Throws(() => DrandRound.Parse(Bytes(round), read.Round + 1));
        }
    }

    [TestMethod]
    public void Every_part_of_a_description_is_under_the_hash()
    {
        foreach (var change in new (string Name, JsonNode Value)[]
        {
            ("public_key", "a" + ((string)Published["info"]!["public_key"]!)[1..]), ("public_key", "83cf"), ("public_key", 7), ("period", 4),
            ("period", 0), ("period", -3), ("genesis_time", 1692803368), ("genesis_time", long.MaxValue), ("genesis_time", 0.5),
            ("hash", new string('5', 64)), ("groupHash", new string('f', 64)), ("groupHash", ""), ("schemeID", "pedersen-bls-chained"),
            ("metadata", new JsonObject { ["beaconID"] = "quick" }), ("metadata", new JsonObject { ["beaconID"] = "" }), ("metadata", "quicknet"),
        })
        {
            var info = Published["info"]!.DeepClone();
            info[change.Name] = change.Value;
            Throws(() => DrandChain.ParseInfo(Bytes(info)));
            info.AsObject().Remove(change.Name);
            Throws(() => DrandChain.ParseInfo(Bytes(info)));
        }
    }

    [TestMethod]
    public void What_is_no_round_is_refused()
    {
        var round = Published["rounds"]![0]!;
        foreach (var text in new[] { "", "[]", "{}", "null", "7", "{\"round\":1000}", "<html>" })
            Throws(() => DrandRound.Parse(Encoding.UTF8.GetBytes(text), 1000));

        foreach (var (name, value) in new (string, JsonNode)[]
        {
            ("round", 1001), ("round", "1000"), ("round", 1000.5), ("randomness", new string('0', 64)),
            ("randomness", ((string)round["randomness"]!).ToUpperInvariant()), ("signature", "b4"), ("signature", new string('z', 96)), ("signature", 5),
        })
        {
            var changed = round.DeepClone();
            changed[name] = value;
            Throws(() => DrandRound.Parse(Bytes(changed), 1000));
        }

        Throws(() => DrandRound.Create(0, Convert.FromHexString((string)round["signature"]!)));
    }

    [TestMethod]
    public void Rounds_and_times_go_together()
    {
        var chain = DrandChain.Quicknet;
        var first = DateTimeOffset.FromUnixTimeSeconds(chain.Genesis);
        Assert.AreEqual(first, chain.TimeOf(1));
        Assert.AreEqual(first.AddSeconds(3 * 999), chain.TimeOf(1000));
        Assert.AreEqual(1, chain.RoundFrom(DateTimeOffset.UnixEpoch));
        Assert.AreEqual(1, chain.RoundFrom(first));
        Assert.AreEqual(2, chain.RoundFrom(first.AddTicks(1)));
        Assert.AreEqual(2, chain.RoundFrom(first.AddSeconds(3)));
        Assert.AreEqual(3, chain.RoundFrom(first.AddSeconds(3.5)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.TimeOf(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.TimeOf(DrandChain.MaxRound));
    }

    private static byte[] Bytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node);

    private static void Throws(Action action) => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(action).Fault);
}
