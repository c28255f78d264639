using Notary.Pages.Limits;

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
        return TypedResults.Ok(await ChangeAsync(http, owner.Id, wanted, quotas, cancel));
    }

    /// <summary>The same for API and page: checked, set, and noted for the trail.</summary>
    /// <exception cref="FaultException">Malformed.</exception>
    internal static async Task<LimitsView> ChangeAsync(HttpContext http, string tenant, OwnLimits wanted, TenantQuotas quotas, CancellationToken cancel)
    {
        wanted.Demand();
        var view = await quotas.SetAsync(tenant, wanted, cancel);
        foreach (var field in Fields(view, quotas.ForAll))
            AuditNote.Of(http).Add(field.Name, field.Own?.ToString(CultureInfo.InvariantCulture) ?? "as for all");

        return view;
    }

    /// <summary>What of limits a page shows.</summary>
    internal static LimitsShown Shown(TenantLimits limits)
        => new(limits.RequestsPerMinute, limits.ItemsPerMinute, limits.BytesPerMinute, limits.UploadsAtOnce, limits.StoredBytes);

    /// <summary>What of limits a form changes, by the API's names.</summary>
    internal static IReadOnlyList<LimitField> Fields(LimitsView view, TenantLimits all) =>
    [
        new("requestsPerMinute", view.Own.RequestsPerMinute, all.RequestsPerMinute),
        new("itemsPerMinute", view.Own.ItemsPerMinute, all.ItemsPerMinute),
        new("bytesPerMinute", view.Own.BytesPerMinute, all.BytesPerMinute),
        new("uploadsAtOnce", view.Own.UploadsAtOnce, all.UploadsAtOnce),
        new("storedBytes", view.Own.StoredBytes, all.StoredBytes),
    ];

    /// <summary>What a form says.</summary>
    /// <exception cref="FaultException">Malformed: a field is missing, or is neither empty nor a number.</exception>
    internal static OwnLimits Read(IReadOnlyDictionary<string, string> form)
    {
        return new OwnLimits(Of("requestsPerMinute"), Of("itemsPerMinute"), Of("bytesPerMinute"), Of("uploadsAtOnce"), Of("storedBytes"));

        long? Of(string name) => form.GetValueOrDefault(name)?.Trim() switch
        {
            "" => null,
            { } text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) => limit,
            _ => throw new FaultException(Fault.Malformed, $"{name} is a number or empty"),
        };
    }
}
