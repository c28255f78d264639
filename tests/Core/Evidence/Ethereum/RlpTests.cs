using FsCheck;

namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class RlpTests
{
    [TestMethod]
    public void Published_encodings_come_out_and_read_back()
    {
        foreach (var vector in EthereumVectors.Load("rlp.json").EnumerateObject())
        {
            var expected = Hex.Bytes(vector.Value.Text("out"));
            CollectionAssert.AreEqual(expected, Rlp.Encode(Item(vector.Value.GetProperty("in"))), vector.Name);
            CollectionAssert.AreEqual(expected, Rlp.Encode(Rlp.Decode(expected)), vector.Name);
        }
    }

    [TestMethod]
    public void Published_invalid_encodings_are_refused()
    {
        foreach (var vector in EthereumVectors.Load("rlp-invalid.json").EnumerateObject())
        {
            var fault = Assert.ThrowsExactly<FaultException>(() => Rlp.Decode(Convert.FromHexString(vector.Value.GetString()!)), vector.Name);
            Assert.AreEqual(Fault.Malformed, fault.Fault);
        }
    }

    [TestMethod]
    public void Nothing_but_the_canonical_form_is_read()
        => Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(bytes =>
        {
            try
            {
                return Rlp.Encode(Rlp.Decode(bytes)).AsSpan().SequenceEqual(bytes);
            }
            catch (FaultException fault)
            {
                return fault.Fault == Fault.Malformed;
            }
        }));

    [TestMethod]
    public void Any_tree_reads_back_as_it_was()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var encoded = Rlp.Encode(Tree(random, 4));
            CollectionAssert.AreEqual(encoded, Rlp.Encode(Rlp.Decode(encoded)));
        }
    }

    [TestMethod]
    public void A_flipped_byte_never_reads_as_the_same_tree()
    {
        var encoded = Rlp.Encode(Tree(new Random(8), 4));
        for (var i = 0; i < encoded.Length; i++)
        {
            var tampered = encoded.ToArray();
            tampered[i] ^= 1;
            try
            {
                CollectionAssert.AreEqual(tampered, Rlp.Encode(Rlp.Decode(tampered)));
            }
            catch (FaultException fault)
            {
                Assert.AreEqual(Fault.Malformed, fault.Fault);
            }
        }
    }

    [TestMethod]
    public void Deep_nesting_is_refused_before_the_stack_is()
    {
        // Fifty-one lists, one in the other; each prefix is right, so only the bound stops it.
        var chain = Enumerable.Range(0, 51).Reverse().Select(left => (byte)(0xc0 + left)).ToArray();
        Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Rlp.Decode(chain)).Fault);
    }

    private static RlpItem Item(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => RlpItem.Of(value.GetInt64()),
        JsonValueKind.String when value.GetString()!.StartsWith('#') => RlpItem.Of(BigInteger.Parse(value.GetString()![1..], CultureInfo.InvariantCulture)),
        JsonValueKind.String => RlpItem.Of(value.GetString()!),
        _ => RlpItem.List([.. value.EnumerateArray().Select(Item)]),
    };

    private static RlpItem Tree(Random random, int depth)
    {
        if (depth == 0 || random.Next(3) == 0)
        {
            var bytes = new byte[random.Next(0, 70)];
            random.NextBytes(bytes);
            return RlpItem.Of(bytes);
        }

        return RlpItem.List([.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => Tree(random, depth - 1))]);
    }
}
