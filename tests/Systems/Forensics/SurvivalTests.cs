using System.Diagnostics;
using System.Net;
using Azure.Data.Tables;
using Notary.Storage;

namespace Notary.Forensics.Tests;

/// <summary>What is sealed survives the machine that it was sealed on, and a letter needs nothing but what was deposited.</summary>
[TestClass]
public sealed class SurvivalTests
{
    /// <summary>Links of a chain that has some segments.</summary>
    private const int Enough = 12;

    /// <summary>Calls of the vault for a session's key and for the package that its letter is read from, with room for what an app asks when it starts; a
    /// call for each file would be some dozens.</summary>
    private const int MaxUnwrapped = 5;

    private static Office office = null!;

    public required TestContext TestContext { get; init; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    private static StorageAccount Storage => StorageAccount.Open(new StorageOptions { ConnectionString = office.Platform.ConnectionString });

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => office = await Office.StartAsync(Office.StandIn, context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await office.DisposeAsync();

    [TestMethod]
    public async Task WhatWasSealedIsDepositedWithoutTheFolderThatItWasSealedIn()
    {
        var key = await office.TenantAsync();
        var (lost, spoilt) = (await office.CreateAsync(key), await office.CreateAsync(key));
        var kept = await Task.WhenAll(BroughtAsync(key, lost), BroughtAsync(key, spoilt));
        Lose(lost);
        using (var writing = Process.Start("sh", ["-c", "echo 'no link' >> \"$0\"", Path.Combine(office.FolderOf(spoilt), ForensicsFormat.ChainFile)])!)
            await writing.WaitForExitAsync(Cancel);

        await BrokenAsync(key, lost, "desktop-lost", kept[0]);
        await BrokenAsync(key, spoilt, "chain-malformed", kept[1]);
    }

    [TestMethod]
    public async Task AnAppThatComesBackWithoutItsDiskDepositsWhatWasBroughtAndAsksTheVaultOnce()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key);
        var kept = await BroughtAsync(key, id);
        var (agent, storage) = (office.AgentOf(id), Storage);
        await office.KillAppAsync();
        Lose(id);
        await agent.WaitForExitAsync(Cancel);
        agent.Dispose();
        foreach (var left in office.LeftOf(id))
            File.Delete(Path.Combine(office.FolderOf(id), "..", left));

        // As it lies there nobody reads it without the vault.
        var sealing = await storage.Container(Names.Recordings).GetBlobClient(Names.RecordingPiece(DepositId.Parse(id), 0)).DownloadContentAsync(Cancel);
        Assert.IsLessThan(0, sealing.Value.Content.ToMemory().Span.IndexOf("signature"u8));
        var asked = office.Platform.Vault.Calls("unwrapkey");
        await office.StartAppAsync();
        await office.LetterAsync(key, id);
        asked = office.Platform.Vault.Calls("unwrapkey") - asked;
        var files = await BrokenAsync(key, id, "desktop-lost", kept);
        Assert.IsTrue(asked <= MaxUnwrapped && files > 4 * MaxUnwrapped, $"{asked} calls for {files} files");
    }

    [TestMethod]
    public async Task ALetterIsReadFromThePackageAndASessionWithoutOneSaysSo()
    {
        var key = await office.TenantAsync();
        var (kept, gone) = (await office.CreateAsync(key), await office.CreateAsync(key));
        foreach (var id in (string[])[kept, gone])
        {
            await office.UntilAsync(key, id, SessionState.Active);
            await office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
            await office.LetterAsync(key, id);
            await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any(), "nothing left");
        }

        // As if the app had ended between deposit and letter, and all of the recording but its deposit were gone; of one the deposit, too.
        await office.KillAppAsync();
        var deposit = await UnletteredAsync(kept);
        await Storage.Container(Names.Originals).GetBlobClient(Names.OriginalBlob(DepositId.Parse(await UnletteredAsync(gone)), 0))
            .DeleteAsync(cancellationToken: Cancel);
        await office.StartAppAsync();

        var (_, pdf) = await office.LetterAsync(key, kept);
        var (judged, words) = await office.JudgeLetterAsync(key, deposit, pdf);
        Assert.AreEqual(0, judged, words);
        var told = await office.UntilAsync(key, gone, json => json["why"] is not null, "why there is no letter");
        Assert.AreEqual("Deposited package-gone", $"{told["state"]} {told["why"]}");
        var (status, refused) = await office.SendAsync(key, HttpMethod.Get, $"/{gone}/letter");
        Assert.AreEqual((HttpStatusCode.Conflict, "not-ready"), (status, (string?)refused!["code"]));
        StringAssert.Contains((string)refused["detail"]!, "not kept any more");

        // Nobody works on it any more.
        await office.UntilAsync(key, gone, _ => !Storage.Table(Names.Sessions).Query<TableEntity>($"PartitionKey eq 'active' and RowKey eq '{gone}'").Any(),
            "its end");
    }

    /// <returns>Links that are sealed and brought.</returns>
    private static async Task<long> BroughtAsync(string key, string id)
    {
        await office.UntilAsync(key, id, _ => office.LinksOf(id) >= Enough, "a recording");
        var there = office.LinksOf(id);
        await office.UntilAsync(key, id, json => (long)json["links"]! >= there, "what was sealed being brought");
        return there;
    }

    private static void Lose(string id)
    {
        var away = Directory.CreateTempSubdirectory("notary-lost-").FullName;
        Directory.Move(office.FolderOf(id), Path.Combine(away, "folder"));
        Directory.Delete(away, recursive: true);
    }

    /// <returns>Files of the package.</returns>
    private async Task<int> BrokenAsync(string key, string id, string why, long kept)
    {
        var broken = await office.UntilAsync(key, id, json => json["deposit"] is not null, "a deposit");
        Assert.AreEqual($"Broken {why}", $"{broken["state"]} {broken["why"]}");
        var (deposit, (links, files)) = ((string)broken["deposit"]!, await office.PackageAsync(key, (string)broken["deposit"]!));
        Assert.IsGreaterThanOrEqualTo(kept, links.Count);
        var report = await office.JudgeAsync(key, deposit);
        Assert.IsEmpty(report.Findings.Where(f => f.Mark == Mark.Fail),
            string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]")));
        Assert.AreEqual((links.Count(link => link.Body is LinkBody.Segment), true), ((int)report.Segments, report.Segments > 0));
        var (facts, pdf) = await office.LetterAsync(key, id);
        Assert.AreEqual(report.Segments, facts.Recording.Segments);
        var (judged, words) = await office.JudgeLetterAsync(key, deposit, pdf);
        Assert.AreEqual(0, judged, words);

        // And then nothing of it is anywhere but in its deposits.
        var container = Storage.Container(Names.Recordings);
        await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any()
            && !container.GetBlobs(new() { Prefix = Names.RecordingPrefix(DepositId.Parse(id)) }, Cancel).Any(), "nothing left");
        return files.Count;
    }

    /// <returns>Its deposit.</returns>
    private async Task<string> UnletteredAsync(string id)
    {
        var table = Storage.Table(Names.Sessions);
        var row = await table.QueryAsync<TableEntity>(cancellationToken: Cancel)
            .FirstAsync(r => r.RowKey.StartsWith("session-", StringComparison.Ordinal) && r.RowKey.EndsWith(id, StringComparison.Ordinal), Cancel);
        var data = JsonNode.Parse(row.GetBinary("Data"))!.AsObject();
        (data["Letter"], data["Over"]) = (false, false);
        row["Data"] = Encoding.UTF8.GetBytes(data.ToJsonString());
        await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancel);
        await table.UpsertEntityAsync(new TableEntity("active", id) { ["Tenant"] = row["Tenant"] }, cancellationToken: Cancel);
        await Storage.Container(Names.Letters).GetBlobClient(Names.RecordingLetterBlob(DepositId.Parse(id))).DeleteAsync(cancellationToken: Cancel);
        return (string)data["Deposit"]!;
    }
}
