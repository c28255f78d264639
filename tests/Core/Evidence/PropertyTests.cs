using FsCheck;

namespace Notary.Evidence.Tests;

/// <summary>What holds for every input, on inputs nobody chose; the vectors and edges stand in the other files.</summary>
[TestClass]
public sealed class PropertyTests
{
    /// <summary>Leaves of a tree and two places in it.</summary>
    private static readonly Arbitrary<(int Size, int Index, int Earlier)> Trees = Gen.Choose(1, 3_000)
        .SelectMany(size => Gen.Choose(0, size - 1).SelectMany(index => Gen.Choose(0, size).Select(earlier => (size, index, earlier)))).ToArbitrary();

    private static readonly Arbitrary<JsonNode?> Json = Gen.Sized(Value).ToArbitrary();

    private static readonly Digest[] Leaves = MerkleTests.Some(3_000);

    [TestMethod]
    public void The_audit_path_is_the_standards_and_proves_one_leaf_at_one_place()
        => Prop.ForAll(Trees, tree =>
        {
            var (size, index, other) = tree;
            var leaves = Leaves[..size];
            var root = MerkleTests.Reference(leaves);
            var path = Merkle.InclusionProof(index, leaves);
            Assert.IsTrue(path.SequenceEqual(Path(index, leaves)), $"{index} of {size}");
            Assert.IsTrue(Merkle.VerifyInclusion(leaves[index], index, size, path, root), $"{index} of {size}");
            Assert.AreEqual(other == index, Merkle.VerifyInclusion(leaves[index], other, size, path, root), $"{index} as {other} of {size}");
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_tree_proves_that_it_grew_from_its_own_beginning_and_from_no_other()
        => Prop.ForAll(Trees, tree =>
        {
            var (size, index, earlier) = tree;
            var leaves = Leaves[..size];
            var (before, after) = (MerkleTests.Reference(leaves.AsSpan(0, earlier)), MerkleTests.Reference(leaves));
            IReadOnlyList<Digest> proof = earlier == 0 ? [] : [.. Subproof(earlier, leaves, true)];
            Assert.IsTrue(Merkle.VerifyConsistency(earlier, before, size, after, proof), $"{earlier} to {size}");
            if (index >= earlier)
                return;

            var forked = leaves[..earlier];
            forked[index] = Digest.Of("another"u8);
            Assert.IsFalse(Merkle.VerifyConsistency(earlier, MerkleTests.Reference(forked), size, after, proof),
                $"{earlier} to {size}, leaf {index} exchanged");
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void An_edge_grown_in_two_steps_is_the_edge_grown_in_one()
        => Prop.ForAll(Trees, tree =>
        {
            var (size, _, earlier) = tree;
            var first = CompactRange.Of(Leaves[..earlier]);
            var grown = CompactRange.Parse(earlier, first.ToBytes()).Append(Leaves[earlier..size]);
            Assert.AreEqual(MerkleTests.Reference(Leaves.AsSpan(0, size)), grown.Root());
            CollectionAssert.AreEqual(CompactRange.Of(Leaves[..size]).ToBytes(), grown.ToBytes());
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Any_json_keeps_its_meaning_and_has_its_members_in_order()
        => Prop.ForAll(Json, node =>
        {
            var bytes = Jcs.Canonicalize(node);
            using var read = Jcs.ParseCanonical(bytes);
            Assert.IsTrue(JsonNode.DeepEquals(node, JsonNode.Parse(bytes)), node?.ToJsonString());
            Assert.IsTrue(Ordered(read.RootElement), node?.ToJsonString());

            // White space and another order of members are spellings of the same value.
            var spaced = Encoding.UTF8.GetBytes(Reversed(node)?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) ?? "null");
            using var other = JsonDocument.Parse(spaced);
            CollectionAssert.AreEqual(bytes, Jcs.Canonicalize(other.RootElement));
            if (!spaced.AsSpan().SequenceEqual(bytes))
                Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Jcs.ParseCanonical(spaced)).Fault);
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_manifest_of_any_words_reads_back_or_is_never_written()
        => Prop.ForAll<string?, string?, Dictionary<NonNull<string>, NonNull<string>>>((name, depositor, notes) =>
        {
            var manifest = ManifestTests.Sample() with
            {
                Depositor = depositor ?? "",
                Items = [ManifestItem.Of(name ?? "", null, "", Digest.Of([]))],
                Notes = notes.ToDictionary(n => n.Key.Get, n => n.Value.Get),
            };
            if (Written(manifest) is not { } bytes)
                return;

            var read = Manifest.Parse(bytes);
            Assert.AreEqual(manifest.Depositor, read.Depositor);
            Assert.AreEqual(manifest.Items[0].Name, read.Items[0].Name);
            CollectionAssert.AreEquivalent(manifest.Notes.ToArray(), read.Notes.ToArray());
        }).QuickCheckThrowOnFailure();

    /// <summary>A value of any kind in any place of a manifest: read as what it says, or refused as malformed, and nothing else ever.</summary>
    [TestMethod]
    public void The_manifests_parser_knows_one_refusal()
        => Prop.ForAll(Json, Gen.Choose(0, 10_000).ToArbitrary(), (value, place) =>
        {
            var root = JsonNode.Parse(ManifestTests.Sample().ToBytes())!;
            var places = Places(root).ToArray();
            places[place % places.Length](value?.DeepClone());
            var bytes = Jcs.Canonicalize(root);
            try
            {
                CollectionAssert.AreEqual(bytes, Manifest.Parse(bytes).ToBytes());
            }
            catch (FaultException e)
            {
                Assert.AreEqual(Fault.Malformed, e.Fault);
            }
        }).QuickCheckThrowOnFailure();

    private static byte[]? Written(Manifest manifest)
    {
        try
        {
            return manifest.ToBytes();
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return null; // a lone surrogate, an empty name of a note, an empty depositor
        }
    }

    /// <summary>RFC 6962 §2.1.1, PATH, word for word.</summary>
    private static IEnumerable<Digest> Path(int m, Digest[] d)
    {
        if (d.Length == 1)
            return [];

        var k = Split(d.Length);
        return m < k ? Path(m, d[..k]).Append(MerkleTests.Reference(d.AsSpan(k))) : Path(m - k, d[k..]).Append(MerkleTests.Reference(d.AsSpan(0, k)));
    }

    /// <summary>RFC 6962 §2.1.2, SUBPROOF, word for word.</summary>
    private static IEnumerable<Digest> Subproof(int m, Digest[] d, bool complete)
    {
        if (m == d.Length)
            return complete ? [] : [MerkleTests.Reference(d)];

        var k = Split(d.Length);
        return m <= k
            ? Subproof(m, d[..k], complete).Append(MerkleTests.Reference(d.AsSpan(k)))
            : Subproof(m - k, d[k..], false).Append(MerkleTests.Reference(d.AsSpan(0, k)));
    }

    private static int Split(int n) => 1 << BitOperations.Log2((uint)n - 1);

    private static Gen<JsonNode?> Value(int size)
    {
        // With what RFC 8785 escapes, and with two characters that UTF-8 and UTF-16 order differently.
        var text = Gen.Elements("a", "B", "0", "é", "证", "\U0001F602", "\uFFFB", "\u0001", "\n", "\"", "\\", "/", "\u2028").ListOf().Select(string.Concat);
        var leaf = Gen.OneOf(
            Gen.Constant<JsonNode?>(null),
            Gen.Elements(true, false).Select(b => (JsonNode?)JsonValue.Create(b)),
            Gen.Choose(int.MinValue, int.MaxValue).Select(i => (JsonNode?)JsonValue.Create(i)),
            text.Select(s => (JsonNode?)JsonValue.Create(s)));
        if (size < 2)
            return leaf;

        var inner = Value(size / 4);
        return Gen.OneOf(
            leaf,
            inner.ArrayOf().Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())])),
            text.ArrayOf().SelectMany(names => inner.ArrayOf(names.Length).Select(values => (JsonNode?)Object(names, values))));
    }

    private static JsonObject Object(string[] names, JsonNode?[] values)
    {
        var result = new JsonObject();
        for (var i = 0; i < names.Length; i++)
            result[names[i]] = values[i]?.DeepClone();

        return result;
    }

    private static JsonNode? Reversed(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Reverse().Select(m => KeyValuePair.Create(m.Key, Reversed(m.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Reversed)]),
        _ => node?.DeepClone(),
    };

    /// <summary>RFC 8785 §3.2.3: by UTF-16 code units.</summary>
    private static bool Ordered(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Object => e.EnumerateObject().Zip(e.EnumerateObject().Skip(1)).All(p => string.CompareOrdinal(p.First.Name, p.Second.Name) < 0)
            && e.EnumerateObject().All(m => Ordered(m.Value)),
        JsonValueKind.Array => e.EnumerateArray().All(Ordered),
        _ => true,
    };

    private static IEnumerable<Action<JsonNode?>> Places(JsonNode? node)
    {
        if (node is JsonObject o)
        {
            yield return value => o["added"] = value;
            foreach (var name in o.Select(m => m.Key).ToArray())
            {
                yield return value => o[name] = value;
                foreach (var deeper in Places(o[name]))
                    yield return deeper;
            }
        }
        else if (node is JsonArray a)
        {
            yield return a.Add;
            for (var i = 0; i < a.Count; i++)
            {
                var at = i;
                yield return value => a[at] = value;
                foreach (var deeper in Places(a[at]))
                    yield return deeper;
            }
        }
    }
}
