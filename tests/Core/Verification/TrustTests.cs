namespace Notary.Verification.Tests;

[TestClass]
public sealed class TrustTests
{
    [TestMethod]
    public async Task A_trust_file_reads_back_and_refuses_every_other_spelling()
    {
        await using var sample = await SampleEvidence.CreateAsync(manifestTokens: false);
        var bytes = sample.Trust.ToBytes();
        CollectionAssert.AreEqual(bytes, TrustRoots.Parse(bytes).ToBytes());

        Action<JsonObject>[] changes =
        [
            t => t["format"] = "notary-trust/2",
            t => t["extra"] = 1,
            t => t.Remove("letterRoots"),
            t => t["letterRoots"] = new JsonArray(),
            t => t["letterRoots"] = new JsonArray("AAAA"),
            t => t["log"]!["key"] = "AAAA",
            t => t["log"]!["origin"] = "a b",
            t => t["log"]!["origin"] = "",
            t => t["chain"]!["contract"] = "0x00",
            t => t["chain"]!["chainId"] = 0,
            t => t["chain"]!["senders"] = new JsonArray("x"),
            t => t["authorities"]![0]!["name"] = "Up",
            t => t["authorities"]![1]!["name"] = "alpha",
            t => t["authorities"]![0]!["roots"] = new JsonArray(),
            t => t["authorities"]![0]!["policy"] = 5,
            t => t["authorities"] = new JsonArray([.. Enumerable.Range(0, 17).Select(i => (JsonNode)1)]),
        ];
        for (var i = 0; i < changes.Length; i++)
        {
            var node = JsonNode.Parse(bytes)!.AsObject();
            changes[i](node);
            var changed = Jcs.Canonicalize(node);
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => TrustRoots.Parse(changed), $"change {i}").Fault);
        }

        foreach (var garbage in (byte[][])[[], "null"u8.ToArray(), "{}"u8.ToArray(),
            "[]"u8.ToArray(), [.. bytes, (byte)' '], new byte[TrustRoots.MaxBytes + 1]])
            Assert.ThrowsExactly<FaultException>(() => TrustRoots.Parse(garbage));
    }
}
