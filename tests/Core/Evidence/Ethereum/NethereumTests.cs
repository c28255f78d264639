using Nethereum.Model;
using Nethereum.RLP;
using Nethereum.Signer;
using Nethereum.Util;

namespace Notary.Evidence.Tests.Ethereum;

/// <summary>The writer's library against the judge's own code, which share nothing: each proves the other.</summary>
[TestClass]
public sealed class NethereumTests
{
    private readonly Random random = new(6);

    [TestMethod]
    public void Both_hash_alike_at_every_length_around_the_blocks()
    {
        foreach (var length in Enumerable.Range(0, 700).Append(100_000))
        {
            var bytes = Bytes(length);
            CollectionAssert.AreEqual(Sha3Keccack.Current.CalculateHash(bytes), Keccak256.Hash(bytes), $"{length} bytes");
        }
    }

    [TestMethod]
    public void Both_recover_the_same_keys()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var q = key.ExportParameters(false).Q;
        byte[] point = [4, .. q.X!, .. q.Y!];
        Assert.AreEqual(new EthECKey(point, false).GetPublicAddress(), Notary.Evidence.Ethereum.Address.OfPublicKey(point).ToString());
        for (var i = 0; i < 50; i++)
        {
            var hash = Bytes(32);
            var signature = NethereumPeer.LowS(key.SignHash(hash));
            var theirs = EthECDSASignatureFactory.FromComponents(signature[..32], signature[32..]);
            Assert.IsTrue(Secp256k1.IsLowS(signature));
            foreach (var parity in new[] { 0, 1 })
            {
                CollectionAssert.AreEqual(
                    EthECKey.RecoverFromSignature(theirs, parity, hash).GetPubKeyNoPrefix(), Secp256k1.Recover(hash, signature, parity == 1));
            }
        }
    }

    [TestMethod]
    public void Both_encode_scalars_and_strings_alike()
    {
        foreach (var number in Enumerable.Range(0, 300).Select(n => (long)n).Concat([65_535, 65_536, long.MaxValue]))
            CollectionAssert.AreEqual(RLP.EncodeElement(number.ToBytesForRLPEncoding()), Rlp.Encode(RlpItem.Of(number)), $"{number}");

        for (var length = 0; length < 300; length++)
        {
            var bytes = Bytes(length);
            CollectionAssert.AreEqual(RLP.EncodeList(RLP.EncodeElement(bytes), RLP.EncodeList()),
                Rlp.EncodeList(RlpItem.Of(bytes), RlpItem.List()), $"{length}");
        }
    }

    [TestMethod]
    [DataRow((byte)0)]
    [DataRow((byte)2)]
    public void Receipts_that_one_wrote_the_other_reads(byte type)
    {
        const string address = "0x00000000000000000000000000000000000e71de";
        var (topic, data, bloom) = (Bytes(32), Bytes(77), Bytes(256));
        var receipt = Nethereum.Model.Receipt.CreateStatusReceipt(true, 123_456, bloom,
            [Log.Create(data, address, topic), Log.Create([], address, topic, topic)]);
        var read = Notary.Evidence.Ethereum.Receipt.Decode(
            type == 0 ? ReceiptEncoder.Current.Encode(receipt) : ReceiptEncoder.Current.EncodeTyped(receipt, type));
        Assert.AreEqual((type, true, 123_456), (read.Type, read.Succeeded, (int)read.CumulativeGasUsed));
        Assert.AreEqual(address, read.Logs[0].Address.ToLowerHex());
        CollectionAssert.AreEqual(bloom, read.Bloom);
        CollectionAssert.AreEqual(topic, read.Logs[1].Topics[1]);
        CollectionAssert.AreEqual(data, read.Logs[0].Data);
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
