using System.Text.RegularExpressions;
using Notary.Bench.Scale;

namespace Notary.Deposits.Tests;

/// <summary>docs/scale.md says what its model computes, and the model has the code's numbers.</summary>
[TestClass]
public sealed class ScaleTests
{
    /// <summary>Set to <c>write</c>, the document's tables are made anew.</summary>
    private const string Golden = "NOTARY_GOLDEN";

    private static readonly string Document = Path.Combine(Repository.Root, "docs", "scale.md");

    [TestMethod]
    public async Task The_documents_tables_are_the_models()
    {
        var text = await File.ReadAllTextAsync(Document);
        var blocks = new Regex(@"(?<=<!-- (?<name>[a-z]+) -->\n)(?<table>[^<]*)(?=<!-- end -->)");
        CollectionAssert.AreEquivalent(ScaleTables.ByName.Keys.ToList(), blocks.Matches(text).Select(block => block.Groups["name"].Value).ToList());

        var made = ScaleTables.ByName.AsParallel().ToDictionary(table => table.Key, table => table.Value());
        var fresh = blocks.Replace(text, block => made[block.Groups["name"].Value]);
        if (Environment.GetEnvironmentVariable(Golden) == "write")
            await File.WriteAllTextAsync(Document, fresh);
        else
            Assert.AreEqual(fresh, text, $"docs/scale.md; {Golden}=write makes its tables anew");
    }

    [TestMethod]
    public void The_model_is_as_the_code_is()
    {
        Assert.AreEqual(DepositKeys.Shards, new Shape().Partitions);
        Assert.AreEqual(Settings.MaxBatch, new Shape().MaxBatch);
        Assert.AreEqual(SequencerModel.BatchInterval, Settings.BatchInterval.TotalSeconds);
        Assert.AreEqual(SequencerModel.HalfLease, Settings.LeaseDuration.TotalSeconds / 2);
        Assert.AreEqual(SequencerModel.Remember, Webhooks.Listeners.Remember.TotalSeconds);
        Assert.AreEqual(LetterModel.AnchorInterval, Settings.AnchorInterval.TotalSeconds);
        Assert.AreEqual(LetterModel.Confirmations, Settings.Confirmations);
        Assert.AreEqual(DepositTable.GroupSize, SequencerModel.ApplyRows);
        Assert.AreEqual(Tiles.FullWidth, SequencerModel.Tile);
    }

    /// <summary>A log's files are counted without making them; here they are made.</summary>
    [TestMethod]
    [DataRow(0, 1), DataRow(1, 1), DataRow(1, 300), DataRow(255, 1), DataRow(256, 256), DataRow(500, 4096), DataRow(65_500, 100), DataRow(131_072, 1)]
    public async Task The_model_counts_the_files_of_a_log(long size, int more)
    {
        var reads = new HashSet<string>();
        byte[][] entries = [.. Enumerable.Range(0, more).Select(n => SHA256.HashData(BitConverter.GetBytes(n)))];
        var files = await Tiles.GrowAsync(size, entries, (path, _) =>
        {
            reads.Add(path);
            var width = path.LastIndexOf(".p/", StringComparison.Ordinal) is >= 0 and var at
                ? int.Parse(path[(at + 3)..], CultureInfo.InvariantCulture) : Tiles.FullWidth;
            return Task.FromResult(path.Contains("entries", StringComparison.Ordinal)
                ? Tiles.FormatEntries([.. Enumerable.Range(0, width).Select(_ => new byte[Digest.Size])]) : new byte[width * Digest.Size]);
        }, default);

        Assert.AreEqual(files.Count, SequencerModel.Files(size, more));
        Assert.AreEqual(reads.Count, SequencerModel.Reads(size, more));
    }

    /// <summary>A queue's mean wait is known in closed form where arrivals are by chance and service takes always as long (Pollaczek and Khinchine).</summary>
    [TestMethod]
    [DataRow(0.5), DataRow(0.8)]
    public void A_pipe_makes_whoever_comes_wait_as_the_formula_says(double use)
    {
        const double Rate = 100;
        var (simulation, waits) = (new Simulation(7), new List<double>());
        var pipe = new Pipe("pipe", Rate);
        simulation.Start(Arrivals());
        simulation.RunTo(5_000);

        var expected = use / (2 * Rate * (1 - use));
        Assert.AreEqual(expected, waits.Average(), expected * 0.05);
        Assert.AreEqual(use, pipe.Busy / simulation.Now, 0.01);

        IEnumerable<double> Arrivals()
        {
            while (true)
            {
                yield return simulation.Now + simulation.NextArrival(Rate * use);
                waits.Add(pipe.Pass(simulation.Now, 1) - simulation.Now - (1 / Rate));
            }
        }
    }

    private static DepositsSettings Settings => new() { Origin = "", Office = null!, Parties = null!, PublicUrl = null! };
}
