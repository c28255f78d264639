using System.Text.RegularExpressions;
using Notary.Evidence.Batches;

namespace Notary.Evidence.Tests;

/// <summary>Items as they are read and written, their tree, their paths and what they are found by.</summary>
[TestClass]
public sealed partial class BatchTests
{
    private static readonly DepositId Id = DepositId.Parse("0193e3a0-7e3c-7cc2-8f3a-0123456789ab");

    private static string Hex(int n) => Digest.Of(BitConverter.GetBytes(n)).ToString();

    private static async Task<(List<BatchItem> Items, List<byte[]> Lines, List<Digest> Leaves, List<BatchRefusal> Refusals)> ReadAsync(string text,
        Stream? stream = null)
    {
        var (items, lines, leaves, refusals) = (new List<BatchItem>(), new List<byte[]>(), new List<Digest>(), new List<BatchRefusal>());
        await foreach (var chunk in BatchReader.ReadAsync(stream ?? new MemoryStream(Encoding.UTF8.GetBytes(text)), new ItemSeed(), default))
        {
            using (chunk)
            {
                leaves.AddRange(chunk.Leaves.ToArray());
                refusals.AddRange(chunk.Refusals);
                foreach (var range in chunk.Lines.Span.Split((byte)'\n'))
                {
                    if (chunk.Lines.Span[range].ToArray() is { Length: > 0 } line)
                        lines.Add(line);
                }
            }
        }

        items.AddRange(lines.Select(l => BatchItem.Parse(l)));
        return (items, lines, leaves, refusals);
    }

    [TestMethod]
    public async Task What_is_sent_is_what_the_item_says()
    {
        var sent = new (string Line, BatchItem Item)[]
        {
            ($$"""{"sha-256":"{{Hex(0).ToUpperInvariant()}}"}""", Item(0)),
            ($$"""  {"size" : 12 , "name":"合同 \"v2\"\\😂.pdf","sha-256":"{{Hex(1)}}","reference":"A-1\u0037","mediaType":"application/pdf"}""" + "\r",
                Item(1) with { Size = 12, Name = "合同 \"v2\"\\😂.pdf", Reference = "A-17", MediaType = "application/pdf" }),
            ($$$"""{"sha-256":"{{{Hex(2)}}}","notes":{"z":"line\n\u0001","\uE000":"1","a":"\ud83d\ude02","😂":"2"},"size":0,"name":""}""",
                Item(2) with { Size = 0, Name = "", Notes = new Dictionary<string,
                    string> { ["z"] = "line\n\u0001", ["\uE000"] = "1", ["a"] = "😂", ["😂"] = "2" } }),
            ($$$"""{"sha-256":"{{{Hex(3)}}}","notes":{},"size":9007199254740991}""", Item(3) with { Size = Manifest.MaxSize }),
        };
        var (items, lines, leaves, refusals) = await ReadAsync(string.Join('\n', sent.Select(s => s.Line)));
        Assert.IsEmpty(refusals);
        for (var i = 0; i < sent.Length; i++)
        {
            var expected = sent[i].Item with { Salt = items[i].Salt };
            Assert.AreEqual(Encoding.UTF8.GetString(expected.ToBytes()), Encoding.UTF8.GetString(lines[i]));
            Assert.AreEqual(Digest.Of([0, .. lines[i]]), leaves[i], "RFC 6962: a leaf is hashed behind a zero");
        }

        Assert.HasCount(sent.Length, items.Select(i => Convert.ToHexString(i.Salt)).Distinct(), "a salt is its item's own");

        static BatchItem Item(int n) => new(Digest.Of(BitConverter.GetBytes(n)), new byte[32]);
    }

    [TestMethod]
    public async Task Every_line_that_is_refused_is_named()
    {
        var (good, d) = ($$"""{"sha-256":"{{Hex(0)}}"}""", $"\"sha-256\":\"{Hex(0)}\"");
        (string Line, string Code)[] bad =
        [
            ("", "line-json"), ("x", "line-json"), ("[]", "line-json"), (good + "{}", "line-json"), (good[..^1], "line-json"),
            ($$"""{{{d}},"name":"\ud800"}""", "line-json"),
            ($$"""{{{d}},"name":"{{new string('n', 17_000)}}"}""", "line-long"),
            ($$"""{{{d}},"nane":"x"}""", "line-members"), ($$"""{{{d}},{{d}}}""", "line-members"),
            ("{}", "digest"), ("""{"sha-256":"00"}""", "digest"), ($$"""{"sha-256":"{{Hex(0)[..63]}}g"}""", "digest"), ("""{"sha-256":1}""", "digest"),
            ($$"""{{{d}},"name":1}""", "name"), ($$"""{{{d}},"name":"{{new string('n', 256)}}"}""", "name"),
            ($$"""{{{d}},"name":"a\u0085b"}""", "name"), ($$"""{{{d}},"name":"a\tb"}""", "name"),
            ($$"""{{{d}},"reference":""}""", "reference"), ($$"""{{{d}},"reference":"{{new string('r', 256)}}"}""", "reference"),
            ($$"""{{{d}},"size":-1}""", "size"), ($$"""{{{d}},"size":1.5}""", "size"), ($$"""{{{d}},"size":9007199254740992}""", "size"),
            ($$"""{{{d}},"size":"1"}""", "size"), ($$"""{{{d}},"mediaType":"nonsense"}""", "media-type"),
            ($$"""{{{d}},"notes":[]}""", "notes"), ($$$"""{{{{d}}},"notes":{"a":1}}""", "notes"), ($$$"""{{{{d}}},"notes":{"a":"1","a":"2"}}""", "notes"),
            ($$$"""{{{{d}}},"notes":{"a":"{{{new string('n', 1024)}}}"}}""", "notes"),
        ];
        var text = string.Join('\n', bad.SelectMany(b => new[] { good, b.Line }));
        var (items, _, _, refusals) = await ReadAsync(text);
        Assert.AreEqual(string.Join('\n', bad.Select((b, i) => $"{(2 * i) + 2} {b.Code}")), string.Join('\n', refusals.Select(r => $"{r.Line} {r.Code}")));
        Assert.HasCount(bad.Length, items);

        var (_, _, _, broken) = await ReadAsync("", new MemoryStream([.. Encoding.UTF8.GetBytes(good + "\n{" + d + ",\"name\":\""), 0xff, .. "\"}\n"u8]));
        Assert.AreEqual("line-encoding", broken.Single().Code);
        Assert.AreEqual(2, broken.Single().Line);
        var (_, _, _, endless) = await ReadAsync($"{good}\n{good.Replace("}", ",\"name\":\"", StringComparison.Ordinal)}{new string('n', 1 << 20)}");
        Assert.AreEqual("2 line-long", $"{endless.Single().Line} {endless.Single().Code}");
    }

    [TestMethod]
    public void An_item_is_read_in_one_spelling_only()
    {
        var item = new BatchItem(Digest.Of("x"u8), [.. Enumerable.Range(0, 32).Select(i => (byte)i)]) { Name = "n", Size = 1, MediaType = "a/b",
            Reference = "r" };
        var bytes = item.ToBytes();
        CollectionAssert.AreEqual(bytes, BatchItem.Parse(bytes).ToBytes());
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var wrong in (string[])[text.Replace("notary-item/1", "notary-item/2", StringComparison.Ordinal), text
            + "\n", text.Replace("\"size\":1", "\"size\":1,\"x\":1", StringComparison.Ordinal),
            text.Replace("\"size\":1", "\"size\":null", StringComparison.Ordinal),
                text.Replace("\"reference\":\"r\"", "\"reference\":\"\"", StringComparison.Ordinal),
            text.Replace("\"sha-256\"", "\"sm3\"", StringComparison.Ordinal), text.Replace("AAEC", "AAE", StringComparison.Ordinal), "[]", "{}", ""])
        {
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => BatchItem.Parse(Encoding.UTF8.GetBytes(wrong))).Fault, wrong);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(63)]
    [DataRow(64)]
    [DataRow(255)]
    [DataRow(256)]
    [DataRow(257)]
    [DataRow(511)]
    [DataRow(512)]
    [DataRow(70_001)]
    [DataRow(131_072)]
    public async Task The_tree_is_that_of_the_log_and_its_blob_gives_every_path(int count)
    {
        var leaves = Enumerable.Range(0, count).Select(i => Digest.Of(BitConverter.GetBytes(i))).ToArray();
        var tree = new BatchTree();
        for (var at = 0; at < count; at += 777)
            tree.Append(leaves.AsSpan(at, Math.Min(777, count - at)));

        var root = Merkle.Root(leaves);
        Assert.AreEqual(root, tree.Root());
        Assert.AreEqual(count, tree.Count);
        var layout = new BatchLayout(count);
        byte[] blob = [.. leaves.SelectMany(l => l.ToArray()), .. tree.UpperLevels()];
        Assert.AreEqual(layout.OffsetsAt, blob.Length);
        Assert.AreEqual(layout.OffsetsAt + ((((count + 63) / 64) + 1) * 8), layout.Length);
        foreach (var index in new[] { 0, count / 3, count - 1, count & ~255 }.Where(i => i < count).Distinct())
        {
            var reads = 0;
            var path = await Tiles.InclusionProofAsync(index, count, (tile, _) =>
            {
                reads++;
                var (offset, length) = layout.Tile(tile);
                return Task.FromResult(blob[(int)offset..((int)offset + length)]);
            }, default);
            CollectionAssert.AreEqual(Merkle.InclusionProof(index, leaves).ToList(), path.ToList());
            Assert.IsTrue(Merkle.VerifyInclusion(leaves[index], index, count, path, root));
            Assert.IsLessThanOrEqualTo(6, reads, "a path costs a handful of reads");
            var proof = new ItemProof(index, path);
            Assert.AreEqual(proof.ToText(), ItemProof.Parse(proof.ToText()).ToText());
        }
    }

    [TestMethod]
    public async Task Items_are_found_by_digest_and_reference_however_often_they_are_there()
    {
        // 20,000 items: a third has one digest, references repeat every 1,000; so both chance and crowds are met.
        static string Line(int n) => $$"""{"digests":{"sha-256":"{{Hex(n % 3 == 0 ? 0 : n)}}"},"format":"notary-item/1","name":"\"reference\"",{{""
            }}"notes":{"reference":"x"},{{(n % 7 == 0 ? "" : $"\"reference\":\"r\\\\{n % 1000}\",")}}"salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""";
        const int Count = 20_000;
        var file = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Count).Select(n => Line(n) + "\n")));
        var (digests, references) = await BatchIndex.BuildAsync(Id, Count, new MemoryStream(file), default);
        Assert.HasCount(Count * BatchIndex.RecordBytes, digests);
        var looks = 0;
        Task<IReadOnlyList<int>> FindAsync(byte[] index, ItemKey kind, string value, int from, int limit)
            => BatchIndex.FindAsync(index.Length / BatchIndex.RecordBytes, BatchIndex.Key(Id, kind, Encoding.UTF8.GetBytes(value)), from, limit,
                (record, count) =>
            {
                looks++;
                return Task.FromResult(index.AsSpan((int)record * BatchIndex.RecordBytes, count * BatchIndex.RecordBytes).ToArray());
            });

        for (var n = 1; n < Count; n += 997)
        {
            looks = 0;
            CollectionAssert.AreEqual(n % 3 == 0 ? Threes(0, 5) : [n], (await FindAsync(digests, ItemKey.Digest, Hex(n % 3 == 0 ? 0 : n), 0, 5)).ToList());
            Assert.IsLessThanOrEqualTo(20, looks);
            var same = Enumerable.Range(0, Count).Where(i => i % 1000 == n % 1000 && i % 7 != 0).ToList();
            CollectionAssert.AreEqual(same, (await FindAsync(references, ItemKey.Reference, $"r\\{n % 1000}", 0, 100)).ToList());
            CollectionAssert.AreEqual(same.Where(i => i > 9_000).Take(2).ToList(),
                (await FindAsync(references, ItemKey.Reference, $"r\\{n % 1000}", 9_001, 2)).ToList());
        }

        CollectionAssert.AreEqual(Threes(15_000, 100), (await FindAsync(digests, ItemKey.Digest, Hex(0), 15_000, 100)).ToList());
        Assert.IsEmpty(await FindAsync(digests, ItemKey.Digest, Hex(Count), 0, 1));
        Assert.IsEmpty(await FindAsync(references, ItemKey.Reference, "x", 0, 1));
        Assert.IsEmpty(await FindAsync([], ItemKey.Reference, "r1", 0, 1));
        await Assert.ThrowsExactlyAsync<FaultException>(() => BatchIndex.BuildAsync(Id, Count - 1, new MemoryStream(file), default));
        await Assert.ThrowsExactlyAsync<FaultException>(() => BatchIndex.BuildAsync(Id, Count + 1, new MemoryStream(file), default));

        static List<int> Threes(int from, int limit) => [.. Enumerable.Range(from, Count - from).Where(i => i % 3 == 0).Take(limit)];
    }

    /// <summary>The document's example, computed as the document says and as the code does.</summary>
    [TestMethod]
    public void The_example_of_the_document_is_as_it_says()
    {
        var text = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "evidence-format.md"));
        var section = text[text.IndexOf("## Batch\n", StringComparison.Ordinal)..];
        var blocks = Fenced().Matches(section).Select(m => m.Groups[1].Value).ToList();
        var items = blocks[0].TrimEnd('\n').Split('\n').Select(Encoding.UTF8.GetBytes).ToList();
        for (var i = 0; i < items.Count; i++)
        {
            var item = BatchItem.Parse(items[i]);
            CollectionAssert.AreEqual(Enumerable.Repeat((byte)i, 32).ToArray(), item.Salt);
            Assert.AreEqual(Digest.Of(Encoding.UTF8.GetBytes(((string[])["first", "second", "third"])[i])), item.Sha256);
        }

        var leaves = items.Select(i => BatchItem.Leaf(i)).ToList();
        var tree = new BatchTree();
        tree.Append(leaves.ToArray());
        StringAssert.Contains(section, $"Their tree has the root `{tree.Root()}`");
        var proof = ItemProof.Parse(blocks[1]);
        var batch = ManifestTests.Sample() with { Kind = BatchFormat.Kind, ItemCount = items.Count, ItemsRoot = tree.Root() };
        Assert.IsTrue(proof.Holds(items[0], Manifest.Parse(batch.ToBytes())));
        Assert.IsFalse(proof.Holds(items[1], batch));
        Assert.IsFalse(proof.Holds(items[0], batch with { ItemCount = 5 }));
        CollectionAssert.AreEqual(Merkle.InclusionProof(0, leaves).ToList(), proof.Path.ToList());
    }

    [TestMethod]
    public void A_manifest_has_count_and_root_when_it_is_a_batchs_and_only_then()
    {
        var batch = ManifestTests.Sample() with { Kind = BatchFormat.Kind, ItemCount = BatchFormat.MaxItems, ItemsRoot = Digest.Of("r"u8) };
        var parsed = Manifest.Parse(batch.ToBytes());
        Assert.AreEqual((batch.ItemCount, batch.ItemsRoot), (parsed.ItemCount, parsed.ItemsRoot));
        using (var json = Jcs.ParseCanonical(batch.ToBytes()))
            Assert.AreEqual(batch.ItemsRoot.ToString(), json.RootElement.GetProperty("itemsRoot").GetString());

        foreach (var wrong in (Manifest[])[batch with { Kind = "file" }, batch with { ItemCount = null }, batch with { ItemsRoot = null },
            batch with { ItemCount = 0 },
            batch with { ItemCount = BatchFormat.MaxItems + 1 }, batch with { Items = [batch.Items[0], batch.Items[0]] },
                ManifestTests.Sample() with { ItemCount = 1 }])
        {
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => wrong.ToBytes()).Fault);
        }
    }

    [TestMethod]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab.0", true)]
    [DataRow("0193E3A0-7E3C-7CC2-8F3A-0123456789AB.999999", true)]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab.1000000", false)]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab.01", false)]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab.-1", false)]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab.", false)]
    [DataRow("0193e3a0-7e3c-7cc2-8f3a-0123456789ab", false)]
    [DataRow("x.1", false)]
    public void An_items_id_is_its_batchs_and_a_number(string text, bool holds)
    {
        Assert.AreEqual(holds, ItemId.TryParse(text, out var id));
        if (holds)
            Assert.AreEqual(text.ToLowerInvariant(), id.ToString());
    }

    [GeneratedRegex("```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
