using System.Text.Json.Nodes;

namespace Notary.Soak;

/// <summary>Events of many tenants, of whose endpoints three in ten are bad, while the app is killed again and again.</summary>
internal static class WebhookRun
{
    private const int Tenants = 20;

    /// <summary>A digest whose letter nobody asks for: in the log, stamped, anchored.</summary>
    private static readonly string[] Types = ["deposit.anchored", "deposit.logged", "deposit.timestamped"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var stage = await Stage.StartAsync(route: platform =>
        {
            var environment = platform.AppEnvironment();
            environment["Notary__Webhooks__AllowLoopback"] = "true";
            return Task.FromResult(environment);
        });
        var keys = new string[Tenants];
        for (var n = 0; n < Tenants; n++)
        {
            keys[n] = await stage.App.CreateTenantAsync(stage.Platform.OperatorKey, $"told-{n}", $"Told {n}");
            using var client = stage.App.Client(keys[n]);
            using var made = await client.PostAsync(new Uri("v1/webhooks/endpoints", UriKind.Relative), new StringContent(
                new JsonObject { ["url"] = receiver.Endpoint(Kind(n), $"{n}").AbsoluteUri, ["types"] = new JsonArray("deposit.*") }.ToJsonString(),
                Encoding.UTF8, "application/json"));
            made.EnsureSuccessStatusCode();
            await receiver.KnowAsync($"{n}", (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["secret"]!);
        }

        var each = (options.Events + (Tenants * Types.Length) - 1) / (Tenants * Types.Length);
        var (acknowledged, all) = (new ConcurrentBag<(int Tenant, string Id)>(), each * Tenants);
        var sending = Task.WhenAll(Enumerable.Range(0, Tenants).Select(n => Task.Run(async () =>
        {
            for (var number = 0; number < each; number++)
            {
                var receipt = await stage.DepositAsync(() => Request(options.Seed, n, number), Patience, keys[n]);
                acknowledged.Add((n, (string)JsonNode.Parse(receipt)!["id"]!));
            }
        })));

        // At random places of the work, the last ones after its end, while the rest is delivered.
        var random = new Random(options.Seed);
        var places = Enumerable.Range(0, options.EventKills).Select(_ => (int)(random.NextDouble() * 1.1 * all)).Order().ToList();
        for (var kill = 0; kill < places.Count; kill++)
        {
            while (acknowledged.Count < Math.Min(places[kill], all) && !sending.IsFaulted)
                await Task.Delay(20);

            await stage.KillAsync();
            while (stage.ReadySeconds.Count <= kill)
                await Task.Delay(20);

            SoakOptions.Say($"kill {kill + 1} of {places.Count} at {acknowledged.Count} of {all} deposits");
        }

        await sending;
        var (lost, changed, unsigned, copies) = (0, 0, 0, 0);
        for (var n = 0; n < Tenants; n++)
        {
            if (Kind(n) != Good)
                continue;

            var expected = acknowledged.Where(one => one.Tenant == n).SelectMany(one => Types.Select(type => $"{type} {one.Id}")).ToHashSet();
            var got = await UntilAsync(stage, receiver, n, expected);
            var ids = got.GroupBy(one => one.What).ToDictionary(group => group.Key, group => group.Select(one => one.Event).Distinct().Count());
            lost += expected.Count(one => !ids.ContainsKey(one));
            changed += ids.Values.Count(count => count != 1)
                + got.GroupBy(one => one.Event).Count(group => group.Select(one => one.What).Distinct().Count() != 1);
            unsigned += got.Count(one => !one.Verified);
            copies += got.Count - ids.Count;
        }

        var fsck = await stage.FsckAsync();
        SoakOptions.Say(fsck ?? "fsck clean");
        return new Result(
            "webhooks",
            SoakOptions.Text(
                $"{all * Types.Length} events of {Tenants} tenants, {WebhookReceiver.BadKinds.Count} of their endpoints bad in as many kinds, ",
                $"{places.Count} x SIGKILL; at the good ones {lost} lost, {changed} with another id, {unsigned} refused by the library, ",
                $"{copies} came again; fsck {(fsck is null ? "clean" : "NOT CLEAN")}"),
            "none lost, ids constant, every signature good, fsck clean",
            (lost, changed, unsigned, fsck) == (0, 0, 0, null));
    }

    private const string Good = "good";

    private static string Kind(int tenant) => tenant < WebhookReceiver.BadKinds.Count ? WebhookReceiver.BadKinds[tenant] : Good;

    /// <summary>What came, once all has come or nothing more has for long.</summary>
    private static async Task<IReadOnlyList<(string What, string Event, bool Verified)>> UntilAsync(
        Stage stage, WebhookReceiver receiver, int tenant, HashSet<string> expected)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var before = 0; ;)
        {
            var got = (await receiver.GotAsync($"{tenant}")).Select(one =>
            {
                var body = JsonNode.Parse(one.Body)!;
                return (What: $"{(string?)body["type"]} {(string?)body["data"]!["id"]}", Event: one.Id, one.Verified);
            }).ToList();
            if (got.Count > before)
                (before, begun) = (got.Count, Stopwatch.GetTimestamp());

            if (expected.IsSubsetOf(got.Select(one => one.What)) || stage.Waited(begun) > Patience)
                return got;

            await Task.Delay(500);
        }
    }

    private static HttpRequestMessage Request(int seed, int tenant, int number)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{seed} {tenant} {number}")));
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/deposits")
        {
            Content = new StringContent($$$"""{"items":[{"digests":{"sha-256":"{{{digest}}}"}}],"letter":"onRequest"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"{number}");
        return request;
    }
}
