using System.Text;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Storage;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Wrongs planted in storage, several at a time and each in a row or blob of its own: every one is found and named. The app stands still meanwhile.</summary>
[TestClass]
public sealed class FsckPlantTests
{
    /// <summary>Older than any grace.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromHours(31);

    private static readonly string Stranger = DepositId.New(TimeProvider.System).ToString();

    private static string partition = "";
    private static List<TableEntity> deposits = [];
    private static List<TableEntity> checkpoints = [];
    private static List<TableEntity> processes = [];

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        App.Process.Signal("STOP");
        deposits = await RowsAsync(Names.Deposits, "d|");
        checkpoints = [.. (await RowsAsync(Names.Checkpoints, "0")).Where(r => r.PartitionKey == "checkpoint")];
        processes = await RowsAsync(Names.Processes, "i~");
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
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static TableEntity Process(string kind, string? id = null) => processes.First(p => p.RowKey.StartsWith($"i~{kind}~{id}", StringComparison.Ordinal));

    private static JsonArray History(TableEntity process) => JsonNode.Parse(process.GetBinary("History")!)!.AsArray();

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());

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
            plants.Expect("letter-row", deposits[0].RowKey).Expect("evidence-early", deposits[1].RowKey).Expect("never-sequenced", deposits[1].RowKey).Expect("leaf-without-deposit", $"log entry {deposits[1]["Index"]}")
                .Expect("state-ahead", $"i~checkpoint~{checkpoints[0].RowKey}");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // A letter and a token that the process had made; a size that counts as stamped beyond all that are.
            var token = deposits[1].Keys.First(k => k.StartsWith("Token_", StringComparison.Ordinal));
            await plants.SetAsync(Names.Deposits, deposits[0], ("LetterBlob", null), ("LetterSize", null), ("CertifiedAt", null));
            await plants.SetAsync(Names.Deposits, deposits[1], (token, null));
            var stamped = (await Account.Table(Names.Checkpoints).GetEntityAsync("log", "stamped")).Value;
            await plants.SetAsync(Names.Checkpoints, stamped, ("Size", 4711L));
            plants.Expect("state-ahead", $"i~certificate~{Id(deposits[0])}").Expect("state-ahead", $"i~certificate~{Id(deposits[1])}").Expect("token-missing", deposits[1].RowKey).Expect("state-ahead", "log/stamped");
            await plants.FindAsync();
            await plants.SetAsync(Names.Checkpoints, stamped, ("Size", 0L + checkpoints.Min(c => long.Parse(c.RowKey, System.Globalization.CultureInfo.InvariantCulture)) - (checkpoints.Count > 1 ? 0 : 1)));
            plants.Expect("state-behind", "log/stamped");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // An anchor that is final for its head and not for itself, and a letter about a size that was never anchored.
            var anchor = (await RowsAsync(Names.Checkpoints, "0")).Last(r => r.PartitionKey == "anchor");
            await plants.SetAsync(Names.Checkpoints, anchor, ("Final", false), ("Settled", false));
            plants.Expect("state-ahead", $"anchor/{anchor.RowKey}").Expect("state-ahead", "anchor/head").Expect("state-ahead", $"i~anchor~{anchor.RowKey}");
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
    public async Task Broken_histories_are_found()
    {
        await using (var plants = new Plants())
        {
            // A line that went, a time that goes back, a step that does not exist, something that nobody keeps in a state.
            var (cut, back, step) = (Process("checkpoint"), Process("anchor"), Process("certificate"));
            var lines = History(cut);
            lines.RemoveAt(1);
            await plants.SetAsync(Names.Processes, cut, ("History", Bytes(lines)));
            lines = History(back);
            lines[^1]!["at"] = "2020-01-01T00:00:00Z";
            await plants.SetAsync(Names.Processes, back, ("History", Bytes(lines)));
            lines = History(step);
            var moved = lines.First(l => (string)l!["event"]! == "Advanced")!;
            moved["detail"] = "settle";
            await plants.SetAsync(Names.Processes, step, ("History", Bytes(lines)), ("State", "{\"tenant\":\"firm\",\"content\":\"x\"}"u8.ToArray()));
            plants.Expect("history-broken", cut.RowKey).Expect("history-time", back.RowKey).Expect("step-order", step.RowKey).Expect("history-broken", step.RowKey).Expect("state-unknown", step.RowKey);
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // A process that began in the middle, one that cannot be read, one whose end is not in its history, one that has still to stamp.
            var certificates = processes.Where(p => p.RowKey.StartsWith("i~certificate~", StringComparison.Ordinal)).ToList();
            var lines = History(certificates[0]);
            lines.RemoveAt(0);
            await plants.SetAsync(Names.Processes, certificates[0], ("History", Bytes(lines)));
            await plants.SetAsync(Names.Processes, certificates[1], ("History", "[{}]"u8.ToArray()));
            await plants.SetAsync(Names.Processes, certificates[2], ("Status", "Running"), ("Step", "stamp"));
            await plants.SetAsync(Names.Processes, Process("checkpoint"), ("Status", "Terminated"));
            plants.Expect("history-broken", certificates[0].RowKey).Expect("process-malformed", certificates[1].RowKey).Expect("history-broken", certificates[2].RowKey).Expect("state-behind", certificates[2].RowKey)
                .Expect("history-broken", Process("checkpoint").RowKey);
            await plants.FindAsync();
        }
    }

    [TestMethod]
    public async Task Completed_processes_of_old_evidence_may_be_gone()
    {
        await using var plants = new Plants();
        foreach (var process in processes.Where(p => p.GetString("Status") == "Completed"))
        {
            await plants.DropAsync(Names.Processes, process);
        }

        await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"o|firm|{Stranger}") { ["Rows"] = "" });
        plants.Expect("process-missing", deposits[0].RowKey).Expect("process-missing", $"checkpoint/{checkpoints[0].RowKey}");
        await plants.FindAsync();
        var old = await AuditAsync(ahead: Later);
        Assert.IsFalse(old.All.Any(f => f.Code is "process-missing" or "row-unknown"), Lines(old));

        // No letter, no stamp, no anchor over it: then somebody has to be at work, however old it is.
        await plants.SetAsync(Names.Deposits, deposits[0], ("LetterBlob", null), ("CertifiedAt", null), ("LetterSize", null));
        await plants.SetAsync(Names.Checkpoints, checkpoints[^1], ("StampedAt", null));
        plants.Expect("process-missing", deposits[0].RowKey).Expect("process-missing", $"checkpoint/{checkpoints[^1].RowKey}");
        await plants.FindAsync(Later);
    }

    [TestMethod]
    public async Task Work_that_nobody_takes_up_is_found()
    {
        await using (var plants = new Plants())
        {
            await plants.DropAsync(Names.Processes, Process("certificate", Id(deposits[0])));
            await plants.DropAsync(Names.Processes, Process("checkpoint", checkpoints[0].RowKey));
            plants.Expect("process-missing", deposits[0].RowKey).Expect("process-missing", $"checkpoint/{checkpoints[0].RowKey}");

            // About a deposit that is not there; active without a row that wakes it; a row that wakes up nothing.
            var orphan = Process("certificate", Id(deposits[1]));
            await plants.AddAsync(Names.Processes, Renamed(orphan, Stranger));
            await plants.SetAsync(Names.Processes, Process("certificate", Id(deposits[2])), ("Status", "Running"), ("Due", DateTimeOffset.UnixEpoch.AddYears(100)));
            await plants.AddAsync(Names.Processes, new TableEntity("s1", "d~4102444800000000000~certificate~nobody"));
            await plants.AddAsync(Names.Processes, new TableEntity("s1", "zzz"));
            plants.Expect("process-orphan", Stranger).Expect("process-asleep", Id(deposits[2])).Expect("due-orphan", "~nobody").Expect("row-unknown", "s1/zzz");

            await plants.AddAsync(Names.Deposits, new TableEntity("s0x", deposits[0].RowKey));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, "e|firm"));
            plants.Expect("row-unknown", "s0x/").Expect("row-unknown", $"{partition}/e|firm");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // Waiting without a deposit, and with an index already; keys that are unreadable, twice, or of nobody.
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Stranger}") { ["Tenant"] = "firm" });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Id(deposits[0])}") { ["Tenant"] = "firm" });
            var (good, hash) = (new string('a', 64), new string('b', 63));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"i|firm|{hash}0") { ["Fingerprint"] = good, ["Id"] = DepositId.New(TimeProvider.System).ToString() });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"i|firm|{hash}1") { ["Fingerprint"] = good, ["Id"] = Id(deposits[0]) });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"i|firm|{hash}2") { ["Fingerprint"] = "short", ["Id"] = Id(deposits[0]) });
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"x|firm|{good}|{Id(deposits[0])}"));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"x|firm|{good}|{Stranger}"));
            await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"u|firm|{Stranger}") { ["DepositId"] = DepositId.New(TimeProvider.System).ToString() });
            plants.Expect("pending-orphan", $"p|{Stranger}").Expect("still-pending", deposits[0].RowKey).Expect("idempotency-orphan", hash + "0").Expect("idempotency-repeated", "i|firm|").Expect("idempotency-row", hash + "2")
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
        await plants.UploadAsync(Names.Staging, stage);
        var young = await plants.FindAsync();
        Assert.AreEqual(0, young.Total, Lines(young));
        foreach (var (code, where) in new[] { ("original-under-way", $"{Stranger}/0"), ("letter-newer", Stranger), ("upload-under-way", other), ("upload-under-way", third), ("stage-under-way", stage) })
        {
            Assert.IsTrue(young.Notes.Any(n => n.Code == code && n.Where.Contains(where, StringComparison.Ordinal)), $"{code}\n{string.Join('\n', young.Notes)}");
        }

        plants.Expect("original-orphan", $"originals/{Stranger}/0").Expect("original-orphan", $"originals/{Id(deposits[0])}/1").Expect("letter-orphan", Stranger).Expect("upload-orphan", $"firm/{Stranger}")
            .Expect("upload-stuck", other).Expect("upload-leftover", third).Expect("stage-orphan", stage);
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
            plants.Expect("original-missing", $"originals/{Id(deposits[0])}/0").Expect("letter-missing", deposits[1].RowKey).Expect("checkpoint-missing", "staging/checkpoint");
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
            var done = processes.First(p => p.GetString("Status") == "Completed");
            await plants.SetAsync(Names.Processes, done, ("Parked", true));
            var size = (await RowsAsync(Names.Chain, "size-"))[0];
            await plants.SetAsync(Names.Chain, size, ("LastSize", size.GetInt64("LastSize") + 8));
            plants.Expect("original-owner", $"originals/{Id(deposits[0])}/0").Expect("depositor-differs", deposits[1].RowKey).Expect("key-row", key.PartitionKey)
                .Expect("history-broken", done.RowKey).Expect("size-ahead", size.RowKey);
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
        var (last, anchor) = (checkpoints.MaxBy(c => c.RowKey, StringComparer.Ordinal)!, (await RowsAsync(Names.Checkpoints, "0")).Last(r => r.PartitionKey == "anchor"));
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
        var (waiting, parked) = (deposits[0], Process("checkpoint"));
        string[] evidence = [.. waiting.Keys.Where(k => k.StartsWith("Token_", StringComparison.Ordinal)), "Index", "LetterBlob", "LetterSize", "CertifiedAt"];
        await plants.SetAsync(Names.Deposits, waiting, [.. evidence.Select(k => (k, (object?)null))]);
        await plants.AddAsync(Names.Deposits, new TableEntity(partition, $"p|{Id(waiting)}") { ["Tenant"] = "firm" });
        var lines = History(parked);
        lines[^1]!["event"] = "Parked";
        await plants.SetAsync(Names.Processes, parked, ("Status", "Failed"), ("Parked", true), ("History", Bytes(lines)));
        var young = await plants.FindAsync();
        Assert.IsFalse(young.All.Any(f => f.Where.Contains(parked.RowKey, StringComparison.Ordinal)), Lines(young));
        foreach (var (code, where) in new[] { ("pending", waiting.RowKey), ("process-parked", parked.RowKey) })
        {
            Assert.IsTrue(young.Notes.Any(n => n.Code == code && n.Where.Contains(where, StringComparison.Ordinal)), string.Join('\n', young.Notes));
        }

        plants.Expect("pending-stuck", waiting.RowKey);
        await plants.FindAsync(Later);
    }

    private static TableEntity Renamed(TableEntity process, string id)
    {
        var copy = Plants.Copy(process, ProcessRecord.Shard("certificate", id), $"i~certificate~{id}");
        copy["Id"] = id;
        return copy;
    }
}
