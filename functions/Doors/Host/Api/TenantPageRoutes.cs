using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;
using Notary.Pages.Keys;
using Notary.Pages.Office;

namespace Notary.Host.Api;

/// <summary>Tenants and their keys on the staff's pages: read by all, changed by the operator, by the same desks as his API.</summary>
internal static class TenantPageRoutes
{
    private const string List = "/office/tenants";
    private const string One = List + "/{tenant}";
    private const int PageSize = 50;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(List, ListAsync).ForPerson(OfficeRoutes.Staff).AsPage().Takes(Language);
        routes.MapPost(List, CreateAsync).ForPerson(Role.Operator).AsPage();
        routes.MapGet(One, GetAsync).ForPerson(OfficeRoutes.Staff).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapPost(One + "/keys", CreateKeyAsync).ForPerson(Role.Operator).AsPage();
        routes.MapPost(One + "/keys/{prefix}/rotate", RotateKeyAsync).ForPerson(Role.Operator).AsPage();
        routes.MapPost(One + "/keys/{prefix}/revoke", RevokeKeyAsync).ForPerson(Role.Operator).AsPage();
        routes.MapPost(One + "/invitations", InviteAsync).ForPerson(Role.Operator).AsPage();
        routes.MapPost(One + "/limits", ChangeLimitsAsync).ForPerson(Role.Operator).AsPage();
    }

    private static Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        var after = QueryReader.OfPage(http, "continuation").Continuation;
        return after is null || TenantStore.IsId(after) ? ShowListAsync(http, people, tenants, after, null, default, cancel)
            : throw new FaultException(Fault.Malformed, "continuation is not one of ours");
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, TenantDesk desk, RequestSeeds seeds, CancellationToken cancel)
    {
        var (name, id) = ((await AccountRoutes.FieldAsync(http, "name", cancel)).Trim(), (await AccountRoutes.FieldAsync(http, "id", cancel)).Trim());
        var sandbox = (await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault("sandbox") == "yes";
        try
        {
            var wanted = new NewTenant(name, id.Length == 0 ? null : id, Sandbox: sandbox ? true : null);
            TenantDesk.Demand(wanted);
            var wish = sandbox ? $"{name}\0{id}\0sandbox" : $"{name}\0{id}";
            var made = await desk.CreateAsync(wanted, await KeyPageRoutes.SeedAsync(http, seeds, "", wish, cancel), cancel);
            AuditNote.Of(http).Add("tenant", made.Id);
            return AccountRoutes.Onwards($"{List}/{made.Id}");
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.Conflict)
        {
            Words why = e.Fault == Fault.Conflict ? ("没有办成：这个编号已被使用。", "Not done: the id is taken.")
                : ("没有办成：名称 1 至 200 个字符；编号 1 至 40 个小写字母、数字或连字符。",
                    "Not done: a name has 1 to 200 characters, an id 1 to 40 of a-z, 0-9 and '-'.");
            return await ShowListAsync(http, people, tenants, null, why, (name, id, sandbox), cancel);
        }
    }

    private static async Task<PageResult> GetAsync(string tenant, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var after = QueryReader.OfPage(http, "continuation").Continuation;
        return after is null || KeyDesk.IsPrefix(after) ? await ShowAsync(tenant, http, desks, new Outcome(), after, cancel)
            : throw new FaultException(Fault.Malformed, "continuation is not one of ours");
    }

    private static Task<PageResult> CreateKeyAsync(string tenant, HttpContext http, Desks desks, HostSettings settings, CancellationToken cancel)
        => DoAsync(tenant, http, desks, async owner =>
        {
            var issued = await KeyPageRoutes.MakeAsync(owner.Id, http, desks.People, desks.Keys, desks.Seeds, cancel);
            AuditNote.Of(http).Add("key", issued.Info.Prefix);
            return new Outcome { Shown = KeyPageRoutes.Show(issued, settings) };
        }, cancel);

    private static Task<PageResult> RotateKeyAsync(
        string tenant, string prefix, HttpContext http, Desks desks, HostSettings settings, CancellationToken cancel)
        => DoAsync(tenant, http, desks, async owner =>
        {
            var issued = await KeyPageRoutes.ReplaceAsync(owner.Id, prefix, http, desks.People, desks.Keys, desks.Seeds, cancel);
            AuditNote.Of(http).Add("key", issued.Info.Prefix);
            return new Outcome { Shown = KeyPageRoutes.Show(issued, settings) };
        }, cancel);

    private static async Task<IResult> RevokeKeyAsync(string tenant, string prefix, Desks desks, CancellationToken cancel)
    {
        var owner = await desks.Tenants.FindAsync(tenant, cancel);
        await desks.Keys.RevokeAsync(await desks.Keys.FindAsync(owner.Id, prefix, cancel), cancel);
        return AccountRoutes.Onwards($"{List}/{owner.Id}");
    }

    private static Task<PageResult> InviteAsync(string tenant, HttpContext http, Desks desks, CancellationToken cancel)
        => DoAsync(tenant, http, desks, async owner =>
        {
            var address = PeopleRules.Text(await AccountRoutes.FieldAsync(http, "address", cancel), "address", PeopleRules.MaxAddressLength);
            var seed = await KeyPageRoutes.SeedAsync(http, desks.Seeds, owner.Id, address, cancel);
            var made = await desks.Tenants.InviteAsync(
                desks.People, owner, address, InvitedRole.Owner, seed, desks.People.Antiforgery.OfSession(http), cancel);
            AuditNote.Of(http).Add("invitation", made.Id).Add("address", made.Address);
            return new Outcome { Link = new ShownLink(made.Url, made.ExpiresAt) };
        }, cancel);

    private static Task<PageResult> ChangeLimitsAsync(string tenant, HttpContext http, Desks desks, CancellationToken cancel)
        => DoAsync(tenant, http, desks, async owner =>
        {
            await LimitRoutes.ChangeAsync(http, owner.Id, LimitRoutes.Read(await PersonAccess.FormAsync(http, cancel)), desks.Quotas, cancel);
            return new Outcome { LimitsChanged = true };
        }, cancel);

    // The page itself is the answer: after a redirect nobody would know the key or the link.
    private static async Task<PageResult> DoAsync(
        string tenant, HttpContext http, Desks desks, Func<TenantView, Task<Outcome>> act, CancellationToken cancel)
    {
        var owner = await desks.Tenants.FindAsync(tenant, cancel);
        try
        {
            return await ShowAsync(tenant, http, desks, await act(owner), null, cancel);
        }
        catch (FaultException e) when (e.Fault is Fault.Conflict or Fault.Malformed)
        {
            Words why = e.Fault == Fault.Malformed ? ("没有办成：填写有误。", "Not done: something was filled in wrongly.")
                : ("没有办成：密钥已经失效，或者数量已满，或者这是审计日志自己的单位，只许查阅。",
                    "Not done: the key has ended, there are too many, or this is the trail's own tenant, which is only read.");
            return await ShowAsync(tenant, http, desks, new Outcome { Refused = why }, null, cancel) with { Status = FaultStatus.Of(e.Fault) };
        }
    }

    private static async Task<PageResult> ShowListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, string? after, Words? refused,
        (string? Name, string? Id, bool Sandbox) typed, CancellationToken cancel)
    {
        var page = await tenants.ListAsync(after, PageSize, cancel);
        return PageResult.Of<TenantsPage>(
            (nameof(TenantsPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(TenantsPage.Tenants), page.Items.Select(t => new FoundTenant(t.Id, t.Name, t.CreatedAt, t.Sandbox)).ToList()),
            (nameof(TenantsPage.Once), KeyPageRoutes.NewOnce()),
            (nameof(TenantsPage.Continued), after is not null),
            (nameof(TenantsPage.Next), page.Continuation),
            (nameof(TenantsPage.Refused), refused),
            (nameof(TenantsPage.Typed), typed)) with
        { Private = true, Status = refused is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict };
    }

    private static async Task<PageResult> ShowAsync(
        string tenant, HttpContext http, Desks desks, Outcome outcome, string? after, CancellationToken cancel)
    {
        var owner = await desks.Tenants.FindAsync(tenant, cancel);
        var (page, now) = (await desks.Keys.ListAsync(owner.Id, after, ApiKeyStore.MaxKeys, cancel), desks.Clock.GetUtcNow());
        var limits = await desks.Quotas.FindAsync(owner.Id, cancel);
        return PageResult.Of<OneTenantPage>(
            (nameof(OneTenantPage.Visitor), await AccountRoutes.VisitorAsync(http, desks.People, desks.Store, cancel)),
            (nameof(OneTenantPage.Tenant), new FoundTenant(owner.Id, owner.Name, owner.CreatedAt, owner.Sandbox)),
            (nameof(OneTenantPage.Did), owner.Did),
            (nameof(OneTenantPage.Members), await desks.People.Members.ListAsync(owner.Id, cancel)),
            (nameof(OneTenantPage.Keys), KeyPageRoutes.Lines(page, now)),
            (nameof(OneTenantPage.Usage), await UsageRoutes.OfLateAsync(owner.Id, desks.Usage, desks.Clock, cancel)),
            (nameof(OneTenantPage.Limits), LimitRoutes.Shown(limits.InForce)),
            (nameof(OneTenantPage.LimitFields), LimitRoutes.Fields(limits, desks.Quotas.ForAll)),
            (nameof(OneTenantPage.LimitsChanged), outcome.LimitsChanged),
            (nameof(OneTenantPage.Now), now),
            (nameof(OneTenantPage.Once), KeyPageRoutes.NewOnce()),
            (nameof(OneTenantPage.Continued), after is not null),
            (nameof(OneTenantPage.Next), page.Continuation),
            (nameof(OneTenantPage.Shown), outcome.Shown),
            (nameof(OneTenantPage.Link), outcome.Link),
            (nameof(OneTenantPage.Refused), outcome.Refused)) with
        { Private = true };
    }

    /// <summary>What a tenant's page is made of.</summary>
    internal sealed record Desks(TenantStore Store, TenantDesk Tenants, KeyDesk Keys, RequestSeeds Seeds, PeopleRoom People, TenantQuotas Quotas,
        UsageMeter Usage, TimeProvider Clock);

    private sealed record Outcome
    {
        public ShownKey? Shown { get; init; }

        public ShownLink? Link { get; init; }

        public Words? Refused { get; init; }

        public bool LimitsChanged { get; init; }
    }
}
