using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Notary.Recorder.Tests;

/// <summary>A site on this machine, a page with a field and a link to a file; and the name server that knows its name.</summary>
internal sealed class Site : IAsyncDisposable
{
    /// <summary>What the file holds.</summary>
    public const string Film = "the film\n";

    /// <summary>The name that <see cref="Resolver"/> knows: every name.</summary>
    public const string Name = "films.example";

    private readonly WebApplication app;
    private readonly UdpClient names = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Task answering;

    private Site(WebApplication app)
    {
        this.app = app;
        answering = AnswerAsync();
    }

    public Uri Url => new(app.Urls.First());

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Url.Port);

    public IPEndPoint Resolver => (IPEndPoint)names.Client.LocalEndPoint!;

    /// <summary>What every name is said to be.</summary>
    public IPAddress Answer { get; set; } = IPAddress.Loopback;

    public static async Task<Site> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => Results.Content(
            "<!doctype html><title>Films</title><h1>Films</h1><input id=name autofocus oninput=\"document.title = this.value\">"
            + "<a href=/film.txt download>film</a>", "text/html"));
        app.MapGet("/film.txt", () => Results.Text(Film));
        await app.StartAsync();
        return new Site(app);
    }

    public async ValueTask DisposeAsync()
    {
        names.Dispose();
        await answering;
        await app.DisposeAsync();
    }

    // RFC 1035 §4: the question back, and for an address (type 1) one answer that points to its name.
    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var question = await names.ReceiveAsync();
                var (bytes, end) = (question.Buffer, 12 + Array.IndexOf(question.Buffer[12..], (byte)0) + 5);
                var known = bytes[end - 3] == 1;
                byte[] answer = [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. Answer.GetAddressBytes()];
                byte[] reply = [.. bytes[..2], 0x81, 0x80, 0, 1, 0, (byte)(known ? 1 : 0), 0, 0, 0, 0, .. bytes[12..end], .. known ? answer : []];
                await names.SendAsync(reply, question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
