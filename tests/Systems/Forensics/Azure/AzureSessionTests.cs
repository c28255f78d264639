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

    [TestMethod]
    public async Task AFileThatIsBroughtIsFetchedByTheAgentAndSealedOnce()
    {
        var key = await Office.TenantAsync();
        var id = await Office.CreateAsync(key, user: Cloud.User);
        await Office.UntilAsync(key, id, SessionState.Active);

        // Larger than one request of the store; several at once under one key are one file.
        var mail = RandomNumberGenerator.GetBytes(700_000);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PutAsync(key, id, "邮件 导出.eml", mail, "u1")));
        foreach (var (status, json) in all)
            Assert.AreEqual((HttpStatusCode.Created, $"邮件 导出.eml {mail.Length} {Digest.Of(mail)}"),
                (status, $"{json!["name"]} {json["size"]} {json["digest"]}"));

        Assert.AreEqual("idempotency-conflict", (string?)(await PutAsync(key, id, "邮件 导出.eml", [1], "u1")).Json!["code"]);
        Assert.AreEqual("idempotency-conflict", (string?)(await PutAsync(key, id, "other.eml", mail, "u1")).Json!["code"]);
        var names = (string[])["  two  blanks ", "../../etc/passwd", "empty"];
        foreach (var name in names)
            Assert.AreEqual(HttpStatusCode.Created, (await PutAsync(key, id, name, name == "empty" ? [] : [1])).Status, name);

        // Of what is too large, or was given up, nothing is kept, and no agent hears of it.
        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, (await PutAsync(key, id, "large", new byte[SessionLimits.MaxFile + 1])).Status);
        Assert.AreEqual("digest-mismatch",
            (string?)(await Office.PutFileAsync(key, id, "?name=c", new ByteArrayContent([1]), "u2", announced: new byte[32])).Json!["code"]);
        Assert.AreEqual(HttpStatusCode.Created, (await PutAsync(key, id, "c", [1], "u2")).Status);

        await Office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
        var done = await Office.UntilAsync(key, id, SessionState.Deposited);
        Assert.AreEqual("session-state", (string?)(await PutAsync(key, id, "late", [1])).Json!["code"]);
        var (report, package) = (await Office.JudgeAsync(key, (string)done["deposit"]!), await Office.PackageAsync(key, (string)done["deposit"]!));
        Assert.AreEqual(Outcome.Verified, report.Outcome, Text(report));
        var files = package.Links.Select(link => link.Body).OfType<LinkBody.File>().ToList();
        CollectionAssert.AreEqual((string[])["邮件 导出.eml", .. names, "c"], files.Select(file => file.Name).ToArray());
        CollectionAssert.AreEqual(mail, package.Files[files[0].Content.Name]);
        await cloud.NothingLeftAsync();
    }

    private static Task<(HttpStatusCode Status, JsonNode? Json)> PutAsync(string key, string id, string name, byte[] content, string? idempotencyKey = null)
        => Office.PutFileAsync(key, id, "?name=" + Uri.EscapeDataString(name), new ByteArrayContent(content), idempotencyKey);

    private static Task<(HttpStatusCode Status, JsonNode? Json)> MarkAsync(string key, string id, string note)
        => Office.SendAsync(key, HttpMethod.Post, $"/{id}/marks", new JsonObject { ["note"] = note }, "m1");

    internal static string Text(ForensicsReport report)
        => string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]"));
}
