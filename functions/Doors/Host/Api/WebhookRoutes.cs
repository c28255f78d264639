using Notary.Webhooks;

namespace Notary.Host.Api;

/// <summary>An endpoint to make.</summary>
/// <param name="Url">https; at most 2048 characters of ASCII.</param>
/// <param name="Types">Names of events, or families such as <c>deposit.*</c>; all when absent or empty.</param>
/// <param name="Label">At most 200 characters.</param>
public sealed record NewEndpoint(string Url, IReadOnlyList<string>? Types = null, string Label = "");

/// <summary>An endpoint as it is to be.</summary>
/// <param name="Enabled">False: nothing is sent, and what waits is kept. True also enables what the platform disabled.</param>
public sealed record ChangedEndpoint(string Url, IReadOnlyList<string> Types, bool Enabled, string Label = "");

/// <summary>How long the old secret goes on beside the new one, 0 to 604800 seconds; a day when absent.</summary>
public sealed record SecretRotation(int? OverlapSeconds = null);

/// <summary>To whom; to all that want it when absent.</summary>
public sealed record EventReplay(string? Endpoint = null);

/// <summary>From when to when events are sent again: the first included, the last not.</summary>
public sealed record TimeReplay(DateTimeOffset Since, DateTimeOffset Until);

/// <summary>A tenant's endpoints, the events they are told, and how each attempt went.</summary>
internal static class WebhookRoutes
{
    private const int DefaultPage = 50;

    private static readonly Parameter Limit = new("limit", "query", $"1-{WebhookLimits.MaxPage}, default {DefaultPage}");
    private static readonly Parameter Continuation = new("continuation", "query", "the value of the page before");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/webhooks").WithTags("Webhooks");
        group.MapPost("/endpoints", CreateAsync).WithName("createEndpoint").ForTenant(Scope.Write).TakesJson<NewEndpoint>().Takes(IdempotencyKey.Description)
            .Gives<IssuedSecret>(201).Refuses(Fault.IdempotencyConflict, Fault.Conflict, Fault.EndpointRefused);
        group.MapGet("/endpoints", ListAsync).WithName("listEndpoints").ForTenant(Scope.Read).Gives<EndpointPage>(200);
        group.MapGet("/endpoints/{endpoint}", GetAsync).WithName("getEndpoint").ForTenant(Scope.Read).Gives<EndpointView>(200).Refuses(Fault.NotFound);
        group.MapPut("/endpoints/{endpoint}", ChangeAsync).WithName("changeEndpoint").ForTenant(Scope.Write).TakesJson<ChangedEndpoint>()
            .Gives<EndpointView>(200).Refuses(Fault.NotFound, Fault.EndpointRefused);
        group.MapDelete("/endpoints/{endpoint}", DeleteAsync).WithName("deleteEndpoint").ForTenant(Scope.Write).Gives(204).Refuses(Fault.NotFound);
        group.MapPost("/endpoints/{endpoint}/rotate", RotateAsync).WithName("rotateEndpoint").ForTenant(Scope.Write).TakesJson<SecretRotation>()
            .Takes(IdempotencyKey.Description).Gives<IssuedSecret>(201).Refuses(Fault.NotFound, Fault.IdempotencyConflict, Fault.Conflict);
        group.MapPost("/endpoints/{endpoint}/test", TestAsync).WithName("testEndpoint").ForTenant(Scope.Write).TakesJson<Nothing>()
            .Takes(IdempotencyKey.Description).Gives<EventView>(202).Refuses(Fault.NotFound, Fault.IdempotencyConflict, Fault.Conflict);
        group.MapPost("/endpoints/{endpoint}/replay", ReplayTimeAsync).WithName("replayEvents").ForTenant(Scope.Write).TakesJson<TimeReplay>()
            .Takes(IdempotencyKey.Description).Gives<ReplayView>(202).Refuses(Fault.NotFound, Fault.IdempotencyConflict, Fault.Conflict);
        group.MapGet("/endpoints/{endpoint}/attempts", AttemptsAsync).WithName("listAttempts").ForTenant(Scope.Read).Takes(Limit, Continuation)
            .Gives<AttemptPage>(200).Refuses(Fault.NotFound);
        group.MapGet("/events", EventsAsync).WithName("listEvents").ForTenant(Scope.Read)
            .Takes(new("since", "query", "none before; a time in UTC or a date"), new("until", "query", "none at this time or later"), Limit, Continuation)
            .Gives<EventPage>(200);
        group.MapGet("/events/{event}", EventAsync).WithName("getEvent").ForTenant(Scope.Read).Gives<EventView>(200).Refuses(Fault.NotFound);
        group.MapPost("/events/{event}/replay", ReplayAsync).WithName("replayEvent").ForTenant(Scope.Write).TakesJson<EventReplay>()
            .Takes(IdempotencyKey.Description).Gives<ReplayView>(202).Refuses(Fault.NotFound, Fault.IdempotencyConflict, Fault.Conflict);
    }

    private static async Task<Created<IssuedSecret>> CreateAsync(HttpContext http, Rooms rooms, RequestSeeds seeds, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var (wanted, seed) = await ReadAsync<NewEndpoint>(http, seeds, tenant, cancel);
        http.Response.Headers.CacheControl = "no-store";
        var made = await desk.CreateAsync(tenant, wanted.Url, wanted.Label, Types(wanted.Types), seed.Bytes, seed.At, cancel);
        return TypedResults.Created($"/v1/webhooks/endpoints/{made.Endpoint}", made);
    }

    private static async Task<Ok<EndpointPage>> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        _ = new QueryReader(http);
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return TypedResults.Ok(await desk.ListAsync(tenant, cancel));
    }

    private static async Task<Ok<EndpointView>> GetAsync(string endpoint, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return TypedResults.Ok(await desk.FindAsync(tenant, endpoint, cancel) ?? throw DepositRoutes.NotFound());
    }

    private static async Task<Ok<EndpointView>> ChangeAsync(string endpoint, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (wanted, _) = await StrictJson.ReadAsync<ChangedEndpoint>(http.Request, cancel);
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return TypedResults.Ok(await desk.ChangeAsync(tenant, endpoint, wanted.Url, wanted.Label, Types(wanted.Types), wanted.Enabled, cancel));
    }

    private static async Task<NoContent> DeleteAsync(string endpoint, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return await desk.DeleteAsync(tenant, endpoint, cancel) ? TypedResults.NoContent() : throw DepositRoutes.NotFound();
    }

    private static async Task<Created<IssuedSecret>> RotateAsync(
        string endpoint, HttpContext http, Rooms rooms, RequestSeeds seeds, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var (wanted, seed) = await ReadAsync<SecretRotation>(http, seeds, tenant, cancel);
        var seconds = wanted.OverlapSeconds ?? WebhookLimits.DefaultOverlapSeconds;
        if (seconds is < 0 or > WebhookLimits.MaxOverlapSeconds)
            throw new FaultException(Fault.Malformed, $"overlapSeconds is 0 to {WebhookLimits.MaxOverlapSeconds}");

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, await desk.RotateAsync(tenant, endpoint, seconds, seed.Bytes, seed.At, cancel));
    }

    private static async Task<Accepted<EventView>> TestAsync(string endpoint, HttpContext http, Rooms rooms, RequestSeeds seeds, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var (_, seed) = await ReadAsync<Nothing>(http, seeds, tenant, cancel);
        return TypedResults.Accepted((string?)null, await desk.TestAsync(tenant, endpoint, seed.Bytes, seed.At, cancel));
    }

    private static async Task<Accepted<ReplayView>> ReplayTimeAsync(
        string endpoint, HttpContext http, Rooms rooms, RequestSeeds seeds, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var (wanted, seed) = await ReadAsync<TimeReplay>(http, seeds, tenant, cancel);
        return TypedResults.Accepted((string?)null, await desk.ReplayAsync(tenant, endpoint, wanted.Since, wanted.Until, seed.At, cancel));
    }

    private static async Task<Accepted<ReplayView>> ReplayAsync(
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "event")] string id, HttpContext http, Rooms rooms, RequestSeeds seeds, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var (wanted, seed) = await ReadAsync<EventReplay>(http, seeds, tenant, cancel);
        return TypedResults.Accepted((string?)null, await desk.ReplayAsync(tenant, id, wanted.Endpoint, seed.At, cancel));
    }

    private static async Task<Ok<AttemptPage>> AttemptsAsync(string endpoint, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return TypedResults.Ok(await desk.AttemptsAsync(tenant, endpoint, PageOf(query), query.Continuation, cancel));
    }

    private static async Task<Ok<EventPage>> EventsAsync(HttpContext http, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        var query = new QueryReader(http, "since", "until", "limit", "continuation");
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        var now = clock.GetUtcNow();

        // A checkpoint's time may be ahead of this machine's clock.
        var (since, until) = (query.Time("since") ?? now - WebhookLimits.Keep, query.Time("until") ?? now + TimeSpan.FromDays(1));
        return TypedResults.Ok(await desk.EventsAsync(tenant, since, until, PageOf(query), query.Continuation, cancel));
    }

    private static async Task<Ok<EventView>> EventAsync(
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "event")] string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (desk, tenant) = await OpenAsync(http, rooms, cancel);
        return TypedResults.Ok(await desk.FindEventAsync(tenant, id, cancel) ?? throw DepositRoutes.NotFound());
    }

    private static async Task<(EndpointDesk Desk, string Tenant)> OpenAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
        => ((await rooms.OpenAsync(cancel)).Webhooks.Desk, Caller.TenantOf(http).Id);

    /// <summary>The body, and the seed that a repetition of the same request finds again: a key is the tenant's, for one route.</summary>
    private static async Task<(T Wanted, RequestSeed Seed)> ReadAsync<T>(HttpContext http, RequestSeeds seeds, string tenant, CancellationToken cancel)
    {
        var key = IdempotencyKey.Of(http.Request);
        var (wanted, body) = await StrictJson.ReadAsync<T>(http.Request, cancel);
        return (wanted, await seeds.TakeAsync(key, $"{tenant} POST {http.Request.Path}", body, cancel));
    }

    private static int PageOf(QueryReader query) => query.Number("limit", absent: DefaultPage, min: 1, max: WebhookLimits.MaxPage);

    private static IReadOnlyList<string> Types(IReadOnlyList<string>? types)
        => types?.Any(type => type is null) == true ? throw new FaultException(Fault.Malformed, "a type is null") : types ?? [];
}

/// <summary>An empty object.</summary>
public sealed record Nothing;
