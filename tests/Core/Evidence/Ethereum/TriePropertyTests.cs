using FsCheck;

namespace Notary.Evidence.Tests.Ethereum;

/// <summary>Tries that the writer's library built over keys nobody chose, before the judge's own reader.</summary>
[TestClass]
public sealed class TriePropertyTests
{
    // Few nibbles: keys that share long beginnings, so that extensions, inlined nodes and full branches all come.
    private static readonly Arbitrary<(byte[] Key, byte[] Value)[]> Entries = Gen.Elements<byte>(0x00, 0x01, 0x10, 0x11, 0xff).ArrayOf(4)
        .Zip(Gen.Choose(1, 255).Select(b => (byte)b).NonEmptyListOf())
        .NonEmptyListOf()
        .Select(list => list.Select(e => (Key: e.Item1, Value: e.Item2.ToArray())).DistinctBy(e => Convert.ToHexString(e.Key)).ToArray())
        .ToArbitrary();

    [TestMethod]
    public void Each_key_has_its_own_value_by_its_own_proof()
        => Prop.ForAll(Entries, entries =>
        {
            var trie = NethereumPeer.TrieOf(entries);
            foreach (var (key, value) in entries)
            {
                var proof = trie.Prove(key);
                CollectionAssert.AreEqual(value, TrieProof.Verify(trie.Root, key, proof), Convert.ToHexString(key));
                foreach (var (other, its) in entries)
                {
                    // Keys whose ways end in the same node share a proof; none ever shows another's value.
                    if (TrieProof.Verify(trie.Root, other, proof) is { } shown)
                        CollectionAssert.AreEqual(its, shown, $"{Convert.ToHexString(other)} by the proof of {Convert.ToHexString(key)}");
                }

                byte[] absent = [.. key, 0];
                Assert.IsNull(TrieProof.Verify(trie.Root, absent, proof), "a longer key");
                Assert.IsNull(TrieProof.Verify(trie.Root, key[..^1], proof), "a shorter key");
            }
        }).QuickCheckThrowOnFailure();
}
