using System.Globalization;

namespace Notary.EndToEnd.Tests;

/// <summary>What a draw's public page hears: listens as an EventSource does (HTML Living Standard §9.2), and comes again whenever it is cut off.</summary>
internal sealed class DrawPage : IAsyncDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly Lock turn = new();
    private readonly CancellationTokenSource over = new();
    private readonly List<string> states = [];
    private readonly Task listening;
    private (long Version, JsonNode? Data) last;

    /// <param name="app">Where the app is now.</param>
    /// <param name="drawId">Which draw.</param>
    public DrawPage(Func<Uri> app, string drawId) => listening = ListenAsync(app, drawId);

    /// <summary>In the order in which they were told, each once.</summary>
    public IReadOnlyList<string> States
    {
        get
        {
            lock (turn)
                return [.. states];
        }
    }

    /// <summary>Waits until it has heard of that version.</summary>
    public async Task<JsonNode> UntilAsync(long version, CancellationToken cancel)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Again, cancel))
        {
            Assert.IsFalse(listening.IsFaulted, listening.Exception?.ToString());
            lock (turn)
            {
                if (last.Version >= version)
                    return last.Data!;

                Assert.IsLessThan(Scenario.Patience, clock.Elapsed, $"heard of version {last.Version}, not of {version}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await listening.ContinueWith(_ => { }, TaskScheduler.Default);
        over.Dispose();
    }

    private async Task ListenAsync(Func<Uri> app, string drawId)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var stream = await http.GetStreamAsync(new Uri(app(), $"v1/public/draws/{drawId}/events"), over.Token);
                using var reader = new StreamReader(stream);
                var id = "";
                while (await reader.ReadLineAsync(over.Token) is { } line)
                {
                    if (line.StartsWith("id: ", StringComparison.Ordinal))
                        id = line["id: ".Length..];
                    else if (line.StartsWith("data: ", StringComparison.Ordinal))
                        Hear(long.Parse(id, CultureInfo.InvariantCulture), JsonNode.Parse(line["data: ".Length..])!);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The app is dead, or not ready yet.
            }

            await Task.Delay(Again, over.Token);
        }
    }

    private void Hear(long version, JsonNode data)
    {
        lock (turn)
        {
            if (version < last.Version)
                throw new AssertFailedException($"version {version} was told after {last.Version}");

            last = (version, data);
            if ((string)data["state"]! is var state && states.LastOrDefault() != state)
                states.Add(state);
        }
    }
}
