using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace Notary.Servers;

/// <summary>When a fault strikes, seen from the dependency.</summary>
public enum FaultPoint
{
    /// <summary>The dependency never sees the request.</summary>
    Before,

    /// <summary>The dependency has done it; the caller has no answer yet.</summary>
    AfterEffect,

    /// <summary>The caller has the whole answer.</summary>
    AfterAnswer,
}

/// <summary>What strikes.</summary>
public enum FaultKind
{
    /// <summary>Only the rule's callback: to kill or to look. Before and AfterEffect, the connection is closed afterwards.</summary>
    Callback,

    /// <summary>An answer of the rule's status instead of the dependency's.</summary>
    Status,

    /// <summary>The connection is closed without an answer.</summary>
    Drop,

    /// <summary>200 with bytes that are nothing.</summary>
    Garbage,

    /// <summary>The rule's delay, then on as usual.</summary>
    Delay,

    /// <summary>The dependency's answer cut off in the middle (AfterEffect only).</summary>
    Truncate,
}

/// <summary>Strikes at the matching requests from the <see cref="Nth"/> on, <see cref="Times"/> times.</summary>
/// <param name="Path">A regular expression over the path with its query, as it came over the wire.</param>
/// <param name="Kind">What.</param>
/// <param name="Point">When.</param>
public sealed record FaultRule(string Path, FaultKind Kind, FaultPoint Point = FaultPoint.Before)
{
    private int matches;
    private int strikes;

    /// <summary>The HTTP method; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>A regular expression over the request's body, its first MiB; null for any. For calls that all go to one path,
    /// such as JSON-RPC and table transactions.</summary>
    public string? Body { get; init; }

    /// <summary>Told method, path and what <see cref="Body"/> would look at; for what no expression says. Null for any.</summary>
    public Func<string, string, string, bool>? When { get; init; }

    /// <summary>The first matching request that is struck, from 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>How many in a row.</summary>
    public int Times { get; init; } = 1;

    /// <summary>For <see cref="FaultKind.Status"/>.</summary>
    public int Status { get; init; } = 500;

    /// <summary>For <see cref="FaultKind.Delay"/>.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: seconds in Retry-After.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Called at the point, whatever the kind.</summary>
    public Func<Task>? Callback { get; init; }

    internal bool LooksInside => Body is not null || When is not null;

    /// <summary>How often it has struck.</summary>
    public int Strikes => strikes;

    internal bool Strike(string method, string path, string? body)
    {
        if ((Method is not null && Method != method) || !Regex.IsMatch(path, Path)
            || (Body is not null && !Regex.IsMatch(body ?? "", Body)) || When?.Invoke(method, path, body ?? "") == false)
            return false;

        var match = Interlocked.Increment(ref matches);
        if (match < Nth || match - Nth >= Times)
            return false;

        Interlocked.Increment(ref strikes);
        return true;
    }
}

/// <summary>One request that went through, for a test that walks over every call site.</summary>
public sealed record ProxiedRequest(string Method, string Path, int Status);

/// <summary>An HTTP proxy in front of one dependency that does as its rules say; bodies are streamed, headers and the raw path kept,
/// so that signatures stay valid.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    /// <summary>Requests remembered: a test's worth.</summary>
    private const int MaxRemembered = 10_000;

    /// <summary>Of a body that a rule wants to look into.</summary>
    private const int MaxInspectedBytes = 1024 * 1024;

    private static readonly HashSet<string> HopByHop = new(
        ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Proxy-Connection", "Host"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker upstream = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly ConcurrentQueue<ProxiedRequest> requests = new();
    private readonly WebApplication app;
    private volatile FaultRule[] rules = [];

    private FaultProxy(Uri target, int port)
    {
        Target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        app = builder.Build();
        app.Run(ForwardAsync);
    }

    /// <summary>Where callers send their requests instead, ending in a slash.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Where they go to; another one once the dependency has come back elsewhere.</summary>
    public Uri Target { get; set; }

    /// <summary>What went through, oldest first.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => requests;

    /// <param name="target">Scheme, host and port of the dependency.</param>
    /// <param name="port">A loopback port; 0 picks a free one.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<FaultProxy> StartAsync(Uri target, int port = 0, CancellationToken cancel = default)
    {
        var proxy = new FaultProxy(target, port);
        await proxy.app.StartAsync(cancel);
        proxy.Url = new Uri(proxy.app.Urls.Single().TrimEnd('/') + "/");
        return proxy;
    }

    /// <summary>Adds a rule; the first one added that strikes wins.</summary>
    public FaultRule Add(FaultRule rule)
    {
        lock (upstream)
        {
            rules = [.. rules, rule];
        }

        return rule;
    }

    /// <summary>Forgets rules and requests.</summary>
    public void Clear()
    {
        rules = [];
        requests.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        upstream.Dispose();
    }

    private async Task ForwardAsync(HttpContext http)
    {
        var raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var body = rules.Any(rule => rule.LooksInside) ? await InspectAsync(http.Request) : null;
        var rule = rules.FirstOrDefault(r => r.Strike(http.Request.Method, raw, body));
        if (rule?.Point == FaultPoint.Before && await StrikeAsync(http, rule))
            return;

        using var request = Copy(http.Request, raw);
        HttpResponseMessage response;
        try
        {
            response = await upstream.SendAsync(request, http.RequestAborted);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            // The dependency is down, or the caller went away: either way there is nobody to answer.
            http.Abort();
            return;
        }

        using (response)
        {
            requests.Enqueue(new(http.Request.Method, raw, (int)response.StatusCode));
            if (requests.Count > MaxRemembered)
                requests.TryDequeue(out _);

            if (rule?.Point == FaultPoint.AfterEffect && rule.Kind != FaultKind.Truncate)
            {
                // Only a whole answer proves that the dependency is done.
                await response.Content.LoadIntoBufferAsync(http.RequestAborted);
                if (await StrikeAsync(http, rule))
                    return;
            }

            await AnswerAsync(http, response, rule is { Kind: FaultKind.Truncate, Point: FaultPoint.AfterEffect });
        }

        if (rule is { Point: FaultPoint.AfterAnswer, Callback: { } callback })
        {
            await http.Response.CompleteAsync();
            await callback();
        }
    }

    /// <returns>Whether the request is dealt with.</returns>
    private static async Task<bool> StrikeAsync(HttpContext http, FaultRule rule)
    {
        if (rule.Callback is { } callback)
            await callback();

        switch (rule.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(rule.Delay, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return http.RequestAborted.IsCancellationRequested;
            case FaultKind.Status:
                http.Response.StatusCode = rule.Status;
                if (rule.RetryAfterSeconds is { } seconds)
                    http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

                return true;
            case FaultKind.Garbage:
                await http.Response.WriteAsync("<html>\0it works</html>");
                return true;
            default:
                http.Abort();
                return true;
        }
    }

    private static async Task<string> InspectAsync(HttpRequest request)
    {
        request.EnableBuffering(MaxInspectedBytes, long.MaxValue);
        var buffer = new byte[MaxInspectedBytes];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        request.Body.Position = 0;
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static async Task AnswerAsync(HttpContext http, HttpResponseMessage response, bool truncate)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !HopByHop.Contains(header.Key)))
            http.Response.Headers[name] = values.ToArray();

        try
        {
            if (!truncate)
            {
                await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
                return;
            }

            var bytes = await response.Content.ReadAsByteArrayAsync(http.RequestAborted);
            await http.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            http.Abort();
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            http.Abort();
        }
    }

    private HttpRequestMessage Copy(HttpRequest from, string raw)
    {
        var exact = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(Target.GetLeftPart(UriPartial.Authority) + raw, exact));
        if (from.ContentLength is > 0 || from.Headers.TransferEncoding.Count > 0 || from.Method is "POST" or "PUT" or "PATCH" or "MERGE")
            request.Content = new StreamContent(from.Body);

        foreach (var (name, values) in from.Headers.Where(header => !HopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return request;
    }
}
