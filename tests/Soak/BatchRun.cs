using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Notary.Soak;

/// <summary>Batches of a million items, one after the other, with kills while they come in; then items picked at random, judged by a stranger.</summary>
internal static class BatchRun
{
    /// <summary>Items of a batch: as many as one may have.</summary>
    private const int Size = 1_000_000;

    /// <summary>Bundles that are judged.</summary>
    private const int Judged = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var stage = await Stage.StartAsync();
        var random = new Random(options.Seed);
        var size = Math.Min(Size, options.Items);
        var ids = new List<string>();
        var (clock, killed) = (Stopwatch.StartNew(), 0);
        for (var n = 0; ids.Count * (long)size < options.Items; n++)
        {
            var body = Body(options.Seed, n, size);
            var sending = stage.DepositAsync(() => Request(n, body), Patience);
            if (n % 3 == 0)
            {
                // Somewhere between the first line and the answer, once for every third batch.
                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * 4));
                if (!sending.IsCompleted)
                {
                    await stage.KillAsync();
                    killed++;
                }
            }

            ids.Add((string)JsonNode.Parse(await sending)!["id"]!);
            SoakOptions.Say(SoakOptions.Text(
                $"{ids.Count} batches of {size}, {killed} kills, {ids.Count * (long)size / clock.Elapsed.TotalSeconds:0} items/s"));
        }

        foreach (var id in ids)
        {
            for (var begun = Stopwatch.GetTimestamp(); !await IsDoneAsync(stage, id); await Task.Delay(500))
            {
                if (stage.Waited(begun) > Patience)
                    throw new InvalidOperationException($"{id} is not certified and indexed: {await stage.ViewAsync(id)}");
            }
        }

        var (wrong, unfound) = (0, 0);
        for (var i = 0; i < Judged; i++)
        {
            var (batch, item) = (random.Next(ids.Count), random.Next(size));
            var content = Content(options.Seed, batch, item);
            wrong += await stage.VerifyAsync($"{ids[batch]}.{item}", content) ? 0 : 1;
            unfound += await IsFoundAsync(stage, content, $"{ids[batch]}.{item}") ? 0 : 1;
        }

        var leaves = await stage.LeavesAsync();
        var again = (string?)JsonNode.Parse(await stage.DepositAsync(() => Request(0, Body(options.Seed, 0, size)), Patience))!["id"] == ids[0];
        var memory = stage.MemoryMiB("VmHWM");
        SoakOptions.Say("fsck");
        var fsck = await stage.FsckAsync();
        SoakOptions.Say(fsck ?? "fsck clean");
        return new Result(
            "batches",
            SoakOptions.Text(
                $"{ids.Count * (long)size} items in {ids.Count} batches, {killed} x SIGKILL while they came in; {leaves} leaves; ",
                $"{Judged} items picked at random: {wrong} bundles not verified, {unfound} not found by digest; ",
                $"the first sent again {(again ? "is the same" : "IS ANOTHER")}; ",
                $"VmHWM {memory:0} MiB since the last start; fsck {(fsck is null ? "clean" : "NOT CLEAN")}"),
            "a leaf a batch, every bundle verified and found, the same again, fsck clean",
            leaves == ids.Count && (wrong, unfound, again, fsck) == (0, 0, true, null));
    }

    private static async Task<bool> IsDoneAsync(Stage stage, string id)
    {
        var batch = JsonNode.Parse(await stage.Tenant.GetStringAsync(new Uri($"v1/batches/{id}", UriKind.Relative)))!;
        return (bool)batch["indexed"]! && (string?)batch["deposit"]!["state"] == "Certified";
    }

    private static async Task<bool> IsFoundAsync(Stage stage, byte[] content, string id)
    {
        var query = $"v1/batches/items?sha256={Convert.ToHexStringLower(SHA256.HashData(content))}";
        for (var more = ""; ;)
        {
            var page = JsonNode.Parse(await stage.Tenant.GetStringAsync(new Uri(query + more, UriKind.Relative)))!;
            if (page["items"]!.AsArray().Any(item => (string?)item!["id"] == id))
                return true;

            if ((string?)page["continuation"] is not { } next)
                return false;

            more = $"&continuation={Uri.EscapeDataString(next)}";
        }
    }

    private static HttpRequestMessage Request(int number, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/batches") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Add("Idempotency-Key", $"batch-{number}");
        return request;
    }

    private static byte[] Body(int seed, int batch, int size)
    {
        var text = new StringBuilder(size * 110);
        for (var n = 0; n < size; n++)
            text.Append("{\"sha-256\":\"").Append(Convert.ToHexStringLower(SHA256.HashData(Content(seed, batch, n)))).Append("\",\"reference\":\"R/")
                .Append(batch).Append('/').Append(n).Append("\"}\n");

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Content(int seed, int batch, int item) => Encoding.ASCII.GetBytes($"{seed} {batch} {item}");
}
