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
            t => t["format"] = "notary-trust/1",
            t => t["format"] = "notary-trust/2",
            t => t["format"] = "notary-trust/4",
            t => t["extra"] = 1,
            t => t.Remove("letters"),
            t => t["letterRoots"] = new JsonArray(),
            t => t["letters"]!["roots"] = new JsonArray(),
            t => t["letters"]!["roots"] = new JsonArray("AAAA"),
            t => t["letters"]!.AsObject().Remove("signer"),
            t => t["letters"]!["signer"]!["commonName"] = null,
            t => t["letters"]!["signer"]!["commonName"] = "",
            t => t["letters"]!["signer"]!["organization"] = 1,
            t => t["letters"]!["signer"]!["country"] = "CN",
            t => t["letters"]!["office"]!["en"] = new string('x', 201),
            t => t["letters"]!["office"]!.AsObject().Remove("zh"),
            t => t["letters"]!["office"]!.AsObject().Remove("shortName"),
            t => t["letters"]!["office"]!["shortName"] = "",
            t => t["authorities"]![0]!.AsObject().Remove("legalName"),
            t => t["authorities"]![0]!["legalName"] = null,
            t => t["authorities"]![0]!["legalName"] = new string('x', 201),
            t => t["log"]!["key"] = "AAAA",
            t => t["log"]!["origin"] = "a b",
            t => t["log"]!["origin"] = "",
            t => t["chain"]!["contract"] = "0x00",
            t => t["chain"]!["formerContracts"] = new JsonArray(),
            t => t["chain"]!["formerContracts"] = new JsonArray("0x00"),
            t => t["chain"]!["formerContracts"] = new JsonArray(t["chain"]!["contract"]!.DeepClone()),
            t => t["chain"]!["formerContracts"] = new JsonArray("0x" + new string('1', 40), "0x" + new string('1', 40)),
            t => t["chain"]!["chainId"] = 0,
            t => t["chain"]!["senders"] = new JsonArray("x"),
            t => t["authorities"]![0]!["name"] = "Up",
            t => t["authorities"]![1]!["name"] = "alpha",
            t => t["authorities"]![0]!["roots"] = new JsonArray(),
            t => t["authorities"]![0]!["policy"] = 5,
            t => t["authorities"] = new JsonArray([.. Enumerable.Range(0, 17).Select(i => (JsonNode)1)]),
        ];
        // The second format has no short and legal names.
        await using var earlier = await SampleEvidence.CreateAsync(manifestTokens: false, new SampleShape { Earlier = true });
        var second = TrustRoots.Parse(earlier.Trust.ToBytes());
        Assert.IsNull(second.Issuer!.ShortName);
        Assert.IsTrue(second.Authorities.All(a => a.LegalName is null));
        CollectionAssert.AreEqual(earlier.Trust.ToBytes(), second.ToBytes());

        // The first format has roots alone.
        var first = JsonNode.Parse(earlier.Trust.ToBytes())!.AsObject();
        (first["format"], first["letterRoots"]) = ("notary-trust/1", first["letters"]!["roots"]!.DeepClone());
        first.Remove("letters");
        var old = TrustRoots.Parse(Jcs.Canonicalize(first));
        Assert.IsNull(old.Issuer);
        CollectionAssert.AreEqual(Jcs.Canonicalize(first), old.ToBytes());

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
