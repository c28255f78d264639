using System.Globalization;
using Microsoft.AspNetCore.Routing;
using Notary.Audit;

namespace Notary.Host.Tests;

/// <summary>What the trail has of the requests of staff and of the operator's key, and what becomes of them when it cannot be written.</summary>
[TestClass]
[DoNotParallelize]
public sealed class StaffTrailTests
{
    private static OidcProvider provider = null!;
    private static FaultProxy proxy = null!;
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        provider = await OidcProvider.StartAsync(new Uri(Visitor.Origin));
        proxy = await FaultProxy.StartAsync(Fixture.Storage.TableEndpoint);
        app = await TestApp.StartAsync(variables =>
        {
            variables["Notary__PublicUrl"] = Visitor.Origin;
            variables["EvidenceStorage"] = Fixture.Storage.ConnectionStringFor(Fixture.Storage.NewAccount(), table: proxy.Url);
            provider.Configure(variables);
        });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await app.DisposeAsync();
        await proxy.DisposeAsync();
        await provider.DisposeAsync();
    }

    [TestMethod]
    public async Task AClerksVisitIsThereFromTheDoorToTheWayOut()
    {
        var visitor = new Visitor(app);
        await SignInAsync(visitor, "clerk");
        var session = visitor.Cookies[Visitor.Session].Split('.');
        Assert.AreEqual(200, (await visitor.GetAsync("/account?lang=en")).Status);
        Assert.AreEqual(403, (await visitor.GetAsync("/members")).Status);
        Assert.AreEqual(401, (await visitor.SendAsync(HttpMethod.Get, "/v1/deposits?limit=3", null)).Status);
        await visitor.GetAsync("/account?what=ever");
        var digest = new string('a', 64);
        await visitor.GetAsync($"/verify/{digest}?index=7");
        Assert.AreEqual(410, (await visitor.GetAsync("/invitation/firm.secret")).Status);
        var last = await visitor.PostAsync("/sign-out");
        Assert.AreEqual(303, last.Status);

        var entries = (await EntriesAsync()).Where(e => e.Event.Who.Id == session[1]).ToList();
        CollectionAssert.AreEqual(
            new[]
            {
                "GET /sign-in/staff/callback 302", "GET /account 200", "GET /members 403", "GET /v1/deposits/ 401", "GET /account 200 what=ever",
                $"GET /verify/{{manifestDigest}} 503 manifestDigest={digest} index=7", "GET /invitation/{token} 410",
                "POST /sign-out begun", "POST /sign-out 303",
            },
            entries.Select(Line).ToList());
        Assert.IsTrue(entries.All(e => e.Event.Who is { Name: "示范书记员 Clerk", Role: "clerk" } && e.Event.Who.Session == session[2]));
        Assert.AreEqual("en", entries[1].Event.Sought["lang"]);
        Assert.AreEqual(last.Headers["X-Correlation-Id"], entries[^1].Event.Correlation);
        Assert.DoesNotContain(session[3], await AllTextAsync());
    }

    [TestMethod]
    public async Task TheOperatorsKeyIsRecordedAndWhatItMakesIsNot()
    {
        var from = (await EntriesAsync()).Count;
        var (tenant, key) = await app.TenantAsync();
        var invited = await app.PostAsync($"/v1/operator/tenants/{tenant}/invitations", app.Operator, """{"address":"a@example.com"}""");
        (await app.GetAsync("/v1/deposits", app.Operator)).MustBe(403, "forbidden");
        (await app.GetAsync("/v1/operator/tenants/nobody", app.Operator)).MustBe(404, "not-found");
        (await app.GetAsync("/v1/operator/tenants", key)).MustBe(403, "forbidden");
        (await app.GetAsync("/v1/operator/tenants", "wrong")).MustBe(401, "unauthenticated");
        var entries = (await EntriesAsync()).Skip(from).Where(e => e.Event.Who.Id == TrailWho.OperatorKey).ToList();
        CollectionAssert.AreEqual(
            new[]
            {
                "POST /v1/operator/tenants begun", "POST /v1/operator/tenants 201",
                $"POST /v1/operator/tenants/{{tenant}}/keys begun tenant={tenant}", $"POST /v1/operator/tenants/{{tenant}}/keys 201 tenant={tenant}",
                $"POST /v1/operator/tenants/{{tenant}}/invitations begun tenant={tenant}",
                $"POST /v1/operator/tenants/{{tenant}}/invitations 201 tenant={tenant}",
                "GET /v1/deposits/ 403", "GET /v1/operator/tenants/{tenant} 404 tenant=nobody",
            },
            entries.Select(Line).ToList());
        var text = await AllTextAsync();
        Assert.DoesNotContain(key.Split('_')[2], text);
        Assert.DoesNotContain(new Uri(invited.Json.GetProperty("url").GetString()!).AbsolutePath.Split('.')[^1], text);
        Assert.DoesNotContain($"\"{app.Operator}\"", text);
    }

    [TestMethod]
    public async Task WhatCannotBeRecordedIsNotAnswered()
    {
        var (tenant, _) = await app.TenantAsync();
        var (clerk, late) = (new Visitor(app), new Visitor(app));
        await SignInAsync(clerk, "clerk");
        Assert.AreEqual(200, (await clerk.GetAsync("/account")).Status);
        proxy.Add(new FaultRule(Names.Trail, FaultKind.Status) { Method = "POST", Status = 503, Times = int.MaxValue });
        try
        {
            var page = await clerk.GetAsync("/account");
            Assert.AreEqual(503, page.Status);
            Assert.DoesNotContain("书记员", page.Text);
            Assert.AreEqual(503, (await clerk.PostAsync("/sign-out")).Status);
            var read = await app.GetAsync($"/v1/operator/tenants/{tenant}", app.Operator);
            read.MustBe(503, "storage-unavailable");
            (await app.PostAsync("/v1/operator/tenants", app.Operator, """{"name":"不许","id":"never-made"}""")).MustBe(503, "storage-unavailable");
            Assert.AreEqual(503, (await SignInTests.ComeBackAsync(late, provider, "notary", "")).Status);
        }
        finally
        {
            proxy.Clear();
        }

        // None was done: the session is still there, the tenant is not, and nobody is signed in.
        Assert.IsFalse(await late.IsInAsync());
        Assert.AreEqual(200, (await clerk.GetAsync("/account")).Status);
        (await app.GetAsync("/v1/operator/tenants/never-made", app.Operator)).MustBe(404, "not-found");
    }

    [TestMethod]
    public async Task AnActThatWasBegunIsThereAlsoWhenItsAnswerCannotBeRecorded()
    {
        // The first write of the trail passes, the second one never.
        proxy.Add(new FaultRule(Names.Trail, FaultKind.Status) { Method = "POST", Status = 503, Nth = 2, Times = int.MaxValue });
        try
        {
            (await app.PostAsync("/v1/operator/tenants", app.Operator, """{"name":"丙","id":"half-told"}""")).MustBe(503, "storage-unavailable");
        }
        finally
        {
            proxy.Clear();
        }

        Assert.AreEqual("POST /v1/operator/tenants begun", Line((await EntriesAsync())[^1]));
        Assert.AreEqual(200, (await app.GetAsync("/v1/operator/tenants/half-told", app.Operator)).Status);
    }

    [TestMethod]
    public void RoutesThatTakeASecretInTheirAddressAreConfidential()
    {
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        foreach (var route in routes.Where(r => r.RoutePattern.Parameters.Any(p => p.Name is "token" or "secret" or "code")))
            Assert.IsNotNull(route.Metadata.GetMetadata<Access.Confidential>(), route.RoutePattern.RawText);
    }

    private static async Task SignInAsync(Visitor visitor, string account)
    {
        await visitor.GetAsync("/sign-in");
        var answer = await SignInTests.ComeBackAsync(visitor, provider, account, "");
        Assert.AreEqual(302, answer.Status, answer.Text);
    }

    private static Task<List<TrailEntry>> EntriesAsync()
        => new TrailReader(app.Services.GetRequiredService<StorageAccount>()).OldestAsync(null, null, default).ToListAsync().AsTask();

    private static async Task<string> AllTextAsync() => string.Join('\n', (await EntriesAsync()).Select(e => Encoding.UTF8.GetString(e.Bytes)));

    private static string Line(TrailEntry entry)
    {
        var what = entry.Event;
        return string.Join(' ',
        [
            what.Method, what.Route, what.Status?.ToString(CultureInfo.InvariantCulture) ?? "begun",
            .. what.Values.Concat(what.Sought).Where(v => v.Key is not ("lang" or "limit")).Select(v => $"{v.Key}={v.Value}"),
        ]);
    }
}
