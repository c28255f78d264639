using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Notary.Host.Access;
using Notary.Identity.Tests.People;

namespace Notary.Host.Tests;

/// <summary>Every route against everybody who could come: whoever is not named beside a route is turned away.</summary>
[TestClass]
public sealed partial class RoleMatrixTests
{
    /// <summary>Who may use which route. A route that is not here, or is here and nowhere else, fails the test.</summary>
    /// <remarks>o owner, d depositor, v viewer of a tenant; c clerk, n notary, a auditor, p operator of the staff; K a tenant's key of both scopes, R one
    /// that only reads, X the operator's key; * anybody, signed in or not; . none of these: the session's own agent.</remarks>
    private const string Table =
        """
        GET  / *
        GET  /assets/{file} *
        GET  /documents/{file} *
        GET  /healthz *
        GET  /readyz *
        GET  /openapi/{documentName}.json *
        GET  /verify *
        GET  /verify/{manifestDigest} *
        GET  /draws *
        GET  /draws/signers *
        GET  /draws/{drawId} *
        GET  /draws/{drawId}/list *
        GET  /draws/{drawId}/mine *
        GET  /draws/{drawId}/party *
        GET  /draws/{drawId}/winners *
        POST /draws/{drawId}/objections *
        GET  /chain *
        GET  /chain/accounts/{address} *
        GET  /chain/anchors *
        GET  /chain/blocks *
        GET  /chain/blocks/{block} *
        GET  /chain/consortium *
        GET  /chain/proposals/{id} *
        GET  /chain/search *
        GET  /chain/transactions/{hash} *
        GET  /v1/limits *
        GET  /v1/log/checkpoint *
        GET  /v1/log/tile/{*path} *
        GET  /v1/public/chain *
        GET  /v1/public/chain/accounts/{address} *
        GET  /v1/public/chain/anchors *
        GET  /v1/public/chain/anchors/covering/{index} *
        GET  /v1/public/chain/consortium *
        GET  /v1/public/chain/blocks *
        GET  /v1/public/chain/blocks/{block} *
        GET  /v1/public/chain/transactions/{hash} *
        GET  /v1/public/deposits/{manifestDigest} *
        GET  /v1/public/draws *
        GET  /v1/public/draws/{drawId} *
        GET  /v1/public/draws/{drawId}/candidates *
        GET  /v1/public/draws/{drawId}/candidates/{handle} *
        GET  /v1/public/draws/{drawId}/events *
        GET  /v1/public/draws/{drawId}/files/{name} *
        POST /v1/public/draws/{drawId}/objections *
        GET  /v1/public/signers *
        GET  /v1/recipe/2 *
        GET  /v1/recipe/3 *
        GET  /v1/recipe/4 *
        GET  /v1/trust *

        GET  /sign-in *
        POST /sign-in *
        POST /sign-in/options *
        GET  /sign-in/staff *
        GET  /sign-in/staff/callback *
        GET  /invitation/{token} *
        POST /invitation/{token} *
        POST /invitation/{token}/options *
        GET  /.well-known/jwks *
        GET  /.well-known/openid-configuration *
        GET  /connect/authorize *
        GET  /connect/logout *
        GET  /connect/par *
        GET  /connect/revoke *
        GET  /connect/token *
        GET  /connect/userinfo *
        POST /.well-known/jwks *
        POST /.well-known/openid-configuration *
        POST /connect/authorize *
        POST /connect/logout *
        POST /connect/par *
        POST /connect/revoke *
        POST /connect/token *
        POST /connect/userinfo *

        GET  /account odv cnap
        POST /account/devices odv
        POST /account/passkeys odv
        POST /account/passkeys/options odv
        POST /account/passkeys/{id}/name odv
        POST /account/passkeys/{id}/remove odv
        POST /account/sessions/end-others odv cnap
        POST /account/sessions/{id}/end odv cnap
        POST /sign-out odv cnap
        POST /account/consents/{client}/revoke odv cnap

        GET  /members o
        POST /members/invitations o
        POST /members/invitations/{id}/withdraw o
        POST /members/{person}/remove o
        POST /members/{person}/role o

        GET  /keys o
        POST /keys o
        POST /keys/{prefix}/revoke o
        POST /keys/{prefix}/rotate o
        GET  /clients o
        POST /clients o
        POST /clients/{id}/addresses o
        POST /clients/{id}/remove o
        POST /clients/{id}/secret o
        GET  /webhooks o
        POST /webhooks o
        GET  /webhooks/{endpoint} o
        POST /webhooks/{endpoint} o
        POST /webhooks/{endpoint}/delete o
        POST /webhooks/{endpoint}/disable o
        POST /webhooks/{endpoint}/enable o
        POST /webhooks/{endpoint}/events/{id}/replay o
        POST /webhooks/{endpoint}/replay o
        POST /webhooks/{endpoint}/rotate o
        POST /webhooks/{endpoint}/test o
        GET  /settings o
        POST /settings o

        GET  /office cnap
        GET  /office/deposits/{tenant}/{id} cnap
        GET  /office/health cnap
        GET  /office/tenants cnap
        POST /office/tenants p
        GET  /office/tenants/{tenant} cnap
        POST /office/tenants/{tenant}/invitations p
        POST /office/tenants/{tenant}/keys p
        POST /office/tenants/{tenant}/limits p
        POST /office/tenants/{tenant}/keys/{prefix}/revoke p
        POST /office/tenants/{tenant}/keys/{prefix}/rotate p
        GET  /office/draws cnap
        GET  /office/draws/{id} cnap
        GET  /office/draws/{id}/files/{name} cnap
        POST /office/draws/{id}/abort n
        POST /office/draws/{id}/approvals/{digest} n
        POST /office/draws/{id}/approvals/{digest}/options n
        GET  /office/signing n
        POST /office/signing n
        POST /office/signing/options n
        POST /office/signing/{id}/remove n
        GET  /office/trail ap
        GET  /office/trail/export ap
        GET  /office/processes cnap
        GET  /office/processes/{kind}/{id} cnap
        POST /office/processes/{kind}/{id}/resume cnp
        POST /office/processes/{kind}/{id}/rewind cnp
        POST /office/processes/{kind}/{id}/suspend cnp
        POST /office/processes/{kind}/{id}/terminate cnp

        GET  /overview odv
        GET  /deposits odv
        GET  /deposits/new od
        GET  /deposits/{id} odv
        GET  /desktops odv
        POST /desktops od
        GET  /desktops/new od
        GET  /desktops/{id} odv
        GET  /desktops/{id}/playback odv
        POST /desktops/{id}/abort od
        POST /desktops/{id}/captures od
        POST /desktops/{id}/enter od
        POST /desktops/{id}/exit od
        POST /desktops/{id}/marks od
        GET  /my-draws odv
        POST /my-draws od
        GET  /my-draws/new od
        GET  /my-draws/{id} odv
        GET  /my-draws/{id}/terms od
        POST /my-draws/{id}/terms od
        POST /my-draws/{id}/submit od
        POST /my-draws/{id}/delete od
        POST /my-draws/{id}/abort od
        POST /my-draws/{id}/objections/{number}/answer od

        GET  /v1/deposits odv KR
        GET  /v1/deposits/{id} odv KR
        GET  /v1/deposits/{id}/bundle odv KR
        GET  /v1/deposits/{id}/letter odv KR
        GET  /v1/deposits/{id}/original odv KR
        GET  /v1/deposits/{id}/proof odv KR
        GET  /v1/deposits/{id}/receipt odv KR
        GET  /v1/uploads/{id} odv KR
        POST /v1/deposits od K
        POST /v1/deposits/bulk od K
        POST /v1/deposits/file od K
        POST /v1/uploads od K
        DELETE /v1/uploads/{id} od K
        PUT  /v1/deposits/{id}/original od K

        GET  /v1/batches/items odv KR
        GET  /v1/batches/{id} odv KR
        GET  /v1/batches/{id}/items odv KR
        POST /v1/batches od K

        GET  /v1/draws odv KR
        GET  /v1/draws/{id} odv KR
        GET  /v1/draws/{id}/list-secret od K
        GET  /v1/draws/{id}/objections odv KR
        POST /v1/draws od K
        POST /v1/draws/{id}/abort od K
        POST /v1/draws/{id}/submit od K
        POST /v1/draws/{id}/tickets od K
        DELETE /v1/draws/{id} od K
        PUT  /v1/draws/{id} od K
        PUT  /v1/draws/{id}/list od K
        PUT  /v1/draws/{id}/objections/{number}/answer od K

        GET  /v1/forensics/sessions odv KR
        GET  /v1/forensics/sessions/{id} odv KR
        GET  /v1/forensics/sessions/{id}/letter odv KR
        POST /v1/forensics/sessions od K
        POST /v1/forensics/sessions/{id}/abort od K
        POST /v1/forensics/sessions/{id}/captures od K
        POST /v1/forensics/sessions/{id}/entrance od K
        POST /v1/forensics/sessions/{id}/exit od K
        POST /v1/forensics/sessions/{id}/files od K
        POST /v1/forensics/sessions/{id}/marks od K

        GET  /v1/webhooks/endpoints odv KR
        GET  /v1/webhooks/endpoints/{endpoint} odv KR
        GET  /v1/webhooks/endpoints/{endpoint}/attempts odv KR
        GET  /v1/webhooks/events odv KR
        GET  /v1/webhooks/events/{event} odv KR
        POST /v1/webhooks/endpoints od K
        POST /v1/webhooks/endpoints/{endpoint}/replay od K
        POST /v1/webhooks/endpoints/{endpoint}/rotate od K
        POST /v1/webhooks/endpoints/{endpoint}/test od K
        POST /v1/webhooks/events/{event}/replay od K
        PUT  /v1/webhooks/endpoints/{endpoint} od K
        DELETE /v1/webhooks/endpoints/{endpoint} od K

        GET  /v1/forensics/agents/{session} .
        GET  /v1/forensics/agents/{session}/commands .
        POST /v1/forensics/agents/{session}/chain .
        PUT  /v1/forensics/agents/{session}/files/{*name} .
        GET  /v1/forensics/agents/{session}/uploads/{file} .
        POST /v1/forensics/agents/{session}/uploads/{file} .

        GET  /v1/usage odv KR
        GET  /v1/operator/health X
        GET  /v1/operator/tenants X
        GET  /v1/operator/tenants/{tenant} X
        GET  /v1/operator/tenants/{tenant}/keys X
        GET  /v1/operator/tenants/{tenant}/usage X
        GET  /v1/operator/tenants/{tenant}/limits X
        PUT  /v1/operator/tenants/{tenant}/limits X
        POST /v1/operator/tenants X
        POST /v1/operator/tenants/{tenant}/invitations X
        POST /v1/operator/tenants/{tenant}/keys X
        POST /v1/operator/tenants/{tenant}/keys/{prefix}/rotate X
        DELETE /v1/operator/tenants/{tenant}/keys/{prefix} X
        GET  /v1/processes X
        GET  /v1/processes/{kind}/{id} X
        POST /v1/processes/{kind}/{id}/raiseEvent/{name} X
        POST /v1/processes/{kind}/{id}/resume X
        POST /v1/processes/{kind}/{id}/rewind X
        POST /v1/processes/{kind}/{id}/suspend X
        POST /v1/processes/{kind}/{id}/terminate X
        """;

    private const string Somebody = "odvcnapKRX";

    private static readonly Dictionary<string, string> Allowed = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => Line().Match(line))
        .ToDictionary(m => $"{m.Groups[1].Value} {m.Groups[2].Value}", m => m.Groups[3].Value.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Sends one request as one of <see cref="Somebody"/>, or as nobody.</summary>
    private delegate Task<Answer> Come(HttpMethod method, string path);

    [TestMethod]
    public async Task EverybodyOpensWhatIsHisAndNothingElse()
    {
        await using var provider = await OidcProvider.StartAsync(new Uri(Visitor.Origin));
        await using var app = await TestApp.StartOnAsync(await Fixture.PlatformAsync(), provider.Configure);
        var routes = app.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(m => $"{m} {PathOf(e)}")).ToList();
        Assert.AreEqual("", string.Join('\n', routes.Except(Allowed.Keys).Select(r => "not in the table: " + r)
            .Concat(Allowed.Keys.Except(routes).Select(r => "no such route: " + r))));

        var wrong = new List<string>();
        var everybody = await EverybodyAsync(app, provider);

        // What ends the visitor's own session comes last.
        foreach (var (route, who) in Allowed.Where(a => a.Value != "*").OrderBy(a => a.Key.Contains("sign-out", StringComparison.Ordinal)))
        {
            var (method, path) = (new HttpMethod(route.Split(' ')[0]), Value().Replace(route.Split(' ')[1], "01900000-0000-7000-8000-000000000000"));
            foreach (var (name, come) in everybody)
            {
                var answer = await come(method, path);
                var turnedAway = answer.Status is 401 or 403
                    || (answer.Status == 303 && answer.Headers["Location"].StartsWith("/sign-in?return", StringComparison.Ordinal));
                if (turnedAway == who.Contains(name, StringComparison.Ordinal) || answer.Status >= 500)
                    wrong.Add($"{name} at {route}: {answer.Status} {answer.Code}");
            }
        }

        Assert.AreEqual("", string.Join('\n', wrong));
        Assert.HasCount(Somebody.Length + 1, everybody);
    }

    // A group's own route is written with a stroke at its end.
    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText is { Length: > 1 } text ? text.TrimEnd('/') : "/";

    private static async Task<List<(char Name, Come Come)>> EverybodyAsync(TestApp app, OidcProvider provider)
    {
        var (tenant, key) = await app.TenantAsync();
        var reads = await app.PostAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator, """{"scopes":["read"]}""");
        var everybody = new List<(char, Come)> { ('-', ByBrowser(new Visitor(app))) };
        foreach (var role in new[] { "owner", "depositor", "viewer" })
        {
            var invited = await app.PostAsync($"/v1/operator/tenants/{tenant}/invitations", app.Operator, $$"""{"address":"a","role":"{{role}}"}""");
            var visitor = new Visitor(app);
            Assert.AreEqual(200, (await visitor.AcceptAsync(invited.Json.GetProperty("url").GetString()!, new SoftAuthenticator(Visitor.Origin))).Status);
            everybody.Add((role[0], await InAsync(visitor)));
        }

        foreach (var account in new[] { "clerk", "notary", "auditor", "operator" })
        {
            var visitor = new Visitor(app);
            Assert.AreEqual(302, (await visitor.GetAsync(await visitor.AskProviderAsync(provider, account))).Status);
            everybody.Add((account == "operator" ? 'p' : account[0], await InAsync(visitor)));
        }

        everybody.Add(('K', ByKey(key)));
        everybody.Add(('R', ByKey(reads.Json.GetProperty("key").GetString()!)));
        everybody.Add(('X', ByKey(app.Operator)));
        return everybody;

        async Task<Come> InAsync(Visitor visitor)
        {
            Assert.IsTrue(await visitor.IsInAsync());
            return ByBrowser(visitor);
        }

        Come ByBrowser(Visitor visitor) => (method, path) => visitor.SendAsync(method, path, Body(method, path, visitor.Token),
            ("Accept", "text/html"), ("X-Antiforgery", visitor.Token));

        Come ByKey(string own) => (method, path) => app.SendAsync(method, path, own, Body(method, path, ""));

        // Not one that would be taken: what is asked is who is let in.
        static HttpContent? Body(HttpMethod method, string path, string token) => method == HttpMethod.Get || method == HttpMethod.Delete ? null
            : path.StartsWith("/v1/", StringComparison.Ordinal) ? TestApp.Json("[]") : Visitor.Form(("antiforgery", token));
    }

    [GeneratedRegex(@"^(\S+)\s+(\S+) (.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Value();
}
