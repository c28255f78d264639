using Notary.Evidence.Draws;
using Notary.Lotteries;

namespace Notary.Host.Api;

/// <summary>The secret of a draw's list, for the organiser's own personal links.</summary>
public sealed record ListSecretView(Digest Secret);

/// <summary>Objections to a draw, in their order.</summary>
public sealed record ObjectionsView(IReadOnlyList<ObjectionView> Objections);

/// <summary>A tenant's draws: writing, submitting, answering, ending them. What notaries do is on the office's pages.</summary>
internal static class DrawRoutes
{
    public static readonly Parameter[] ListParameters =
    [
        new("limit", "query", $"1-{LotteryLimits.MaxPage}, default {DefaultPage}"), new("continuation", "query", "the value of the page before"),
    ];

    private const int DefaultPage = 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/draws").WithTags("Draws");
        group.MapPost("", CreateAsync).WithName("createDraw").ForTenant(Scope.Write).TakesJson<NewDraw>().Takes(IdempotencyKey.Description)
            .Gives<DrawView>(201).Refuses(Fault.IdempotencyConflict, Fault.SandboxTenant);
        group.MapGet("", ListAsync).WithName("listDraws").ForTenant(Scope.Read).Takes(ListParameters).Gives<DrawPage>(200);
        group.MapGet("/{id}", GetAsync).WithName("getDraw").ForTenant(Scope.Read).Gives<DrawView>(200).Refuses(Fault.NotFound);
        group.MapPut("/{id}", ChangeAsync).WithName("changeDraw").ForTenant(Scope.Write).TakesJson<NewDraw>().Gives<DrawView>(200)
            .Refuses(Fault.NotFound, Fault.DrawState, Fault.SandboxTenant);
        group.MapDelete("/{id}", DeleteAsync).WithName("deleteDraw").ForTenant(Scope.Write).Gives(204).Refuses(Fault.NotFound, Fault.DrawState);

        group.MapPut("/{id}/list", ImportAsync).WithName("importList").ForTenant(Scope.Write).Unhurried()
            .TakesFile("the candidates: text/csv or application/x-ndjson, charset=utf-8 or charset=gb18030; docs/draw-format.md, section 1")
            .Gives<ListView>(200).Refuses(Fault.NotFound, Fault.DrawState, Fault.ListRefused);
        group.MapGet("/{id}/list-secret", SecretAsync).WithName("getListSecret").ForTenant(Scope.Write).Gives<ListSecretView>(200).Refuses(Fault.NotFound);
        group.MapPost("/{id}/tickets", TicketAsync).WithName("makeTicket").ForTenant(Scope.Write).TakesJson<NewTicket>()
            .Gives<byte[]>(200, MediaTypes.Json).Refuses(Fault.NotFound);

        group.MapPost("/{id}/submit", SubmitAsync).WithName("submitDraw").ForTenant(Scope.Write).Gives<DrawView>(200).Refuses(Fault.NotFound, Fault.DrawState);
        group.MapPost("/{id}/abort", AbortAsync).WithName("abortDraw").ForTenant(Scope.Write).TakesJson<NewAbort>().Gives<DrawView>(202)
            .Refuses(Fault.NotFound, Fault.DrawState);
        group.MapGet("/{id}/objections", ObjectionsAsync).WithName("listObjections").ForTenant(Scope.Read).Gives<ObjectionsView>(200).Refuses(Fault.NotFound);
        group.MapPut("/{id}/objections/{number}/answer", AnswerAsync).WithName("answerObjection").ForTenant(Scope.Write).TakesJson<NewAnswer>().Gives(204)
            .Refuses(Fault.NotFound, Fault.DrawState);
    }

    /// <summary>The room of draws.</summary>
    /// <exception cref="FaultException">NotFound: no draws are held here.</exception>
    public static async Task<Lottery> OpenAsync(Rooms rooms, CancellationToken cancel)
        => (await rooms.OpenAsync(cancel)).Draws?.Lottery ?? throw DepositRoutes.NotFound();

    /// <summary>What is not even an id is not there either.</summary>
    public static Digest Id(string text) => Digest.TryParseAnyCase(text, out var id) ? id : throw DepositRoutes.NotFound();

    private static async Task<Created<DrawView>> CreateAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var key = IdempotencyKey.Of(http.Request);
        var (wanted, _) = await StrictJson.ReadAsync<NewDraw>(http.Request, cancel);
        var view = await (await OpenAsync(rooms, cancel))
            .CreateAsync(Caller.TenantOf(http), DrawRequest.Actor(http), DrawRequest.Terms(wanted), key, cancel);
        return TypedResults.Created($"/v1/draws/{view.DrawId}", view);
    }

    private static async Task<Ok<DrawPage>> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (limit, continuation) = Page(http);
        return TypedResults.Ok(await (await OpenAsync(rooms, cancel)).ListAsync(Caller.TenantOf(http), limit, continuation, cancel));
    }

    internal static (int Limit, string? Continuation) Page(HttpContext http)
    {
        var query = new QueryReader(http, "limit", "continuation");
        return (query.Number("limit", absent: DefaultPage, min: 1, max: LotteryLimits.MaxPage), query.Continuation);
    }

    private static async Task<Ok<DrawView>> GetAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await OpenAsync(rooms, cancel)).FindAsync(Caller.TenantOf(http), Id(id), cancel) ?? throw DepositRoutes.NotFound());

    private static async Task<Ok<DrawView>> ChangeAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (wanted, _) = await StrictJson.ReadAsync<NewDraw>(http.Request, cancel);
        return TypedResults.Ok(await (await OpenAsync(rooms, cancel))
            .ChangeAsync(Caller.TenantOf(http), Id(id), DrawRequest.Actor(http), DrawRequest.Terms(wanted), cancel));
    }

    private static async Task<NoContent> DeleteAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        await (await OpenAsync(rooms, cancel)).DeleteAsync(Caller.TenantOf(http), Id(id), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ImportAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (format, encoding) = DrawRequest.List(http.Request);
        try
        {
            return TypedResults.Ok(await (await OpenAsync(rooms, cancel))
                .ImportAsync(Caller.TenantOf(http), Id(id), DrawRequest.Actor(http), http.Request.Body, format, encoding, cancel));
        }
        catch (ListRefusedException refused)
        {
            return new RefusedList(refused);
        }
    }

    private static async Task<Ok<ListSecretView>> SecretAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new ListSecretView(await (await OpenAsync(rooms, cancel)).ListSecretAsync(Caller.TenantOf(http), Id(id), cancel)));
    }

    private static async Task<FileContentHttpResult> TicketAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (wanted, _) = await StrictJson.ReadAsync<NewTicket>(http.Request, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(await (await OpenAsync(rooms, cancel)).TicketAsync(Caller.TenantOf(http), Id(id), wanted.Id, wanted.Name, cancel)
            ?? throw DepositRoutes.NotFound(), MediaTypes.Json);
    }

    private static async Task<Ok<DrawView>> SubmitAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await OpenAsync(rooms, cancel)).SubmitAsync(Caller.TenantOf(http), Id(id), DrawRequest.Actor(http), cancel));

    private static async Task<Accepted<DrawView>> AbortAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (wanted, _) = await StrictJson.ReadAsync<NewAbort>(http.Request, cancel);
        return TypedResults.Accepted((string?)null, await (await OpenAsync(rooms, cancel)).AbortAsync(Caller.TenantOf(http), Id(id), wanted.Reason, cancel));
    }

    private static async Task<Ok<ObjectionsView>> ObjectionsAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(new ObjectionsView(await (await OpenAsync(rooms, cancel)).ObjectionsAsync(Caller.TenantOf(http), Id(id), cancel)));

    private static async Task<NoContent> AnswerAsync(string id, string number, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (wanted, _) = await StrictJson.ReadAsync<NewAnswer>(http.Request, cancel);
        var which = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : throw DepositRoutes.NotFound();
        await (await OpenAsync(rooms, cancel)).AnswerAsync(Caller.TenantOf(http), Id(id), which, wanted.Text, cancel);
        return TypedResults.NoContent();
    }
}
