using Azure.Storage.Blobs.Models;
using Notary.Evidence.Batches;
using Notary.Servers;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary><c>notary batch</c> from folders and lists, cut off and taken up again; and what the audit finds of what it made.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BatchCommandTests
{
    private static readonly TimeSpan Later = TimeSpan.FromHours(31);
    private static FaultProxy proxy = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        proxy = await FaultProxy.StartAsync(FsckBed.App.Url);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await proxy.DisposeAsync();
        await SettleAsync();
    }

    [TestInitialize]
    public void Forget() => proxy.Clear();

    // No letter: the audit's other tests count as many letters as originals.
    private static string[] Line(string file, params string[] more)
        => ["batch", file, "--url", proxy.Url.ToString(), "--key", Key, "--letter", "onRequest", .. more];

    private static List<JsonElement> Receipts(string lines)
        => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static async Task<List<BatchItem>> ItemsAsync(JsonElement receipt)
    {
        using var client = FsckBed.App.Client(Key);
        var page = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/batches/{receipt.GetProperty("id").GetString()}/items?limit=100",
            UriKind.Relative)));
        return [.. page.RootElement.GetProperty("items").EnumerateArray().Select(i => BatchItem.Parse(Jcs.Canonicalize(i.GetProperty("item"))))];
    }

    private static async Task<int> CountAsync(string reference)
    {
        using var client = FsckBed.App.Client(Key);
        for (var tries = 0; ; tries++)
        {
            var page = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/batches/items?reference={Uri.EscapeDataString(reference)}",
                UriKind.Relative)));
            if (page.RootElement.GetProperty("unindexed").GetArrayLength() == 0)
                return page.RootElement.GetProperty("items").GetArrayLength();

            Assert.IsLessThan(600, tries, "the index is not made");
            await Task.Delay(100);
        }
    }

    [TestMethod]
    public async Task A_folder_is_deposited_once_however_often_the_command_is_cut_off()
    {
        var mark = Guid.NewGuid().ToString("N");
        var folder = Directory.CreateDirectory(At($"scans {mark}"));
        string[] names = [$"{mark}/合同 \"v2\".pdf", .. Enumerable.Range(0, 24).Select(n => $"{mark}/page {n:D2}.txt")];
        folder.CreateSubdirectory(mark);
        foreach (var name in names)
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), name);

        names = [.. names.Order(StringComparer.Ordinal)];
        var rule = proxy.Add(new FaultRule("/v1/batches", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST", Nth = 2 });
        var cut = await Run.AsyncOf(Line(folder.FullName, "--chunk", "10", "--retries", "0", "--note", "x=y=z"));
        Assert.AreEqual(2, cut.Exit, cut.Error);
        Assert.AreEqual(1, rule.Strikes);
        StringAssert.Contains(cut.Error, "10 items are known to be deposited");

        var again = await Run.AsyncOf(Line(folder.FullName, "--chunk", "10", "--retries", "0", "--note", "x=y=z"));
        Assert.AreEqual(0, again.Exit, again.Error);
        StringAssert.StartsWith(again.Output, cut.Output);
        var receipts = Receipts(again.Output);
        CollectionAssert.AreEqual((int[])[10, 10, 5], receipts.Select(r => r.GetProperty("manifest").GetProperty("itemCount").GetInt32()).ToArray());
        Assert.IsTrue(receipts.All(r => r.GetProperty("manifest").GetProperty("notes").GetProperty("x").GetString() == "y=z"));
        var items = new List<BatchItem>();
        foreach (var receipt in receipts)
            items.AddRange(await ItemsAsync(receipt));

        CollectionAssert.AreEqual(names, items.Select(i => i.Name).ToList());
        CollectionAssert.AreEqual(names.Select(n => (Digest.Of(Encoding.UTF8.GetBytes(n)), (long?)Encoding.UTF8.GetByteCount(n))).ToList(),
            items.Select(i => (i.Sha256, i.Size)).ToList());
        foreach (var name in (string[])[names[0], names[^1]])
            Assert.AreEqual(1, await CountAsync(name));

        Assert.AreEqual(0, (await Run.AsyncOf(Line(folder.FullName, "--run", "second"))).Exit);
        Assert.AreEqual(2, await CountAsync(names[0]));
    }

    [TestMethod]
    public async Task A_table_and_lines_say_the_same()
    {
        string Hex(int n) => Digest.Of(BitConverter.GetBytes(n)).ToString();
        var csv = At($"list {Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(csv,
            $"\uFEFFreference,sha-256,note.branch,name,size,mediaType\r\nA-1,{Hex(1).ToUpperInvariant()},4,\"a, \"\"b\"\"\",7,text/plain\r\n,{Hex(2)},,,,\r\n");
        var run = await Run.AsyncOf(Line(csv));
        Assert.AreEqual(0, run.Exit, run.Error);
        var items = await ItemsAsync(Receipts(run.Output).Single());
        Assert.AreEqual(("A-1", "a, \"b\"", (long?)7, "text/plain", "4"),
            (items[0].Reference, items[0].Name, items[0].Size, items[0].MediaType, items[0].Notes["branch"]));
        Assert.AreEqual((Hex(2), null, null), (items[1].Sha256.ToString(), items[1].Name, items[1].Reference));

        var lines = $$$"""
            {"sha-256":"{{{Hex(1)}}}","name":"a, \"b\"","size":7,"mediaType":"text/plain","reference":"A-1","notes":{"branch":"4"}}
            {"sha-256":"{{{Hex(2)}}}"}
            """;
        run = await Run.WithInputAsync(lines, Line("-"));
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.AreEqual(string.Join(' ', items.Select(i => Encoding.UTF8.GetString((i with { Salt = new byte[32] }).ToBytes()))),
            string.Join(' ', (await ItemsAsync(Receipts(run.Output).Single()))
                .Select(i => Encoding.UTF8.GetString((i with { Salt = new byte[32] }).ToBytes()))));

        foreach (var (bad, says) in new (string, string)[]
        {
            ("sha-256,sise\n", "line 1 "), ("name\n", "line 1 "), ("sha-256,sha-256\n", "line 1 "), ($"sha-256,name\n{Hex(1)}\n", "line 2 "),
            ($"sha-256\n{Hex(1)}\nx\n", "line 3 "), ($"sha-256,size\n{Hex(1)},x\n", "line 2 "), ($"sha-256,name\n{Hex(1)},\"x\n", "line 2 "),
                ("sha-256\n", "no items"),
        })
        {
            await File.WriteAllTextAsync(csv, bad);
            var wrong = await Run.AsyncOf(Line(csv));
            Assert.AreEqual(2, wrong.Exit, bad);
            Assert.HasCount(1, wrong.Error.TrimEnd().Split('\n'), wrong.Error);
            StringAssert.Contains(wrong.Error, says);
        }

        // What only the server finds is told with its line as well, and with where its request begins.
        run = await Run.WithInputAsync($$$"""{"sha-256":"{{{Hex(1)}}}"}""" + "\n"
            + $$$"""{"sha-256":"{{{Hex(2)}}}","size":-1}""", Line("-", "--chunk", "1", "--run", Guid.NewGuid().ToString()));
        Assert.AreEqual(2, run.Exit, run.Error);
        StringAssert.Contains(run.Error, "line 1 (size)");
        StringAssert.Contains(run.Error, "from line 2 of the list");
        Assert.HasCount(1, Receipts(run.Output));
    }

    [TestMethod]
    public async Task What_the_audit_is_shown_of_batches_it_judges()
    {
        var lines = string.Concat(Enumerable.Range(0, 900)
            .Select(n => $$"""{"sha-256":"{{Digest.Of(BitConverter.GetBytes(n))}}","reference":"R-{{n}}"}""" + "\n"));
        var run = await Run.WithInputAsync(lines, Line("-", "--chunk", "300", "--run", Guid.NewGuid().ToString()));
        Assert.AreEqual(0, run.Exit, run.Error);
        var ids = Receipts(run.Output).Select(r => r.GetProperty("id").GetString()!).ToList();
        await CountAsync("R-1");
        await SettleAsync();
        var clean = await AuditAsync(passes: 3);
        Assert.AreEqual(0, clean.Total, Lines(clean));
        Assert.IsGreaterThanOrEqualTo(900L, clean.Counts["batch items"]);

        FsckBed.App.Process.Signal("STOP");
        try
        {
            await using var plants = new Plants();
            var rows = await Account.Table(Names.Deposits).QueryAsync("RowKey ge 'b|' and RowKey lt 'b}'").ToListAsync();
            TableEntity Row(string id) => rows.Single(r => r.RowKey.EndsWith(id, StringComparison.Ordinal));
            var stranger = DepositId.New(TimeProvider.System).ToString();
            await plants.FlipAsync(Names.Batches, $"{ids[0]}/items");
            await plants.FlipAsync(Names.Batches, $"{ids[1]}/tree");
            await plants.FlipAsync(Names.Batches, $"{ids[1]}/references");
            await plants.TakeAsync(Names.Batches, $"{ids[1]}/digests");
            await plants.MarkAsync(Names.Batches, $"{ids[1]}/items", OriginalStore.OwnerMetadata, "somebody");
            await plants.SetAsync(Names.Deposits, Row(ids[1]), ("Count", 299));
            await plants.TakeAsync(Names.Batches, $"{ids[2]}/tree");
            await plants.DropAsync(Names.Deposits, Row(ids[2]));
            await plants.AddAsync(Names.Deposits, new TableEntity(Row(ids[0]).PartitionKey, $"b|firm|{stranger}") { ["Count"] = 1 });
            await plants.AddAsync(Names.Deposits, new TableEntity(Row(ids[0]).PartitionKey, $"y|{stranger}") { ["Tenant"] = "firm" });
            await plants.UploadAsync(Names.Batches, $"{stranger}/items");
            await plants.UploadAsync(Names.Batches, $"{ids[0]}/other");
            plants.Expect("batch-items-differ", $"{ids[0]}/items").Expect("batch-tree-differs", $"{ids[1]}/tree")
                .Expect("batch-index-differs", $"{ids[1]}/references")
                .Expect("batch-missing", $"{ids[1]}/digests").Expect("batch-owner", $"{ids[1]}/items").Expect("batch-row", $"b|firm|{ids[1]}")
                .Expect("batch-missing", $"{ids[2]}/tree").Expect("batch-row-missing", $"d|firm|{ids[2]}").Expect("batch-row", $"b|firm|{stranger}")
                .Expect("batch-unindexed-orphan", $"y|{stranger}").Expect("batch-orphan", $"{stranger}/items").Expect("blob-unknown", $"{ids[0]}/other");
            await plants.FindOnlyAsync(Later);
        }
        finally
        {
            FsckBed.App.Process.Signal("CONT");
        }
    }
}
