using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Wrongs planted in storage, several at a time and each in a row or blob of its own: every one is found and named.
/// The app stands still meanwhile.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FsckPlantTests
{
    /// <summary>Older than any grace.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromHours(31);

    private static readonly string Stranger = DepositId.New(TimeProvider.System).ToString();

    private static string partition = "";
    private static List<TableEntity> deposits = [];
    private static List<TableEntity> checkpoints = [];

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        App.Process.Signal("STOP");
        deposits = await RowsAsync(Names.Deposits, "d|");
        checkpoints = [.. (await RowsAsync(Names.Checkpoints, "0")).Where(r => r.PartitionKey == "checkpoint")];
        partition = deposits[0].PartitionKey;
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        // Whatever was planted is gone again.
        var findings = await AuditAsync();
        App.Process.Signal("CONT");
        Assert.AreEqual(0, findings.Total, Lines(findings));
    }

    private static async Task<List<TableEntity>> RowsAsync(string table, string prefix)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in Account.Table(table).QueryAsync())
        {
            if (row.RowKey.StartsWith(prefix, StringComparison.Ordinal))
                rows.Add(row);
        }

        return rows;
    }

    private static string Id(TableEntity deposit) => deposit.RowKey.Split('|')[2];

    [TestMethod]
    public async Task Evidence_that_came_out_of_order_is_found()
    {
        await using (var plants = new Plants())
        {
            // A letter without its time; an index that is gone; a checkpoint that was never stamped.
            await plants.SetAsync(Names.Deposits, deposits[0], ("CertifiedAt", null));
            await plants.SetAsync(Names.Deposits, deposits[1], ("Index", null));
            await plants.SetAsync(Names.Checkpoints, checkpoints[0], ("StampedAt", null));
            plants.Expect("letter-row", deposits[0].RowKey).Expect("evidence-early", deposits[1].RowKey)
                .Expect("never-sequenced", deposits[1].RowKey).Expect("leaf-without-deposit", $"log entry {deposits[1]["Index"]}")
                .Expect("state-ahead", $"{Names.TaskHubInstances}/checkpoint-{checkpoints[0].RowKey}");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // A letter and a token that were there; a size that counts as stamped beyond all that are.
            var token = deposits[1].Keys.First(k => k.StartsWith("Token_", StringComparison.Ordinal));
            await plants.SetAsync(Names.Deposits, deposits[0], ("LetterBlob", null), ("LetterSize", null), ("CertifiedAt", null));
            await plants.SetAsync(Names.Deposits, deposits[1], (token, null));
            var stamped = (await Account.Table(Names.Checkpoints).GetEntityAsync("log", "stamped")).Value;
            await plants.SetAsync(Names.Checkpoints, stamped, ("Size", 4711L));
            plants.Expect("process-missing", deposits[0].RowKey).Expect("token-missing", deposits[1].RowKey).Expect("state-ahead", "log/stamped");
            await plants.FindAsync();
            await plants.SetAsync(Names.Checkpoints, stamped,
                ("Size", 0L + checkpoints.Min(c => long.Parse(c.RowKey, System.Globalization.CultureInfo.InvariantCulture)) - (checkpoints.Count > 1 ? 0 : 1)));
            plants.Expect("state-behind", "log/stamped");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // An anchor that is final for its head and not for itself, and a letter about a size that was never anchored.
            var anchor = (await RowsAsync(Names.Checkpoints, "0")).Last(r => r.PartitionKey == "anchor");
            await plants.SetAsync(Names.Checkpoints, anchor, ("Final", false), ("Settled", false));
            plants.Expect("state-ahead", $"anchor/{anchor.RowKey}").Expect("state-ahead", "anchor/head")
                .Expect("state-ahead", $"{Names.TaskHubInstances}/checkpoint-{anchor.RowKey}");
            await plants.FindAsync();
            await plants.DropAsync(Names.Checkpoints, anchor);
            plants.Expect("letter-unanchored", "d|firm|");
            await plants.FindAsync();
        }
    }

    [TestMethod]
    public async Task Times_that_contradict_each_other_are_found()
    {
        await using var plants = new Plants();
        var at = checkpoints[0].GetDateTimeOffset("At")!.Value;
        await plants.SetAsync(Names.Checkpoints, checkpoints[0], ("At", at.AddMinutes(10)));
        plants.Expect("time-order", $"checkpoint/{checkpoints[0].RowKey}");
        await plants.FindAsync();
        await plants.SetAsync(Names.Checkpoints, checkpoints[0], ("At", at.AddMinutes(-10)));
        plants.Expect("time-order", "d|firm|");
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task Deposits_in_earnest_of_a_sandbox_are_found()
    {
        await using var plants = new Plants();
        await plants.SetAsync(Names.Tenants, (await Account.Table(Names.Tenants).GetEntityAsync("tenant", "firm")).Value, ("Sandbox", true));
        plants.Expect("test-differs", "d|firm|");
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task Rows_of_nobody_are_found()
    {
        await using (var plants = new Plants())
        {
            await plants.AddAsync(Names.Deposits, new TableEntity("s0x", deposits[0].RowKey));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, "e|firm"));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"t|firm|{Stranger}") { ["Size"] = 5L });
            plants.Expect("row-unknown", "s0x/").Expect("row-unknown", $"{partition}/e|firm").Expect("ticket-orphan", $"{partition}/t|firm|");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // Waiting without a deposit, and with an index already; keys that are unreadable, twice, or of nobody.
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Stranger}") { ["Tenant"] = "firm" });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Id(deposits[0])}") { ["Tenant"] = "firm" });
            var (good, hash) = (new string('a', 64), new string('b', 63));
            await plants.AddAsync(Names.Deposits,
                new TableEntity(partition, $"i|firm|{hash}0") { ["Fingerprint"] = good, ["Id"] = DepositId.New(TimeProvider.System).ToString() });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"i|firm|{hash}1") { ["Fingerprint"] = good, ["Id"] = Id(deposits[0]) });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"i|firm|{hash}2") { ["Fingerprint"] = "short", ["Id"] = Id(deposits[0]) });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"x|firm|{good}|{Id(deposits[0])}"));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"x|firm|{good}|{Stranger}"));
            await plants.AddAsync(Names.Deposits,
                new TableEntity(partition, $"u|firm|{Stranger}") { ["DepositId"] = DepositId.New(TimeProvider.System).ToString() });
            plants.Expect("pending-orphan", $"p|{Stranger}").Expect("still-pending", deposits[0].RowKey)
                .Expect("idempotency-orphan", hash + "0").Expect("idempotency-repeated", "i|firm|").Expect("idempotency-row", hash + "2")
                .Expect("index-wrong", Id(deposits[0])).Expect("upload-deposit-missing", $"u|firm|{Stranger}");
            var young = await plants.FindAsync();
            Assert.IsTrue(young.Notes.Any(n => n.Code == "index-under-way"), string.Join('\n', young.Notes));
            plants.Expect("index-orphan", Stranger);
            await plants.FindAsync(Later);
        }
    }

    [TestMethod]
    public async Task Leftovers_are_work_under_way_while_they_are_young_and_leaks_after()
    {
        await using var plants = new Plants();
        var (other, third) = (DepositId.New(TimeProvider.System).ToString(), DepositId.New(TimeProvider.System).ToString());
        var stage = $"stage/{checkpoints[0].RowKey}-{new string('a', 32)}";
        await plants.UploadAsync(Names.Originals, $"{Stranger}/0");
        await plants.UploadAsync(Names.Originals, $"{Id(deposits[0])}/1");
        await plants.UploadAsync(Names.Letters, $"{Stranger}/0x{new string('a', 64)}.pdf");
        await plants.UploadAsync(Names.Uploads, $"firm/{Stranger}");
        await plants.UploadAsync(Names.Uploads, $"firm/{other}");
        await plants.AddAsync(Names.Deposits, new TableEntity(RawTables.Shard("firm"), $"u|firm|{other}") { ["ExpiresAt"] = DateTimeOffset.UnixEpoch });
        await plants.UploadAsync(Names.Uploads, $"firm/{third}");
        await plants.AddAsync(Names.Deposits, new TableEntity(RawTables.Shard("firm"), $"u|firm|{third}") { ["Fault"] = "malformed" });
        await plants.AddAsync(Names.Checkpoints, new TableEntity("refused", $"2{new string('1', 14)}|firm|{third}") { ["Fault"] = "malformed" });
        var fourth = DepositId.New(TimeProvider.System).ToString();
        await plants.UploadAsync(Names.Uploads, $"firm/{fourth}");
        await plants.AddAsync(Names.Deposits,
            new TableEntity(RawTables.Shard("firm"), $"u|firm|{fourth}") { ["ExpiresAt"] = DateTimeOffset.UnixEpoch, ["Begun"] = 2 });
        await plants.UploadAsync(Names.Staging, stage);
        var young = await plants.FindAsync();
        Assert.AreEqual(0, young.Total, Lines(young));
        foreach (var (code, where) in new[] { ("original-under-way", $"{Stranger}/0"), ("letter-newer", Stranger),
            ("upload-under-way", other), ("upload-under-way", third), ("upload-refused", third), ("upload-under-way", fourth), ("stage-under-way", stage) })
            Assert.IsTrue(young.Notes.Any(n => n.Code == code && n.Where.Contains(where, StringComparison.Ordinal)),
                $"{code}\n{string.Join('\n', young.Notes)}");

        plants.Expect("original-orphan", $"originals/{Stranger}/0").Expect("original-orphan", $"originals/{Id(deposits[0])}/1")
            .Expect("letter-orphan", Stranger).Expect("upload-orphan", $"firm/{Stranger}")
            .Expect("upload-stuck", other).Expect("upload-leftover", third).Expect("upload-ends-process", fourth).Expect("stage-orphan", stage);
        await plants.FindAsync(Later);

        // A batch that was swapped in and is not given to its rows: work under way, then work that nobody does.
        var head = (await Account.Table(Names.Checkpoints).GetEntityAsync("log", "head")).Value;
        await plants.SetAsync(Names.Checkpoints, head, ("Stage", stage));
        var under = await plants.FindAsync();
        Assert.IsTrue(under.Notes.Any(n => n.Code == "batch-under-way"), string.Join('\n', under.Notes));
        plants.Expect("stage-unfinished", stage);
        await plants.FindAsync(Later);

        // What can be nothing.
        await plants.UploadAsync(Names.Staging, "notes.txt");
        await plants.UploadAsync(Names.Letters, "notes.txt");
        plants.Expect("blob-unknown", "staging/notes.txt").Expect("blob-unknown", "letters/notes.txt");
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task What_is_missing_is_named()
    {
        await using (var plants = new Plants())
        {
            await plants.TakeAsync(Names.Originals, $"{Id(deposits[0])}/0");
            await plants.TakeAsync(Names.Letters, deposits[1].GetString("LetterBlob")!);
            await plants.TakeAsync(Names.Staging, "checkpoint");
            plants.Expect("original-missing", $"originals/{Id(deposits[0])}/0")
                .Expect("letter-missing", deposits[1].RowKey).Expect("checkpoint-missing", "staging/checkpoint");
            await plants.FindAsync(change: i => i with { Sample = 0, Vault = null });
        }

        await using (var plants = new Plants())
        {
            var twin = Plants.Copy(deposits[0], RawTables.Shard("twin"), $"d|twin|{Id(deposits[0])}");
            twin["Tenant"] = "twin";
            await plants.AddAsync(Names.Deposits, twin);
            plants.Expect("id-repeated", "d|twin|").Expect("id-repeated", "d|firm|");
            var last = checkpoints.MaxBy(c => c.RowKey, StringComparer.Ordinal)!;
            await plants.DropAsync(Names.Checkpoints, last);
            plants.Expect("checkpoint-unknown", "log/head").Expect("anchor-unknown", $"anchor/{last.RowKey}");
            await plants.FindAsync();
        }
    }

    [TestMethod]
    public async Task Rows_and_marks_that_name_another_are_found()
    {
        await using (var plants = new Plants())
        {
            await plants.MarkAsync(Names.Originals, $"{Id(deposits[0])}/0", OriginalStore.OwnerMetadata, "farm");
            await plants.SetAsync(Names.Deposits, deposits[1], ("DepositorName", "Another"));
            var key = (await RowsAsync(Names.ApiKeys, "key"))[0];
            await plants.SetAsync(Names.ApiKeys, key, ("Scopes", "Writa Read"));
            var size = (await RowsAsync(Names.Chain, "size-"))[0];
            await plants.SetAsync(Names.Chain, size, ("LastSize", size.GetInt64("LastSize") + 8));
            plants.Expect("original-owner", $"originals/{Id(deposits[0])}/0")
                .Expect("depositor-differs", deposits[1].RowKey).Expect("key-row", key.PartitionKey)
                .Expect("size-ahead", size.RowKey);
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            var tenant = (await RowsAsync(Names.Tenants, deposits[0].GetString("Tenant")!))[0];
            await plants.SetAsync(Names.Tenants, tenant, ("Did", "did:web:another"));
            plants.Expect("depositor-differs", $"tenants/tenant/{tenant.RowKey}");
            await plants.FindAsync();
        }
    }

    [TestMethod]
    public async Task Sizes_beyond_the_log_and_letters_of_others_are_found()
    {
        await using var plants = new Plants();
        var (last, anchor) = (checkpoints.MaxBy(c => c.RowKey, StringComparer.Ordinal)!,
            (await RowsAsync(Names.Checkpoints, "0")).Last(r => r.PartitionKey == "anchor"));
        await plants.AddAsync(Names.Checkpoints, Plants.Copy(last, "checkpoint", RawTables.Size(4711)));
        await plants.AddAsync(Names.Checkpoints, Plants.Copy(anchor, "anchor", RawTables.Size(4712)));
        await plants.SetAsync(Names.Deposits, deposits[1], ("LetterBlob", deposits[2].GetString("LetterBlob")));
        plants.Expect("checkpoint-beyond", RawTables.Size(4711)).Expect("anchor-beyond", RawTables.Size(4712)).Expect("letter-owner", deposits[1].RowKey);
        await plants.FindAsync();
        var size = long.Parse(last.RowKey, System.Globalization.CultureInfo.InvariantCulture);
        await plants.TakeAsync(Names.Log, $"tile/entries/000.p/{size}");
        plants.Expect("tile-missing", $"tile/entries/000.p/{size}");
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task What_waits_is_noted_and_what_has_waited_too_long_is_found()
    {
        await using var plants = new Plants();
        var waiting = deposits[0];
        string[] evidence = [.. waiting.Keys.Where(k => k.StartsWith("Token_", StringComparison.Ordinal)), "Index", "LetterBlob", "LetterSize", "CertifiedAt"];
        await plants.SetAsync(Names.Deposits, waiting, [.. evidence.Select(k => (k, (object?)null))]);
        await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Id(waiting)}") { ["Tenant"] = "firm" });
        plants.Note("pending", waiting.RowKey);
        await plants.FindAsync();
        plants.Expect("pending-stuck", waiting.RowKey);
        await plants.FindAsync(Later);
    }
}
