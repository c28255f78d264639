using System.Net.Http.Json;
using Notary.Evidence.Drand;

namespace Notary.Cli;

/// <summary><c>notary draw rehearse</c>: the organiser's whole way through the tenant's API, as a rehearsal, until its bundle is audited.</summary>
internal static class RehearseCommand
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Bytes of a platform's trust file at most; of an answer to a list.</summary>
    private const int MaxAnswer = 1024 * 1024;

    /// <summary>How long after the reveals a platform may take: deep blocks, two deposits with their letters.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromMinutes(30);

    /// <summary>Between two looks: a block's time.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    public static Command Build(Terminal terminal)
    {
        var (url, key) = ServerOptions.Create("The organiser's API key, with the scope to write");
        var demo = new Option<bool>("--demo") { Description = "Ten thousand made-up candidates and four rounds." };
        var list = new Option<string?>("--list") { Description = "The candidates; not with --demo." };
        var rules = new Option<string?>("--rules") { Description = "The rules as JSON (docs/draw-format.md, section 3); with --list." };
        var title = new Option<string>("--title") { Description = "The rehearsal's title.", DefaultValueFactory = _ => "Rehearsal" };
        var encoding = DrawCommand.ListEncoding();
        var objections = ServerOptions.Number("--objections", "Seconds for objections.", least: 5, absent: 15);
        var commits = ServerOptions.Number("--commits", "Seconds for commits, after that.", least: 5, absent: 45);
        var reveals = ServerOptions.Number("--reveals", "Seconds for reveals, after that.", least: 5, absent: 45);
        var output = new Option<string?>("--out") { Description = "Where the bundle goes; ID.zip in the current folder when absent." };
        var rpc = ServerOptions.Address("--rpc", "A node of the chain, for the audit.");
        var drand = new Option<string?>("--drand") { Description = "What a node of the drand chain says under /info, for the audit; quicknet's when absent." };
        var command = new Command("rehearse", "Holds a rehearsal of a draw by the platform, follows it, and audits what comes out.")
            { url, key, demo, list, rules, title, encoding, objections, commits, reveals, output, rpc, drand };
        command.SetAction(async (p, cancel) =>
        {
            var plan = (p.GetValue(demo), p.GetValue(list), p.GetValue(rules)) switch
            {
                (true, null, null) => RehearsalPlan.Demo,
                (false, { } rows, { } how) => await RehearsalPlan.ReadAsync(p.GetValue(title)!, rows, how, p.GetValue(encoding), cancel),
                _ => throw new CliException("give --demo, or --list with --rules"),
            };
            if (p.GetValue(output) is { } there && File.Exists(Terminal.Named(there)))
                throw new CliException($"{there} is there already and is not overwritten");

            using var api = new ApiClient(p.GetValue(url)!, ServerOptions.Key(p.GetValue(key)), new Patience(Patience.DefaultRetries, terminal.Error));
            var (say, site) = (new Progress(terminal.Error, "rehearsal"), p.GetValue(url)!.AbsoluteUri.TrimEnd('/'));

            // 1. The draft, its list, and off it goes: a rehearsal waits for no notary.
            int[] seconds = [p.GetValue(objections), p.GetValue(commits), p.GetValue(reveals)];
            var id = await SubmitAsync(api, plan, seconds, say, cancel);
            await terminal.Output.WriteLineAsync($"{site}/draws/{id}");

            // 2. Until it is certified.
            if (await FollowAsync(api, id, TimeSpan.FromSeconds(seconds.Sum()) + Afterwards, say, cancel) is { } reason)
            {
                await terminal.Error.WriteLineAsync($"notary: {ReportPrinter.Printable($"the rehearsal was aborted: {reason}")}");
                return Exit.Failed;
            }

            // 3. What anybody can download, and what anybody can find out about it.
            var path = p.GetValue(output) ?? $"{id}.zip";
            var part = path + ".part";
            await using (var bundle = new FileStream(part, FileMode.Create))
            {
                await api.DownloadAsync($"v1/public/draws/{id}/files/bundle.zip", bundle, cancel);
            }

            File.Move(part, path);
            say.Say($"bundle in {path}");
            var trust = TrustRoots.Parse(await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, "v1/trust"), cancel, TrustRoots.MaxBytes));
            using var files = DrawFiles.Open(path);
            return await DrawVerifyCommand.RunAsync(files, new AuditQuestion(trust, false, null, null, Rehearsal: true, p.GetValue(rpc), 1,
                await DrawVerifyCommand.DrandAsync(p.GetValue(drand), cancel)), terminal, json: false, cancel);
        });
        return command;
    }

    private static async Task<string> SubmitAsync(ApiClient api, RehearsalPlan plan, int[] seconds, Progress say, CancellationToken cancel)
    {
        JsonObject Draft()
        {
            var start = TimeProvider.System.GetUtcNow();
            string After(int count) => start.AddSeconds(seconds.Take(count).Sum()).UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
            return new JsonObject
            {
                ["title"] = plan.Title,
                ["kind"] = "rehearsal",
                ["rules"] = plan.Rules.DeepClone(),
                ["schedule"] = new JsonObject { ["objectionsUntil"] = After(1), ["commitsUntil"] = After(2), ["revealsUntil"] = After(3) },
                ["beacon"] = "drand",
            };
        }

        var draft = await api.PostAsync("v1/draws", Draft(), cancel);
        var id = ApiClient.Text(draft, "drawId") is { } text && Digest.TryParse(text, out _) ? text : throw new CliException("the server answered no draw");
        say.Say($"draft {id}");
        await using var rows = plan.List();
        using var content = new StreamContent(rows);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(plan.ContentType);
        var list = ApiClient.Json(await api.SendAsync(new HttpRequestMessage(HttpMethod.Put, $"v1/draws/{id}/list") { Content = content }, cancel, MaxAnswer));
        say.Say($"list of {list["candidates"]} candidates, root {ApiClient.Text(list, "root")}");

        // Its times count from here: a long list may have taken longer than they are.
        await api.SendAsync(new HttpRequestMessage(HttpMethod.Put, $"v1/draws/{id}") { Content = JsonContent.Create(Draft()) }, cancel);
        await api.PostAsync($"v1/draws/{id}/submit", new JsonObject(), cancel);
        return id;
    }

    /// <returns>Null when it is certified, else why it was aborted.</returns>
    private static async Task<string?> FollowAsync(ApiClient api, string id, TimeSpan most, Progress say, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        for (var last = ""; ; await Task.Delay(Between, cancel))
        {
            if (Stopwatch.GetElapsedTime(started) > most)
                throw new CliException($"after {most.TotalMinutes:0} minutes the rehearsal is {last} and not certified");

            var draw = await api.GetAsync($"v1/draws/{id}", cancel);
            var state = ApiClient.Text(draw, "state") ?? throw new CliException("the server answered no draw");
            var now = ReportPrinter.Printable($"{state}{Chain(draw["chain"])}");
            if (now != last)
                say.Say(last = now);

            if (state == "certified")
                return null;

            if (state == "aborted")
                return draw["aborted"] is JsonObject aborted ? ApiClient.Text(aborted, "reason") ?? "without a reason" : "without a reason";
        }
    }

    private static string Chain(JsonNode? chain) => chain is not JsonObject seen || seen["parties"] is not JsonArray parties ? ""
        : $": {parties.Count} committed, {parties.Count(p => p?["secret"] is not null)} revealed"
            + (ApiClient.Text(seen, "seed") is { } seed ? $", seed {seed}" : "");
}
