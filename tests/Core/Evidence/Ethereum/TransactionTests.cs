using Transaction1559 = Nethereum.Model.Transaction1559;

namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class TransactionTests
{
    [TestMethod]
    public void Published_transactions_decode_to_their_sender_and_hash()
    {
        foreach (var vector in EthereumVectors.Load("transactions.json").GetProperty("accepted").EnumerateArray())
        {
            var name = vector.Text("name");
            var decoded = SignedTransaction.Decode(Hex.Bytes(vector.Text("rlp")));
            Assert.AreEqual(vector.Text("sender"), decoded.Sender.ToLowerHex(), name);
            Assert.AreEqual(vector.GetProperty("nonce").GetUInt64(), decoded.Nonce, name);
            Assert.AreEqual(vector.GetProperty("gas").GetUInt64(), decoded.GasLimit, name);
            Assert.AreEqual(vector.GetProperty("chainId").ValueKind == JsonValueKind.Null
                ? null : vector.GetProperty("chainId").GetUInt64(), decoded.ChainId, name);
            if (vector.TryGetProperty("hash", out var hash))
                Assert.AreEqual(hash.GetString(), Hex.Of(decoded.Hash), name);
        }
    }

    [TestMethod]
    public void Published_invalid_transactions_are_refused()
    {
        foreach (var vector in EthereumVectors.Load("transactions.json").GetProperty("refused").EnumerateArray())
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => SignedTransaction.Decode(Hex.Bytes(vector.Text("rlp")))).Fault);
    }

    [TestMethod]
    public void Published_1559_transactions_are_by_their_key_and_encode_to_the_same_bytes()
    {
        var group = EthereumVectors.Load("transactions.json").GetProperty("eip1559");
        using var key = Key(group.Text("privateKey"));
        var q = key.ExportParameters(false).Q;
        var sender = Address.OfPublicKey([.. q.X!, .. q.Y!]);
        foreach (var vector in group.GetProperty("transactions").EnumerateArray())
        {
            var bytes = Hex.Bytes(vector.Text("signed"));
            var decoded = SignedTransaction.Decode(bytes);
            Assert.AreEqual(sender, decoded.Sender);
            var transaction = Transaction(group, vector);
            CollectionAssert.AreEqual(bytes, NethereumPeer.Encode(transaction, decoded.Signature, decoded.YParity));

            // And signed by ourselves, with .NET's key.
            var signature = NethereumPeer.LowS(key.SignHash(transaction.RawHash));
            var parity = Address.OfPublicKey(Secp256k1.Recover(transaction.RawHash, signature, true)!) == sender;
            var own = SignedTransaction.Decode(NethereumPeer.Encode(transaction, signature, parity));
            Assert.AreEqual(sender, own.Sender);
            Assert.AreEqual(transaction.Amount, own.Value);
            Assert.AreEqual(transaction.MaxPriorityFeePerGas, own.MaxPriorityFeePerGas);
        }
    }

    [TestMethod]
    public void Access_lists_read_back()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        const string to = "0x00000000000000000000000000000000000e71de";
        List<byte[]> keys = [new byte[32], Keccak256.Hash([1])];
        var transaction = new Transaction1559(1337, 5, 1, 100, 100_000, to, 7, "0x01", [new Nethereum.Model.AccessListItem(to, keys)]);
        var signature = NethereumPeer.LowS(key.SignHash(transaction.RawHash));
        var decoded = SignedTransaction.Decode(NethereumPeer.Encode(transaction, signature, yParity: true));
        CollectionAssert.AreEqual(Keccak256.Hash([1]), decoded.AccessList.Single().StorageKeys[1]);
    }

    [TestMethod]
    public void The_155_examples_signing_hash_gives_its_key_back()
    {
        var json = EthereumVectors.Load("transactions.json");
        var example = json.GetProperty("eip155");
        byte[] signature = [.. Hex.Bytes(example.Text("r"), 32), .. Hex.Bytes(example.Text("s"), 32)];
        var key = Secp256k1.Recover(Hex.Bytes(example.Text("signingHash"), 32), signature, yParity: false)!;
        Assert.AreEqual(json.GetProperty("accepted")[0].Text("sender"), Address.OfPublicKey(key).ToLowerHex());
    }

    [TestMethod]
    public void A_high_s_is_not_read()
    {
        var (transaction, signature, _) = Published();
        var good = NethereumPeer.Encode(transaction, signature, yParity: true);
        var order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var high = (order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        byte[] wire = [.. good.AsSpan(0, good.Length - 32), .. high];
        Assert.AreEqual(Fault.SignatureInvalid, Assert.ThrowsExactly<FaultException>(() => SignedTransaction.Decode(wire)).Fault);
    }

    [TestMethod]
    public void A_flipped_bit_in_any_byte_is_refused_or_changes_what_it_says()
    {
        var (transaction, signature, sender) = Published();
        var good = NethereumPeer.Encode(transaction, signature, yParity: true);
        var hash = Keccak256.Hash(good);
        for (var i = 0; i < good.Length; i++)
        {
            var tampered = good.ToArray();
            tampered[i] ^= (byte)(1 << (i % 8));
            try
            {
                var decoded = SignedTransaction.Decode(tampered);
                Assert.AreNotEqual(sender, decoded.Sender, $"byte {i}");
                CollectionAssert.AreNotEqual(hash, decoded.Hash);
            }
            catch (FaultException fault)
            {
                Assert.IsTrue(fault.Fault is Fault.Malformed or Fault.SignatureInvalid);
            }
        }
    }

    [TestMethod]
    [DataRow("0x", DisplayName = "empty")]
    [DataRow("0xc0", DisplayName = "no fields")]
    [DataRow("0x02c0", DisplayName = "typed, no fields")]
    [DataRow("0x03c0", DisplayName = "blob transaction")]
    [DataRow("0x04c0", DisplayName = "set-code transaction")]
    [DataRow("0x7fc0", DisplayName = "unknown type")]
    [DataRow("0x80", DisplayName = "a string")]
    public void What_is_no_transaction_is_refused(string hex)
        => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => SignedTransaction.Decode(Hex.Bytes(hex))).Fault);

    private static (Transaction1559 Transaction, byte[] Signature, Address Sender) Published()
    {
        var group = EthereumVectors.Load("transactions.json").GetProperty("eip1559");
        var vector = group.GetProperty("transactions")[1];
        var decoded = SignedTransaction.Decode(Hex.Bytes(vector.Text("signed")));
        return (Transaction(group, vector), decoded.Signature, decoded.Sender);
    }

    private static Transaction1559 Transaction(JsonElement group, JsonElement vector) => new(
        group.GetProperty("chainId").GetUInt64(),
        vector.GetProperty("nonce").GetUInt64(),
        vector.GetProperty("maxInclusionFeePerGas").GetInt64(),
        vector.GetProperty("maxFeePerGas").GetInt64(),
        vector.GetProperty("gasLimit").GetUInt64(),
        group.Text("to"),
        vector.GetProperty("value").GetInt64(),
        "0x",
        []);

    private static ECDsa Key(string hex) => ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), D = Hex.Bytes(hex, 32) });
}
