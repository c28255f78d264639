using Notary.Evidence.Ethereum;
using Notary.Verification.Ethereum;

namespace Notary.Verification.Tests.Ethereum;

/// <summary>A proof taken from anvil 1.7.1 (an anchor among three transfers), and everything that can be done to it.</summary>
[TestClass]
public sealed class AnchorVerifierTests
{
    private const long Size = 4711;

    private static readonly Digest Root = Digest.Of(BitConverter.GetBytes(Size));

    [TestMethod]
    public void The_recorded_proof_is_consistent()
    {
        var check = Check(Recorded());
        Assert.AreEqual(AnchorOutcome.Consistent, check.Outcome, check.Reason);
        Assert.IsTrue(check.Ok);
    }

    [TestMethod]
    public void It_proves_this_size_root_chain_and_contract_only()
    {
        var proof = Recorded();
        Assert.AreEqual("anchor-wrong-root", AnchorVerifier.Check(proof, Size + 1, Root, proof.ChainId, proof.Contract).Code);
        Assert.AreEqual("anchor-wrong-root", AnchorVerifier.Check(proof, Size, Digest.Of([1]), proof.ChainId, proof.Contract).Code);
        Assert.AreEqual("anchor-wrong-chain", AnchorVerifier.Check(proof, Size, Root, 1, proof.Contract).Code);
        Assert.AreEqual("anchor-wrong-chain", AnchorVerifier.Check(proof, Size, Root, proof.ChainId, "0x" + new string('0', 40)).Code);

        // The proof's own words changed to match: the event still says otherwise.
        Assert.AreEqual("anchor-event", AnchorVerifier.Check(proof with { Size = Size + 1 }, Size + 1, Root, proof.ChainId, proof.Contract).Code);
        Assert.AreEqual("anchor-event", AnchorVerifier.Check(proof with { Root = Digest.Of([1]) }, Size, Digest.Of([1]), proof.ChainId, proof.Contract).Code);
        Assert.AreEqual("anchor-transaction", AnchorVerifier.Check(proof with { ChainId = 1 }, Size, Root, 1, proof.Contract).Code);
    }

    [TestMethod]
    public void Each_part_that_is_changed_is_named()
    {
        var proof = Recorded();
        Assert.AreEqual("anchor-block", Check(proof with { Block = proof.Block + 1 }).Code);
        Assert.AreEqual("anchor-block", Check(proof with { BlockTime = proof.BlockTime.AddSeconds(1) }).Code);
        Assert.AreEqual("anchor-block", Check(proof with { BlockHash = proof.TransactionHash }).Code);
        Assert.AreEqual("anchor-receipt", Check(proof with { TransactionIndex = proof.TransactionIndex == 0 ? 1 : 0 }).Code);
        Assert.AreEqual("anchor-receipt", Check(proof with { ReceiptProof = [] }).Code);
        Assert.AreEqual("anchor-receipt", Check(proof with { ReceiptProof = proof.TransactionProof }).Code);
        Assert.AreEqual("anchor-event", Check(proof with { LogIndex = 1 }).Code);
        Assert.AreEqual("anchor-transaction", Check(proof with { TransactionHash = proof.BlockHash }).Code);
        Assert.AreEqual("anchor-transaction", Check(proof with { TransactionProof = proof.ReceiptProof }).Code);
        Assert.AreEqual("anchor-sender", AnchorVerifier.Check(proof, Size, Root, proof.ChainId, proof.Contract, ["0x" + new string('1', 40)]).Code);
        Assert.AreEqual("anchor-transaction", Check(proof with { TransactionProof = [] }).Code, "whatever is named is proved");
    }

    [TestMethod]
    public void One_flipped_digit_anywhere_in_the_file_is_found()
    {
        var text = Text();
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiHexDigit(text[i]) || text[i] is 'a' or 'b' or 'c' or 'e' or 'f' && !char.IsAsciiHexDigit(text[i + 1]))
                continue;

            var tampered = text[..i] + (text[i] == '1' ? '2' : '1') + text[(i + 1)..];
            Assert.IsFalse(IsProof(tampered), $"character {i}: {text[Math.Max(0, i - 30)..(i + 1)]}");
        }
    }

    [TestMethod]
    public void Only_the_exact_shape_is_read()
    {
        foreach (var member in JsonNode.Parse(Text())!.AsObject().Select(m => m.Key).ToArray())
        {
            var missing = JsonNode.Parse(Text())!.AsObject();
            missing.Remove(member);
            Refused(missing);
            var wrong = JsonNode.Parse(Text())!.AsObject();
            wrong[member] = new JsonObject();
            Refused(wrong);
            wrong[member] = "";
            Refused(wrong);
            wrong[member] = -1;
            Refused(wrong);
        }

        var extra = JsonNode.Parse(Text())!.AsObject();
        extra["more"] = 1;
        Refused(extra);
        Assert.AreEqual(Fault.Malformed,
            Assert.ThrowsExactly<FaultException>(
                () => AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(
                    Text().Replace("\"format\"", "\"size\":1,\"format\"", StringComparison.Ordinal)))).Fault, "a member twice");
        foreach (var other in new[] { "[]", "null", "7", "\"x\"", "{}" })
            Assert.AreEqual(Fault.Malformed,
                Assert.ThrowsExactly<FaultException>(() => AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(other))).Fault);
    }

    [TestMethod]
    public void Junk_in_any_field_is_a_verdict_not_a_crash()
    {
        var random = new Random(11);
        var proof = Recorded();
        for (var i = 0; i < 100; i++)
        {
            var junk = new byte[random.Next(0, 200)];
            random.NextBytes(junk);
            foreach (var bad in new[] { proof with { Header = junk }, proof with { Transaction = junk }, proof with { ReceiptProof = [junk] },
                proof with { TransactionProof = [junk] }, proof with { Contract = "junk" }, proof with { LogIndex = int.MaxValue } })
                Assert.AreEqual(AnchorOutcome.Failed, Check(bad).Outcome);
        }
    }

    private static void Refused(JsonObject json)
        => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(
            () => AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(json.ToJsonString())), json.ToJsonString()[..60]).Fault);

    private static bool IsProof(string text)
    {
        try
        {
            return Check(AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(text))).Ok;
        }
        catch (Exception e) when (e is FaultException { Fault: Fault.Malformed } or JsonException)
        {
            return false;
        }
    }

    // Judged against what is trusted, not against the proof's own words.
    private static AnchorCheck Check(AnchorProof proof) => AnchorVerifier.Check(proof, Size, Root, 31337, Recorded().Contract);

    private static AnchorProof Recorded() => AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(Text()));

    private static string Text() => File.ReadAllText(Path.Combine(Repository.Root, "tests", "Core", "Verification", "Ethereum", "anchor.json"));
}
