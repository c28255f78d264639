using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting;
using Notary.Evidence.Draws;
using Notary.Lotteries;
using Notary.Pages.Draws;

namespace Notary.Pages.Tests;

/// <summary>A real server that shows draws' pages and answers the public interface: what the platform's engine made of a list and a real beacon.</summary>
internal sealed class DrawSite : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 6, 0, 0, TimeSpan.Zero);

    private readonly WebApplication app;
    private readonly JsonNode drand;
    private readonly List<Channel<string>> watchers = [];
    private readonly Lock gate = new();
    private JsonObject view = [];

    private DrawSite(WebApplication app, JsonNode drand, DrawFiles files) => (this.app, this.drand, Files) = (app, drand, files);

    public Uri Url { get; private set; } = null!;

    public DrawFiles Files { get; }

    /// <summary>Bytes that stand in a file's place.</summary>
    public Dictionary<string, byte[]> Forged { get; } = [];

    /// <summary>The beacon's signature, as the platform shows it; null while it shows none.</summary>
    public string? Signature { get; set; }

    /// <summary>The signature of the beacon's round.</summary>
    public string RightSignature => (string)Round["signature"]!;

    /// <summary>Whether streams of events are refused.</summary>
    public bool Refuses { get; set; }

    /// <summary>What visitors wrote.</summary>
    public List<string> Objections { get; } = [];

    public long Version => (long)view["version"]!;

    public string Path => $"/draws/{Files.Draw.Id}";

    public static async Task<DrawSite> StartAsync()
    {
        // Published rounds of drand's quicknet, whose key browsers know.
        var vectors = System.IO.Path.Combine(Repository.Root, "tests", "Core", "Evidence", "Vectors", "drand-quicknet.json");
        var drand = JsonNode.Parse(await File.ReadAllTextAsync(vectors))!;
        var (info, round) = (drand["info"]!, drand["rounds"]![0]!);
        var rules = new DrawRules(["A", "B"], [new(12, 3, ["A"], false, false), new(160, 20, [], false, true)]);
        var files = await DrawFiles.MakeAsync(640, rules, 3, 3,
            (new BeaconPlan.Drand(Digest.Parse((string)info["hash"]!), (long)round["round"]!), Digest.Parse((string)round["randomness"]!)));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddConsole(("示范公证处", "Model Notary Office"));
        var site = new DrawSite(builder.Build(), drand, files);
        site.Map();
        await site.app.StartAsync();
        site.Url = new Uri(site.app.Urls.Single() + "/");
        await site.ShowAsync("published");
        return site;
    }

    /// <summary>The draw comes to a state, with so many commits and reveals; everybody who watches is told.</summary>
    public async Task ShowAsync(string state, int commits = 0, int reveals = 0, bool closed = false, string kind = "draw", JsonObject? aborted = null)
    {
        var (draw, result) = (Files.Draw, Files.Result);
        var drawn = state is "drawn" or "certified";
        var fixedUp = state != "published" && aborted is null;
        view = new JsonObject
        {
            ["drawId"] = draw.Id.ToString(),
            ["kind"] = kind,
            ["title"] = "2026 年第 3 批保障性租赁住房选房顺序 <b>公开</b>摇号",
            ["organiser"] = "示范市住房保障中心",
            ["state"] = state,
            ["updatedAt"] = Now,
            ["version"] = ((long?)view["version"] ?? 0) + 1,
            ["rules"] = JsonNode.Parse(draw.ToBytes())!["rules"]!.DeepClone(),
            ["list"] = JsonNode.Parse(draw.ToBytes())!["list"]!.DeepClone(),
            ["schedule"] = new JsonObject { ["objectionsUntil"] = Now.AddHours(30), ["commitsUntil"] = Now.AddHours(50), ["revealsUntil"] = Now.AddHours(51) },
            ["beacon"] = "drand",
            ["parties"] = new JsonArray([.. Files.Reveals.Commits.Select(c => JsonValue.Create(c.Party.ToLowerHex()))]),
            ["plan"] = draw.Id.ToString(),
            ["commitment"] = !fixedUp ? null : new JsonObject
            {
                ["digest"] = draw.Commitment().ToString(),
                ["chainId"] = draw.ChainId,
                ["registry"] = draw.Registry.ToLowerHex(),
                ["commitDeadline"] = draw.RevealDeadline - 1800,
                ["revealDeadline"] = draw.RevealDeadline,
                ["beacon"] = JsonNode.Parse(draw.ToBytes())!["beacon"]!.DeepClone(),
                ["beaconAt"] = Now.AddMinutes(95),
            },
            ["chain"] = !fixedUp ? null : new JsonObject
            {
                ["head"] = draw.RevealDeadline - 3600,
                ["headAt"] = Now,
                ["secondsPerBlock"] = 1.5,
                ["parties"] = new JsonArray([.. Files.Reveals.Commits.Take(commits).Select((c, i) => new JsonObject
                {
                    ["index"] = i,
                    ["party"] = c.Party.ToLowerHex(),
                    ["commitment"] = c.Commitment.ToString(),
                    ["secret"] = i < reveals ? c.Secret?.ToString() : null,
                })]),
                ["closed"] = closed || drawn,
                ["beacon"] = drawn ? result.Beacon.Value.ToString() : null,
                ["seed"] = drawn ? result.Seed.ToString() : null,
                ["outcome"] = state == "certified" ? result.ToDigest().ToString() : null,
                ["signature"] = drawn ? Signature : null,
            },
            ["rounds"] = drawn
                ? new JsonArray([.. JsonNode.Parse(result.ToBytes())!["rounds"]!.AsArray().Select((r, i) =>
                {
                    var round = r!.DeepClone();
                    round["round"] = i + 1;
                    return round;
                })])
                : [],
            ["result"] = drawn ? result.ToDigest().ToString() : null,
            ["approvals"] = state == "certified"
                ? new JsonArray(new JsonObject { ["step"] = "result", ["notary"] = "公证员甲", ["at"] = Now }, new JsonObject
                {
                    ["step"] = "result",
                    ["notary"] = "公证员乙",
                    ["at"] = Now,
                })
                : [],
            ["objections"] = new JsonObject { ["received"] = Objections.Count, ["answered"] = 0 },
            ["deposits"] = new JsonObject { ["commitment"] = null, ["result"] = null },
            ["aborted"] = aborted,
            ["files"] = new JsonArray([.. Files.Files.Where(f => drawn || f.Key == "public.csv" || (fixedUp && f.Key == "draw.json")).Select(f => new JsonObject
            {
                ["name"] = f.Key,
                ["bytes"] = f.Value.Length,
                ["sha256"] = Digest.Of(f.Value).ToString(),
            })]),
        };
        List<Channel<string>> told;
        lock (gate)
            told = [.. watchers];

        foreach (var watcher in told)
            await watcher.Writer.WriteAsync(Event());
    }

    /// <summary>Ends every stream of events.</summary>
    public void Drop()
    {
        lock (gate)
        {
            foreach (var watcher in watchers)
                watcher.Writer.TryComplete();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Drop();
        await app.DisposeAsync();
    }

    private JsonNode Round => drand["rounds"]![0]!;

    private DrawView View => view.Deserialize<DrawView>(Web)!;

    private string Event() => $"event: draw\nid: {view["version"]}\ndata: {view.ToJsonString()}\n\n";

    private void Map()
    {
        app.MapGet(Asset.Path + "{file}", (string file, HttpContext http) => Asset.Serve(http, file));
        app.MapGet("/draws", (string? continuation) => PageResult.Of<DrawsPage>(
            (nameof(DrawsPage.Page), new DrawPage(continuation is null ? Lines() : [], continuation is null ? "b" : null)),
            (nameof(DrawsPage.First), continuation is null)));
        app.MapGet("/draws/{id}", PageAsync);
        app.MapPost("/draws/{id}/objections", (HttpContext http) =>
        {
            lock (Objections)
                Objections.Add(http.Request.Form["text"].ToString());

            return Results.LocalRedirect($"{Path}?objection={Objections.Count}");
        }).DisableAntiforgery();
        app.MapGet("/draws/{id}/list", (long? from) => PageResult.Of<CandidatesPage>((nameof(CandidatesPage.Draw), View),
            (nameof(CandidatesPage.From), from ?? 1), (nameof(CandidatesPage.Rows), Candidates(from ?? 1))));
        app.MapGet("/draws/{id}/winners", async (int round, long? from, CancellationToken cancel) => PageResult.Of<WinnersPage>(
            (nameof(WinnersPage.Draw), View), (nameof(WinnersPage.Round), round), (nameof(WinnersPage.From), from ?? 1),
            (nameof(WinnersPage.Rows), await RowsAsync(round, from ?? 1, cancel))));
        app.MapGet("/draws/{id}/mine", () => PageResult.Of<MyDrawPage>((nameof(MyDrawPage.Draw), View)) with { Policy = MyDrawPage.Policy });
        app.MapGet("/v1/public/draws/{id}", () => Results.Text(view.ToJsonString(), "application/json"));
        app.MapGet("/v1/public/draws/{id}/files/{name}", (string name) => Results.Bytes(Forged.GetValueOrDefault(name) ?? Files.Files[name]));
        app.MapGet("/v1/public/draws/{id}/candidates/{handle}", (string handle) =>
        {
            var at = Digest.TryParse(handle, out var known) ? Files.List.IndexOf(known) : -1;
            return at < 0 ? Results.NotFound() : Results.Json(new
            {
                position = at + 1,
                weight = Files.List[at].Weight,
                group = Files.List[at].Group,
                name = Files.List[at].Masked,
                path = Files.List.Path(at).Select(d => d.ToString()),
            });
        });
        app.MapGet("/v1/public/draws/{id}/events", EventsAsync);
        app.MapGet("/drand/{hash}/info", () => Results.Text(drand["info"]!.ToJsonString(), "application/json"));
        app.MapGet("/drand/{hash}/public/{round}", () => Results.Text(Round.ToJsonString(), "application/json"));
    }

    private async Task<PageResult> PageAsync(string? drand, int? objection, CancellationToken cancel)
    {
        Uri? node = null;
        var good = drand is null || Public.VerifyPage.TryNode(drand, out node);
        var shown = View;
        return PageResult.Of<OneDrawPage>(
            (nameof(OneDrawPage.Draw), shown), (nameof(OneDrawPage.Now), Now), (nameof(OneDrawPage.Drand), good ? node : null),
            (nameof(OneDrawPage.Typed), good ? null : drand),
            (nameof(OneDrawPage.Winners), shown.Rounds.Count == 0 ? [] : await Winners.FirstAsync(shown.Rounds.Count, 20, cancel)),
            (nameof(OneDrawPage.Objection), shown.State == "published" ? new ObjectionWish("token", objection) : null)) with
        { Policy = OneDrawPage.PolicyFor(good ? node : null), Status = good ? 200 : 400 };
    }

    private WinnerFile Winners => new(Files.Files["winners.csv"].Length, (offset, length, _)
        => Task.FromResult<Stream>(new MemoryStream(Files.Files["winners.csv"], (int)offset, (int)length)));

    private async Task<IReadOnlyList<WinnerRow>> RowsAsync(int round, long from, CancellationToken cancel)
    {
        var winners = View.Rounds[round - 1].Winners;
        return await Winners.ReadAsync(round, from > winners, from > winners ? from - winners : from, WinnersPage.PageSize, cancel);
    }

    private List<CandidateRow> Candidates(long from) => [.. Enumerable.Range((int)from - 1, CandidatesPage.PageSize).Where(i => i < Files.List.Count)
        .Select(i => (i, one: Files.List[i])).Select(c => new CandidateRow(c.i + 1, c.one.Handle.ToString(), c.one.Weight, c.one.Group, c.one.Masked))];

    private List<DrawLine> Lines()
    {
        var shown = View;
        DrawLine Line(string title, string kind, string state, long? count)
            => new(shown.DrawId, kind, title, shown.Organiser, state, count, shown.Schedule, Now);
        return
        [
            Line(shown.Title, "draw", "revealing", 640), Line("幼儿园招生派位", "rehearsal", "published", 1_200_345),
            Line("Car plates, December", "draw", "certified", 20),
            Line("小客车指标" + new string('长', 150), "draw", "aborted", null),
        ];
    }

    private async Task EventsAsync(HttpContext http)
    {
        if (Refuses)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var mine = Channel.CreateUnbounded<string>();
        lock (gate)
            watchers.Add(mine);

        try
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("retry: 200\n\n" + Event());
            await http.Response.Body.FlushAsync();
            await foreach (var one in mine.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync(one);
                await http.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            lock (gate)
                watchers.Remove(mine);
        }
    }
}
