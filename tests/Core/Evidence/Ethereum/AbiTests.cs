using Notary.Evidence.Ethereum;

namespace Notary.Evidence.Tests.Ethereum;

/// <summary>Answers come from nodes that may say anything.</summary>
[TestClass]
public sealed class AbiTests
{
    private const int Seed = 36;

    /// <summary>The specification's own example of a call with values of fixed and variable length.</summary>
    [TestMethod]
    public void The_specifications_example_is_encoded_as_it_says()
    {
        // sam(bytes,bool,uint256[]) with "dave", true, [1,2,3]; bytes are encoded as a string is.
        byte[] expected = Convert.FromHexString("a5643bf2"
            + "0000000000000000000000000000000000000000000000000000000000000060" + "0000000000000000000000000000000000000000000000000000000000000001"
            + "00000000000000000000000000000000000000000000000000000000000000a0" + "0000000000000000000000000000000000000000000000000000000000000004"
            + "6461766500000000000000000000000000000000000000000000000000000000" + "0000000000000000000000000000000000000000000000000000000000000003"
            + "0000000000000000000000000000000000000000000000000000000000000001" + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000003");
        CollectionAssert.AreEqual(expected, AbiValue.Call("sam(bytes,bool,uint256[])",
            new AbiValue.Text("dave"), AbiValue.Of(1), new AbiValue.List(AbiValue.Of(1), AbiValue.Of(2), AbiValue.Of(3))));
        var read = new AbiReader(expected.AsMemory(4));
        Assert.AreEqual("dave", read.Text(0));
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, read.Words(2).Select(w => w.Number(0)).ToArray());
    }

    [TestMethod]
    public void Whatever_an_answer_holds_it_is_read_or_refused_as_a_format()
    {
        var random = new Random(Seed);
        var member = new AbiValue.Struct(new AbiValue.Text("名"), AbiValue.Of(1), AbiValue.Of(2), AbiValue.Of(3), AbiValue.Of(4), new AbiValue.Text(""),
            AbiValue.Of(3), AbiValue.Of(1), AbiValue.Of(5), AbiValue.Of(0));
        var whole = AbiValue.Encode([member]);
        Assert.AreEqual("名", ConsortiumContract.ReadMember(1, whole).Name);
        for (var i = 0; i < 20_000; i++)
        {
            byte[] spoilt = [.. whole.AsSpan(0, random.Next(whole.Length + 1))];
            for (var flips = random.Next(4); flips > 0 && spoilt.Length > 0; flips--)
                spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);

            try
            {
                ConsortiumContract.ReadMember(1, spoilt);
                new AbiReader(spoilt).Words(random.Next(12));
                ConsortiumContract.ReadProposal(spoilt);
            }
            catch (FormatException)
            {
                // The one way to say no.
            }
        }
    }
}
