namespace Notary.Host.Api;

/// <summary>Limits of one tenant, for the operator.</summary>
internal static class LimitRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/operator/tenants/{tenant}/limits").WithTags("Operator");
        group.MapGet("", GetAsync).WithName("getTenantLimits").ForOperator().Gives<LimitsView>(200).Refuses(Fault.NotFound);
        group.MapPut("", SetAsync).WithName("setTenantLimits").ForOperator().TakesJson<OwnLimits>().Gives<LimitsView>(200).Refuses(Fault.NotFound);
    }

    private static async Task<Ok<LimitsView>> GetAsync(string tenant, TenantDesk tenants, TenantQuotas quotas, CancellationToken cancel)
        => TypedResults.Ok(await quotas.FindAsync((await tenants.FindAsync(tenant, cancel)).Id, cancel));

    private static async Task<Ok<LimitsView>> SetAsync(
        string tenant, HttpContext http, TenantDesk tenants, TenantQuotas quotas, CancellationToken cancel)
    {
        var owner = await tenants.FindAsync(tenant, cancel);
        var (wanted, _) = await StrictJson.ReadAsync<OwnLimits>(http.Request, cancel);
        wanted.Demand();
        return TypedResults.Ok(await quotas.SetAsync(owner.Id, wanted, cancel));
    }
}
