using Notary.Identity.People;

namespace Notary.Host.Api;

/// <summary>A tenant to create. The id is made when absent; the DID then is a did:web below the office's own address.</summary>
public sealed record NewTenant(string Name, string? Id = null, string? Did = null);

/// <summary>A key to create; both scopes when none are named. Never expires when <paramref name="ExpiresAt"/> is absent.</summary>
public sealed record NewKey(string? Label = null, IReadOnlyList<Scope>? Scopes = null, DateTimeOffset? ExpiresAt = null);

/// <summary>How long the old key of a rotation stays valid, in seconds; a day when absent.</summary>
public sealed record Rotation(int? OverlapSeconds = null)
{
    internal const int DefaultOverlapSeconds = 24 * 3600;

    // Longer is not a rotation any more but two keys.
    internal const int MaxOverlapSeconds = 30 * 24 * 3600;
}

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

/// <summary>A new key. <paramref name="Key"/> is shown in this answer and never again; <paramref name="Replaces"/> is the old key of a rotation.</summary>
public sealed record IssuedKey(string Key, ApiKeyView Info, ApiKeyView? Replaces);

/// <summary>Tenants and their keys, for the operator.</summary>
internal static partial class OperatorRoutes
{
    private const int MaxNameLength = 200;
    private const int MaxLabelLength = 100;
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
        HttpContext http, TenantStore tenants, RequestSeeds seeds, HostSettings settings, CancellationToken cancel)
    {
        var (wanted, body) = await StrictJson.ReadAsync<NewTenant>(http.Request, cancel);
        Demand(IsText(wanted.Name, 1, MaxNameLength), $"name has 1 to {MaxNameLength} characters and no control characters");
        Demand(wanted.Id is null || TenantStore.IsId(wanted.Id), "id has 1 to 40 of a-z, 0-9 and '-'");
        Demand(wanted.Did is null || (wanted.Did.Length <= 255 && Did.IsValid(wanted.Did)), "did is a DID (W3C DID Core, section 3.1)");

        var seed = await SeedAsync(http, seeds, body, cancel);
        var id = wanted.Id ?? Convert.ToHexStringLower(seed.Bytes.AsSpan(0, 16));
        var tenant = new TenantView(id, wanted.Name, wanted.Did ?? TenantStore.DidOf(id, settings.Office.PublicUrl), seed.At);
        await tenants.AddAsync(tenant, cancel);
        return TypedResults.Created($"/v1/operator/tenants/{id}", tenant);
    }

    private static async Task<Ok<TenantPage>> ListTenantsAsync(HttpContext http, TenantStore tenants, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var after = query.Continuation;
        Demand(after is null || TenantStore.IsId(after), "continuation is not one of ours");
        return TypedResults.Ok(await tenants.ListAsync(after, query.Number("limit", absent: 50, min: 1, max: MaxPage), cancel));
    }

    private static async Task<Ok<TenantView>> GetTenantAsync(string tenant, TenantStore tenants, CancellationToken cancel)
        => TypedResults.Ok(await TenantAsync(tenant, tenants, cancel));

    private static async Task<Created<IssuedKey>> CreateKeyAsync(
        string tenant, HttpContext http, TenantStore tenants, ApiKeyStore keys, RequestSeeds seeds, TimeProvider clock, CancellationToken cancel)
    {
        var owner = await TenantAsync(tenant, tenants, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<NewKey>(http.Request, cancel);
        var scopes = wanted.Scopes ?? [Scope.Write, Scope.Read];
        var label = wanted.Label ?? "";
        Demand(IsText(label, 0, MaxLabelLength), $"label has at most {MaxLabelLength} characters and no control characters");
        Demand(scopes.Count is 1 or 2 && scopes.Distinct().Count() == scopes.Count, "scopes are write, read or both");
        var seed = await SeedAsync(http, seeds, body, cancel);
        Demand(wanted.ExpiresAt is not { } end || end > seed.At, "expiresAt is in the future");

        var key = ApiKey.Derive(seed.Bytes, Authenticator.Bearer(http), owner.Id);
        var view = new ApiKeyView(key.Prefix, label, scopes, seed.At, wanted.ExpiresAt, null);
        await AddAsync(owner.Id, key, view, keys, clock, cancel);
        return Issued(http, owner.Id, new IssuedKey(key.ToString(), view, null));
    }

    private static async Task<Ok<KeyPage>> ListKeysAsync(string tenant, HttpContext http, TenantStore tenants, ApiKeyStore keys, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var (after, limit) = (query.Continuation, query.Number("limit", absent: 50, min: 1, max: MaxPage));
        Demand(after is null || Prefix().IsMatch(after), "continuation is not one of ours");
        var owner = await TenantAsync(tenant, tenants, cancel);
        return TypedResults.Ok(await keys.ListAsync(owner.Id, after, limit, cancel));
    }

    private static async Task<Created<IssuedKey>> RotateKeyAsync(
        string tenant, string prefix, HttpContext http, TenantStore tenants, ApiKeyStore keys, RequestSeeds seeds, TimeProvider clock, CancellationToken cancel)
    {
        var owner = await TenantAsync(tenant, tenants, cancel);
        var old = await KeyAsync(owner.Id, prefix, keys, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<Rotation>(http.Request, cancel);
        var seconds = wanted.OverlapSeconds ?? Rotation.DefaultOverlapSeconds;
        Demand(seconds is >= 0 and <= Rotation.MaxOverlapSeconds, $"overlapSeconds is 0 to {Rotation.MaxOverlapSeconds}");

        var seed = await SeedAsync(http, seeds, body, cancel);
        var key = ApiKey.Derive(seed.Bytes, Authenticator.Bearer(http), $"{owner.Id}\0{prefix}");
        var overlap = seed.At.AddSeconds(seconds);
        var end = old.View.ExpiresAt is { } earlier && earlier < overlap ? earlier : overlap;
        var view = new ApiKeyView(key.Prefix, old.View.Label, old.View.Scopes, seed.At, null, null);
        if (await keys.FindAsync(key.Prefix, cancel) is null && !old.IsLive(seed.At))
            throw new FaultException(Fault.Conflict, "the key has expired or is revoked: create another");

        // The new key first: a crash between leaves two keys for a while, never none.
        await AddAsync(owner.Id, key, view, keys, clock, cancel);
        await keys.ExpireAsync(old, end, cancel);

        // What the first answer said: later changes to the old key do not alter a replay.
        var replaced = old.View with { ExpiresAt = end, RevokedAt = null };
        return Issued(http, owner.Id, new IssuedKey(key.ToString(), view, replaced));
    }

    private static async Task<NoContent> RevokeKeyAsync(
        string tenant, string prefix, TenantStore tenants, ApiKeyStore keys, TimeProvider clock, CancellationToken cancel)
    {
        var owner = await TenantAsync(tenant, tenants, cancel);
        await keys.RevokeAsync(await KeyAsync(owner.Id, prefix, keys, cancel), clock.GetUtcNow(), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Created<InvitationLink>> InviteAsync(
        string tenant, HttpContext http, TenantStore tenants, PeopleRoom people, RequestSeeds seeds, HostSettings settings, CancellationToken cancel)
    {
        var joined = await TenantAsync(tenant, tenants, cancel);
        var (wanted, body) = await StrictJson.ReadAsync<NewInvitation>(http.Request, cancel);
        var (role, address) = (wanted.Role ?? InvitedRole.Owner, PeopleRules.Text(wanted.Address, "address", PeopleRules.MaxAddressLength));
        var seed = await SeedAsync(http, seeds, body, cancel);
        var secret = ApiKey.SecretOf(seed.Bytes, Authenticator.Bearer(http), $"invitation\0{joined.Id}");
        var (path, info) = await people.Invitations.InviteAsync(joined.Id, Enum.Parse<Role>(role.ToString()), address, secret, seed.At, cancel);
        http.Response.Headers.CacheControl = "no-store";

        // Not the link: what is made is named in the log.
        return TypedResults.Created($"/v1/operator/tenants/{joined.Id}/invitations/{info.Id}",
            new InvitationLink(new Uri(settings.Office.PublicUrl, path).ToString(), info.Id, role, info.Address, info.CreatedAt, info.ExpiresAt));
    }

    private static async Task AddAsync(string tenantId, ApiKey key, ApiKeyView view, ApiKeyStore keys, TimeProvider clock, CancellationToken cancel)
    {
        if (await keys.FindAsync(key.Prefix, cancel) is null && await keys.CountLiveAsync(tenantId, clock.GetUtcNow(), cancel) >= ApiKeyStore.MaxKeys)
            throw new FaultException(Fault.Conflict, $"the tenant has {ApiKeyStore.MaxKeys} live keys: revoke one first");

        await keys.AddAsync(new StoredKey(tenantId, key.Hash(), view), cancel);
    }

    private static Created<IssuedKey> Issued(HttpContext http, string tenantId, IssuedKey issued)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/operator/tenants/{tenantId}/keys/{issued.Info.Prefix}", issued);
    }

    // After the body was found good: a refused request does not use its key up.
    private static Task<RequestSeed> SeedAsync(HttpContext http, RequestSeeds seeds, byte[] body, CancellationToken cancel)
        => seeds.TakeAsync(IdempotencyKey.Of(http.Request), $"{http.Request.Method} {http.Request.Path}", body, cancel);

    private static async Task<TenantView> TenantAsync(string id, TenantStore tenants, CancellationToken cancel)
        => await tenants.FindAsync(id, cancel) ?? throw NotFound();

    private static async Task<StoredKey> KeyAsync(string tenantId, string prefix, ApiKeyStore keys, CancellationToken cancel)
        => Prefix().IsMatch(prefix) && await keys.FindAsync(prefix, cancel) is { } key && key.TenantId == tenantId ? key : throw NotFound();

    private static bool IsText(string text, int min, int max)
        => text.Length >= min && text.Length <= max && !text.Any(char.IsControl);

    private static void Demand(bool holds, string should)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, should);
    }

    private static FaultException NotFound() => new(Fault.NotFound, ProblemMiddleware.NotFoundDetail);

    [GeneratedRegex("^[0-9a-f]{16}$", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
