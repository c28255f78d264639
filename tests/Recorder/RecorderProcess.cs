using System.Collections.Concurrent;
using System.Globalization;
using Notary.Servers.Wine;

namespace Notary.Recorder.Tests;

/// <summary><c>notary-recorder</c> as a process, and what it says of its links.</summary>
internal sealed class RecorderProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<JsonNode> said = new();
    private readonly Task reading;
    private readonly Task<string> complaint;

    private RecorderProcess(Process process)
    {
        this.process = process;
        complaint = process.StandardError.ReadToEndAsync();
        reading = ReadAsync();
    }

    /// <summary>Kinds of the links so far.</summary>
    public IReadOnlyCollection<string> Kinds => [.. said.Select(line => (string)line["kind"]!)];

    /// <summary>Its lines so far.</summary>
    public IReadOnlyCollection<JsonNode> Said => said;

    public static async Task<RecorderProcess> StartAsync(params string[] arguments)
        => new(await Child.StartAsync(Path.Combine(AppContext.BaseDirectory, "notary-recorder"), arguments, new Dictionary<string, string>(), input: true));

    /// <summary>The one for Windows, in a Windows under Wine.</summary>
    public static async Task<RecorderProcess> StartAsync(WinePrefix windows, string folder, params string[] arguments)
        => new(await Child.StartAsync("wine", [Path.Combine(folder, "notary-recorder.exe"), .. arguments], windows.Environment, input: true));

    /// <summary>Waits until there are so many links of a kind.</summary>
    public async Task LinksAsync(string kind, int count, CancellationToken cancel)
    {
        while (Kinds.Count(k => k == kind) < count)
        {
            Assert.IsFalse(reading.IsCompleted, reading.IsCompleted ? await complaint : "");
            await Task.Delay(50, cancel);
        }
    }

    public async Task TellAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>The ffmpeg that records now.</summary>
    public async Task<int> EncoderAsync(CancellationToken cancel)
    {
        while (true)
        {
            foreach (var task in Directory.EnumerateDirectories($"/proc/{process.Id}/task"))
            {
                foreach (var child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    // Until setpriv has become ffmpeg, it is not that.
                    if (File.ReadAllText($"/proc/{child}/cmdline") is var line && line.StartsWith("ffmpeg\0", StringComparison.Ordinal)
                        && line.Contains("x11grab", StringComparison.Ordinal))
                        return int.Parse(child, CultureInfo.InvariantCulture);
                }
            }

            await Task.Delay(50, cancel);
        }
    }

    public Task SignalAsync(string name) => SignalAsync(process.Id, name);

    public static Task SignalAsync(int id, string name)
        => Child.RunAsync("kill", [$"-{name}", id.ToString(CultureInfo.InvariantCulture)], new Dictionary<string, string>(), default);

    /// <summary>Its exit code and what it complained of.</summary>
    public async Task<(int Code, string Complaint)> EndAsync(CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await complaint);
    }

    public async ValueTask DisposeAsync()
    {
        Child.Kill(process);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            said.Enqueue(JsonNode.Parse(line)!);
    }
}
