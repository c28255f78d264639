using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;

namespace Notary.Host.Api;

/// <summary>What a tenant's owner chooses for his people.</summary>
internal static class SettingsPageRoutes
{
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/settings", ShowAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost("/settings", SaveAsync).ForPerson(Role.Owner).AsPage();
    }

    private static async Task<PageResult> ShowAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, TenantSettings settings, TenantQuotas quotas, UsageMeter usage, TimeProvider clock,
        CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        return PageResult.Of<SettingsPage>(
            (nameof(SettingsPage.Visitor), visitor),
            (nameof(SettingsPage.Did), tenant.Did),
            (nameof(SettingsPage.Usage), await UsageRoutes.OfLateAsync(tenant.Id, usage, clock, cancel)),
            (nameof(SettingsPage.Limits), LimitRoutes.Shown((await quotas.FindAsync(tenant.Id, cancel)).InForce)),
            (nameof(SettingsPage.DigestsAlone), await settings.AreDigestsAloneAsync(tenant.Id, cancel)),
            (nameof(SettingsPage.Saved), QueryReader.OfPage(http, "saved").Find("saved") is not null)) with
        { Private = true };
    }

    private static async Task<IResult> SaveAsync(HttpContext http, TenantSettings settings, CancellationToken cancel)
    {
        var alone = await AccountRoutes.FieldAsync(http, "what", cancel) switch
        {
            "files" => false,
            "digests" => true,
            _ => throw new FaultException(Fault.Malformed, "what is files or digests"),
        };
        await settings.SetDigestsAloneAsync(AccountRoutes.TenantOf(http), alone, cancel);
        return AccountRoutes.Onwards("/settings?saved=yes");
    }
}
