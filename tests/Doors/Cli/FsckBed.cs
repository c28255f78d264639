using Notary.Keys;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>One platform with a few deposits, made by way of the command line and settled, for all tests of the audit.</summary>
internal static class FsckBed
{
    /// <summary>Blocks after which no reorganisation is watched for any more.</summary>
    private const int SettleBlocks = 70;

    private const int SettleLooks = 900;

    /// <summary>Looks, half a second apart, before blocks are made again.</summary>
    private const int LooksAMining = 10;

    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static bool started;

    public static Platform Platform { get; private set; } = null!;

    public static App App { get; private set; } = null!;

    public static StorageAccount Account { get; private set; } = null!;

    public static FsckCommand.Inputs Inputs { get; private set; } = null!;

    public static DirectoryInfo Folder { get; private set; } = null!;

    /// <summary>The tenant's key.</summary>
    public static string Key { get; private set; } = "";

    public static List<string> Ids { get; } = [];

    public static string At(string name) => Path.Combine(Folder.FullName, name);

    public static async Task StartAsync()
    {
        await Starting.WaitAsync();
        try
        {
            if (!started)
            {
                await MakeAsync();
                started = true;
            }
        }
        finally
        {
            Starting.Release();
        }
    }

    public static async Task EndAsync()
    {
        if (started)
        {
            await App.DisposeAsync();
            await Platform.DisposeAsync();
            Folder.Delete(true);
        }
    }

    /// <param name="ahead">How far the auditor's clock is ahead: what is young becomes old.</param>
    public static async Task<Findings> AuditAsync(int passes = 1, TimeSpan ahead = default, Func<FsckCommand.Inputs, FsckCommand.Inputs>? change = null)
    {
        using var input = new MemoryStream();
        var inputs = Inputs with { Passes = passes, Clock = new AheadClock(ahead) };
        return await FsckCommand.RunAsync(change?.Invoke(inputs) ?? inputs,
            new Terminal(input, new StringWriter(), new StringWriter()), CancellationToken.None);
    }

    public static string Lines(Findings findings) => string.Join('\n', findings.All);

    private static async Task MakeAsync()
    {
        Folder = Directory.CreateTempSubdirectory("notary-fsck-");
        Platform = await Platform.StartAsync(new PlatformOptions());
        var environment = Platform.AppEnvironment();
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        App = await App.StartAsync(environment);
        Account = StorageAccount.Open(new StorageOptions { ConnectionString = Platform.ConnectionString });
        await File.WriteAllBytesAsync(At("trust.json"), await App.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));

        // A tenant and a key as an operator makes them, deposits as a tenant does; the last one under an anchor of its own.
        var made = await Run.AsyncOf("tenant", "create", "Firm", "--id", "firm", "--url", App.Url.ToString(), "--key", Platform.OperatorKey);
        Assert.AreEqual(0, made.Exit, made.Error);
        var issued = await Run.AsyncOf("key", "create", "firm", "--label", "test", "--url", App.Url.ToString(), "--key", Platform.OperatorKey);
        Assert.AreEqual(0, issued.Exit, issued.Error);
        Key = JsonDocument.Parse(issued.Output).RootElement.GetProperty("key").GetString()!;
        await Task.WhenAll(DepositAsync(0), DepositAsync(1));
        await DepositAsync(2);
        await SettleAsync();

        var vault = await VaultKeyEncryption.OpenAsync(new KeyClient(Platform.Vault.Url, new LoopbackCredential(Platform.Vault.Token)), KeyNames.KeyEncryption);
        Inputs = new FsckCommand.Inputs(Account, TrustRoots.Parse(await File.ReadAllBytesAsync(At("trust.json"))),
            Platform.Anvil.Url, vault, 1, 0, TimeProvider.System);
    }

    private static async Task DepositAsync(int number)
    {
        await File.WriteAllTextAsync(At($"合同 {number}.txt"), $"contract {number}");
        var run = await Run.AsyncOf("deposit", At($"合同 {number}.txt"), "--url", App.Url.ToString(), "--key", Key, "--media-type",
            "text/plain", "--note", $"no={number}", "--wait", "--timeout", "00:03:00", "--out", Folder.FullName, "--json");
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        StringAssert.Contains(run.Error, "Certified");
        lock (Ids)
        {
            Ids.Add(JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString()!);
        }
    }

    /// <summary>Brings every orchestration to its end and every letter to rest, so that nothing changes any more.</summary>
    public static async Task SettleAsync()
    {
        for (var look = 0; look < SettleLooks; look++)
        {
            // Again and again: an anchor that is on its way at the first time would wait for a minute of the chain's own blocks.
            if (look % LooksAMining == 0)
                await Platform.Anvil.MineAsync(SettleBlocks);

            if (!await Account.Table(Names.TaskHubInstances).QueryAsync("RuntimeStatus ne 'Completed'", select: []).AnyAsync()
                && !await Account.Table(Names.Deposits).QueryAsync("RowKey ge 'l|' and RowKey lt 'l}'", select: []).AnyAsync())
            {
                return;
            }

            await Task.Delay(500);
        }

        Assert.Fail("the orchestrations did not come to their end");
    }

    private sealed class AheadClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
