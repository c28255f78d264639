namespace Notary.Evidence.Tests;

[TestClass]
public sealed class TilesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static byte[] Entry(int i) => Digest.Of(BitConverter.GetBytes(i)).ToArray();

    private sealed class Log
    {
        public Dictionary<string, byte[]> Files { get; } = [];

        public List<string> Reads { get; } = [];

        public int Size { get; private set; }

        public Task<byte[]> ReadAsync(string path, CancellationToken c)
        {
            Reads.Add(path);
            return Files.TryGetValue(path, out var bytes) ? Task.FromResult(bytes) : throw new FileNotFoundException(path);
        }

        public async Task GrowAsync(int by)
        {
            foreach (var (path, bytes) in await Tiles.GrowAsync(Size, [.. Enumerable.Range(Size, by).Select(Entry)], ReadAsync, None))
                Files[path] = bytes;

            Size += by;
        }
    }

    private static Digest[] LeafHashes(int size) => Merkle.LeafHashes([.. Enumerable.Range(0, size).Select(i => new Digest(Entry(i)))]);

    [TestMethod]
    public void Paths_of_the_specification()
    {
        Assert.AreEqual("tile/0/x001/x234/067", Tiles.TilePath(0, 1_234_067, 256));
        Assert.AreEqual("tile/entries/x001/x234/067.p/8", Tiles.EntriesPath(1_234_067, 8));
        Assert.AreEqual("tile/63/000.p/255", Tiles.TilePath(63, 0, 255));
        Assert.IsTrue(Tiles.TryParsePath("tile/entries/x001/x234/067.p/8", out var tile));
        Assert.AreEqual(new TileName(Tiles.EntriesLevel, 1_234_067, 8), tile);
    }

    [TestMethod]
    [DataRow("tile/0/1")]
    [DataRow("tile/0/0001")]
    [DataRow("tile/00/001")]
    [DataRow("tile/64/001")]
    [DataRow("tile/-1/001")]
    [DataRow("tile/0/001.p/0")]
    [DataRow("tile/0/001.p/256")]
    [DataRow("tile/0/001.p/07")]
    [DataRow("tile/0/001.p/")]
    [DataRow("tile/0/001.p/7/")]
    [DataRow("tile/0/x000/001")]
    [DataRow("tile/0/001/002")]
    [DataRow("tile/0/x001")]
    [DataRow("tile/0/")]
    [DataRow("tile/0")]
    [DataRow("tile/entries")]
    [DataRow("tile/Entries/001")]
    [DataRow("tile/0/../001")]
    [DataRow("tile/0/ 01")]
    [DataRow("tile/0/x999/x999/x999/x999/x999/x999/999")]
    [DataRow("")]
    [DataRow("checkpoint")]
    public void Other_spellings_of_paths_are_refused(string path) => Assert.IsFalse(Tiles.TryParsePath(path, out _));

    [TestMethod]
    public void Every_path_reads_back()
        => Prop.ForAll(Gen.Choose(-1, 63).SelectMany(
            l => Gen.Choose(1, 256).SelectMany(w => Gen.Choose(0, int.MaxValue).Select(n => new TileName(l, (long)n * 4093, w)))).ToArbitrary(), tile =>
            Tiles.TryParsePath(tile.ToString(), out var parsed) && parsed == tile).QuickCheckThrowOnFailure();

    [TestMethod]
    public async Task A_log_of_70000_has_the_tiles_of_the_specification()
    {
        var log = new Log();
        await log.GrowAsync(70_000);
        Assert.AreEqual(273, log.Files.Keys.Count(p => p.StartsWith("tile/0/", StringComparison.Ordinal) && !p.Contains(".p/", StringComparison.Ordinal)));
        Assert.HasCount(112 * 32, log.Files["tile/0/273.p/112"]);
        Assert.HasCount(256 * 32, log.Files["tile/1/000"]);
        Assert.HasCount(17 * 32, log.Files["tile/1/001.p/17"]);
        Assert.HasCount(32, log.Files["tile/2/000.p/1"]);
        Assert.HasCount(112 * 34, log.Files["tile/entries/273.p/112"]);
        Assert.HasCount(2 * 274 + 3, log.Files);
        Assert.AreEqual(Merkle.Root(LeafHashes(70_000)), await Tiles.RootAsync(70_000, log.ReadAsync, None));

        log.Reads.Clear();
        var proof = await Tiles.InclusionProofAsync(4711, 70_000, log.ReadAsync, None);
        Assert.IsTrue(Merkle.VerifyInclusion(LeafHashes(4712)[4711], 4711, 70_000, proof, Merkle.Root(LeafHashes(70_000))));
        Assert.IsLessThanOrEqualTo(6, log.Reads.Count, "a proof reads a few tiles, each once");
    }

    [TestMethod]
    public async Task Growing_in_any_steps_gives_the_tiles_of_growing_at_once()
    {
        var random = new Random(20_261_122);
        for (var round = 0; round < 12; round++)
        {
            var log = new Log();
            for (var step = 0; step < 5; step++)
            {
                await log.GrowAsync(random.Next(3) switch { 0 => random.Next(1, 5), 1 => random.Next(1, 300), _ => 256 });

                // Once a full tile exists the partial ones before it may be gone.
                foreach (var partial in log.Files.Keys.Where(p => p.Contains(".p/", StringComparison.Ordinal)).ToList())
                {
                    if (log.Files.ContainsKey(partial[..partial.IndexOf(".p/", StringComparison.Ordinal)]))
                        log.Files.Remove(partial);
                }
            }

            var once = new Log();
            await once.GrowAsync(log.Size);
            foreach (var (path, bytes) in once.Files)
                CollectionAssert.AreEqual(bytes, log.Files[path], path);
        }
    }

    [TestMethod]
    public async Task Proofs_from_tiles_verify_between_all_sizes()
    {
        const int Max = 600;
        var (log, leaves) = (new Log(), LeafHashes(Max));
        int[] sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, Max];
        foreach (var size in sizes)
            await log.GrowAsync(size - log.Size);

        var roots = Enumerable.Range(0, Max + 1).Select(s => Merkle.Root(leaves.AsSpan(0, s))).ToArray();
        var random = new Random(42);
        foreach (var to in sizes)
        {
            Assert.AreEqual(roots[to], await Tiles.RootAsync(to, log.ReadAsync, None));
            for (var i = 0; i < 25; i++)
            {
                var (from, index) = (random.Next(to + 1), random.Next(to));
                var consistency = await Tiles.ConsistencyProofAsync(from, to, log.ReadAsync, None);
                Assert.IsTrue(Merkle.VerifyConsistency(from, roots[from], to, roots[to], consistency), $"{from} → {to}");
                var inclusion = await Tiles.InclusionProofAsync(index, to, log.ReadAsync, None);
                Assert.IsTrue(Merkle.VerifyInclusion(leaves[index], index, to, inclusion, roots[to]));
                CollectionAssert.AreEqual(Merkle.InclusionProof(index, leaves[..to]).ToArray(), inclusion.ToArray());
            }
        }
    }

    [TestMethod]
    public async Task A_short_tile_is_evidence_gone_wrong()
    {
        var log = new Log();
        await log.GrowAsync(300);
        log.Files["tile/0/001.p/44"] = log.Files["tile/0/001.p/44"][..^32];
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => Tiles.RootAsync(300, log.ReadAsync, None));
        Assert.AreEqual(Fault.EvidenceInvalid, fault.Fault);
    }

    [TestMethod]
    public void Compact_range_appends_like_the_tree_and_reads_back()
        => Prop.ForAll(Gen.Choose(0, 300).ToArbitrary(), Gen.Choose(0, 5000).ToArbitrary(), (first, second) =>
        {
            var leaves = MerkleTests.Some(first + second);
            var range = CompactRange.Of(leaves[..first]);
            var grown = CompactRange.Parse(first, range.ToBytes()).Append(leaves[first..]);
            return range.Size == first && grown.Size == leaves.Length && grown.Root() == Merkle.Root(leaves)
                && grown.ToBytes().AsSpan().SequenceEqual(CompactRange.Of(leaves).ToBytes());
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Compact_range_of_the_wrong_length_is_refused()
    {
        Assert.ThrowsExactly<FaultException>(() => CompactRange.Parse(3, new byte[32]));
        Assert.ThrowsExactly<FaultException>(() => CompactRange.Parse(-1, new byte[32 * 64]));
    }

    [TestMethod]
    public void Entry_bundles_read_back_and_refuse_cuts()
    {
        byte[][] entries = [[], [1], Entry(1)];
        var bundle = Tiles.FormatEntries(entries);
        Assert.HasCount(3, Tiles.ParseEntries(bundle));
        Assert.ThrowsExactly<FaultException>(() => Tiles.ParseEntries(bundle.AsSpan()[..^1]));
        Assert.ThrowsExactly<FaultException>(() => Tiles.ParseEntries([0]));
        Assert.ThrowsExactly<FaultException>(() => Tiles.ParseEntries(new byte[2 * 257]));
    }
}
