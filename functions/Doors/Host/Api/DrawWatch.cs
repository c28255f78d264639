using System.Collections.Concurrent;
using System.Threading.Channels;
using Notary.Lotteries;

namespace Notary.Host.Api;

/// <summary>Tells whoever listens how a draw changes, as server-sent events (HTML Living Standard §9.2). One look a second for each draw that anybody
/// listens to, however many they are.</summary>
internal sealed class DrawWatch(TimeProvider clock)
{
    public const string MediaType = "text/event-stream";

    /// <summary>Listeners in this process: each holds a connection and one view.</summary>
    internal const int MaxListeners = 1000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Proxies give up on a silent connection after half a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Then the browser comes again, perhaps to another instance: below the 220 s that an exchange may take behind the Functions host.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(180);

    private readonly ConcurrentDictionary<Digest, Watched> draws = new();
    private int listeners;

    /// <summary>Writes what the draw is now, and each change, until the caller goes or the time is over.</summary>
    /// <exception cref="FaultException">NotFound; RateLimited: too many listen.</exception>
    public async Task ServeAsync(HttpContext http, Lottery lottery, Digest id, CancellationToken cancel)
    {
        var view = await lottery.PublicAsync(id, cancel);
        var headers = http.Response.Headers;
        http.Response.ContentType = MediaType;
        headers.CacheControl = "no-store";

        // Between us and the browser stand proxies that would collect what is written.
        headers["X-Accel-Buffering"] = "no";
        if (FileAnswer.IsHead(http))
            return;

        if (Interlocked.Increment(ref listeners) > MaxListeners)
        {
            Interlocked.Decrement(ref listeners);
            throw new FaultException(Fault.RateLimited, "too many listen at once; ask for the draw itself instead");
        }

        var channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var watched = Join(id, lottery, channel);
        try
        {
            await WriteAsync(http, channel.Reader, EventOf(view), cancel);
        }
        finally
        {
            watched.Leave(channel);
            Interlocked.Decrement(ref listeners);
        }
    }

    private async Task WriteAsync(HttpContext http, ChannelReader<byte[]> changes, byte[] first, CancellationToken cancel)
    {
        await SendAsync(http, first, cancel);
        for (var begun = clock.GetTimestamp(); clock.GetElapsedTime(begun) < Longest;)
        {
            using var quiet = new CancellationTokenSource(Heartbeat, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancel);
            try
            {
                await SendAsync(http, await changes.ReadAsync(either.Token), cancel);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                await SendAsync(http, ": \n\n"u8.ToArray(), cancel);
            }
        }
    }

    private static async Task SendAsync(HttpContext http, byte[] bytes, CancellationToken cancel)
    {
        await http.Response.Body.WriteAsync(bytes, cancel);
        await http.Response.Body.FlushAsync(cancel);
    }

    private static byte[] EventOf(DrawView view) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"event: draw\nid: {view.Version}\ndata: {JsonSerializer.Serialize(view, StrictJson.Options)}\n\n"));

    private Watched Join(Digest id, Lottery lottery, Channel<byte[]> channel)
    {
        while (true)
        {
            var watched = draws.GetOrAdd(id, _ => new Watched());
            if (!watched.TryJoin(channel, out var alone))
                continue;

            if (alone)
                _ = Task.Run(() => RunAsync(id, lottery, watched));

            return watched;
        }
    }

    private async Task RunAsync(Digest id, Lottery lottery, Watched watched)
    {
        (long Version, long? Head) last = default;
        while (watched.TryGoOn(() => draws.TryRemove(id, out _)))
        {
            try
            {
                var view = await lottery.PublicAsync(id, CancellationToken.None);
                var now = (view.Version, view.Chain?.Head);
                if (now != last)
                    watched.Tell(EventOf(view));

                last = now;
            }
            catch (Exception e) when (e is FaultException || StorageFailure.Is(e, default))
            {
                // Not now: the next look tells what was missed.
            }

            await Task.Delay(Look, clock);
        }
    }

    /// <summary>Who listens to a draw.</summary>
    private sealed class Watched
    {
        private readonly HashSet<Channel<byte[]>> channels = [];
        private bool begun, over;

        /// <summary>False when its watch has just ended: another begins.</summary>
        public bool TryJoin(Channel<byte[]> channel, out bool alone)
        {
            lock (channels)
            {
                (alone, begun) = (!begun, true);
                return !over && channels.Add(channel);
            }
        }

        public void Leave(Channel<byte[]> channel)
        {
            lock (channels)
                channels.Remove(channel);
        }

        /// <summary>Whether anybody listens still; ends the watch for good when nobody does.</summary>
        public bool TryGoOn(Action end)
        {
            lock (channels)
            {
                if (channels.Count > 0)
                    return true;

                over = true;
                end();
                return false;
            }
        }

        public void Tell(byte[] bytes)
        {
            lock (channels)
            {
                foreach (var channel in channels)
                    channel.Writer.TryWrite(bytes);
            }
        }
    }
}
