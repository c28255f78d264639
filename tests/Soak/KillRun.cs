using System.Text.Json.Nodes;

namespace Notary.Soak;

/// <summary>Kills the app at random times under load; every client goes on until each of its requests is acknowledged.</summary>
internal static class KillRun
{
    /// <summary>Most time between ready and the next kill, in times of what it took to become ready: enough for a deposit's way on any machine,
    /// often too little.</summary>
    private const double MaxLife = 3;

    private const double MaxReadySeconds = 5;
    private const double MaxDrainSeconds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Sizes of the files of each client; a client without deposits digests. The larger one goes in blocks.</summary>
    private static readonly int?[] Clients = [null, null, 2_000, 600_000];

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var stage = await Stage.StartAsync();
        var acknowledged = new BlockingCollection<Sent>();
        using var stop = new CancellationTokenSource();
        var clients = Clients.Select((_, client) => Task.Run(() => SendAsync(stage, options.Seed, client, acknowledged, stop.Token))).ToArray();
        var follower = Task.Run(() => FollowAsync(stage, acknowledged));

        var random = new Random(options.Seed);
        var sinceKill = new Stopwatch();
        for (var kill = 1; kill <= options.Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * MaxLife * stage.ReadySeconds.DefaultIfEmpty(1).Last()));
            sinceKill.Restart();
            await stage.KillAsync();
            while (stage.ReadySeconds.Count < kill)
            {
                await Task.Delay(20);
                if (stage.Broken is { } broken)
                    throw new InvalidOperationException("the app did not come up again", broken);
            }

            if (kill % 10 == 0)
                SoakOptions.Say($"{kill} kills, {acknowledged.Count} acknowledged and not yet followed, "
                    + $"last ready in {SoakOptions.Text($"{stage.ReadySeconds[^1]:0.00}")} s");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        acknowledged.CompleteAdding();
        var all = await follower;
        var drained = sinceKill.Elapsed.TotalSeconds;
        SoakOptions.Say(SoakOptions.Text($"{all.Count} deposits drained; reading and sending all of them again"));

        var (lost, changed) = (0, 0);
        foreach (var sent in all)
        {
            lost += await IsKeptAsync(stage, options.Seed, sent) ? 0 : 1;
            changed += await stage.DepositAsync(() => Request(options.Seed, sent.Client, sent.Number), Patience) == sent.Receipt ? 0 : 1;
        }

        var leaves = await stage.LeavesAsync() - all.Count;
        var anchors = await stage.AnchorsAsync();
        var doubled = anchors.Count - anchors.Distinct().Count();
        var fsck = await stage.FsckAsync();
        var ready = stage.ReadySeconds.Order().ToList();
        SoakOptions.Say(fsck ?? "fsck clean");
        return new Result(
            "kills",
            SoakOptions.Text(
                $"{options.Kills} x SIGKILL, {all.Count} acknowledged, {lost} lost, {leaves} leaves too many, ",
                $"{doubled} of {anchors.Count} anchors double, {changed} receipts changed; ready after median {ready[ready.Count / 2]:0.00} s, ",
                $"at most {ready[^1]:0.00} s; drained {drained:0.0} s after the last kill; fsck {(fsck is null ? "clean" : "NOT CLEAN")}"),
            SoakOptions.Text($"0 of each, ready <= {MaxReadySeconds} s, drained <= {MaxDrainSeconds} s, fsck clean"),
            (lost, leaves, doubled, changed, fsck) == (0, 0, 0, 0, null) && all.Count > 0 && ready[^1] <= MaxReadySeconds && drained <= MaxDrainSeconds);
    }

    private static async Task SendAsync(Stage stage, int seed, int client, BlockingCollection<Sent> acknowledged, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            acknowledged.Add(new Sent(client, number, await stage.DepositAsync(() => Request(seed, client, number), Patience)), CancellationToken.None);
            await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>Waits for one deposit after the other, oldest first, until each is all that it can be.</summary>
    private static async Task<IReadOnlyList<Sent>> FollowAsync(Stage stage, BlockingCollection<Sent> acknowledged)
    {
        var all = new List<Sent>();
        foreach (var sent in acknowledged.GetConsumingEnumerable())
        {
            all.Add(sent);
            var begun = Stopwatch.GetTimestamp();
            while ((string?)(await stage.ViewAsync(sent.Id))?["state"] != sent.Last)
            {
                if (stage.Waited(begun) > Patience)
                    throw new InvalidOperationException($"{sent.Id} is not {sent.Last} after {Patience.TotalSeconds} s: {await stage.ViewAsync(sent.Id)}");

                await Task.Delay(50);
            }
        }

        return all;
    }

    private static async Task<bool> IsKeptAsync(Stage stage, int seed, Sent sent)
    {
        var content = Content(seed, sent.Client, sent.Number);
        if (sent.IsFile)
        {
            var kept = await stage.Tenant.GetByteArrayAsync(new Uri($"v1/deposits/{sent.Id}/original", UriKind.Relative));
            return kept.AsSpan().SequenceEqual(content);
        }

        return (string?)(await stage.ViewAsync(sent.Id))?["items"]?[0]?["digests"]?["sha-256"] == Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static HttpRequestMessage Request(int seed, int client, int number)
    {
        var content = Content(seed, client, number);
        var request = Clients[client] is null
            ? new HttpRequestMessage(HttpMethod.Post, "v1/deposits")
            {
                Content = new StringContent(
                    $$$"""{"items":[{"digests":{"sha-256":"{{{Convert.ToHexStringLower(SHA256.HashData(content))}}}"}}],"letter":"onRequest"}""",
                    Encoding.UTF8, "application/json"),
            }
            : new HttpRequestMessage(HttpMethod.Post, "v1/deposits/file?name=a.bin") { Content = new ByteArrayContent(content) };
        request.Headers.Add("Idempotency-Key", $"{client}-{number}");
        return request;
    }

    private static byte[] Content(int seed, int client, int number)
    {
        var content = new byte[Clients[client] ?? 32];
        new Random(HashCode.Combine(seed, client, number)).NextBytes(content);
        BitConverter.TryWriteBytes(content, ((long)client << 32) | (uint)number);
        return content;
    }

    private sealed record Sent(int Client, int Number, string Receipt)
    {
        public string Id { get; } = (string)JsonNode.Parse(Receipt)!["id"]!;

        public bool IsFile => Clients[Client] is not null;

        /// <summary>A digest's letter is left until somebody asks.</summary>
        public string Last => IsFile ? "Certified" : "Anchored";
    }
}
