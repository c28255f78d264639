using System.Net;

namespace Notary.Forensics.Tests.Azure;

/// <summary>Sessions on machines of Azure: by the API of an app, the resource manager's protocol, and the agent that a machine starts.</summary>
[TestClass]
public sealed class AzureSessionTests
{
    private static Cloud cloud = null!;

    private static Office Office => cloud.Office;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => cloud = await Cloud.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await cloud.DisposeAsync();

    [TestMethod]
    public async Task ASessionOnAMachineOfAzureIsDepositedVerifiedAndLeavesNothing()
    {
        var key = await Office.TenantAsync();
        foreach (var user in new[] { null, "not a name", "x@office.example\u0000" })
        {
            var (status, json) = await Office.SendAsync(key, HttpMethod.Post, "", new JsonObject { ["page"] = "https://site.example/", ["user"] = user });
            Assert.AreEqual(user is null ? (HttpStatusCode.Conflict, "desktop-user") : (HttpStatusCode.BadRequest, "malformed"),
                (status, (string?)json!["code"]));
        }

        var id = await Office.CreateAsync(key, user: Cloud.User);
        await Office.UntilAsync(key, id, SessionState.Active);
        var (entered, link) = await Office.SendAsync(key, HttpMethod.Post, $"/{id}/entrance");
        Assert.AreEqual((HttpStatusCode.OK, "https://windows.cloud.microsoft/webclient/avd/w/d?tenant=t#loginHint=li%40office.example"),
            (entered, (string)link!["url"]!));
        for (var i = 0; i < 2; i++)
            Assert.AreEqual(HttpStatusCode.NoContent, (await MarkAsync(key, id, "此处重要")).Status);

        Assert.AreEqual("idempotency-conflict", (string?)(await MarkAsync(key, id, "another")).Json!["code"]);
        Assert.AreEqual(HttpStatusCode.Accepted, (await Office.SendAsync(key, HttpMethod.Post, $"/{id}/exit")).Status);
        var done = await Office.UntilAsync(key, id, SessionState.Deposited);
        var report = await Office.JudgeAsync(key, (string)done["deposit"]!);
        Assert.AreEqual((Outcome.Verified, id), (report.Outcome, $"{report.Session}"), Text(report));
        await cloud.NothingLeftAsync();

        // Nobody was thrown out unasked, and the machine went after its pool had forgotten it.
        var calls = cloud.Arm.Calls.ToList();
        int At(string method, string part)
            => calls.FindIndex(c => c.StartsWith(method, StringComparison.Ordinal) && c.Contains(part, StringComparison.Ordinal));
        int[] order = [At("DELETE", "/userSessions/1"), At("DELETE", "/virtualMachines/"), At("DELETE", "/devices/"), At("DELETE", "/deployments/")];
        Assert.IsTrue(order[0] > 0 && order.SequenceEqual(order.Order()), string.Join('\n', calls));
        var (code, audit) = await Office.AuditAsync();
        Assert.AreEqual(0, code, audit);
    }

    private static Task<(HttpStatusCode Status, JsonNode? Json)> MarkAsync(string key, string id, string note)
        => Office.SendAsync(key, HttpMethod.Post, $"/{id}/marks", new JsonObject { ["note"] = note }, "m1");

    internal static string Text(ForensicsReport report)
        => string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]"));
}
