using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>The staff's page of the platform's health and its history.</summary>
internal static class OfficeHealthRoutes
{
    private static readonly Role[] Staff = [Role.Clerk, Role.Notary, Role.Auditor, Role.Operator];
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/office/health", GetAsync).ForPerson(Staff).AsPage().Takes(new Parameter(LanguageChoice.Parameter, "query", "zh or en"));

    private static async Task<PageResult> GetAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, HealthLooks looks, PortalLinks portal, CancellationToken cancel)
        => PageResult.Of<HealthPage>(
            (nameof(HealthPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(HealthPage.Health), await looks.NowAsync(cancel)),
            (nameof(HealthPage.Places), portal.OfPlatform())) with
        { Private = true, Policy = WithScript };
}
