using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Wrongs in the task hub and among the letters that are due, each found and nothing else. The app stands still meanwhile.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FsckHubTests
{
    /// <summary>Older than any grace.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromHours(31);

    private static readonly string Stranger = DepositId.New(TimeProvider.System).ToString();

    /// <summary>The last anchor and those of the bed's deposits whose letters are about it.</summary>
    private static TableEntity anchor = null!;
    private static List<TableEntity> anchored = [];
    private static TableEntity deposit = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        App.Process.Signal("STOP");
        anchor = await Account.Table(Names.Checkpoints).QueryAsync("PartitionKey eq 'anchor' and RowKey lt 'head'").LastAsync();
        var deposits = await Account.Table(Names.Deposits).QueryAsync("RowKey ge 'd|firm|' and RowKey lt 'd|firm}'").ToListAsync();
        anchored = [.. deposits.Where(d => d.GetInt64("LetterSize") == Size(anchor))];
        deposit = deposits.First(d => d.ContainsKey("LetterSize"));
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        // Whatever was planted is gone again.
        var findings = await AuditAsync();
        App.Process.Signal("CONT");
        Assert.AreEqual(0, findings.Total, Lines(findings));
    }

    private static long Size(TableEntity row) => long.Parse(row.RowKey, CultureInfo.InvariantCulture);

    private static string Id(TableEntity row) => row.RowKey.Split('|')[2];

    private static string Instance(string id) => $"{Names.TaskHubInstances}/{id}/";

    private static string Instance(TableEntity row) => Instance($"checkpoint-{row.RowKey}");

    private static async Task<TableEntity> InstanceAsync(TableEntity row)
        => (await Account.Table(Names.TaskHubInstances).GetEntityAsync($"checkpoint-{row.RowKey}", "")).Value;

    private static TableEntity Due(string size, string id) => new(deposit.PartitionKey, $"l|{size}|firm|{id}");

    private static TableEntity Due(TableEntity about) => Due(anchor.RowKey, Id(about));

    /// <summary>As it was while the last anchor was watched, but for its orchestration.</summary>
    private static async Task UnsettleAsync(Plants plants)
    {
        await plants.SetAsync(Names.Checkpoints, anchor, ("Settled", false));
        foreach (var watched in anchored)
            await plants.AddAsync(Names.Deposits, Due(watched));
    }

    private static async Task UnletterAsync(Plants plants)
        => await plants.SetAsync(Names.Deposits, deposit, ("LetterBlob", null), ("LetterSize", null), ("CertifiedAt", null));

    [TestMethod]
    public async Task Instances_about_nothing_are_found()
    {
        await using var plants = new Plants();
        foreach (var (id, status) in new[] { ($"checkpoint-{RawTables.Size(4711)}", "Running"),
            ("checkpoint-1", "Completed"), ("checkpoint-", "Pending"), ("somebody", "Completed") })
        {
            await plants.AddAsync(Names.TaskHubInstances, new TableEntity(id, "") { ["RuntimeStatus"] = status });
            plants.Expect("process-orphan", Instance(id));
        }

        // The one that gathers what was asked for alone is about no checkpoint.
        await plants.AddAsync(Names.TaskHubInstances, new TableEntity("letters-requested", "") { ["RuntimeStatus"] = "Running" });
        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task An_anchor_that_is_watched_is_sound_and_one_that_nobody_watches_is_found()
    {
        await using var plants = new Plants();
        var instance = await InstanceAsync(anchor);
        await UnsettleAsync(plants);
        await plants.SetAsync(Names.TaskHubInstances, instance, ("RuntimeStatus", "Running"), ("CustomStatus", "{\"step\":\"settle\",\"parked\":false}"));
        await plants.FindOnlyAsync();

        await plants.SetAsync(Names.TaskHubInstances, instance, ("RuntimeStatus", "Completed"));
        plants.Expect("state-ahead", Instance(anchor)).Expect("process-missing", $"anchor/{anchor.RowKey}");
        await plants.FindOnlyAsync();

        await plants.SetAsync(Names.TaskHubInstances, instance, ("RuntimeStatus", "Terminated"));
        plants.Expect("process-missing", $"anchor/{anchor.RowKey}").Note("process-terminated", Instance(anchor));
        await plants.FindOnlyAsync();

        await plants.DropAsync(Names.TaskHubInstances, instance);
        plants.Expect("process-missing", $"anchor/{anchor.RowKey}").Expect("process-missing", $"checkpoint/{anchor.RowKey}");
        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task Letters_that_nobody_watches_or_issues_are_found()
    {
        await using var plants = new Plants();
        await plants.SetAsync(Names.TaskHubInstances, await InstanceAsync(anchor), ("RuntimeStatus", "Running"));
        await plants.SetAsync(Names.Checkpoints, anchor, ("Settled", false));
        Assert.AreNotEqual(0, anchored.Count);
        foreach (var watched in anchored)
            plants.Expect("process-missing", watched.RowKey);

        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task A_letter_that_is_due_needs_its_row_and_one_that_was_asked_for_its_orchestration()
    {
        await using var plants = new Plants();
        await UnletterAsync(plants);
        plants.Expect("process-missing", deposit.RowKey);
        await plants.FindOnlyAsync();

        var requested = Due(RawTables.Size(0), Id(deposit));
        await plants.AddAsync(Names.Deposits, requested);
        plants.Expect("process-missing", requested.RowKey);
        await plants.FindOnlyAsync();

        await plants.AddAsync(Names.TaskHubInstances, new TableEntity("letters-requested", "") { ["RuntimeStatus"] = "Running" });
        await plants.FindOnlyAsync();

        // Of a deposit that nobody wanted a letter for, nothing is due.
        await plants.DropAsync(Names.Deposits, requested);
        await plants.SetAsync(Names.Deposits, deposit, ("LetterOnRequest", true));
        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task A_checkpoint_without_its_orchestration_is_found_unless_all_is_done_and_old()
    {
        await using var plants = new Plants();
        var checkpoint = (await Account.Table(Names.Checkpoints).GetEntityAsync("checkpoint", anchor.RowKey)).Value;
        await plants.DropAsync(Names.TaskHubInstances, await InstanceAsync(anchor));
        plants.Expect("process-missing", $"checkpoint/{anchor.RowKey}");
        await plants.FindOnlyAsync();
        await plants.FindOnlyAsync(Later);

        // Not stamped: then somebody has to be at work, however old it is.
        await plants.SetAsync(Names.Checkpoints, checkpoint, ("StampedAt", null));
        plants.Expect("process-missing", $"checkpoint/{anchor.RowKey}").Expect("anchor-unstamped", $"anchor/{anchor.RowKey}");
        await plants.FindAsync(Later);
    }

    [TestMethod]
    public async Task The_newest_checkpoint_does_not_end_before_it_is_anchored()
    {
        await using var plants = new Plants();
        await plants.DropAsync(Names.Checkpoints, anchor);
        plants.Expect("state-ahead", Instance(anchor));
        await plants.FindAsync(change: i => i with { Rpc = null });
        await plants.AddAsync(Names.Checkpoints, Plants.Copy(anchor, "anchor", anchor.RowKey));
        await plants.SetAsync(Names.Checkpoints, anchor, ("From", anchor.GetInt64("From") + 1));
        plants.Expect("anchor-row", $"anchor/{anchor.RowKey}");
        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task What_stands_until_a_person_acts_is_noted()
    {
        await using var plants = new Plants();
        var instance = await InstanceAsync(anchor);
        await UnsettleAsync(plants);
        foreach (var (status, custom, code) in new[]
        {
            ("Running", "{\"step\":\"settle\",\"parked\":true}", "process-parked"),
            ("Pending", "{\"step\":\"stamp\",\"parked\":true}", "process-parked"),
            ("Suspended", "null", "process-suspended"),
        })
        {
            await plants.SetAsync(Names.TaskHubInstances, instance, ("RuntimeStatus", status), ("CustomStatus", custom));
            plants.Note(code, Instance(anchor));
            await plants.FindOnlyAsync();
        }

        await plants.SetAsync(Names.Checkpoints, anchor, ("Settled", true));
        await plants.SetAsync(Names.TaskHubInstances, instance, ("RuntimeStatus", "Failed"), ("CustomStatus", "no JSON"));
        plants.Note("process-failed", Instance(anchor));
        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task Due_letters_of_nobody_and_those_that_stay_behind_are_found()
    {
        await using var plants = new Plants();
        foreach (var row in new[] { Due("12", Id(deposit)), Due(new string('x', 20), Id(deposit)),
            Due(anchor.RowKey, "nobody"), new TableEntity(deposit.PartitionKey, "l|") })
        {
            await plants.AddAsync(Names.Deposits, row);
            plants.Expect("row-unknown", row.RowKey);
        }

        await plants.AddAsync(Names.Deposits, Due(anchor.RowKey, Stranger));
        plants.Expect("letter-orphan", Stranger);
        await plants.FindOnlyAsync();
        foreach (var row in await Account.Table(Names.Deposits).QueryAsync("RowKey ge 'l|' and RowKey lt 'l}'").ToListAsync())
            await plants.DropAsync(Names.Deposits, row);

        // Settled a moment ago, and not let go in a day; what failed waits for a person.
        await plants.AddAsync(Names.Deposits, Due(anchored[0]));
        await plants.FindOnlyAsync();
        plants.Expect("letter-leftover", Due(anchored[0]).RowKey);
        await plants.FindOnlyAsync(Later);
        await plants.SetAsync(Names.Deposits, Due(anchored[0]), ("Failed", true));
        plants.Note("letter-failed", Due(anchored[0]).RowKey);
        await plants.FindOnlyAsync(Later);
    }

    [TestMethod]
    public async Task Secrets_and_messages_that_will_never_be_done_are_found_in_the_hubs_queues()
    {
        await using var plants = new Plants();
        await plants.SetAsync(Names.TaskHubInstances, await InstanceAsync(anchor), ("Input", $"\"{Key}\""));
        plants.Expect("secret-in-clear", Instance(anchor));
        foreach (var queue in (string[])["notary-workitems", "notary-control-00", "notary-control-01"])
        {
            var hub = Account.Queue(queue);
            var sent = (await hub.SendMessageAsync($"{{\"key\":\"{Key}\"}}")).Value;
            plants.Undo(() => hub.DeleteMessageAsync(sent.MessageId, sent.PopReceipt));
            plants.Expect("secret-in-clear", $"queue {queue} message {sent.MessageId}");
        }

        await plants.FindOnlyAsync();
    }

    [TestMethod]
    public async Task A_message_that_was_taken_again_and_again_is_found()
    {
        await using var plants = new Plants();
        var hub = Account.Queue("notary-workitems");
        var sent = (await hub.SendMessageAsync("{}")).Value;
        var receipt = sent.PopReceipt;
        plants.Undo(() => hub.DeleteMessageAsync(sent.MessageId, receipt));
        await TakeAsync(30);
        await plants.FindOnlyAsync();
        await TakeAsync(1);
        plants.Expect("message-poison", $"queue notary-workitems message {sent.MessageId}");
        await plants.FindOnlyAsync();

        async Task TakeAsync(int times)
        {
            for (var taken = 0; taken < times;)
            {
                // Nothing else lies here, or a moment later nothing else does.
                foreach (var message in (await hub.ReceiveMessagesAsync(32, TimeSpan.FromSeconds(30))).Value)
                {
                    receipt = (await hub.UpdateMessageAsync(message.MessageId, message.PopReceipt, message.Body, TimeSpan.Zero)).Value.PopReceipt;
                    Assert.AreEqual(sent.MessageId, message.MessageId);
                    taken++;
                }
            }
        }
    }

    [TestMethod]
    public async Task A_task_hub_that_is_missing_is_found()
    {
        var empty = StorageAccount.Open(
            new StorageOptions { ConnectionString = FsckBed.Platform.Azurite.ConnectionStringFor(FsckBed.Platform.Azurite.NewAccount()) });
        await empty.EnsureCreatedAsync();
        await using var plants = new Plants();
        plants.Expect("task-hub-missing", Names.TaskHubInstances);
        await plants.FindOnlyAsync(change: i => i with { Storage = empty, Rpc = null });
    }
}
