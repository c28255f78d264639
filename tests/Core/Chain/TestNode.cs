using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Notary.Chain.Tests;

/// <summary>A node that passes everything on to a real one, except what the test makes it do otherwise.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly WebApplication app;

    private TestNode(WebApplication app, Uri url)
    {
        this.app = app;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Called with each JSON-RPC method; true when it has answered itself.</summary>
    public Func<string, HttpContext, Task<bool>> Before { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Called with each method and the real node's answer; true when it has answered itself.</summary>
    public Func<string, HttpContext, string, Task<bool>> After { get; set; } = (_, _, _) => Task.FromResult(false);

    public int Calls { get; private set; }

    public static async Task<TestNode> StartAsync(Uri real)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        TestNode? node = null;
        app.Run(async context =>
        {
            node!.Calls++;
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var method = JsonSerializer.Deserialize<JsonElement>(body).GetProperty("method").GetString()!;
            if (await node.Before(method, context))
                return;

            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var reply = await Http.PostAsync(real, content);
            var text = await reply.Content.ReadAsStringAsync();
            if (!await node.After(method, context, text))
            {
                context.Response.StatusCode = (int)reply.StatusCode;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(text);
            }
        });
        await app.StartAsync();
        return node = new TestNode(app, new Uri(app.Urls.Single()));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
