using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary audit verify</c> over a trail that an app has written and whose head it has deposited: each wrong is planted in the real table.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AuditCommandTests
{
    private const string Office = "office-trail";
    private static readonly string Trust = Path.GetTempFileName();

    private static Platform platform = null!;
    private static StorageAccount storage = null!;
    private static List<TableEntity> rows = [];
    private static TableEntity head = null!;

    /// <summary>Two runs of the app: the first leaves entries, the second deposits their head as it starts and leaves more.</summary>
    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        platform = await Platform.StartAsync(new PlatformOptions());
        storage = StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });
        await using (var first = await App.StartAsync(platform.AppEnvironment()))
        {
            await first.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司");
            await first.CreateTenantAsync(platform.OperatorKey, "other", "乙公司");
        }

        await using (var second = await App.StartAsync(platform.AppEnvironment()))
        {
            await UntilAsync(async () => (await HeadAsync())?["Index"] is not null
                && await storage.Container(Names.Staging).GetBlobClient(Names.CheckpointBlob).ExistsAsync());
            await second.CreateTenantAsync(platform.OperatorKey, "third", "丙公司");
            await File.WriteAllBytesAsync(Trust, await second.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
        }

        head = (await HeadAsync())!;
        rows = await storage.Table(Names.Trail).QueryAsync<TableEntity>().ToListAsync();
        Assert.IsGreaterThan(5, rows.Count);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await platform.DisposeAsync();
        File.Delete(Trust);
    }

    [TestMethod]
    public async Task AWholeTrailPassesAndTellsItsHead()
    {
        var (exit, json) = await RunAsync();
        Assert.AreEqual(0, exit, json.ToString());
        Assert.AreEqual(rows.Count, json.GetProperty("counts").GetProperty("entries").GetInt32());
        Assert.AreEqual(1, json.GetProperty("counts").GetProperty("heads").GetInt32());
        Assert.AreEqual($"{rows.Count}:{Hash(rows[0])}", json.GetProperty("head").GetString());
    }

    [TestMethod]
    public async Task AnEntryThatWasChangedIsFound()
    {
        // In place, with everything else as it was: another outcome, and another person in the columns alone.
        await PlantAsync("chain-broken", Changed(rows[^3], "\"method\":\"POST\"", "\"method\":\"HEAD\""));
        await PlantAsync("head-differs", Rechained("\"method\":\"POST\"", "\"method\":\"HEAD\""));
        await PlantAsync("row-disagrees", With(rows[2], "Who", "somebody"));
        await PlantAsync("entry-malformed", With(rows[2], "Entry", "{}"u8.ToArray()));
    }

    [TestMethod]
    public async Task AnEntryThatWasRemovedIsFound()
    {
        var table = storage.Table(Names.Trail);
        await PlantAsync("number-gap", () => table.DeleteEntityAsync(rows[^3].PartitionKey, rows[^3].RowKey), rows[^3]);
        await PlantAsync("beginning-missing", () => table.DeleteEntityAsync(rows[^1].PartitionKey, rows[^1].RowKey), rows[^1]);
    }

    [TestMethod]
    public async Task ATailThatWasCutOffIsFound()
    {
        var table = storage.Table(Names.Trail);
        var covered = int.Parse(Notes()["number"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsLessThan(rows.Count, covered, "entries after the head");
        var cut = rows[..(rows.Count - covered + 1)];
        async Task CutAsync()
        {
            foreach (var row in cut)
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey);
        }

        await PlantAsync("tail-missing", CutAsync, [.. cut]);

        // What was made after the last deposit is held by nothing but a head that the auditor kept.
        var newest = $"{rows.Count}:{Hash(rows[0])}";
        await table.DeleteEntityAsync(rows[0].PartitionKey, rows[0].RowKey);
        try
        {
            Assert.AreEqual(0, (await RunAsync()).Exit);
            CollectionAssert.Contains(Codes((await RunAsync("--head", newest)).Json), "tail-missing");
        }
        finally
        {
            await table.UpsertEntityAsync(rows[0], TableUpdateMode.Replace);
        }

        Assert.AreEqual(0, (await RunAsync("--head", newest)).Exit);
    }

    [TestMethod]
    public async Task EntriesInAnotherOrderAreFound()
        => await PlantAsync("entry-misplaced", With(rows[2], "Entry", rows[3]["Entry"]), With(rows[3], "Entry", rows[2]["Entry"]));

    [TestMethod]
    public async Task AHeadThatWasForgedIsFound()
    {
        // The deposit says what a trail written anew would need: the log does not.
        var manifest = Encoding.UTF8.GetString((byte[])head["Manifest0"]).Replace("\"number\":\"", "\"number\":\"1", StringComparison.Ordinal);
        await PlantAsync(Names.Deposits, "head-not-in-log", With(head, "Manifest0", Encoding.UTF8.GetBytes(manifest)));

        // A second one beside it, as a fork would have.
        var forked = new TableEntity(head) { RowKey = $"d|{Office}|{DepositId.New(TimeProvider.System)}" };
        var table = storage.Table(Names.Deposits);
        await table.UpsertEntityAsync(forked);
        try
        {
            CollectionAssert.Contains(Codes((await RunAsync()).Json), "heads-broken");
        }
        finally
        {
            await table.DeleteEntityAsync(forked.PartitionKey, forked.RowKey);
        }
    }

    [TestMethod]
    public async Task AnExportIsJudgedAlone()
    {
        var file = Path.GetTempFileName();
        var lines = rows.AsEnumerable().Reverse().Select(r => Encoding.UTF8.GetString((byte[])r["Entry"])).ToList();
        async Task<(int Exit, JsonElement Json)> JudgeAsync(IEnumerable<string> text, params string[] more)
        {
            await File.WriteAllLinesAsync(file, text);
            var run = await Run.AsyncOf(["audit", "verify", "--export", file, .. more]);
            return (run.Exit, JsonDocument.Parse(run.Output).RootElement);
        }

        Assert.AreEqual(0, (await JudgeAsync(lines)).Exit);
        Assert.AreEqual(0, (await JudgeAsync(lines[2..])).Exit, "an export of later days");
        CollectionAssert.Contains(Codes((await JudgeAsync(lines.Where((_, i) => i != 2))).Json), "number-gap");
        CollectionAssert.Contains(Codes((await JudgeAsync([.. lines[..2], lines[2].Replace("POST", "HEAD", StringComparison.Ordinal), .. lines[3..]])).Json),
            "chain-broken");
        CollectionAssert.Contains(Codes((await JudgeAsync(lines[..^1], "--head", $"{rows.Count}:{Hash(rows[0])}")).Json), "tail-missing");
        Assert.AreEqual(2, (await Run.AsyncOf("audit", "verify", "--export", file, "--head", "5")).Exit);
        File.Delete(file);
    }

    private static Task PlantAsync(string code, params TableEntity[] planted) => PlantAsync(Names.Trail, code, planted);

    private static Task PlantAsync(string table, string code, params TableEntity[] planted) => PlantAsync(code, async () =>
    {
        foreach (var row in planted)
            await storage.Table(table).UpsertEntityAsync(row, TableUpdateMode.Replace);
    }, [.. planted.Select(p => table == Names.Deposits ? head : rows.Single(r => r.RowKey == p.RowKey))]);

    private static async Task PlantAsync(string code, Func<Task> wrong, params TableEntity[] restored)
    {
        await wrong();
        var (exit, json) = await RunAsync();
        foreach (var row in restored)
            await storage.Table(row.RowKey.StartsWith("d|", StringComparison.Ordinal) ? Names.Deposits : Names.Trail)
                .UpsertEntityAsync(row, TableUpdateMode.Replace);

        Assert.AreEqual(1, exit, json.ToString());
        CollectionAssert.Contains(Codes(json), code, json.ToString());
        Assert.AreEqual(0, (await RunAsync()).Exit);
    }

    /// <summary>The whole trail written anew from its oldest entry on, each following the other: what only a deposited head contradicts.</summary>
    private static TableEntity[] Rechained(string from, string to)
    {
        var (made, previous) = (new List<TableEntity>(), new string('0', 64));
        foreach (var row in rows.AsEnumerable().Reverse())
        {
            var text = Encoding.UTF8.GetString((byte[])row["Entry"]).Replace(from, to, StringComparison.Ordinal);
            var at = text.IndexOf("\"previous\":\"", StringComparison.Ordinal) + "\"previous\":\"".Length;
            text = text[..at] + previous + text[(at + 64)..];
            made.Add(With(row, "Entry", Encoding.UTF8.GetBytes(text)));
            previous = Hash(made[^1]);
        }

        return [.. made];
    }

    private static TableEntity Changed(TableEntity row, string from, string to)
        => With(row, "Entry", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString((byte[])row["Entry"]).Replace(from, to, StringComparison.Ordinal)));

    private static TableEntity With(TableEntity row, string column, object value) => new(row) { [column] = value };

    private static string Hash(TableEntity row) => Convert.ToHexStringLower(SHA256.HashData((byte[])row["Entry"]));

    private static System.Text.Json.Nodes.JsonNode Notes() => System.Text.Json.Nodes.JsonNode.Parse((byte[])head["Manifest0"])!["notes"]!;

    private static List<string> Codes(JsonElement json) => [.. json.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()!)];

    private static async Task<(int Exit, JsonElement Json)> RunAsync(params string[] more)
    {
        var run = await Run.AsyncOf(["audit", "verify", "--trust", Trust, "--storage", platform.ConnectionString, .. more]);
        Assert.AreNotEqual(2, run.Exit, run.Error);
        return (run.Exit, JsonDocument.Parse(run.Output).RootElement);
    }

    private static async Task<TableEntity?> HeadAsync()
        => await storage.Table(Names.Deposits).QueryAsync<TableEntity>($"RowKey ge 'd|{Office}|' and RowKey lt 'd|{Office}}}'").FirstOrDefaultAsync();

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); !await holds(); await Task.Delay(200))
            Assert.IsLessThan(TimeSpan.FromMinutes(2), TimeProvider.System.GetElapsedTime(start));
    }
}
