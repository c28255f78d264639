using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Notary.Forensics.Desktops;

/// <summary>A desktop's agent: a child process that is told a line at a time and says a line at a time, and that ends when its input does.</summary>
internal sealed class Agent : IDisposable
{
    /// <summary>What an answer takes at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Characters of a line: a link's address is the longest.</summary>
    private const int MaxLine = 64 * 1024;

    private readonly Process process;
    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, string> marks = new(StringComparer.Ordinal);
    private readonly Action news;
    private readonly ConcurrentQueue<TaskCompletionSource<Uri>> entrances = new();
    private readonly Uploads uploads;
    private int marked, captured;
    private bool connected;
    private bool closing;

    /// <param name="start">The agent with its arguments.</param>
    /// <param name="news">Called whenever it has said something, and when it has ended.</param>
    public Agent(ProcessStartInfo start, Action news)
    {
        this.news = news;
        uploads = new Uploads(line => TellAsync(line, CancellationToken.None));
        process = Process.Start(start) ?? throw new IOException("the desktop's agent did not start");
        _ = ListenAsync();
        _ = DrainAsync();
    }

    public int Id => process.Id;

    public bool Running => !process.HasExited;

    public async Task ConnectAsync(CancellationToken cancel)
    {
        if (!connected && await TellAsync("input", cancel).ConfigureAwait(false))
            connected = true;
    }

    public async Task CloseAsync(CloseReason reason, CancellationToken cancel)
    {
        if (!closing && await TellAsync($"close {SessionRow.Word(reason)}", cancel).ConfigureAwait(false))
            closing = true;
    }

    /// <summary>The same key is the same mark: an agent lives no longer than the memory of its keys.</summary>
    public async Task<bool> MarkAsync(string? key, string note, CancellationToken cancel)
    {
        lock (marks)
        {
            if (key is not null && marks.TryGetValue(key, out var first))
                return first == note ? true : throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another mark");

            if (++marked > SessionLimits.MaxMarks)
                throw new FaultException(Fault.SessionState, $"a session has at most {SessionLimits.MaxMarks} marks");

            if (key is not null)
                marks[key] = note;
        }

        return await TellAsync($"mark {note}", cancel).ConfigureAwait(false);
    }

    /// <exception cref="FaultException"><see cref="Fault.SessionState"/>: there are too many.</exception>
    public async Task<bool> CaptureAsync(CancellationToken cancel)
    {
        // What was refused is no capture: the count stays at the bound.
        if (Interlocked.Increment(ref captured) > SessionLimits.MaxCaptures)
        {
            Interlocked.Decrement(ref captured);
            throw new FaultException(Fault.SessionState, $"a session has at most {SessionLimits.MaxCaptures} captures");
        }

        return await TellAsync("capture", cancel).ConfigureAwait(false);
    }

    /// <inheritdoc cref="Uploads.PutAsync"/>
    public Task<SessionFile?> PutFileAsync(StagedFile file, string? key) => uploads.PutAsync(file, key);

    /// <exception cref="TimeoutException">It does not answer.</exception>
    public async Task<Uri?> EnterAsync(CancellationToken cancel)
    {
        var mine = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        return await TellAsync("link", cancel, mine).ConfigureAwait(false) ? await mine.Task.WaitAsync(Patience, cancel).ConfigureAwait(false) : null;
    }

    public async Task KillAsync(CancellationToken cancel)
    {
        if (Running)
            process.Kill(entireProcessTree: true);

        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        process.Dispose();
        gate.Dispose();
    }

    private async Task<bool> TellAsync(string line, CancellationToken cancel, TaskCompletionSource<Uri>? answer = null)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // Links are said in the order they were asked for, also for whoever waits no more.
            if (answer is not null)
                entrances.Enqueue(answer);

            await process.StandardInput.WriteLineAsync(line.AsMemory(), cancel).ConfigureAwait(false);
            await process.StandardInput.FlushAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            // It has gone.
            return false;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                if (line.Length <= MaxLine)
                    Hear(line);

                news();
            }

            await process.WaitForExitAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The process has gone.
        }

        uploads.End();
        news();
    }

    private void Hear(string line)
    {
        try
        {
            if (JsonNode.Parse(line) is not JsonObject said)
                return;

            if (ViewOf(said) is { } view && entrances.TryDequeue(out var asked))
                asked.TrySetResult(view);
            else
                uploads.Hear(said);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // What an agent says only wakes its session and answers: what it does is read from its chain.
        }
    }

    // Its errors are for whoever runs it by hand; unread they would stop it.
    private async Task DrainAsync()
    {
        try
        {
            while (await process.StandardError.ReadLineAsync().ConfigureAwait(false) is not null)
            {
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The process has gone.
        }
    }

    private static Uri? ViewOf(JsonObject said)
        => (string?)said["kind"] == "view" && Uri.TryCreate((string?)said["link"], UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri is { Scheme: "http", IsLoopback: true }) ? uri : null;
}
