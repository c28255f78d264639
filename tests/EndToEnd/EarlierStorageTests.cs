using System.IO.Compression;
using System.Text.Json;

namespace Notary.EndToEnd.Tests;

/// <summary>
/// Storage, chain and keys as the release before Durable Task left them when its app was killed at work: of seven deposits
/// three were certified and watched, one was between stamp and anchor, three had a receipt and no place in the log.
/// Today's app brings all of them to their end. (Its authorities' certificates end in November 2029.)
/// </summary>
[TestClass]
public sealed class EarlierStorageTests
{
    /// <summary>Blocks after which no reorganisation is watched for any more.</summary>
    private const int SettleBlocks = 70;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task WhatAnEarlierReleaseLeftAtWorkIsBroughtToItsEnd()
    {
        var cancel = TestContext.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("notary-earlier-");
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(Repository.Root, "tests", "EndToEnd", "Earlier", "state.zip"), folder.FullName, cancel);
        await using (var platform = await Platform.StartAsync(new PlatformOptions { Folder = folder.FullName }, cancel))
        await using (var app = await App.StartAsync(platform.AppEnvironment(), cancel: cancel))
        {
            await app.ReadyAsync(cancel);
            using var client = app.Client(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "tenant-key"), cancel));
            await WaitAsync(async () => await StatesAsync(client, cancel) is var states
                && states.Count == 7 && states.TrueForAll(state => state == "Certified"),
                async () => string.Join(' ', await StatesAsync(client, cancel)), cancel);

            // Everything settles, and the audit finds no work that nobody does.
            await platform.Anvil.MineAsync(SettleBlocks);
            var trust = Path.Combine(folder.FullName, "trust.json");
            var secrets = new Dictionary<string, string?> { ["NOTARY_STORAGE"] = platform.ConnectionString, ["NOTARY_VAULT_TOKEN"] = platform.Vault.Token };
            var audit = "";
            await WaitAsync(
                async () =>
                {
                    (var code, audit) = await Scenario.NotaryAsync(secrets, cancel, "fsck", "--trust", trust,
                        "--rpc", platform.Anvil.Url.ToString(), "--vault", platform.Vault.Url.ToString());
                    return code == 0;
                },
                () => Task.FromResult(audit),
                cancel);
        }

        folder.Delete(recursive: true);
    }

    private static async Task<List<string>> StatesAsync(HttpClient client, CancellationToken cancel)
    {
        using var list = JsonDocument.Parse(await client.GetStringAsync(new Uri("v1/deposits?limit=100", UriKind.Relative), cancel));
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("state").GetString()!)];
    }

    private static async Task WaitAsync(Func<Task<bool>> holds, Func<Task<string>> found, CancellationToken cancel)
    {
        for (var since = Stopwatch.GetTimestamp(); !await holds(); await Task.Delay(1000, cancel))
            Assert.IsLessThan(Patience, Stopwatch.GetElapsedTime(since), await found());
    }
}
