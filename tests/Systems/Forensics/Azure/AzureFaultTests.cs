using Notary.Servers.Arm;

namespace Notary.Forensics.Tests.Azure;

/// <summary>Azure's bad days, and the app's own end at every point: whatever happens, a session ends, and nothing of it is left.</summary>
[TestClass]
public sealed class AzureFaultTests
{
    private const string Deployments = "/deployments/session-[0-9a-f-]+[?]", Host = "/sessionHosts/[a-z0-9]+[?]", Machine = "/virtualMachines/";

    private static Cloud cloud = null!;

    private static Office Office => cloud.Office;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => cloud = await Cloud.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await cloud.DisposeAsync();

    [TestInitialize]
    public void Quiet()
    {
        cloud.Way.Clear();
        cloud.Door.Clear();
        cloud.Arm.Fault = ArmFault.None;
    }

    [TestMethod]
    public async Task TroublesThatPassAreOvercome()
    {
        FaultRule[] troubles =
        [
            Status("PUT", Deployments, 429) with { RetryAfterSeconds = 1 }, Status("POST", "/retrieveRegistrationToken", 500),
            new FaultRule(Deployments, FaultKind.Drop, FaultPoint.AfterEffect) { Method = "PUT" }, Status("GET", Deployments, 503),
            Status("PATCH", Host, 409), Status("PATCH", Host, 429), new FaultRule("/users/", FaultKind.Garbage),
            new FaultRule(Machine, FaultKind.Drop, FaultPoint.AfterEffect) { Method = "DELETE" }, Status("DELETE", "/devices/", 500),
            Status("DELETE", "/userSessions/", 409),
        ];
        foreach (var trouble in troubles)
            cloud.Way.Add(trouble);

        cloud.Arm.Fault = ArmFault.DeletionFails;
        var key = await Office.TenantAsync();
        var id = await Office.CreateAsync(key, user: Cloud.User);
        await Office.UntilAsync(key, id, SessionState.Active);
        cloud.Arm.RevokeTokens();
        await Office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
        var done = await Office.UntilAsync(key, id, SessionState.Deposited);
        await cloud.NothingLeftAsync();
        Assert.AreEqual("", string.Join(' ', troubles.Where(t => t.Strikes == 0).Select(t => t.Path)));
        Assert.AreEqual(ArmFault.None, cloud.Arm.Fault);
        var report = await Office.JudgeAsync(key, (string)done["deposit"]!);
        Assert.AreEqual(Outcome.Verified, report.Outcome, AzureSessionTests.Text(report));
    }

    [TestMethod]
    [DataRow(ArmFault.DeploymentHalfway, Cloud.User)]
    [DataRow(ArmFault.NeverAvailable, Cloud.User)]
    [DataRow(ArmFault.NoAgent, Cloud.User)]
    [DataRow(ArmFault.None, "nobody@office.example")]
    public async Task ADesktopThatCannotBeHadIsBrokenAndLeavesNothing(ArmFault fault, string user)
    {
        cloud.Arm.Fault = fault;
        var key = await Office.TenantAsync();
        var id = await Office.CreateAsync(key, user: user);
        if (fault is ArmFault.NeverAvailable or ArmFault.NoAgent)
        {
            // What would come by itself when its time is over, asked for.
            await Office.UntilAsync(key, id, _ => cloud.Arm.Left.Any(l => l.StartsWith("machine ", StringComparison.Ordinal)), "a machine");
            await Office.SendAsync(key, HttpMethod.Post, $"/{id}/abort");
        }

        await Office.UntilAsync(key, id, json => (string?)json["state"] is "Broken" or "Deposited", "an end");
        await cloud.NothingLeftAsync();
    }

    [TestMethod]
    public async Task AnAppThatIsKilledAtEachStageEndsTheSessionAllTheSame()
    {
        (FaultProxy At, string Method, string Path, FaultPoint Point)[] stages =
        [
            (cloud.Way, "PUT", Deployments, FaultPoint.Before), (cloud.Way, "PUT", Deployments, FaultPoint.AfterEffect),
            (cloud.Way, "PATCH", Host, FaultPoint.AfterEffect), (cloud.Door, "POST", "/chain", FaultPoint.AfterEffect),
            (cloud.Way, "DELETE", "/userSessions/", FaultPoint.AfterEffect), (cloud.Way, "DELETE", Machine, FaultPoint.AfterEffect),
            (cloud.Way, "DELETE", Deployments, FaultPoint.Before),
        ];
        var key = await Office.TenantAsync();
        var killed = Arm(stages[0]);
        var id = await Office.CreateAsync(key, user: Cloud.User);
        for (var stage = 0; ; killed = Arm(stages[stage]))
        {
            if (stages[stage].Path == "/userSessions/")
            {
                await Office.UntilAsync(key, id, json => (string?)json["state"] is "Active" or "Broken", "its use");
                await Office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
            }

            await killed;
            await Office.StartAppAsync();
            if (++stage == stages.Length)
                break;
        }

        await Office.UntilAsync(key, id, json => (string?)json["state"] is "Deposited" or "Broken" && json["deposit"] is not null, "an end");
        await cloud.NothingLeftAsync();
        Assert.HasCount(1, cloud.Arm.Calls.Where(c => c.StartsWith("PUT", StringComparison.Ordinal) && c.EndsWith(id, StringComparison.Ordinal)));
    }

    private static FaultRule Status(string method, string path, int status) => new(path, FaultKind.Status) { Method = method, Status = status };

    /// <summary>The next such call kills the app.</summary>
    private static Task Arm((FaultProxy At, string Method, string Path, FaultPoint Point) stage)
    {
        var struck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stage.At.Add(new FaultRule(stage.Path, FaultKind.Callback, stage.Point)
        {
            Method = stage.Method,
            Callback = async () =>
            {
                await Office.KillAppAsync();
                struck.SetResult();
            },
        });
        return struck.Task;
    }
}
