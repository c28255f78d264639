using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Depositing;

namespace Notary.Host.Api;

/// <summary>The first page of a tenant's people.</summary>
internal static class OverviewRoutes
{
    private static readonly TimeSpan Shown = TimeSpan.FromDays(30);
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/overview", ShowAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language);

    private static async Task<PageResult> ShowAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var now = clock.GetUtcNow();

        // Whole days, as the page counts them.
        var since = new DateTimeOffset((now - Shown).ToOffset(DepositPageRoutes.Zone).Date.AddDays(1), DepositPageRoutes.Zone);
        var known = visitor.Who.Role == Role.Owner ? (await keys.ListAsync(tenant.Id, null, ApiKeyStore.MaxKeys, cancel)).Items : [];
        var summary = await (await rooms.OpenAsync(cancel)).Deposits.SummaryAsync(tenant, since, DepositPageRoutes.Zone, cancel);
        return PageResult.Of<OverviewPage>(
            (nameof(OverviewPage.Visitor), visitor),
            (nameof(OverviewPage.Summary), summary),
            (nameof(OverviewPage.EndingKeys), known.Select(KeyPageRoutes.Line).Where(key => key.EndsSoon(now)).ToList())) with
        { Private = true };
    }
}
