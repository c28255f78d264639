using System.IO.Compression;

namespace Notary.Evidence.Tests.Ethereum;

/// <summary>The whole published set of test cases of ethers.js (npm @ethersproject/testcases, MIT): 3,926 signed transactions, 516 hashes,
/// 1,038 accounts, 61 RLP items.</summary>
[TestClass]
public sealed class PublishedSetTests
{
    [TestMethod]
    public void Legacy_transactions_decode_to_what_was_signed_with_and_without_a_chain()
    {
        var cases = Load("transactions");
        Assert.HasCount(1067, cases);
        var tooMuchGas = 0;
        foreach (var vector in cases)
        {
            foreach (var (member, chain) in new (string, ulong?)[] { ("signedTransaction", null), ("signedTransactionChainId5", 5) })
            {
                var name = $"{vector.Text("name")} {member}";
                var bytes = Hex.Bytes(vector.Text(member));
                if (Scalar(vector, "gasLimit") > ulong.MaxValue)
                {
                    // Go's and Rust's clients hold a gas limit in 64 bits and refuse these too.
                    Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => SignedTransaction.Decode(bytes), name).Fault);
                    tooMuchGas++;
                    continue;
                }

                var decoded = SignedTransaction.Decode(bytes);
                Assert.AreEqual(vector.Text("accountAddress"), decoded.Sender.ToLowerHex(), name);
                Assert.AreEqual(chain, decoded.ChainId, name);
                Assert.AreEqual(0, decoded.Type);
                Assert.AreEqual(Scalar(vector, "gasPrice"), decoded.MaxFeePerGas, name);
                AssertCommon(vector, decoded, name);
                CollectionAssert.AreEqual(Keccak256.Hash(bytes), decoded.Hash, name);
            }
        }

        Assert.AreEqual(2 * 83, tooMuchGas);
    }

    [TestMethod]
    public void Typed_transactions_decode_and_encode_to_the_same_bytes()
    {
        var cases = Load("typed-transactions");
        Assert.HasCount(1792, cases);
        foreach (var vector in cases)
        {
            var (name, tx) = (vector.Text("name"), vector.GetProperty("tx"));
            var bytes = Hex.Bytes(vector.Text("signed"));
            var decoded = SignedTransaction.Decode(bytes);
            Assert.AreEqual(vector.Text("address"), decoded.Sender.ToLowerHex(), name);
            Assert.AreEqual(tx.GetProperty("type").GetByte(), decoded.Type, name);
            Assert.AreEqual((ulong)Scalar(tx, "chainId"), decoded.ChainId, name);
            AssertCommon(tx, decoded, name);
            if (decoded.Type == 1)
            {
                Assert.AreEqual(Scalar(tx, "gasPrice"), decoded.MaxFeePerGas, name);
                continue;
            }

            // Signed by ethers, encoded by Nethereum, read by us: all three agree on every byte.
            var own = new Nethereum.Model.Transaction1559(
                decoded.ChainId!.Value, decoded.Nonce, Scalar(tx, "maxPriorityFeePerGas"), Scalar(tx,
                    "maxFeePerGas"), decoded.GasLimit, decoded.To?.ToLowerHex(), decoded.Value, Hex.Of(decoded.Data),
                [.. AccessList(tx).Select(e => new Nethereum.Model.AccessListItem(e.Address.ToLowerHex(), [.. e.StorageKeys]))]);
            CollectionAssert.AreEqual(Keccak256.Hash(Hex.Bytes(vector.Text("unsigned"))), own.RawHash, name);
            CollectionAssert.AreEqual(bytes, NethereumPeer.Encode(own, decoded.Signature, decoded.YParity), name);
        }
    }

    [TestMethod]
    public void Hashes_come_out()
    {
        var cases = Load("hashes");
        Assert.HasCount(516, cases);
        foreach (var vector in cases)
        {
            var data = Hex.Bytes(vector.Text("data"));
            Assert.AreEqual(vector.Text("keccak256"), Hex.Of(Keccak256.Hash(data)), $"{data.Length} bytes");
            Assert.AreEqual(vector.Text("sha256"), $"0x{Digest.Of(data)}", $"{data.Length} bytes");
        }
    }

    [TestMethod]
    public void Addresses_are_spelt_and_derived_as_published()
    {
        var cases = Load("accounts");
        Assert.HasCount(1038, cases);
        foreach (var vector in cases)
        {
            var address = Address.Parse(vector.Text("address"));
            Assert.AreEqual(vector.Text("checksumAddress"), address.ToString());
            Assert.AreEqual(address, Address.Parse(vector.Text("checksumAddress")));
            if (vector.TryGetProperty("privateKey", out var secret))
            {
                using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), D = Hex.Bytes(secret.GetString()!, 32) });
                var q = key.ExportParameters(false).Q;
                Assert.AreEqual(address, Address.OfPublicKey([.. q.X!, .. q.Y!]), vector.Text("name"));
            }
        }
    }

    [TestMethod]
    public void Rlp_items_come_out_and_read_back()
    {
        var cases = Load("rlp-coder");
        Assert.HasCount(61, cases);
        foreach (var vector in cases)
        {
            var encoded = Hex.Bytes(vector.Text("encoded"));
            CollectionAssert.AreEqual(encoded, Rlp.Encode(Item(vector.GetProperty("decoded"))), vector.Text("name"));
            CollectionAssert.AreEqual(encoded, Rlp.Encode(Rlp.Decode(encoded)), vector.Text("name"));
        }
    }

    private static JsonElement[] Load(string name)
    {
        var path = Path.Combine(TestFiles.Root, "scripts", "node_modules", "@ethersproject", "testcases", "testcases", name + ".json.gz");
        using var json = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<JsonElement[]>(json)!;
    }

    private static void AssertCommon(JsonElement expected, SignedTransaction decoded, string name)
    {
        Assert.AreEqual(Scalar(expected, "nonce"), decoded.Nonce, name);
        Assert.AreEqual(Scalar(expected, "gasLimit"), decoded.GasLimit, name);
        Assert.AreEqual(Scalar(expected, "value"), decoded.Value, name);
        Assert.AreEqual(expected.TryGetProperty("to", out var to) ? to.GetString() : null, decoded.To?.ToLowerHex(), name);
        Assert.AreEqual(expected.TryGetProperty("data", out var data) ? data.GetString() : "0x", Hex.Of(decoded.Data), name);
        CollectionAssert.AreEqual(AccessList(expected).SelectMany(Flat).ToArray(), decoded.AccessList.SelectMany(Flat).ToArray(), name);
    }

    private static IEnumerable<string> Flat(AccessListEntry entry) => [entry.Address.ToLowerHex(), .. entry.StorageKeys.Select(k => Hex.Of(k))];

    private static AccessListEntry[] AccessList(JsonElement tx)
        => tx.TryGetProperty("accessList", out var list)
            ? [.. list.EnumerateArray().Select(e => new AccessListEntry(Address.Parse(e.Text("address")),
                [.. e.GetProperty("storageKeys").EnumerateArray().Select(k => Hex.Bytes(k.GetString()!))]))]
            : [];

    /// <summary>A number, hexadecimal digits, or nothing for zero.</summary>
    private static BigInteger Scalar(JsonElement json, string name)
        => !json.TryGetProperty(name, out var value) ? BigInteger.Zero
            : value.ValueKind == JsonValueKind.Number ? value.GetInt64()
            : value.GetString() is "0x" ? BigInteger.Zero
            : BigInteger.Parse("0" + value.GetString()![2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static RlpItem Item(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? RlpItem.Of(Hex.Bytes(value.GetString()!)) : RlpItem.List([.. value.EnumerateArray().Select(Item)]);
}
