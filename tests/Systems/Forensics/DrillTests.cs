using System.Diagnostics;
using System.Net;
using Azure.Data.Tables;
using Notary.Storage;

namespace Notary.Forensics.Tests;

/// <summary>Sessions that end because nobody does anything, and because something is killed: in every state, with a program in the agent's place.</summary>
[TestClass]
public sealed class DrillTests
{
    /// <summary>Long enough for a busy machine to have a desktop measured and logged; the others in the order in which they are to come first.</summary>
    private static readonly Dictionary<string, string> Deadlines = new()
    {
        ["ProvisioningSeconds"] = "120",
        ["WaitingSeconds"] = "30",
        ["IdleSeconds"] = "45",
        ["LongestSeconds"] = "75",
    };

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task ASessionThatNobodyEndsEndsByItself()
    {
        await using var office = await Office.StartAsync(Office.StandIn, TestContext.CancellationToken, Deadlines);
        (string Page, string Ending, string? Why)[] all =
        [
            ("provisioning", "aborted", "provisioned-late"), ("measuring", "aborted", "provisioned-late"), ("untouched", "idle", null), ("still", "idle", null),
            ("film", "longest", null),
        ];
        await Task.WhenAll(all.Select(async each =>
        {
            var key = await office.TenantAsync();
            var id = await office.CreateAsync(key, "https://site.example/" + each.Page);
            var ended = await office.UntilAsync(key, id, json => !IsLive(json), "an end");
            Assert.AreEqual((each.Ending, each.Why), ((string?)ended["ending"], (string?)ended["why"]), each.Page);
            if (each.Page == "provisioning")
            {
                Assert.AreEqual((true, null), (Office.IsIn(ended, SessionState.Broken), (string?)ended["deposit"]), each.Page);
            }
            else
            {
                var done = await office.UntilAsync(key, id, json => json["deposit"] is not null, "a deposit");
                Assert.IsTrue(Office.IsIn(done, each.Why is null ? SessionState.Deposited : SessionState.Broken), each.Page);
                var (facts, _) = await office.LetterAsync(key, id);
                Assert.AreEqual((each.Ending, each.Page == "measuring"), (facts.Recording.Close, facts.Recording.Measured is null), each.Page);
            }

            await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any(), "nothing left");
        }));
    }

    [TestMethod]
    public async Task WhateverIsKilledInWhateverStateWhatWasSealedIsDepositedAndNothingIsLeft()
    {
        await using var office = await Office.StartAsync(Office.StandIn, TestContext.CancellationToken, new Dictionary<string, string> { ["AtOnce"] = "4" });
        (string Page, SessionState State)[] all =
        [
            ("provisioning", SessionState.Provisioning), ("measuring", SessionState.Measuring), ("untouched", SessionState.Ready),
            ("unclosing", SessionState.Closing),
        ];

        // The agents first; then the app, with which its agents end.
        foreach (var app in (bool[])[false, true])
        {
            var key = await office.TenantAsync();
            var ids = await Task.WhenAll(all.Select(async each =>
            {
                var id = await office.CreateAsync(key, "https://site.example/" + each.Page);
                if (each.State == SessionState.Closing)
                {
                    await office.UntilAsync(key, id, SessionState.Active);
                    await office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
                }

                // In its state, and, where it records, with something sealed.
                await office.UntilAsync(key, id, json => Office.IsIn(json, each.State)
                    && (each.State == SessionState.Provisioning || office.LinksOf(id) > 2), $"{each.State}");
                return id;
            }));
            List<Process> agents = [.. ids.Select(office.AgentOf)];
            if (app)
            {
                await office.KillAppAsync();
                await office.StartAppAsync();
            }
            else
            {
                agents.ForEach(agent => agent.Kill());
            }

            await Task.WhenAll(all.Zip(ids, agents).Select(async each =>
            {
                var ((page, _), id, agent) = each;
                await office.UntilAsync(key, id, json => !IsLive(json) && (page == "provisioning" || json["deposit"] is not null), $"the end of {page}");
                var ended = (await office.SendAsync(key, HttpMethod.Get, "/" + id)).Json!;
                if (page == "provisioning")
                {
                    Assert.AreEqual("Broken desktop-lost ", $"{ended["state"]} {ended["why"]} {ended["deposit"]}");
                }
                else
                {
                    Assert.IsTrue(Office.IsIn(ended, SessionState.Broken), $"{page}: {ended.ToJsonString()}");
                    var report = await office.JudgeAsync(key, (string)ended["deposit"]!);
                    Assert.IsEmpty(report.Findings.Where(f => f.Mark == Mark.Fail),
                        string.Join('\n', report.Findings.Select(f => $"{page}: {f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]")));
                    await office.LetterAsync(key, id);
                }

                await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any() && agent.HasExited, "nothing left");
                agent.Dispose();
            }));
        }
    }

    [TestMethod]
    public async Task WhatItsOrchestrationLostTheSweepTakesOnAndFsckFindsWhatIsSpoilt()
    {
        await using var office = await Office.StartAsync(Office.StandIn, TestContext.CancellationToken);
        var key = await office.TenantAsync();
        var (lost, other) = (await office.CreateAsync(key), await office.CreateAsync(key));
        await office.UntilAsync(key, lost, SessionState.Active);
        await office.UntilAsync(key, other, SessionState.Active);
        await office.SendAsync(key, HttpMethod.Post, $"/{other}/exit");
        await office.LetterAsync(key, other);

        // The instance as if it had never been, while nobody is there to see it.
        await office.KillAppAsync();
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = office.Platform.ConnectionString });
        foreach (var table in (string[])[Names.TaskHubInstances, Names.TaskHub + "History"])
        {
            var client = storage.Table(table);
            await foreach (var row in client.QueryAsync<TableEntity>($"PartitionKey eq 'forensics-{lost}'", cancellationToken: TestContext.CancellationToken))
                await client.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: TestContext.CancellationToken);
        }

        await office.StartAppAsync();
        await office.LetterAsync(key, lost);
        await office.UntilAsync(key, lost, _ => !office.LeftOf(lost).Any(), "nothing left");
        var (code, clean) = await office.AuditAsync();
        Assert.AreEqual(0, code, clean);

        await SpoilAsync(office, lost, other);
        var (_, report) = await office.AuditAsync();
        foreach (var finding in (string[])["session-row", "session-idle", "session-deposit", "head-orphan", "head-deposit", "session-letter-missing",
            "session-letter-facts", "session-letter-orphan", "row-unknown"])
            StringAssert.Contains(report, finding, report);
    }

    private async Task SpoilAsync(Office office, string lost, string other)
    {
        var cancel = TestContext.CancellationToken;
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = office.Platform.ConnectionString });
        var (table, letters) = (storage.Table(Names.Sessions), storage.Container(Names.Letters));
        var rows = await table.QueryAsync<TableEntity>(cancellationToken: cancel).ToListAsync(cancel);
        var row = rows.Single(r => r.RowKey.StartsWith("session-", StringComparison.Ordinal) && r.RowKey.EndsWith(other, StringComparison.Ordinal));
        var data = JsonNode.Parse(row.GetBinary("Data"))!.AsObject();

        // A session that cannot be read, one that nobody is at work on, one without its deposit, one whose letter is gone.
        await AddAsync("0", _ => "no json"u8.ToArray());
        await AddAsync("1", json => json["Over"] = false);
        await AddAsync("2", json => json.Remove("Deposit"));
        var head = rows.First(r => r.RowKey.StartsWith($"head-{other}", StringComparison.Ordinal));
        await table.UpsertEntityAsync(new TableEntity(head.PartitionKey, head.RowKey) { ["Link"] = head["Link"], ["Deposit"] = head["Deposit"],
            ["Manifest"] = new string('0', 64) }, TableUpdateMode.Replace, cancel);
        await table.AddEntityAsync(new TableEntity(head.PartitionKey, "head-01900000-0000-7000-8000-000000000009-00000001")
            { ["Link"] = 1L, ["Deposit"] = head["Deposit"], ["Manifest"] = head["Manifest"] }, cancel);
        await table.AddEntityAsync(new TableEntity(head.PartitionKey, "something"), cancel);
        var (mine, its) = (letters.GetBlobClient($"recordings/{lost}.pdf"), letters.GetBlobClient($"recordings/{other}.pdf"));
        var pdf = (await mine.DownloadContentAsync(cancel)).Value.Content;
        await its.UploadAsync(pdf, overwrite: true, cancel);
        await letters.GetBlobClient("recordings/nobody.pdf").UploadAsync(pdf, overwrite: true, cancel);
        await mine.DeleteAsync(cancellationToken: cancel);

        async Task AddAsync(string last, Func<JsonObject, object?> change)
        {
            var id = $"01900000-0000-7000-8000-00000000000{last}";
            var json = data.DeepClone().AsObject();
            json["Id"] = id;
            var entity = new TableEntity(row.PartitionKey, $"session-9-{id}") { ["Tenant"] = row["Tenant"], ["State"] = row["State"] };
            entity["Data"] = change(json) as byte[] ?? Encoding.UTF8.GetBytes(json.ToJsonString());
            await table.AddEntityAsync(entity, cancel);
        }
    }

    private static bool IsLive(JsonNode json) => Enum.Parse<SessionState>((string)json["state"]!) <= SessionState.Closing;
}
