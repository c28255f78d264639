using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Captures;

/// <summary>A request of a page and what is known of its answer.</summary>
/// <param name="Loader">The document that it belongs to.</param>
/// <param name="Body">Whether the browser may still have its body.</param>
internal sealed record WireRequest(string Id, string Loader, string Address, string Method, DateTimeOffset At, JsonObject Headers)
{
    public JsonNode? Response { get; init; }

    /// <summary>What the browser takes it for, such as <c>Document</c>.</summary>
    public string Kind { get; init; } = "";

    public bool Body { get; init; }

    public string? Failed { get; init; }
}

/// <summary>The requests of each page since it was opened, from the browser's events. Safe for several threads; waits for nothing.</summary>
internal sealed class Wire
{
    /// <summary>Targets that are followed: tabs of a browser.</summary>
    private const int MaxTargets = 500;

    private readonly Lock gate = new();
    private readonly Dictionary<string, string> sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, WireRequest>> pages = new(StringComparer.Ordinal);

    /// <summary>The session in which a page is listened to; null when it is not.</summary>
    public string? SessionOf(string target)
    {
        lock (gate)
            return sessions.GetValueOrDefault(target);
    }

    /// <summary>What a page has asked for, in order.</summary>
    public IReadOnlyList<WireRequest> Of(string session)
    {
        lock (gate)
            return pages.TryGetValue(session, out var requests) ? [.. requests.Values] : [];
    }

    /// <summary>Takes an event of the browser.</summary>
    public void Take(BrowserEvent e)
    {
        lock (gate)
        {
            try
            {
                Hear(e);
            }
            catch (Exception fault) when (fault is InvalidOperationException or FormatException or NullReferenceException)
            {
                // An event of another shape: what it would have told is then missing, and said to be.
            }
        }
    }

    private void Hear(BrowserEvent e)
    {
        var p = e.Parameters;
        if (e.Method == "Target.attachedToTarget" && sessions.Count < MaxTargets && Text(p["targetInfo"]!["type"]) == "page")
        {
            sessions.TryAdd(Text(p["targetInfo"]!["targetId"]), Text(p["sessionId"]));
            return;
        }

        if (e.Method == "Target.detachedFromTarget")
        {
            pages.Remove(Text(p["sessionId"]));
            foreach (var (target, _) in sessions.Where(s => s.Value == Text(p["sessionId"])).ToList())
                sessions.Remove(target);

            return;
        }

        if (e.Session is null || !sessions.ContainsValue(e.Session))
            return;

        if (!pages.TryGetValue(e.Session, out var requests))
            requests = pages[e.Session] = new Dictionary<string, WireRequest>(StringComparer.Ordinal);

        if (e.Method == "Page.frameNavigated" && p["frame"]!["parentId"] is null)
        {
            // Another page: of the one before nothing is kept.
            foreach (var (key, _) in requests.Where(r => r.Value.Loader != Text(p["frame"]!["loaderId"])).ToList())
                requests.Remove(key);
        }
        else if (p["requestId"] is { } id)
        {
            Request(e.Method, Text(id), p, requests);
        }
    }

    private static void Request(string method, string id, JsonNode p, Dictionary<string, WireRequest> requests)
    {
        if (method == "Network.requestWillBeSent")
        {
            // A redirection has the number of what it leads to.
            if (p["redirectResponse"] is { } redirect && requests.Remove(id, out var first))
                requests[$"{id} {requests.Count}"] = first with { Response = redirect };

            if (requests.Count < CaptureFormat.MaxResponses && p["request"] is { } request && Text(request["url"]).StartsWith("http", StringComparison.Ordinal))
                requests[id] = new WireRequest(id, Text(p["loaderId"]), Text(request["url"]), Text(request["method"]),
                    DateTimeOffset.FromUnixTimeMilliseconds((long)(p["wallTime"]!.GetValue<double>() * 1000)), request["headers"]!.AsObject());

            return;
        }

        if (!requests.TryGetValue(id, out var known))
            return;

        requests[id] = method switch
        {
            "Network.responseReceived" => known with { Response = p["response"], Kind = Text(p["type"]) },
            "Network.loadingFinished" => known with { Body = true },
            "Network.loadingFailed" => known with { Failed = Text(p["errorText"]) },
            _ => known,
        };
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
