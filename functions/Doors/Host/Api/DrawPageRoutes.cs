using System.Collections.Concurrent;
using Notary.Evidence.Draws;
using Notary.Identity.People;
using Notary.Lotteries;
using Notary.Pages;
using Notary.Pages.Draws;
using Notary.Pages.Public;

namespace Notary.Host.Api;

/// <summary>The public pages of draws.</summary>
internal static class DrawPageRoutes
{
    private const string Start = "/draws";

    /// <summary>Draws on one page.</summary>
    private const int PageSize = 20;

    /// <summary>First places of a round that a draw's own page shows.</summary>
    private const int FirstPlaces = 20;

    /// <summary>Draws whose first places are remembered: a hall's visitors all ask for the same ones.</summary>
    private const int Remembered = 64;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Parameter Continuation = new("continuation", "query", "where the list goes on");
    private static readonly Parameter From = new("from", "query", "the first place, from 1");
    private static readonly Parameter Round = new("round", "query", "the round, from 1");
    private static readonly Parameter Drand = new("drand", "query", "a drand node's address, for the page's script");
    private static readonly Parameter Node = new("node", "query", "a node of the draw's chain, for the page's script");
    private static readonly Parameter Sent = new("objection", "query", "the number of an objection that was just sent");

    // A file never changes: its digest says which it is.
    private static readonly ConcurrentDictionary<string, IReadOnlyList<WinnerRow>> First = new(StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Start, ListAsync).ForAnyone().AsPage().Takes(Continuation, Language);
        routes.MapGet(Start + "/signers", SignersAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/{drawId}", DrawAsync).ForAnyone().AsPage().Takes(Drand, Sent, Language);
        routes.MapPost(Start + "/{drawId}/objections", ObjectAsync).ForAnyone().AsPage();
        routes.MapGet(Start + "/{drawId}/list", CandidatesAsync).ForAnyone().AsPage().Takes(From, Language);
        routes.MapGet(Start + "/{drawId}/winners", WinnersAsync).ForAnyone().AsPage().Takes(Round, From, Language);
        routes.MapGet(Start + "/{drawId}/party", PartyAsync).ForAnyone().AsPage().Takes(Node, Language);
        routes.MapGet(Start + "/{drawId}/mine", MineAsync).ForAnyone().AsPage().Takes(Language);
    }

    private static async Task<PageResult> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var continuation = QueryReader.OfPage(http, Continuation.Name).Find(Continuation.Name);
        return PageResult.Of<DrawsPage>(
            (nameof(DrawsPage.Page), (await rooms.OpenAsync(cancel)).Draws is { } draws
                ? await draws.Lottery.PublishedAsync(PageSize, continuation, cancel) : new DrawPage([], null)),
            (nameof(DrawsPage.First), continuation is null));
    }

    private static async Task<PageResult> SignersAsync(Rooms rooms, CancellationToken cancel)
        => PageResult.Of<SignersPage>((nameof(SignersPage.Keys), (await rooms.OpenAsync(cancel)).Draws is { } draws
            ? await draws.Signers.AllAsync(cancel) : (IReadOnlyList<SignerView>)[]));

    private static async Task<PageResult> DrawAsync(
        string drawId, HttpContext http, Rooms rooms, PeopleRoom people, TimeProvider clock, CancellationToken cancel)
    {
        var sent = int.TryParse(QueryReader.OfPage(http, Sent.Name).Find(Sent.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : (int?)null;
        return await ShowAsync(drawId, http, rooms, people, clock, wish => wish with { Sent = sent }, cancel);
    }

    private static async Task<PageResult> ShowAsync(string drawId, HttpContext http, Rooms rooms, PeopleRoom people, TimeProvider clock,
        Func<ObjectionWish, ObjectionWish> wish, CancellationToken cancel)
    {
        var (typed, node) = NodeOf(http, Drand.Name);
        var good = typed is null || node is not null;
        var lottery = await DrawRoutes.OpenAsync(rooms, cancel);
        var id = DrawRoutes.Id(drawId);
        var (draw, now) = (await lottery.PublicAsync(id, cancel), clock.GetUtcNow());
        var objects = draw.State == "published" && now < draw.Schedule.ObjectionsUntil;
        return PageResult.Of<OneDrawPage>(
            (nameof(OneDrawPage.Draw), draw),
            (nameof(OneDrawPage.Now), now),
            (nameof(OneDrawPage.Winners), await FirstAsync(lottery, id, draw, cancel)),
            (nameof(OneDrawPage.Objection), objects ? wish(new ObjectionWish(people.Antiforgery.OfBrowser(http))) : null),
            (nameof(OneDrawPage.Drand), node),
            (nameof(OneDrawPage.Typed), good ? null : typed)) with
        {
            Policy = OneDrawPage.PolicyFor(node),
            Private = objects,
            Status = good ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    private static async Task<IReadOnlyList<WinnerRow>> FirstAsync(Lottery lottery, Digest id, DrawView draw, CancellationToken cancel)
    {
        if (draw.Files.FirstOrDefault(f => f.Name == FileNames.Winners) is not { } file)
            return [];

        if (First.TryGetValue(file.Sha256, out var known))
            return known;

        var rows = await Winners(lottery, id, file).FirstAsync(draw.Rounds.Count, FirstPlaces, cancel);
        if (First.Count >= Remembered)
            First.Clear();

        return First[file.Sha256] = rows;
    }

    private static async Task<IResult> ObjectAsync(
        string drawId, HttpContext http, Rooms rooms, PeopleRoom people, RateLimits limits, TimeProvider clock, CancellationToken cancel)
    {
        var form = await PersonAccess.FormAsync(http, cancel);
        people.Antiforgery.DemandBrowser(http, form.GetValueOrDefault(Antiforgery.Field));
        var lottery = await DrawRoutes.OpenAsync(rooms, cancel);

        // A browser sends line ends as CR LF, and counts them as one.
        var text = (form.GetValueOrDefault("text") ?? "").ReplaceLineEndings("\n").Trim();
        var contact = (form.GetValueOrDefault("contact") ?? "").Trim();
        limits.DemandObjection(http);
        try
        {
            var number = await lottery.ObjectAsync(DrawRoutes.Id(drawId), text, contact, cancel);
            http.Response.Headers.CacheControl = "no-store";
            return AccountRoutes.Onwards(string.Create(CultureInfo.InvariantCulture, $"{Start}/{drawId}?{Sent.Name}={number}#objections"));
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return await ShowAsync(drawId, http, rooms, people, clock, wish => wish with
            {
                Text = text,
                Contact = contact,
                Error = ("请写明异议；不能超过规定的长度，也不能有控制字符。", "Write an objection, no longer than is taken and without control characters."),
            }, cancel) with
            { Status = StatusCodes.Status400BadRequest };
        }
    }

    private static async Task<PageResult> CandidatesAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (lottery, id) = (await DrawRoutes.OpenAsync(rooms, cancel), DrawRoutes.Id(drawId));
        var from = QueryReader.OfPage(http, From.Name).Number(From.Name, absent: 1, min: 1, max: DrawRules.MaxCandidates);
        var (draw, list) = (await lottery.PublicAsync(id, cancel), await lottery.CandidatesAsync(id, cancel));
        var rows = Enumerable.Range(from, Math.Max(0, Math.Min(CandidatesPage.PageSize, list.Count - from + 1)))
            .Select(position => (position, One: list[position - 1]))
            .Select(c => new CandidateRow(c.position, c.One.Handle.ToString(), c.One.Weight, c.One.Group, c.One.Masked));
        return PageResult.Of<CandidatesPage>(
            (nameof(CandidatesPage.Draw), draw), (nameof(CandidatesPage.Rows), rows.ToList()), (nameof(CandidatesPage.From), (long)from));
    }

    private static async Task<PageResult> WinnersAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (lottery, id) = (await DrawRoutes.OpenAsync(rooms, cancel), DrawRoutes.Id(drawId));
        var query = QueryReader.OfPage(http, Round.Name, From.Name);
        var from = query.Number(From.Name, absent: 1, min: 1, max: DrawRules.MaxCandidates);
        var draw = await lottery.PublicAsync(id, cancel);
        var round = query.Number(Round.Name, absent: 1, min: 1, max: DrawRules.MaxRounds);
        if (round > draw.Rounds.Count || draw.Files.FirstOrDefault(f => f.Name == FileNames.Winners) is not { } file)
            throw DepositRoutes.NotFound();

        var winners = draw.Rounds[round - 1].Winners;
        return PageResult.Of<WinnersPage>(
            (nameof(WinnersPage.Draw), draw),
            (nameof(WinnersPage.Round), round),
            (nameof(WinnersPage.Rows), await Winners(lottery, id, file)
                .ReadAsync(round, from > winners, from > winners ? from - winners : from, WinnersPage.PageSize, cancel)),
            (nameof(WinnersPage.From), (long)from));
    }

    private static async Task<PageResult> PartyAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (typed, node) = NodeOf(http, Node.Name);
        return PageResult.Of<PartyPage>(
            (nameof(PartyPage.Draw), await (await DrawRoutes.OpenAsync(rooms, cancel)).PublicAsync(DrawRoutes.Id(drawId), cancel)),
            (nameof(PartyPage.Node), node),
            (nameof(PartyPage.Typed), node is null ? typed : null)) with
        { Policy = PartyPage.PolicyFor(node), Status = typed is null || node is not null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    /// <summary>What a visitor typed for a node, and the node; neither when he named none.</summary>
    private static (string? Typed, Uri? Node) NodeOf(HttpContext http, string name)
    {
        var typed = QueryReader.OfPage(http, name).Find(name)?.Trim() is { Length: > 0 } text ? text : null;
        Uri? node = null;
        return (typed, typed?.Length <= ConsoleRoutes.MaxTyped && VerifyPage.TryNode(typed, out node) ? node : null);
    }

    private static WinnerFile Winners(Lottery lottery, Digest id, DrawFileView file)
        => new(file.Bytes, (offset, length, cancel) => lottery.OpenFileAsync(id, FileNames.Winners, offset, length, cancel));

    private static async Task<PageResult> MineAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
        => PageResult.Of<MyDrawPage>(
            (nameof(MyDrawPage.Draw), await (await DrawRoutes.OpenAsync(rooms, cancel)).PublicAsync(DrawRoutes.Id(drawId), cancel))) with
        { Policy = MyDrawPage.Policy };
}
