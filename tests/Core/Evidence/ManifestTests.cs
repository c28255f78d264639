namespace Notary.Evidence.Tests;

[TestClass]
public sealed class ManifestTests
{
    private static readonly DepositId Id = DepositId.Parse("0193e3a0-7e3c-7cc2-8f3a-0123456789ab");

    internal static Manifest Sample() => new(
        Id,
        "file",
        "did:web:firm.example",
        new DateTimeOffset(2026, 11, 22, 13, 0, 0, 123, TimeSpan.FromHours(8)).AddTicks(4567),
        [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        [ManifestItem.Of("合同 \"v2\"\\\u0001😂.pdf", 12_345, "application/pdf", Digest.Of("x"u8))],
        new ChainHead(1337, 4711, "0x" + new string('a', 64)),
        Digest.Of("earlier"u8),
        new Dictionary<string, string> { ["z"] = "", ["contractNo"] = "A-17", ["ä"] = "ö" });

    [TestMethod]
    public void Written_bytes_are_canonical_and_read_back()
    {
        var bytes = Sample().ToBytes();
        using var json = Jcs.ParseCanonical(bytes);
        Assert.AreEqual("2026-11-22T05:00:00.123Z", json.RootElement.GetProperty("receivedAt").GetString());
        var parsed = Manifest.Parse(bytes);
        CollectionAssert.AreEqual(bytes, parsed.ToBytes());
        Assert.AreEqual(Sample().ReceivedAt, parsed.ReceivedAt);
        Assert.AreEqual(Sample().Items[0].Name, parsed.Items[0].Name);
        Assert.AreEqual(Digest.Of(bytes), parsed.ToDigest());
    }

    [TestMethod]
    public void A_test_says_so_at_its_end_and_any_other_has_no_such_member()
    {
        var (bytes, test) = (Sample().ToBytes(), (Sample() with { Test = true }).ToBytes());
        CollectionAssert.AreEqual((byte[])[.. bytes[..^1], .. ",\"test\":true}"u8], test);
        using var json = Jcs.ParseCanonical(test);
        Assert.IsTrue(Manifest.Parse(test).Test);
        Assert.IsFalse(Manifest.Parse(bytes).Test);
        CollectionAssert.AreEqual(test, Manifest.Parse(test).ToBytes());
    }

    [TestMethod]
    public void A_manifest_without_optional_parts_reads_back()
    {
        var bare = Sample() with
        {
            NotBefore = null,
            Previous = null,
            Notes = new Dictionary<string, string>(),
            Kind = "digest",
            Items = [ManifestItem.Of("", null, "", Digest.Of([]))]
        };
        var parsed = Manifest.Parse(bare.ToBytes());
        Assert.IsNull(parsed.NotBefore);
        Assert.IsNull(parsed.Previous);
        Assert.IsNull(parsed.Items[0].Size);
    }

    [TestMethod]
    public void A_name_is_as_long_as_Windows_lets_it_be()
    {
        foreach (var name in (string[])[new string('很', 84) + ".pdf", new string('很', 255), string.Concat(Enumerable.Repeat("𠮷", 127))])
            Assert.AreEqual(name, Manifest.Parse(Named(name).ToBytes()).Items[0].Name);

        foreach (var name in (string[])[new string('n', 256), string.Concat(Enumerable.Repeat("𠮷", 128))])
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Named(name).ToBytes()).Fault);

        static Manifest Named(string name) => Sample() with { Items = [ManifestItem.Of(name, 1, "", Digest.Of([]))] };
    }

    [TestMethod]
    public void The_largest_manifest_is_within_the_length()
    {
        var name = string.Concat(Enumerable.Repeat('\u0001', Manifest.MaxNameLength));
        var note = new string('\u0001', (Manifest.MaxNotesBytes / Manifest.MaxNotes) - 2);
        var large = Sample() with
        {
            Items = [.. Enumerable.Range(0, Manifest.MaxItems).Select(_ => ManifestItem.Of(name, Manifest.MaxSize, name, Digest.Of([])))],
            Notes = Enumerable.Range(0, Manifest.MaxNotes).ToDictionary(i => $"{i:d2}", _ => note),
        };
        Assert.HasCount(Manifest.MaxItems, Manifest.Parse(large.ToBytes()).Items);
    }

    [TestMethod]
    public void What_is_out_of_bounds_is_neither_written_nor_read()
    {
        Manifest[] bad =
        [
            Sample() with { Kind = "File" },
            Sample() with { Depositor = "" },
            Sample() with { Depositor = "a\ud800" },
            Sample() with { Depositor = "a company" },
            Sample() with { Depositor = "did:web:" },
            Sample() with { Depositor = "did:Web:firm.example" },
            Sample() with { Depositor = "did:web:firm.example\n" },
            Sample() with { Depositor = "did:web:firm example" },
            Sample() with { Depositor = "did:web:" + new string('x', Manifest.MaxDepositorBytes) },
            Sample() with { Salt = new byte[31] },
            Sample() with { Items = [] },
            Sample() with { Items = [.. Enumerable.Repeat(Sample().Items[0], 101)] },
            Sample() with { Items = [Sample().Items[0] with { Name = new string('x', 256) }] },
            Sample() with { Items = [Sample().Items[0] with { Size = -1 }] },
            Sample() with { Items = [Sample().Items[0] with { Size = 1L << 53 }] },
            Sample() with { Items = [Sample().Items[0] with { Digests = new Dictionary<string, string> { ["sm3"] = new('0', 64) } }] },
            Sample() with { Items = [Sample().Items[0] with { Digests = new Dictionary<string, string> { ["sha-256"] = new('A', 64) } }] },
            Sample() with { NotBefore = new ChainHead(1, 1, "0x" + new string('a', 63)) },
            Sample() with { NotBefore = new ChainHead(1, -1, "0x" + new string('a', 64)) },
            Sample() with { Notes = new Dictionary<string, string> { [""] = "x" } },
            Sample() with { Notes = new Dictionary<string, string> { ["x"] = new('x', Manifest.MaxNotesBytes) } },
        ];
        foreach (var manifest in bad)
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(manifest.ToBytes).Fault);
    }

    [TestMethod]
    public void Other_members_and_types_are_refused()
    {
        (string Member, JsonNode? Value)[] changes =
        [
            ("format", "notary-manifest/2"), ("extra", 1), ("id", "0193E3A0-7E3C-7CC2-8F3A-0123456789AB"), ("id", 7), ("kind", null), ("depositor", 1),
            ("test", false), ("test", 1), ("test", "true"), ("test", null),
            ("receivedAt", "2026-11-22T05:00:00Z"), ("receivedAt", "2026-11-22T05:00:00.123+00:00"), ("receivedAt", "2026-13-22T05:00:00.123Z"),
            ("salt", "AAAA"), ("salt", new string('A', 42) + "B"), ("salt", new string('A', 42) + "="),
            ("items", null), ("items", new JsonArray()), ("items", new JsonArray(1)),
            ("items", new JsonArray(new JsonObject { ["name"] = "x" })), ("notBefore", "x"), ("notBefore", new JsonObject()), ("previous", ""), ("previous", 1),
            ("notes", null), ("notes", new JsonArray()), ("notes", new JsonObject { ["a"] = 1 }),
        ];
        foreach (var (member, value) in changes)
        {
            var node = JsonNode.Parse(Sample().ToBytes())!.AsObject();
            node[member] = value;
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Manifest.Parse(Jcs.Canonicalize(node)), member).Fault);
        }

        foreach (var member in JsonNode.Parse(Sample().ToBytes())!.AsObject().Select(m => m.Key).ToList())
        {
            var node = JsonNode.Parse(Sample().ToBytes())!.AsObject();
            node.Remove(member);
            Assert.ThrowsExactly<FaultException>(() => Manifest.Parse(Jcs.Canonicalize(node)), member);
        }
    }

    [TestMethod]
    public void A_changed_bit_is_refused_or_gives_another_digest()
    {
        var bytes = Sample().ToBytes();
        var digest = Digest.Of(bytes);
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.AreNotEqual(digest, Manifest.Parse(changed).ToDigest());
            }
            catch (FaultException e)
            {
                Assert.AreEqual(Fault.Malformed, e.Fault);
            }
        }
    }

    [TestMethod]
    public void Garbage_and_huge_input_are_faults()
    {
        foreach (var bytes in (byte[][])[[], [0], "null"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(),
            [0xff, 0xfe], new byte[Manifest.MaxBytes + 1], Encoding.UTF8.GetBytes(new string('[', 5000))])
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Manifest.Parse(bytes)).Fault);
    }
}
