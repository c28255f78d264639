using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Notary.Host.Access;

namespace Notary.Host.Tests;

/// <summary>The published description is the truth: every route is in it, and every answer it promises occurs.</summary>
[TestClass]
public sealed partial class OpenApiTests
{
    [TestMethod]
    public async Task EveryMappedRouteIsDescribed()
    {
        var app = await Fixture.WholeAppAsync();
        var described = (await OperationsAsync(app)).Select(o => $"{o.Method} {o.Path}").ToHashSet();
        var mapped = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(
                m => $"{m} /{Template().Replace(e.RoutePattern.RawText!.Trim('/'), "{$1}")}"))
            .ToHashSet();
        CollectionAssert.AreEquivalent(mapped.Order().ToList(), described.Order().ToList());
    }

    /// <summary>What is not described is a page for people, or the description itself: no way round the description for anything else.</summary>
    [TestMethod]
    public async Task OnlyPagesAreNotDescribed()
    {
        var app = await Fixture.WholeAppAsync();
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null))
        {
            var path = route.RoutePattern.RawText!;
            Assert.IsTrue(path == "/openapi/{documentName}.json" || route.Metadata.GetMetadata<Http.ForPeople>() is not null
                || route.Metadata.GetMetadata<AccessRule>() is AccessRule.Login, path);
            Assert.IsFalse(path.StartsWith("/v1", StringComparison.Ordinal), path);
        }
    }

    [TestMethod]
    public async Task TheDocumentIsOpenApi31WithKeysAndProblems()
    {
        var app = await Fixture.WholeAppAsync();
        var answer = await app.GetAsync("/openapi/v1.json");
        Assert.AreEqual(200, answer.Status);
        StringAssert.StartsWith(answer.Json.GetProperty("openapi").GetString(), "3.1");
        Assert.AreEqual("http", answer.Json.GetProperty("components").GetProperty("securitySchemes").GetProperty("key").GetProperty("type").GetString());
        foreach (var (method, path, operation) in await OperationsAsync(app))
        {
            var isOpen = path is "/healthz" or "/readyz" or "/v1/trust" or "/v1/limits" or "/v1/recipe/2" or "/v1/recipe/3"
                or "/v1/recipe/4"
                || path.StartsWith("/v1/log/", StringComparison.Ordinal)
                || path.StartsWith("/v1/public/", StringComparison.Ordinal) || path.StartsWith("/verify/", StringComparison.Ordinal);
            Assert.AreEqual(!isOpen, operation.TryGetProperty("security", out _), path);
            foreach (var response in operation.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] == '4' && path != "/verify/{manifestDigest}"))
                Assert.IsTrue(response.Value.GetProperty("content").TryGetProperty("application/problem+json", out _), $"{method} {path} {response.Name}");
        }
    }

    [TestMethod]
    public async Task EveryOperationHasTheIdThatIsPromised()
    {
        var app = await Fixture.WholeAppAsync();
        var ids = (await OperationsAsync(app)).Select(o => $"| `{o.Operation.GetProperty("operationId").GetString()}` | `{o.Method} {o.Path}` |").ToList();
        var promised = File.ReadLines(Path.Combine(Servers.Repository.Root, "docs", "api.md")).Where(l => OperationId().IsMatch(l)).ToList();
        CollectionAssert.AreEquivalent(promised, ids);
        Assert.HasCount(ids.Count, ids.Select(l => l.Split('`')[1]).Distinct());
    }

    [TestMethod]
    public async Task EveryDocumentedAnswerOccursAndNoOther()
    {
        var app = await Fixture.WholeAppAsync();
        var operations = await OperationsAsync(app);
        var seen = new HashSet<string>();

        await using var run = new AnswerRun(app, operations, seen);
        await run.GoodAnswersAsync();
        await run.RefusalsAsync();
        await run.OutagesAsync();
        await run.RateLimitsAsync();

        var documented = operations.SelectMany(
            o => o.Operation.GetProperty("responses").EnumerateObject().Select(r => $"{o.Method} {o.Path} {r.Name}")).ToHashSet();
        Assert.AreEqual("", string.Join('\n', documented.Except(seen).Order()), "documented and never seen");
        Assert.AreEqual("", string.Join('\n', seen.Except(documented).Order()), "seen and not documented");
    }

    internal static async Task<IReadOnlyList<(string Method, string Path, JsonElement Operation)>> OperationsAsync(TestApp app)
        => [.. (await app.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => (o.Name.ToUpperInvariant(), p.Name, o.Value)))];

    // A row of the table of ids: camelCase, then a route.
    [GeneratedRegex("^\\| `[a-z]+([A-Z][a-z]+)*` \\| `[A-Z]+ /[^`]*` \\|$", RegexOptions.ExplicitCapture)]
    private static partial Regex OperationId();

    // Catch-all and constraint marks are the router's, not the description's.
    [GeneratedRegex(@"\{\*{0,2}([^}:]+)[^}]*\}")]
    private static partial Regex Template();
}
