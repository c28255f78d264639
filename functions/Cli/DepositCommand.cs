using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Notary.Cli;

/// <summary><c>notary deposit FILE</c>: hands a file in and, with --wait, follows it until its evidence is complete.</summary>
internal static class DepositCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Default of --timeout: anchoring waits for the batch and its confirmations, which a slow chain makes long.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    public static Command Build(Terminal terminal)
    {
        var (url, key) = ServerOptions.Create("The tenant's key");
        var file = new Argument<string>("FILE") { Description = "The file to deposit." };
        var mediaType = new Option<string>("--media-type") { Description = "RFC 6838 media type.", DefaultValueFactory = _ => "application/octet-stream" };
        var notes = new Option<string[]>("--note") { Description = "name=text; may be repeated." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the deposit is certified, showing its states." };
        var timeout = new Option<TimeSpan>("--timeout") { Description = "How long to wait, hh:mm:ss.", DefaultValueFactory = _ => DefaultTimeout };
        var folder = new Option<string?>("--out") { Description = "Write the receipt, and after --wait the bundle, into this folder." };
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON object." };
        var command = new Command("deposit", "Deposits a file.") { file, url, key, mediaType, notes, wait, timeout, folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetValue(url)!, ServerOptions.Key(parsed.GetValue(key)));
            var started = Stopwatch.GetTimestamp();
            var query = Query(parsed.GetValue(file)!, parsed.GetValue(notes) ?? []);
            var receipt = await UploadAsync(api, parsed.GetValue(file)!, query, parsed.GetValue(mediaType)!, cancel);
            var id = (string?)receipt["id"] ?? throw new CliException("the receipt names no deposit");
            await terminal.Error.WriteLineAsync($"{id}: Received");

            var output = parsed.GetValue(folder) is { } path ? Directory.CreateDirectory(path).FullName : null;
            if (output is not null)
            {
                await File.WriteAllTextAsync(Path.Combine(output, $"{id}.receipt.json"), receipt.ToJsonString(ReportPrinter.Readable) + "\n", cancel);
            }

            var state = parsed.GetValue(wait) ? await FollowAsync(api, id, parsed.GetValue(timeout), terminal, cancel) : "Received";
            var bundle = output is not null && state == "Certified" ? await DownloadAsync(api, id, output, cancel) : null;
            var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
            await terminal.Output.WriteLineAsync(!parsed.GetValue(json) ? $"{id} {state} after {seconds} s{(bundle is null ? "" : ": " + bundle)}" : new JsonObject
            {
                ["id"] = id,
                ["state"] = state,
                ["bundle"] = bundle,
                ["seconds"] = seconds,
            }.ToJsonString(ReportPrinter.Readable));
            return state switch { "Failed" => Exit.Failed, "Certified" => Exit.Passed, _ => parsed.GetValue(wait) ? Exit.Unjudged : Exit.Passed };
        });
        return command;
    }

    private static string Query(string file, string[] notes)
    {
        var query = $"name={Uri.EscapeDataString(Path.GetFileName(file))}";
        foreach (var note in notes)
        {
            var equals = note.IndexOf('=', StringComparison.Ordinal);
            query += equals > 0
                ? $"&note.{Uri.EscapeDataString(note[..equals])}={Uri.EscapeDataString(note[(equals + 1)..])}"
                : throw new CliException("--note has the form name=text");
        }

        return query;
    }

    /// <summary>Hashes first, so that the platform refuses a body damaged on the way (RFC 9530) instead of certifying it.</summary>
    private static async Task<JsonNode> UploadAsync(ApiClient api, string path, string query, string mediaType, CancellationToken c)
    {
        await using var file = File.OpenRead(path);
        var digest = await SHA256.HashDataAsync(file, c);
        file.Position = 0;
        var content = new StreamContent(file);
        content.Headers.ContentType = MediaTypeHeaderValue.TryParse(mediaType, out var type) ? type : throw new CliException("--media-type is not a media type");
        var request = new HttpRequestMessage(HttpMethod.Post, $"v1/deposits/file?{query}") { Content = content };
        request.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(digest)}:");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await api.SendAsync(request, c);
    }

    private static async Task<string> FollowAsync(ApiClient api, string id, TimeSpan timeout, Terminal terminal, CancellationToken c)
    {
        var (started, shown) = (Stopwatch.GetTimestamp(), "Received");
        while (true)
        {
            var view = await api.GetAsync($"v1/deposits/{id}", c);
            var state = (string?)view["state"] ?? throw new CliException("the deposit has no state");
            if (!string.Equals(state, shown, StringComparison.OrdinalIgnoreCase))
            {
                shown = char.ToUpperInvariant(state[0]) + state[1..];
                await terminal.Error.WriteLineAsync($"{id}: {shown} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
            }

            if (shown is "Certified" or "Failed")
            {
                return shown;
            }

            if (Stopwatch.GetElapsedTime(started) > timeout)
            {
                await terminal.Error.WriteLineAsync($"notary: {id} is still {shown}; it goes on without you");
                return shown;
            }

            await Task.Delay(Poll, c);
        }
    }

    /// <summary>The whole bundle under its name or nothing: a download cut short must not look like evidence.</summary>
    private static async Task<string> DownloadAsync(ApiClient api, string id, string folder, CancellationToken c)
    {
        var path = Path.Combine(folder, $"{id}.evidence.zip");
        await using (var file = File.Create(path + ".part"))
        {
            await api.DownloadAsync($"v1/deposits/{id}/bundle", file, c);
        }

        File.Move(path + ".part", path, overwrite: true);
        return path;
    }
}
