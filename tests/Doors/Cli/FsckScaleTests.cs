namespace Notary.Cli.Tests;

/// <summary>What an audit keeps in memory for each deposit, and that the walk's tree is the log's.</summary>
[TestClass]
[DoNotParallelize]
public sealed partial class FsckScaleTests
{
    private const int Count = 50_000;

    /// <summary>8 for the entry's print, 16 for the id's, some bits for its place and tile, and what lists have in reserve.</summary>
    private const int MaxBytesEach = 40;

    [ClassInitialize]
    public static Task StartAsync(TestContext _) => FsckBed.StartAsync();

    [TestMethod]
    public async Task A_deposit_costs_some_dozens_of_bytes()
    {
        var now = TimeProvider.System.GetUtcNow();
        var audit = DepositScale.Audit();
        var (tree, leaves) = (new EdgeTree(), new List<ulong>());
        var rows = Enumerable.Range(0, Count).Select(i => DepositScale.Row(i, now)).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var row in rows)
        {
            tree.Append(Digest.Of(row.Manifest));
            leaves.Add(audit.Prints.Of(Digest.Of(row.Manifest)));
        }

        var log = new LogFacts(tree, leaves, Count, new Timeline(), true);
        var deposits = DepositScale.Deposits(audit, log, null);
        await Parallel.ForEachAsync(rows, async (row, c) => await deposits.RunAsync(row, c));
        deposits.Ids.Seal();
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        Assert.IsLessThan(MaxBytesEach, each);
        deposits.Ownerless();
        Assert.AreEqual(0, audit.Findings.Total, FsckBed.Lines(audit.Findings));
        Assert.AreEqual(Count, audit.Findings.Counts["deposits"]);

        // Every one was really compared: one that is gone, and one that is another, are named.
        GC.KeepAlive(rows);
        var second = DepositScale.Deposits(audit, new LogFacts(tree, leaves, Count, new Timeline(), true), null);
        await Parallel.ForEachAsync(rows.Where((_, i) => i != 4711),
            async (row, c) => await second.RunAsync(row.Index == 815 ? row with { Index = 816 } : row, c));
        second.Ownerless();
        CollectionAssert.AreEquivalent(
            new[] { "leaf-without-deposit log entry 4711", "leaf-without-deposit log entry 815", $"leaf-differs {rows[815].Where}" },
            audit.Findings.All.Select(f => $"{f.Code} {f.Where}").ToArray());
    }

    [TestMethod]
    public void The_walks_tree_has_the_logs_roots_and_tiles()
    {
        var entries = Enumerable.Range(0, 66_000).Select(i => Digest.Of(BitConverter.GetBytes(i))).ToArray();
        var leaves = Merkle.LeafHashes(entries);
        var tree = new EdgeTree();
        int[] sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, 1000, 65_535, 65_536, 65_537, 66_000];
        foreach (var size in sizes)
        {
            while (tree.Size < size)
                tree.Append(entries[tree.Size]);

            Assert.AreEqual(Merkle.Root(leaves.AsSpan(0, size)), tree.Root(), $"{size}");
        }

        Assert.HasCount(66_000 / 256, tree.Tiles);
        Assert.AreEqual(Merkle.Root(leaves.AsSpan(256, 256)), tree.Subtree(1, 1));
        Assert.AreEqual(Merkle.Root(leaves.AsSpan(0, 65_536)), tree.Subtree(2, 0));
        Assert.IsNull(tree.Subtree(2, 1));
        Assert.IsNull(tree.Subtree(99, 0));
    }

    [TestMethod]
    public void Prints_are_found_marked_and_named()
    {
        var prints = new Prints();
        Assert.AreEqual(prints.Of("a"), prints.Of("a"));
        Assert.AreNotEqual(prints.Of("a"), new Prints().Of("a"), "the key is another each run");
        var set = new PrintSet(valued: true);
        foreach (var name in (string[])["a", "b", "c", "b"])
            set.Add(prints.Of(name), 1);

        set.Seal();
        Assert.IsTrue(set.Mark(prints.Of("a")) && set.Mark(prints.Of("b")) && !set.Mark(prints.Of("d")));
        CollectionAssert.AreEqual(new[] { prints.Of("c") }, set.Unmarked().ToArray());
        CollectionAssert.AreEqual(new[] { prints.Of("b") }, set.Repeated().ToArray());
        Assert.IsTrue(set.Set(prints.Of("a"), 4));
        Assert.IsFalse(set.Set(prints.Of("a"), 4), "set before");
        Assert.AreEqual(5ul, set.Find(prints.Of("a")));
        CollectionAssert.AreEqual(new[] { prints.Of("a") }, set.Where(5, 2).ToArray());
        set.Add(prints.Of("e"));
        set.Seal();
        Assert.AreEqual(5ul, set.Find(prints.Of("a")), "sealing again keeps what was there");
        Assert.AreEqual(0ul, set.Find(prints.Of("e")));
    }

    [TestMethod]
    public void The_timeline_takes_the_first_point_that_covers()
    {
        var start = DateTimeOffset.UnixEpoch.AddYears(50);
        var line = new Timeline();
        line.Add(2, start, null, null);
        line.Add(5, start.AddHours(1), start.AddHours(1), null);
        line.Add(9, start.AddHours(2), start.AddHours(2), start.AddHours(3));
        line.Seal();
        Assert.IsNull(line.Before(1, start.AddSeconds(119)));
        StringAssert.Contains(line.Before(1, start.AddSeconds(121)), "held");
        Assert.IsNull(line.Before(2, start.AddHours(1)));
        StringAssert.Contains(line.Before(4, start.AddHours(2)), "held");
        Assert.IsNull(line.Before(9, start.AddYears(1)), "not covered yet");
        var late = new Timeline();
        late.Add(2, start.AddDays(1), start, start);
        late.Seal();
        StringAssert.Contains(late.Before(0, start.AddHours(1)), "stamped");
        late = new Timeline();
        late.Add(2, start.AddDays(1), start.AddDays(1), start);
        late.Seal();
        StringAssert.Contains(late.Before(0, start.AddHours(1)), "block");
    }

    [TestMethod]
    public void Every_code_is_documented()
    {
        var documented = File.ReadAllText(Path.Combine(Servers.Repository.Root, "docs", "cli.md"));
        var calls = Directory.GetFiles(Path.Combine(Servers.Repository.Root, "functions", "Doors", "Cli", "Fsck"))
            .SelectMany(file => Finding().Matches(File.ReadAllText(file)));
        var codes = calls.SelectMany(call => Code().Matches(call.Value)).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.IsGreaterThan(60, codes.Count);
        CollectionAssert.AreEqual(Array.Empty<string>(), codes.Where(code => !documented.Contains($"`{code}`", StringComparison.Ordinal)).ToArray());
    }

    [System.Text.RegularExpressions.GeneratedRegex("(Findings\\.(Add|Note)\\(|yield return \\(\"I|Judge\\(\\$\")[^;]*;")]
    private static partial System.Text.RegularExpressions.Regex Finding();

    [System.Text.RegularExpressions.GeneratedRegex("\"([a-z]+(?:-[a-z]+)+)\"")]
    private static partial System.Text.RegularExpressions.Regex Code();
}
