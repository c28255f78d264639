using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notary.Cli;

/// <summary>Speaks C2SP tlog-witness over HTTP/1.1. TLS is a proxy's before it.</summary>
internal sealed class WitnessServer(WitnessJudge judge, TextWriter complaints)
{
    /// <summary>Connections at a time: each may hold one body. More are closed at once, and a log tries again at its next checkpoint.</summary>
    private const int MaxConnections = 64;

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="where">Port 0 takes a free one.</param>
    /// <param name="listening">Told the address once connections are taken.</param>
    public async Task RunAsync(IPEndPoint where, Func<string, Task> listening, CancellationToken cancel)
    {
        // Empty: no settings from the environment or the folder, no log, nothing on other addresses.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AddCheckpoint.MaxBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(where);
        });
        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(cancel);
        await listening(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancel.UnsafeRegister(_ => ended.TrySetResult(), null))
            await ended.Task;

        await app.StopAsync(CancellationToken.None);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var answer = context.Request.Path != "/add-checkpoint" ? new WitnessAnswer(404, "")
            : !HttpMethods.IsPost(context.Request.Method) ? new WitnessAnswer(405, "")
            : await JudgeAsync(context);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(answer.Body);
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }

    private async Task<WitnessAnswer> JudgeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            return new WitnessAnswer(e.StatusCode, "");
        }

        try
        {
            return judge.Judge(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (IOException e)
        {
            await complaints.WriteLineAsync($"notary: {e.Message}; this log is not cosigned before a restart");
            return new WitnessAnswer(503, "");
        }
    }
}
