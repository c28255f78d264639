using Notary.Identity.People;

namespace Notary.Host.Api;

/// <summary>A tenant to create. The id is made when absent; the DID then is a did:web below the office's own address.</summary>
/// <param name="Name">As letters print it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Did">Its DID.</param>
/// <param name="Sandbox">True for a tenant that only tries the platform: its deposits are tests, and say so for ever. It never changes.</param>
public sealed record NewTenant(string Name, string? Id = null, string? Did = null, bool? Sandbox = null);

/// <summary>Somebody to invite; an owner when no role is named, as a tenant's first one is.</summary>
/// <param name="Address">Whom it is meant for; shown, never written to.</param>
public sealed record NewInvitation(string Address, InvitedRole? Role = null);

/// <summary>What the invited may do.</summary>
public enum InvitedRole
{
    [JsonStringEnumMemberName("owner")]
    Owner,

    [JsonStringEnumMemberName("depositor")]
    Depositor,

    [JsonStringEnumMemberName("viewer")]
    Viewer,
}

/// <summary>A new invitation. <paramref name="Url"/> is shown in this answer and never again; it works once, until <paramref name="ExpiresAt"/>.</summary>
public sealed record InvitationLink(string Url, string Id, InvitedRole Role, string Address, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Tenants and their keys, for the operator.</summary>
internal static class OperatorRoutes
{
    private const int MaxPage = 100;

    private static readonly Parameter Limit = new("limit", "query", "1-100, default 50");
    private static readonly Parameter Continuation = new("continuation", "query", "the value of the page before");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/operator").WithTags("Operator");
        group.MapPost("/tenants", CreateTenantAsync).WithName("createTenant").ForOperator().TakesJson<NewTenant>().Takes(IdempotencyKey.Description)
            .Gives<TenantView>(201).Refuses(Fault.Conflict);
        group.MapGet("/tenants", ListTenantsAsync).WithName("listTenants").ForOperator().Takes(Limit, Continuation).Gives<TenantPage>(200)
            .Refuses(Fault.Malformed);
        group.MapGet("/tenants/{tenant}", GetTenantAsync).WithName("getTenant").ForOperator().Gives<TenantView>(200).Refuses(Fault.NotFound);
        group.MapPost("/tenants/{tenant}/keys", CreateKeyAsync).WithName("createKey").ForOperator().TakesJson<NewKey>().Takes(IdempotencyKey.Description)
            .Gives<IssuedKey>(201).Refuses(Fault.NotFound, Fault.Conflict);
        group.MapGet("/tenants/{tenant}/keys", ListKeysAsync).WithName("listKeys").ForOperator()
            .Takes(Limit, Continuation).Gives<KeyPage>(200).Refuses(Fault.Malformed, Fault.NotFound);
        group.MapPost("/tenants/{tenant}/keys/{prefix}/rotate", RotateKeyAsync).WithName("rotateKey").ForOperator().TakesJson<Rotation>()
            .Takes(IdempotencyKey.Description)
            .Gives<IssuedKey>(201).Refuses(Fault.NotFound, Fault.Conflict);
        group.MapDelete("/tenants/{tenant}/keys/{prefix}", RevokeKeyAsync).WithName("revokeKey").ForOperator().Gives(204).Refuses(Fault.NotFound);
        group.MapPost("/tenants/{tenant}/invitations", InviteAsync).WithName("createInvitation").ForOperator().TakesJson<NewInvitation>()
            .Takes(IdempotencyKey.Description)
            .Gives<InvitationLink>(201).Refuses(Fault.NotFound, Fault.Conflict);
    }

    private static async Task<Created<TenantView>> CreateTenantAsync(
        HttpContext http, TenantDesk tenants, RequestSeeds seeds, CancellationToken cancel)
    {
        var (wanted, body) = await StrictJson.ReadAsync<NewTenant>(http.Request, cancel);
        TenantDesk.Demand(wanted);
        var tenant = await tenants.CreateAsync(wanted, await SeedAsync(http, seeds, body, cancel), cancel);
        return TypedResults.Created($"/v1/operator/tenants/{tenant.Id}", tenant);
    }

    private static async Task<Ok<TenantPage>> ListTenantsAsync(HttpContext http, TenantStore tenants, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var after = query.Continuation;
        Demand(after is null || TenantStore.IsId(after), "continuation is not one of ours");
        return TypedResults.Ok(await tenants.ListAsync(after, query.Number("limit", absent: 50, min: 1, max: MaxPage), cancel));
    }

    private static async Task<Ok<TenantView>> GetTenantAsync(string tenant, TenantDesk tenants, CancellationToken cancel)
        => TypedResults.Ok(await tenants.FindAsync(tenant, cancel));

    private static async Task<Created<IssuedKey>> CreateKeyAsync(
        string tenant, HttpContext http, TenantDesk tenants, KeyDesk keys, RequestSeeds seeds, CancellationToken cancel)
    {
        var owner = await tenants.FindAsync(tenant, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<NewKey>(http.Request, cancel);
        wanted.Demand();
        var seed = await SeedAsync(http, seeds, body, cancel);
        return Issued(http, owner.Id, await keys.CreateAsync(owner.Id, wanted, seed, Authenticator.Bearer(http), cancel));
    }

    private static async Task<Ok<KeyPage>> ListKeysAsync(string tenant, HttpContext http, TenantDesk tenants, KeyDesk keys, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var (after, limit) = (query.Continuation, query.Number("limit", absent: 50, min: 1, max: MaxPage));
        Demand(after is null || KeyDesk.IsPrefix(after), "continuation is not one of ours");
        var owner = await tenants.FindAsync(tenant, cancel);
        return TypedResults.Ok(await keys.ListAsync(owner.Id, after, limit, cancel));
    }

    private static async Task<Created<IssuedKey>> RotateKeyAsync(
        string tenant, string prefix, HttpContext http, TenantDesk tenants, KeyDesk keys, RequestSeeds seeds, CancellationToken cancel)
    {
        var owner = await tenants.FindAsync(tenant, cancel);
        var old = await keys.FindAsync(owner.Id, prefix, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<Rotation>(http.Request, cancel);
        wanted.Demand();
        var seed = await SeedAsync(http, seeds, body, cancel);
        return Issued(http, owner.Id, await keys.RotateAsync(old, wanted, seed, Authenticator.Bearer(http), cancel));
    }

    private static async Task<NoContent> RevokeKeyAsync(string tenant, string prefix, TenantDesk tenants, KeyDesk keys, CancellationToken cancel)
    {
        var owner = await tenants.FindAsync(tenant, cancel);
        await keys.RevokeAsync(await keys.FindAsync(owner.Id, prefix, cancel), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Created<InvitationLink>> InviteAsync(
        string tenant, HttpContext http, TenantDesk tenants, PeopleRoom people, RequestSeeds seeds, CancellationToken cancel)
    {
        var joined = await tenants.FindAsync(tenant, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<NewInvitation>(http.Request, cancel);
        var (role, address) = (wanted.Role ?? InvitedRole.Owner, PeopleRules.Text(wanted.Address, "address", PeopleRules.MaxAddressLength));
        var made = await tenants.InviteAsync(
            people, joined, address, role, await SeedAsync(http, seeds, body, cancel), Authenticator.Bearer(http), cancel);
        http.Response.Headers.CacheControl = "no-store";

        // Not the link: what is made is named in the log.
        return TypedResults.Created($"/v1/operator/tenants/{joined.Id}/invitations/{made.Id}", made);
    }

    private static Created<IssuedKey> Issued(HttpContext http, string tenantId, IssuedKey issued)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/operator/tenants/{tenantId}/keys/{issued.Info.Prefix}", issued);
    }

    // After the body was found good: a refused request does not use its key up.
    private static Task<RequestSeed> SeedAsync(HttpContext http, RequestSeeds seeds, byte[] body, CancellationToken cancel)
        => seeds.TakeAsync(IdempotencyKey.Of(http.Request), $"{http.Request.Method} {http.Request.Path}", body, cancel);

    private static void Demand(bool holds, string should)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, should);
    }
}
