using System.Net.Sockets;
using System.Net.WebSockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Notary.Recorder.View;

/// <summary>The desktop in its user's browser: a page with noVNC, and a WebSocket for whoever has the link's token.</summary>
/// <remarks>The token stands in the link's fragment and goes into the WebSocket's subprotocol: neither is written into a log. One viewer at a time.</remarks>
public sealed class ViewGate : IAsyncDisposable
{
    private const string TokenPrefix = "token.";
    private const string Protocol = "binary";
    private const int BufferBytes = 64 * 1024;

    /// <summary>What the page may do (Content Security Policy 3): noVNC draws the desktop's pointer as a data: image.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; "
        + "base-uri 'none'; frame-ancestors ";

    private readonly string screen;
    private readonly ViewPlace place;
    private readonly WebApplication app;
    private readonly ViewTokens tokens;
    private readonly CancellationTokenSource ending = new();
    private int viewers;
    private long inputs;
    private volatile bool connected;
    private volatile ViewerFilter? viewer;

    private ViewGate(string screen, int port, ViewPlace place, TimeProvider clock)
    {
        (this.screen, this.place) = (screen, place);
        tokens = new ViewTokens(clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, port);
            k.AddServerHeader = false;
        });
        app = builder.Build();
        app.UseWebSockets();
        app.Use(async (http, next) =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = Policy + (place.Ancestor ?? "'none'");
            headers.XContentTypeOptions = "nosniff";
            headers.CacheControl = "no-store";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            await next(http);
        });
        app.MapGet("/", () => Asset("view.html", "text/html; charset=utf-8"));
        app.MapGet("/view.js", () => Asset("view.js", "text/javascript; charset=utf-8"));
        app.MapGet("/view.css", () => Asset("view.css", "text/css; charset=utf-8"));
        app.MapGet("/screen", ScreenAsync);
    }

    /// <summary>Starts on 127.0.0.1.</summary>
    /// <param name="screen">The socket of the screen's server.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="place">Where its user meets it.</param>
    /// <param name="clock">For how long links count.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ViewGate> StartAsync(string screen, int port, ViewPlace place, TimeProvider clock)
    {
        var gate = new ViewGate(screen, port, place, clock);
        await gate.app.StartAsync();
        return gate;
    }

    /// <summary>Whether the viewer's keyboard and pointer pass.</summary>
    public bool Connected
    {
        get => connected;
        set
        {
            connected = value;
            if (viewer is { } filter)
                filter.Connected = value;
        }
    }

    /// <summary>Whether somebody is watching.</summary>
    public bool Watched => Volatile.Read(ref viewers) > 0;

    /// <summary>Keys and pointer movements that have passed.</summary>
    public long Inputs => Interlocked.Read(ref inputs) + (viewer?.Inputs ?? 0);

    /// <summary>A link for one visit; the one before counts no more.</summary>
    public Uri NewLink() => new(place.Of(Own), $"#{tokens.New()}");

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await app.DisposeAsync();
        ending.Dispose();
    }

    private string OwnOrigin(HttpRequest request)
        => place.Url is null ? $"{request.Scheme}://{request.Host}" : place.Of(Own).GetLeftPart(UriPartial.Authority);

    private Uri Own => new(app.Urls.First());

    private async Task ScreenAsync(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var token = offered.FirstOrDefault(p => p.StartsWith(TokenPrefix, StringComparison.Ordinal))?[TokenPrefix.Length..];
        // A page of another origin may not even try (RFC 6455 §10.2).
        if (!http.WebSockets.IsWebSocketRequest || token is null || !offered.Contains(Protocol)
            || http.Request.Headers.Origin != OwnOrigin(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (Interlocked.CompareExchange(ref viewers, 1, 0) != 0)
        {
            http.Response.StatusCode = StatusCodes.Status409Conflict;
            return;
        }

        try
        {
            if (!tokens.Take(token))
            {
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            using var socket = await http.WebSockets.AcceptWebSocketAsync(Protocol);
            await ShowAsync(socket);
        }
        finally
        {
            Volatile.Write(ref viewers, 0);
        }
    }

    private async Task ShowAsync(WebSocket socket)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await server.ConnectAsync(new UnixDomainSocketEndPoint(screen), ending.Token);
        using var stream = new NetworkStream(server);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var filter = new ViewerFilter { Connected = connected };
        viewer = filter;
        var directions = new[] { FromViewerAsync(socket, stream, filter, over.Token), FromScreenAsync(stream, socket, over.Token) };
        try
        {
            await Task.WhenAny(directions);
            await over.CancelAsync();
            await Task.WhenAll(directions);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or InvalidDataException)
        {
            // Either side has gone, or said what it may not: the visit is over.
        }
        finally
        {
            viewer = null;
            Interlocked.Add(ref inputs, filter.Inputs);
            socket.Abort();
        }
    }

    private static async Task FromViewerAsync(WebSocket socket, Stream server, ViewerFilter filter, CancellationToken cancel)
    {
        var (buffer, passed) = (new byte[BufferBytes], new ArrayBufferWriter<byte>(BufferBytes));
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancel) is { MessageType: WebSocketMessageType.Binary } part)
        {
            filter.Push(buffer.AsSpan(0, part.Count), passed);
            await server.WriteAsync(passed.WrittenMemory, cancel);
            passed.ResetWrittenCount();
        }
    }

    private static async Task FromScreenAsync(Stream server, WebSocket socket, CancellationToken cancel)
    {
        var (filter, buffer, passed) = (new ScreenFilter(), new byte[BufferBytes], new ArrayBufferWriter<byte>(BufferBytes));
        while (await server.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            filter.Push(buffer.AsSpan(0, read), passed);
            if (passed.WrittenCount > 0)
                await socket.SendAsync(passed.WrittenMemory, WebSocketMessageType.Binary, true, cancel);

            passed.ResetWrittenCount();
        }
    }

    private static IResult Asset(string name, string type)
        => Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream("view/" + name)!, type);
}
