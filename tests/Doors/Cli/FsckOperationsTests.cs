using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Secrets in operational rows, and what lies in the poison queue. The app stands still meanwhile.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FsckOperationsTests
{
    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        App.Process.Signal("STOP");
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        var findings = await AuditAsync();
        App.Process.Signal("CONT");
        Assert.AreEqual(0, findings.Total, Lines(findings));
    }

    private static async Task<TableEntity> RowAsync(string table, Func<TableEntity, bool> which)
    {
        await foreach (var row in Account.Table(table).QueryAsync())
        {
            if (which(row))
                return row;
        }

        throw new AssertFailedException($"table {table} has no such row");
    }

    [TestMethod]
    public async Task Secrets_in_clear_and_keys_that_no_list_shows_are_found()
    {
        await using var plants = new Plants();
        var key = await RowAsync(Names.ApiKeys, r => r.RowKey == "key" && r.GetString("Tenant") == "firm");
        var process = await RowAsync(Names.TaskHubInstances, r => r.PartitionKey.StartsWith("checkpoint-", StringComparison.Ordinal));
        var listed = (await Account.Table(Names.ApiKeys).GetEntityAsync("tenant-firm", key.PartitionKey)).Value;
        var tenant = (await Account.Table(Names.Tenants).GetEntityAsync("tenant", "firm")).Value;
        await plants.DropAsync(Names.ApiKeys, listed);
        await plants.AddAsync(Names.ApiKeys, new TableEntity(new string('0', 16), "key") { ["Tenant"] = "firm", ["Hash"] = new byte[16], ["Secret"] = "x" });
        await plants.SetAsync(Names.Tenants, tenant, ("Note", "their key is " + FsckBed.Key));
        await plants.SetAsync(Names.TaskHubInstances, process, ("CustomStatus", FsckBed.Key));
        plants.Expect("key-unlisted", key.PartitionKey).Expect("key-row", new string('0', 16))
            .Expect("secret-in-clear", "tenants/tenant/firm").Expect("secret-in-clear", $"{Names.TaskHubInstances}/{process.PartitionKey}");
        var findings = await plants.FindAsync();
        Assert.IsFalse(Lines(findings).Contains(FsckBed.Key, StringComparison.Ordinal), "the audit repeats the secret");
    }

    [TestMethod]
    public async Task The_poison_queue_holds_only_poison()
    {
        var created = new JsonObject
        {
            ["type"] = "Microsoft.Storage.BlobCreated",
            ["subject"] = "/blobServices/default/containers/uploads/blobs/firm/x",
            ["data"] = new JsonObject { ["api"] = "PutBlob" }
        }.ToJsonString();
        await using (var plants = new Plants())
        {
            foreach (var poison in (string[])["", "not JSON", "{}", "[]", "{\"type\":1,\"subject\":\"x\"}",
                created.Replace("PutBlob", "\"", StringComparison.Ordinal), "{\"type\":\"x\"}", $"[{created},{created}]", "e30="])
                await plants.PoisonAsync(poison);

            var findings = await plants.FindAsync();
            Assert.AreEqual(0, findings.Total, Lines(findings));
            Assert.AreEqual(9, findings.Notes.Count(n => n.Code == "poison"), string.Join('\n', findings.Notes));
        }

        await using (var plants = new Plants())
        {
            await plants.PoisonAsync(created);
            await plants.PoisonAsync($"[{created}]");
            await plants.PoisonAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(created)));
            var findings = await plants.FindAsync();
            Assert.AreEqual(3, findings.All.Count(f => f.Code == "poison-processable"), Lines(findings));
        }

        await using (var plants = new Plants())
        {
            for (var i = 0; i <= QueueAudit.MaxPeeked; i++)
                await plants.PoisonAsync("x");

            var findings = await plants.FindAsync();
            StringAssert.Contains(findings.LeftOut.Single(), "1 messages of uploads-poison");
        }
    }
}
