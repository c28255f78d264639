using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;

namespace Notary.Host.Tests;

/// <summary>The real app on a free loopback port, in this process.</summary>
public sealed class TestApp : IAsyncDisposable
{
    /// <summary>The operator's key of apps that run without a platform.</summary>
    public const string OperatorKey = "operator";

    private readonly WebApplication app;

    private TestApp(WebApplication app, string operatorKey)
    {
        (this.app, Operator) = (app, operatorKey);
        Url = NotaryApp.AddressOf(app);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = Url,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public string Operator { get; }

    public IServiceProvider Services => app.Services;

    /// <summary>An app with storage of its own and nothing else: vault, chain and authorities are down.</summary>
    public static Task<TestApp> StartAsync(Action<Dictionary<string, string?>>? change = null, Action<IServiceCollection>? replace = null)
    {
        var variables = SettingsTests.Complete();
        variables["EvidenceStorage"] = Fixture.Storage.ConnectionStringFor(Fixture.Storage.NewAccount());
        return StartAsync(variables, OperatorKey, change, replace);
    }

    /// <summary>An app with everything it needs.</summary>
    public static Task<TestApp> StartOnAsync(
        Platform platform, Action<Dictionary<string, string?>>? change = null, Action<IServiceCollection>? replace = null, bool underFunctions = false)
        => StartAsync(platform.AppEnvironment(), platform.OperatorKey, change, replace, underFunctions);

    private static async Task<TestApp> StartAsync(Dictionary<string, string?> variables, string operatorKey,
        Action<Dictionary<string, string?>>? change, Action<IServiceCollection>? replace, bool underFunctions = false)
    {
        variables["Notary__LogLevel"] = Environment.GetEnvironmentVariable("NOTARY_TEST_LOG") ?? "Error";
        change?.Invoke(variables);
        var app = NotaryApp.Build(HostSettings.Read(variables, underFunctions), null, null, replace ?? (_ => { }));
        await app.StartAsync();
        return new TestApp(app, operatorKey);
    }

    /// <summary>Sends and reads an answer whole.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? key = null, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

        foreach (var (name, value) in headers)
            Assert.IsTrue(request.Headers.TryAddWithoutValidation(name, value) || content?.Headers.TryAddWithoutValidation(name, value) == true, name);

        using var response = await Http.SendAsync(request);
        return new Answer((int)response.StatusCode,
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsByteArrayAsync());
    }

    public Task<Answer> GetAsync(string path, string? key = null, params (string Name, string Value)[] headers)
        => SendAsync(HttpMethod.Get, path, key, null, headers);

    public Task<Answer> PostAsync(string path, string? key, string json, params (string Name, string Value)[] headers)
        => SendAsync(HttpMethod.Post, path, key, Json(json), headers);

    /// <summary>A tenant with a key of both scopes.</summary>
    public async Task<(string Id, string Key)> TenantAsync(string name = "甲公司")
    {
        var tenant = await PostAsync("/v1/operator/tenants", Operator, JsonSerializer.Serialize(new { name }));
        Assert.AreEqual(201, tenant.Status, tenant.Text);
        var id = tenant.Json.GetProperty("id").GetString()!;
        var key = await PostAsync($"/v1/operator/tenants/{id}/keys", Operator, "{}");
        Assert.AreEqual(201, key.Status, key.Text);
        return (id, key.Json.GetProperty("key").GetString()!);
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>One answer, read whole.</summary>
public sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Code => Headers.GetValueOrDefault("Content-Type") == "application/problem+json" ? Json.GetProperty("code").GetString() : null;

    /// <summary>Fails unless it is the problem with this status and code, complete and without a stack trace.</summary>
    public Answer MustBe(int status, string code)
    {
        Assert.AreEqual(status, Status, Text);
        Assert.AreEqual(code, Code, Text);
        Assert.AreEqual(status, Json.GetProperty("status").GetInt32());
        Assert.AreEqual(Headers["X-Correlation-Id"], Json.GetProperty("correlationId").GetString());
        Assert.DoesNotContain("   at ", Text);
        Assert.DoesNotContain("Exception", Text);
        return this;
    }
}
