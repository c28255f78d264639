using System.Collections.Concurrent;

namespace Notary.Recorder.Desktop;

/// <summary>What the browser says by itself.</summary>
/// <param name="Method">Such as <c>Page.frameNavigated</c>.</param>
/// <param name="Session">Of a target; null is the browser.</param>
internal sealed record BrowserEvent(string Method, JsonNode Parameters, string? Session);

/// <summary>The Chrome DevTools Protocol over the browser's pipe: JSON messages, each ended by a zero byte. There is no port.</summary>
internal sealed class BrowserPipe : IAsyncDisposable
{
    /// <summary>Bytes of one message from the browser: pages decide how long an address or a header is, and how large a picture of them. A longer one is
    /// left out, and whoever waits for it waits in vain.</summary>
    private const int MaxMessage = 96 * 1024 * 1024;

    private readonly Stream toBrowser, fromBrowser;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly ConcurrentDictionary<int, (TaskCompletionSource<JsonNode> Answer, string? Session)> waiting = new();
    private readonly Action<BrowserEvent> heard;
    private readonly Task reading;
    private int last;

    /// <param name="pipe">Owned from here on.</param>
    /// <param name="heard">Called for each event, one after another; must not wait.</param>
    public BrowserPipe((Stream ToBrowser, Stream FromBrowser) pipe, Action<BrowserEvent> heard)
    {
        (toBrowser, fromBrowser) = pipe;
        this.heard = heard;
        reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Ends when the browser does.</summary>
    public Task Ended => reading;

    /// <exception cref="ToolException">The browser refused, or is gone.</exception>
    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null, string? session = null, CancellationToken cancel = default)
    {
        var id = Interlocked.Increment(ref last);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = (answer, session);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            message["sessionId"] = session;

        try
        {
            await writing.WaitAsync(cancel);
            try
            {
                await toBrowser.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes(message.ToJsonString()), 0], cancel);
                await toBrowser.FlushAsync(cancel);
            }
            finally
            {
                writing.Release();
            }

            if (reading.IsCompleted)
                throw new ToolException("the browser has ended");

            var said = await answer.Task.WaitAsync(cancel);
            return said["error"] is { } error ? throw new ToolException($"the browser refuses {method}: {error["message"]}")
                : said["result"] ?? new JsonObject();
        }
        catch (IOException)
        {
            throw new ToolException("the browser has ended");
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Waits until the browser has closed its end: it must have been stopped before.</summary>
    public async ValueTask DisposeAsync()
    {
        await toBrowser.DisposeAsync();
        await reading;
        await fromBrowser.DisposeAsync();
        writing.Dispose();
    }

    private void Read()
    {
        var message = new ArrayBufferWriter<byte>();
        var buffer = new byte[64 * 1024];
        var skipping = false;
        try
        {
            while (fromBrowser.Read(buffer) is > 0 and var read)
            {
                var rest = buffer.AsSpan(0, read);
                while (rest.IndexOf((byte)0) is >= 0 and var end)
                {
                    message.Write(rest[..end]);
                    if (!skipping)
                        Take(message.WrittenSpan);

                    skipping = false;
                    message.ResetWrittenCount();
                    rest = rest[(end + 1)..];
                }

                message.Write(rest);
                if (message.WrittenCount > MaxMessage)
                {
                    skipping = true;
                    message.ResetWrittenCount();
                }
            }
        }
        catch (IOException)
        {
            // As good as an end.
        }

        foreach (var (_, (answer, _)) in waiting)
            answer.TrySetException(new ToolException("the browser has ended"));
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        JsonNode? message;
        try
        {
            message = JsonNode.Parse(bytes);
        }
        catch (JsonException)
        {
            return;
        }

        if (message?["id"]?.GetValue<int>() is { } id)
        {
            if (waiting.TryGetValue(id, out var asked))
                asked.Answer.TrySetResult(message);
        }
        else if (message?["method"]?.GetValue<string>() is { } method)
        {
            // What was asked of a target that is gone is never answered.
            var gone = method == "Target.detachedFromTarget" ? message["params"]?["sessionId"]?.GetValue<string>() : null;
            foreach (var (_, asked) in waiting.Where(w => gone is not null && w.Value.Session == gone))
                asked.Answer.TrySetException(new ToolException("the page is gone"));

            heard(new BrowserEvent(method, message["params"] ?? new JsonObject(), message["sessionId"]?.GetValue<string>()));
        }
    }
}
