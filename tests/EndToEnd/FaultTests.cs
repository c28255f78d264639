namespace Notary.EndToEnd.Tests;

/// <summary>Dependencies that fail for a while: deposits are acknowledged, wait, and go on by themselves when the dependency is right again.</summary>
[TestClass]
public sealed class FaultTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    /// <summary>Answers of storage that are not what they seem; the first is more than the client's own tries.</summary>
    private static readonly (string Name, string Dependency, FaultRule Rule)[] StorageFaults =
    [
        ("the lease is out of reach", "table", new("RowKey='lease'", FaultKind.Status) { Method = "PUT", Status = 503, Times = 6 }),
        ("the head is out of reach", "table", new("RowKey='head'", FaultKind.Status) { Method = "PUT", Body = "Stage\":\"stage", Status = 503, Times = 6 }),
        ("a refusal that looks like a lost swap", "table", new("RowKey='head'", FaultKind.Status) { Method = "PUT", Body = "Stage\":\"stage", Status = 412 }),
        ("a refusal that looks like a tile published before", "blob", new("/log/tile/", FaultKind.Status) { Method = "PUT", Status = 409, Times = 2 }),
        ("a refusal that looks like a checkpoint recorded before", "table",
            new("/checkpoints", FaultKind.Status) { Method = "POST", Body = "Note", Status = 409 }),
        ("a swap done and reported failed", "table", new("RowKey='head'", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "PUT", Body = "Stage\":\"stage" }),
    ];

    [TestMethod]
    public async Task StorageThatRefusesOrLies()
    {
        FaultProxy? blob = null, table = null;
        await using var scenario = await Scenario.StartAsync(Cancel, async platform =>
        {
            blob = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint, cancel: Cancel);
            table = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint, cancel: Cancel);
            return platform.AppEnvironment(blob: blob.Url, table: table.Url);
        });
        await using var blobEnds = blob!;
        await using var tableEnds = table!;
        foreach (var (name, dependency, prototype) in StorageFaults)
        {
            var rule = (dependency == "blob" ? blob : table)!.Add(prototype with { });
            var id = await DepositAsync(scenario, name);
            await scenario.WaitForAsync(id, "Certified", Cancel);
            Assert.IsGreaterThan(0, rule.Strikes, name);
            TestContext.WriteLine(name);
        }

        await AuditAsync(scenario, StorageFaults.Length);
    }

    [TestMethod]
    public async Task AnAuthorityThatFails()
    {
        await using var scenario = await Scenario.StartAsync(Cancel, platform =>
        {
            var environment = platform.AppEnvironment();
            environment["Notary__Time__TimeoutSeconds"] = "1";
            return Task.FromResult(environment);
        });
        var authority = scenario.Platform.Authorities[0];
        TimestampAuthorityMode[] modes =
        [
            TimestampAuthorityMode.Silent, TimestampAuthorityMode.Slow, TimestampAuthorityMode.Rejected, TimestampAuthorityMode.Garbage,
            TimestampAuthorityMode.HugeUnannounced, TimestampAuthorityMode.ServerError,
        ];
        foreach (var mode in modes)
        {
            authority.Mode = mode;
            var id = await DepositAsync(scenario, mode.ToString());
            var asked = authority.Requests;
            await UntilAsync(() => Task.FromResult(authority.Requests >= asked + 2), $"{mode}: asked again");
            Assert.AreEqual("Logged", (string)(await scenario.GetAsync($"v1/deposits/{id}", Cancel))["state"]!, mode.ToString());
            authority.Mode = TimestampAuthorityMode.Honest;
            await scenario.WaitForAsync(id, "Certified", Cancel);
        }

        await AuditAsync(scenario, modes.Length);
    }

    [TestMethod]
    public async Task AnAuthorityWhoseClockIsTenMinutesOff()
    {
        await using var scenario = await Scenario.StartAsync(Cancel);
        scenario.Platform.Authorities[1].TimeOffset = TimeSpan.FromMinutes(-10);
        var id = await DepositAsync(scenario, "a wrong clock");
        await UntilAsync(async () => await TimeIsReadyAsync(scenario) == false, "time is not ready");

        // The authority whose clock is right is not believed alone.
        await scenario.WaitForAsync(id, "Logged", Cancel);
        var view = await scenario.GetAsync($"v1/deposits/{id}", Cancel);
        Assert.AreEqual("Logged", (string)view["state"]!);
        Assert.HasCount(0, view["times"]!.AsArray());

        scenario.Platform.Authorities[1].TimeOffset = TimeSpan.Zero;
        await scenario.WaitForAsync(id, "Certified", Cancel);
        Assert.IsTrue(await TimeIsReadyAsync(scenario));
        await AuditAsync(scenario, 1);
    }

    [TestMethod]
    public async Task AVaultThatFails()
    {
        await using var scenario = await Scenario.StartAsync(Cancel);
        var vault = scenario.Platform.Vault;
        VaultFault[] faults = [VaultFault.Unauthorized401, VaultFault.Forbidden403,
            VaultFault.TooMany429, VaultFault.Error500, VaultFault.WrongKey, VaultFault.Garbage];
        foreach (var fault in faults)
        {
            vault.Misbehave(fault);
            var id = await DepositAsync(scenario, fault.ToString());
            var asked = vault.Calls("sign");
            await UntilAsync(() => Task.FromResult(vault.Calls("sign") >= asked + 2), $"{fault}: asked again");
            Assert.AreEqual("Received", (string)(await scenario.GetAsync($"v1/deposits/{id}", Cancel))["state"]!, fault.ToString());
            vault.Misbehave(VaultFault.None);
            await scenario.WaitForAsync(id, "Certified", Cancel);
        }

        await AuditAsync(scenario, faults.Length);
    }

    [TestMethod]
    [DataRow(FaultPoint.Before)]
    [DataRow(FaultPoint.AfterEffect)]
    public async Task ASequencerThatIsPausedAtItsSwapPastItsLease(FaultPoint point)
    {
        FaultProxy? proxy = null;
        await using var scenario = await Scenario.StartAsync(Cancel, async platform =>
        {
            proxy = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint, cancel: Cancel);
            return platform.AppEnvironment(table: proxy.Url);
        });
        await using var proxyEnds = proxy!;
        var (paused, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        proxy!.Add(new FaultRule("RowKey='head'", FaultKind.Delay, point)
        {
            Method = "PUT",
            Body = "Stage\":\"stage",
            Callback = async () =>
            {
                scenario.App.Process.Signal("STOP");
                paused.TrySetResult();
                await goOn.Task;
            },
        });
        var first = await DepositAsync(scenario, "first");
        await paused.Task.WaitAsync(Scenario.Patience, Cancel);

        // The other instance waits for the lease, takes over, and goes on.
        var stopped = scenario.App;
        await scenario.StartAppAsync(Cancel);
        var second = await DepositAsync(scenario, "second");
        await scenario.WaitForAsync(first, "Certified", Cancel);
        await scenario.WaitForAsync(second, "Certified", Cancel);

        stopped.Process.Signal("CONT");
        goOn.SetResult();
        await using var ends = stopped;
        using var client = stopped.Client(scenario.Key);
        var third = await DepositAsync(scenario, "third", client);
        await scenario.WaitForAsync(third, "Certified", Cancel);
        await AuditAsync(scenario, 3);
    }

    internal static async Task<string> DepositAsync(Scenario scenario, string what, HttpClient? client = null)
        => (string)JsonNode.Parse(await scenario.DepositAsync(Encoding.UTF8.GetBytes(what), "a.txt", what, CancellationToken.None, client))!["id"]!;

    internal static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 6000; i++)
        {
            if (await holds())
                return;

            await Task.Delay(100);
        }

        throw new AssertFailedException($"not within a minute: {what}");
    }

    /// <summary>Everything is one leaf, and evidence and chain agree.</summary>
    internal static async Task AuditAsync(Scenario scenario, int deposits)
    {
        await scenario.FsckAsync(CancellationToken.None);
        var checkpoint = await scenario.App.Http.GetStringAsync(new Uri("v1/log/checkpoint", UriKind.Relative));
        Assert.AreEqual(deposits, int.Parse(checkpoint.Split('\n')[1], CultureInfo.InvariantCulture), "leaves");
    }

    private async Task<bool> TimeIsReadyAsync(Scenario scenario)
    {
        using var answer = await scenario.App.Http.GetAsync(new Uri("readyz", UriKind.Relative), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        var time = JsonNode.Parse(text)!["dependencies"]!.AsArray().Single(d => (string)d!["name"]! == "time")!;
        Assert.AreEqual((bool)time["ok"]!, answer.IsSuccessStatusCode, text);
        return (bool)time["ok"]!;
    }
}
