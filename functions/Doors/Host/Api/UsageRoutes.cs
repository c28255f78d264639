namespace Notary.Host.Api;

/// <summary>What a tenant has used, for him and for the operator.</summary>
internal static class UsageRoutes
{
    /// <summary>Days when nobody says how many.</summary>
    private const int UsualDays = 30;

    private static readonly Parameter[] Days =
    [
        new("from", "query", $"first day, in UTC; {UsualDays} days up to the last one when absent"),
        new("to", "query", $"last day, today when absent; at most {UsageMeter.MaxDays} days in all"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/usage", GetAsync).WithName("getUsage").WithTags("Usage").ForTenant(Scope.Read).Takes(Days).Gives<UsageReport>(200);
        routes.MapGet("/v1/operator/tenants/{tenant}/usage", GetOfTenantAsync).WithName("getTenantUsage").WithTags("Operator").ForOperator().Takes(Days)
            .Gives<UsageReport>(200).Refuses(Fault.NotFound);
    }

    private static async Task<Ok<UsageReport>> GetAsync(HttpContext http, UsageMeter usage, TimeProvider clock, CancellationToken cancel)
        => TypedResults.Ok(await ReadAsync(Caller.TenantOf(http).Id, http, usage, clock, cancel));

    private static async Task<Ok<UsageReport>> GetOfTenantAsync(
        string tenant, HttpContext http, TenantDesk tenants, UsageMeter usage, TimeProvider clock, CancellationToken cancel)
        => TypedResults.Ok(await ReadAsync((await tenants.FindAsync(tenant, cancel)).Id, http, usage, clock, cancel));

    /// <summary>The thirty days up to today, for a page.</summary>
    internal static Task<UsageReport> OfLateAsync(string tenant, UsageMeter usage, TimeProvider clock, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return usage.ReadAsync(tenant, today.AddDays(1 - UsualDays), today, cancel);
    }

    private static async Task<UsageReport> ReadAsync(string tenant, HttpContext http, UsageMeter usage, TimeProvider clock, CancellationToken cancel)
    {
        var query = new QueryReader(http, "from", "to");
        var to = query.Day("to") ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return await usage.ReadAsync(tenant, query.Day("from") ?? to.AddDays(1 - UsualDays), to, cancel);
    }
}
