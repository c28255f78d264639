namespace Notary.Evidence.Tests;

[TestClass]
public sealed class MerkleTests
{
    private static readonly JsonElement Published = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Vector("rfc6962.json"))).RootElement;

    private static readonly Digest[] Leaves =
        [.. Published.GetProperty("leaves").EnumerateArray().Select(l => Merkle.LeafHash(Convert.FromHexString(l.GetString()!)))];

    private static readonly Digest[] Roots = [.. Hashes(Published.GetProperty("roots"))];

    internal static IEnumerable<Digest> Hashes(JsonElement array) => array.EnumerateArray().Select(h => Digest.Parse(h.GetString()!));

    internal static Digest[] Some(int count)
        => [.. Enumerable.Range(0, count).Select(i => Merkle.LeafHash(BitConverter.GetBytes(i)))];

    /// <summary>RFC 6962 §2.1 word for word: what the fast ways are compared with.</summary>
    internal static Digest Reference(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length <= 1)
            return leaves.IsEmpty ? Merkle.EmptyRoot : leaves[0];

        var k = 1;
        while (k * 2 < leaves.Length)
            k *= 2;

        byte[] node = [1, .. Reference(leaves[..k]).ToArray(), .. Reference(leaves[k..]).ToArray()];
        return new Digest(System.Security.Cryptography.SHA256.HashData(node));
    }

    [TestMethod]
    public void Published_roots()
    {
        Assert.AreEqual("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Merkle.Root((IReadOnlyList<Digest>)[]).ToString());
        for (var size = 1; size <= 8; size++)
        {
            Assert.AreEqual(Roots[size - 1], Merkle.Root(Leaves.AsSpan(0, size)));
            Assert.AreEqual(Roots[size - 1], CompactRange.Of(Leaves[..size]).Root());
        }
    }

    [TestMethod]
    public void Published_inclusion_proofs()
    {
        foreach (var v in Published.GetProperty("inclusion").EnumerateArray())
        {
            var (index, size) = (v.GetProperty("index").GetInt32(), v.GetProperty("size").GetInt32());
            Digest[] proof = [.. Hashes(v.GetProperty("proof"))];
            Assert.IsTrue(Merkle.VerifyInclusion(Leaves[index], index, size, proof, Roots[size - 1]));
            CollectionAssert.AreEqual(proof, Merkle.InclusionProof(index, Leaves[..size]).ToArray());
            foreach (var (what, leaf, i, s, p, root) in CorruptInclusion(Leaves[index], index, size, proof, Roots[size - 1]))
                Assert.IsFalse(Merkle.VerifyInclusion(leaf, i, s, p, root), $"{index} of {size}: {what}");
        }
    }

    /// <summary>What transparency-dev/merkle's published test data (testdata/inclusion) does to each of its proofs.</summary>
    private static IEnumerable<(string What, Digest Leaf, long Index, long Size, Digest[] Proof, Digest Root)> CorruptInclusion(
        Digest leaf, long index, long size, Digest[] proof, Digest root)
    {
        var some = Digest.Parse("abacaba000000000000000000000000000000000000000000060061e00123456");
        yield return ("leafIdx - 1", leaf, index - 1, size, proof, root);
        yield return ("leafIdx + 1", leaf, index + 1, size, proof, root);
        yield return ("leafIdx ^ 2", leaf, index ^ 2, size, proof, root);
        yield return ("treeSize * 2", leaf, index, size * 2, proof, root);
        yield return ("treeSize / 2", leaf, index, size / 2, proof, root);
        yield return ("wrong leaf", Digest.Of("WrongLeaf"u8), index, size, proof, root);
        yield return ("empty root", leaf, index, size, proof, Merkle.EmptyRoot);
        yield return ("random root", leaf, index, size, proof, some);
        yield return ("trailing garbage", leaf, index, size, [.. proof, some], root);
        yield return ("trailing root", leaf, index, size, [.. proof, root], root);
        yield return ("preceding garbage", leaf, index, size, [some, .. proof], root);
        yield return ("preceding root", leaf, index, size, [root, .. proof], root);
        for (var i = 0; i < proof.Length; i++)
        {
            var bytes = proof[i].ToArray();
            bytes[i] ^= 8;
            yield return ($"modified proof[{i}] bit 3", leaf, index, size, [.. proof[..i], new Digest(bytes), .. proof[(i + 1)..]], root);
        }

        if (proof.Length > 0)
            yield return ("removed component", leaf, index, size, proof[..^1], root);

        if (proof.Length > 1)
            yield return ("inserted component", leaf, index, size, [proof[0], some, .. proof[1..]], root);
    }

    [TestMethod]
    public void Published_consistency_proofs()
    {
        foreach (var v in Published.GetProperty("consistency").EnumerateArray())
        {
            var (size1, size2) = (v.GetProperty("size1").GetInt32(), v.GetProperty("size2").GetInt32());
            Digest[] proof = [.. Hashes(v.GetProperty("proof"))];
            Assert.IsTrue(Merkle.VerifyConsistency(size1, Roots[size1 - 1], size2, Roots[size2 - 1], proof));
            foreach (var (s1, s2, r1, r2, p) in Corrupt(size1, size2, Roots[size1 - 1], Roots[size2 - 1], proof))
                Assert.IsFalse(Merkle.VerifyConsistency(s1, r1, s2, r2, p), $"{size1}→{size2} as {s1}→{s2}, {p.Length} hashes");
        }
    }

    [TestMethod]
    public void An_entry_of_any_length_is_hashed_behind_a_zero()
    {
        foreach (var length in (int[])[0, 254, 255, 256, 5000])
        {
            var entry = Enumerable.Repeat((byte)7, length).ToArray();
            Assert.AreEqual(Digest.Of([0, .. entry]), Merkle.LeafHash(entry), $"{length} bytes");
        }
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(8)]
    public void A_leaf_that_is_not_there_has_no_proof(int index)
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Merkle.InclusionProof(index, Leaves));

    [TestMethod]
    public void Odd_sizes_of_consistency()
    {
        Assert.IsTrue(Merkle.VerifyConsistency(0, Merkle.EmptyRoot, 0, Merkle.EmptyRoot, []));
        Assert.IsTrue(Merkle.VerifyConsistency(0, Merkle.EmptyRoot, 8, Roots[7], []));
        Assert.IsFalse(Merkle.VerifyConsistency(0, Roots[0], 8, Roots[7], []));
        Assert.IsFalse(Merkle.VerifyConsistency(0, Merkle.EmptyRoot, 8, Roots[7], [Roots[0]]));
        Assert.IsFalse(Merkle.VerifyConsistency(1, Roots[0], 0, Merkle.EmptyRoot, []));
        Assert.IsFalse(Merkle.VerifyConsistency(-1, Roots[0], 8, Roots[7], []));
        Assert.IsFalse(Merkle.VerifyConsistency(1, Roots[0], 2, Roots[1], []));
    }

    [TestMethod]
    public void Odd_sizes_of_inclusion()
    {
        foreach (var (index, size) in new (long, long)[] { (0, 0), (1, 0), (2, 1), (-1, 1), (long.MaxValue, long.MaxValue) })
            Assert.IsFalse(Merkle.VerifyInclusion(Leaves[0], index, size, [], Leaves[0]));

        // The whole range of sizes ends, also at the far right of the largest tree.
        Assert.IsFalse(Merkle.VerifyInclusion(Leaves[0], long.MaxValue - 1, long.MaxValue, [.. Enumerable.Repeat(Roots[0], 63)], Roots[7]));
        Assert.IsFalse(Merkle.VerifyInclusion(Leaves[0], 0, 1, [.. Enumerable.Repeat(Roots[0], 64)], Roots[7]));
    }

    [TestMethod]
    public void Every_leaf_of_every_tree_to_70_is_proved_and_nothing_else()
    {
        var all = Some(70);
        for (var size = 1; size <= 70; size++)
        {
            var root = Reference(all.AsSpan(0, size));
            for (var index = 0; index < size; index++)
            {
                var proof = Merkle.InclusionProof(index, all[..size]).ToArray();
                Assert.IsTrue(Merkle.VerifyInclusion(all[index], index, size, proof, root));
                Assert.IsFalse(Merkle.VerifyInclusion(all[(index + 1) % 70], index, size, proof, root));
                Assert.IsFalse(Merkle.VerifyInclusion(all[index], index + 1, size, proof, root));
                Assert.IsFalse(Merkle.VerifyInclusion(all[index], index, size, [.. proof, root], root));
                Assert.IsFalse(Merkle.VerifyInclusion(all[index], index, size, [root, .. proof], root));
                if (proof.Length > 0)
                {
                    Assert.IsFalse(Merkle.VerifyInclusion(all[index], index, size, proof[..^1], root));
                    Assert.IsFalse(Merkle.VerifyInclusion(all[index], index, size * 2, proof, root));
                }
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(16)]
    public void Every_vector_width_gives_the_tree_of_the_standard(int lanes)
    {
        if ((lanes == 16 && !System.Runtime.Intrinsics.X86.Avx512F.IsSupported) || (lanes == 8 && !System.Runtime.Intrinsics.X86.Avx2.IsSupported))
            Assert.Inconclusive("this processor has no such vectors");

        var all = Some(20_000);
        int[] sizes = [.. Enumerable.Range(1, 300), 511, 512, 513, 1000, 4095, 4096, 4097, 8191, 8193, 12_289, 16_384, 16_385, 20_000];
        foreach (var size in sizes)
            Assert.AreEqual(Reference(all.AsSpan(0, size)), MerkleEngine.Root(all.AsSpan(0, size), lanes), $"{size} leaves");

        foreach (var size in sizes.Where(s => s is < 40 or > 4000))
        {
            Digest[] expected = [.. all[..size].Select(d => Merkle.LeafHash(d.ToArray()))];
            CollectionAssert.AreEqual(expected, MerkleEngine.LeafHashes(all.AsSpan(0, size), lanes), $"{size} leaves");
        }
    }

    private static IEnumerable<(long, long, Digest, Digest, Digest[])> Corrupt(long size1, long size2, Digest root1, Digest root2, Digest[] proof)
    {
        if (proof.Length == 0)
        {
            yield return (size1, size2, root1, root2, [root1]);
            yield break;
        }

        yield return (size1 - 1, size2, root1, root2, proof);
        yield return (size1 + 1, size2, root1, root2, proof);
        yield return (size1 ^ 2, size2, root1, root2, proof);
        yield return (size1, size2 * 2, root1, root2, proof);
        yield return (size1, size2 / 2, root1, root2, proof);
        yield return (size1, size2, Merkle.EmptyRoot, root2, proof);
        yield return (size1, size2, root1, Merkle.EmptyRoot, proof);
        yield return (size1, size2, root2, root1, proof);
        yield return (size1, size2, root1, root2, []);
        yield return (size1, size2, root1, root2, [.. proof, root1]);
        yield return (size1, size2, root1, root2, [.. proof, root2]);
        yield return (size1, size2, root1, root2, [root1, .. proof]);
        yield return (size1, size2, root1, root2, [proof[0], .. proof]);
        yield return (size1, size2, root1, root2, proof[..^1]);
        for (var i = 0; i < proof.Length; i++)
        {
            var bytes = proof[i].ToArray();
            bytes[0] ^= 16;
            var changed = (Digest[])proof.Clone();
            changed[i] = new Digest(bytes);
            yield return (size1, size2, root1, root2, changed);
        }
    }
}
