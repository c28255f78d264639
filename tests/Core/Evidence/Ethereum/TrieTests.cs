namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class TrieTests
{
    [TestMethod]
    public void Published_roots_come_out_and_every_key_is_provable()
    {
        foreach (var vector in EthereumVectors.Load("tries.json").EnumerateObject())
        {
            var secure = vector.Value.TryGetProperty("secure", out _);
            var entries = new Dictionary<string, byte[]>();
            foreach (var pair in vector.Value.GetProperty("in").EnumerateArray())
            {
                var key = secure ? Hex.Of(Keccak256.Hash(Bytes(pair[0])!)) : Hex.Of(Bytes(pair[0])!);
                if (Bytes(pair[1]) is { } value)
                    entries[key] = value;
                else
                    entries.Remove(key);
            }

            var trie = NethereumPeer.TrieOf(entries.Select(e => (Hex.Bytes(e.Key), e.Value)));
            Assert.AreEqual(vector.Value.Text("root"), Hex.Of(trie.Root), vector.Name);
            foreach (var (key, value) in entries)
                CollectionAssert.AreEqual(value, TrieProof.Verify(trie.Root, Hex.Bytes(key), trie.Prove(Hex.Bytes(key))), $"{vector.Name} {key}");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(17)]
    [DataRow(128)]
    [DataRow(129)]
    [DataRow(300)]
    public void Lists_prove_every_item_and_no_other(int count)
    {
        var random = new Random(count);
        // Small values too, whose nodes stand inside their parents.
        var values = Enumerable.Range(0, count)
            .Select(i => Enumerable.Range(0, 1 + random.Next(60)).Select(_ => (byte)random.Next(1, 256)).ToArray()).ToArray();
        var trie = NethereumPeer.TrieOf(values);
        for (var i = 0; i < count; i++)
        {
            var key = TrieProof.IndexKey(i);
            var proof = trie.Prove(key);
            CollectionAssert.AreEqual(values[i], TrieProof.Verify(trie.Root, key, proof));
            Assert.IsNull(TrieProof.Verify(trie.Root, TrieProof.IndexKey(count), proof), "absent");
            Assert.IsNull(TrieProof.Verify(trie.Root, key, [.. proof, proof[0]]), "one node too many");
            Assert.IsNull(TrieProof.Verify(trie.Root, key, [.. proof.SkipLast(1)]), "one too few");
            Assert.IsNull(TrieProof.Verify(Keccak256.Hash(trie.Root), key, proof), "another root");
        }
    }

    [TestMethod]
    public void A_flipped_byte_anywhere_breaks_a_proof()
    {
        var values = Enumerable.Range(0, 40).Select(i => Enumerable.Repeat((byte)(i + 1), 40).ToArray()).ToArray();
        var trie = NethereumPeer.TrieOf(values);
        var key = TrieProof.IndexKey(20);
        var proof = trie.Prove(key);
        for (var node = 0; node < proof.Count; node++)
        {
            for (var i = 0; i < proof[node].Length; i++)
            {
                var tampered = proof.Select(n => n.ToArray()).ToArray();
                tampered[node][i] ^= 0x01;
                Assert.IsNull(TrieProof.Verify(trie.Root, key, tampered), $"node {node} byte {i}");
            }
        }
    }

    private static byte[]? Bytes(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null
        : value.GetString()!.StartsWith("0x", StringComparison.Ordinal) ? Hex.Bytes(value.GetString()) : Encoding.UTF8.GetBytes(value.GetString()!);
}
