using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Endpoints;
using Notary.Webhooks;

namespace Notary.Host.Api;

/// <summary>Where a tenant's events go, for its owners: what the API does, by the same desk.</summary>
internal static class EndpointPageRoutes
{
    private const string One = "/webhooks/{endpoint}";
    private const int Attempts = 25;

    /// <summary>The clock of the page's times, the office's.</summary>
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);
    private static readonly string[] LocalTimes = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFF"];

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/webhooks", ListAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost("/webhooks", CreateAsync).ForPerson(Role.Owner).AsPage();
        routes.MapGet(One, ShowAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost(One, ChangeAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/enable", EnableAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/disable", DisableAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/rotate", RotateAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/delete", DeleteAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/test", TestAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/replay", ReplayAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost(One + "/events/{id}/replay", ReplayOneAsync).ForPerson(Role.Owner).AsPage();
    }

    /// <summary>What every one of these pages needs.</summary>
    internal sealed record Desks(PeopleRoom People, TenantStore Tenants, Rooms Rooms, RequestSeeds Seeds, TimeProvider Clock)
    {
        public async ValueTask<EndpointDesk> OpenAsync(CancellationToken cancel) => (await Rooms.OpenAsync(cancel)).Webhooks.Desk;
    }

    private static Task<PageResult> ListAsync(HttpContext http, Desks desks, CancellationToken cancel)
        => ListedAsync(http, desks, new EndpointForm(), null, null, cancel);

    private static async Task<PageResult> CreateAsync(HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (filled, tenant) = (await FilledAsync(http, cancel), AccountRoutes.TenantOf(http));
        try
        {
            var types = filled.Filters([]);
            var seed = await KeyPageRoutes.SeedAsync(
                http, desks.Seeds, tenant, $"{filled.Url}\0{filled.Label}\0{string.Join(' ', types)}", cancel);
            var made = await (await desks.OpenAsync(cancel)).CreateAsync(tenant, filled.Url, filled.Label, types, seed.Bytes, seed.At, cancel);
            return await ListedAsync(http, desks, new EndpointForm(), new ShownSecret(made.Endpoint, made.Secret, false), null, cancel);
        }
        catch (FaultException e) when (IsWish(e))
        {
            return await ListedAsync(http, desks, filled, null, e, cancel);
        }
    }

    private static async Task<PageResult> ShowAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, "continuation", "done", "queued", "next");
        Words? done = query.Find("done") switch
        {
            "saved" => ("已保存。", "Saved."),
            "tested" => ("已发出，结果见发送记录。", "On its way: the attempts say what came of it."),
            _ => null,
        };
        var queued = query.Find("queued") is null ? null
            : new Queued(query.Number("queued", 0, 0, WebhookLimits.MaxReplayed), query.Time("next"));
        return await ShownAsync(endpoint, http, desks, new Shown { Done = done, Queued = queued, After = query.Continuation }, cancel);
    }

    private static async Task<IResult> ChangeAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (filled, tenant, desk) = (await FilledAsync(http, cancel), AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        var before = await DemandAsync(desk, tenant, endpoint, cancel);
        return await TryAsync(endpoint, http, desks, filled, async () =>
        {
            await desk.ChangeAsync(tenant, endpoint, filled.Url, filled.Label, filled.Filters(before.Types), before.Enabled, cancel);
            return AccountRoutes.Onwards($"/webhooks/{endpoint}?done=saved");
        }, cancel);
    }

    private static Task<IResult> EnableAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
        => SwitchAsync(endpoint, http, desks, true, cancel);

    private static Task<IResult> DisableAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
        => SwitchAsync(endpoint, http, desks, false, cancel);

    private static async Task<IResult> SwitchAsync(string endpoint, HttpContext http, Desks desks, bool enabled, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        var before = await DemandAsync(desk, tenant, endpoint, cancel);
        return await TryAsync(endpoint, http, desks, null, async () =>
        {
            await desk.ChangeAsync(tenant, endpoint, before.Url.OriginalString, before.Label, before.Types, enabled, cancel);
            return AccountRoutes.Onwards($"/webhooks/{endpoint}");
        }, cancel);
    }

    private static async Task<IResult> RotateAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        await DemandAsync(desk, tenant, endpoint, cancel);
        var overlap = await KeyPageRoutes.NumberAsync(http, "overlap", WebhookLimits.MaxOverlapSeconds, cancel);
        var seed = await KeyPageRoutes.SeedAsync(http, desks.Seeds, tenant, $"{overlap}", cancel);
        return await TryAsync(endpoint, http, desks, null, async () =>
        {
            var made = await desk.RotateAsync(tenant, endpoint, overlap, seed.Bytes, seed.At, cancel);
            return await ShownAsync(endpoint, http, desks, new Shown { Secret = new ShownSecret(endpoint, made.Secret, overlap > 0) }, cancel);
        }, cancel);
    }

    private static async Task<IResult> DeleteAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
        => await (await desks.OpenAsync(cancel)).DeleteAsync(AccountRoutes.TenantOf(http), endpoint, cancel)
            ? AccountRoutes.Onwards("/webhooks") : throw NotFound();

    private static async Task<IResult> TestAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        await DemandAsync(desk, tenant, endpoint, cancel);
        var seed = await KeyPageRoutes.SeedAsync(http, desks.Seeds, tenant, "", cancel);
        return await TryAsync(endpoint, http, desks, null, async () =>
        {
            await desk.TestAsync(tenant, endpoint, seed.Bytes, seed.At, cancel);
            return AccountRoutes.Onwards($"/webhooks/{endpoint}?done=tested");
        }, cancel);
    }

    private static async Task<IResult> ReplayAsync(string endpoint, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        await DemandAsync(desk, tenant, endpoint, cancel);
        var (since, until) = (await TimeAsync(http, "since", cancel), await TimeAsync(http, "until", cancel));
        var seed = await KeyPageRoutes.SeedAsync(http, desks.Seeds, tenant, $"{since:O}\0{until:O}", cancel);
        return await TryAsync(endpoint, http, desks, null, async () =>
        {
            var came = await desk.ReplayAsync(tenant, endpoint, since, until, seed.At, cancel);
            var next = came.Next is { } time ? $"&next={time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}" : "";
            return AccountRoutes.Onwards($"/webhooks/{endpoint}?queued={came.Queued}{next}");
        }, cancel);
    }

    private static async Task<IResult> ReplayOneAsync(string endpoint, string id, HttpContext http, Desks desks, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        await DemandAsync(desk, tenant, endpoint, cancel);
        var seed = await KeyPageRoutes.SeedAsync(http, desks.Seeds, tenant, "", cancel);
        return await TryAsync(endpoint, http, desks, null, async () =>
        {
            var came = await desk.ReplayAsync(tenant, id, endpoint, seed.At, cancel);
            return AccountRoutes.Onwards($"/webhooks/{endpoint}?queued={came.Queued}");
        }, cancel);
    }

    /// <summary>What a page of one endpoint says beside how it stands.</summary>
    private sealed record Shown
    {
        public Words? Done { get; init; }

        public Queued? Queued { get; init; }

        public string? After { get; init; }

        public ShownSecret? Secret { get; init; }

        public EndpointForm? Filled { get; init; }

        public FaultException? Refused { get; init; }
    }

    private static async Task<IResult> TryAsync(
        string endpoint, HttpContext http, Desks desks, EndpointForm? filled, Func<Task<IResult>> act, CancellationToken cancel)
    {
        try
        {
            return await act();
        }
        catch (FaultException e) when (IsWish(e))
        {
            return await ShownAsync(endpoint, http, desks, new Shown { Filled = filled, Refused = e }, cancel);
        }
    }

    private static async Task<PageResult> ListedAsync(
        HttpContext http, Desks desks, EndpointForm filled, ShownSecret? secret, FaultException? refused, CancellationToken cancel)
        => PageResult.Of<EndpointsPage>(
            (nameof(EndpointsPage.Visitor), await AccountRoutes.VisitorAsync(http, desks.People, desks.Tenants, cancel)),
            (nameof(EndpointsPage.Endpoints), (await (await desks.OpenAsync(cancel)).ListAsync(AccountRoutes.TenantOf(http), cancel)).Items),
            (nameof(EndpointsPage.Once), KeyPageRoutes.NewOnce()),
            (nameof(EndpointsPage.Filled), filled),
            (nameof(EndpointsPage.Shown), secret),
            (nameof(EndpointsPage.Refused), Refusal(refused))) with
        { Private = true, Status = StatusOf(refused) };

    private static async Task<PageResult> ShownAsync(string endpoint, HttpContext http, Desks desks, Shown shown, CancellationToken cancel)
    {
        var (tenant, desk) = (AccountRoutes.TenantOf(http), await desks.OpenAsync(cancel));
        var view = await DemandAsync(desk, tenant, endpoint, cancel);
        var attempts = await desk.AttemptsAsync(tenant, endpoint, Attempts, shown.After, cancel);
        return PageResult.Of<OneEndpointPage>(
            (nameof(OneEndpointPage.Visitor), await AccountRoutes.VisitorAsync(http, desks.People, desks.Tenants, cancel)),
            (nameof(OneEndpointPage.Endpoint), view),
            (nameof(OneEndpointPage.Attempts), attempts.Items),
            (nameof(OneEndpointPage.Once), KeyPageRoutes.NewOnce()),
            (nameof(OneEndpointPage.Filled), shown.Filled ?? EndpointForm.Of(view)),
            (nameof(OneEndpointPage.Continued), shown.After is not null),
            (nameof(OneEndpointPage.Next), attempts.Continuation),
            (nameof(OneEndpointPage.Shown), shown.Secret),
            (nameof(OneEndpointPage.Done), shown.Done),
            (nameof(OneEndpointPage.Queued), shown.Queued),
            (nameof(OneEndpointPage.Refused), Refusal(shown.Refused))) with
        { Private = true, Status = StatusOf(shown.Refused) };
    }

    private static async Task<EndpointView> DemandAsync(EndpointDesk desk, string tenant, string endpoint, CancellationToken cancel)
        => await desk.FindAsync(tenant, endpoint, cancel) ?? throw NotFound();

    private static async Task<EndpointForm> FilledAsync(HttpContext http, CancellationToken cancel)
    {
        var fields = await PersonAccess.FormAsync(http, cancel);
        return new EndpointForm
        {
            Url = (await AccountRoutes.FieldAsync(http, "url", cancel)).Trim(),
            Label = (await AccountRoutes.FieldAsync(http, "label", cancel)).Trim(),
            All = await AccountRoutes.FieldAsync(http, "which", cancel) switch
            {
                "all" => true,
                "some" => false,
                _ => throw new FaultException(Fault.Malformed, "which is all or some"),
            },
            Types = [.. EventTypes.All.Where(type => fields.ContainsKey(EndpointForm.Box + type))],
        };
    }

    private static async Task<DateTimeOffset> TimeAsync(HttpContext http, string name, CancellationToken cancel)
        => DateTime.TryParseExact(
            await AccountRoutes.FieldAsync(http, name, cancel), LocalTimes, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            && time.Year is > 1900 and < 3000 ? new DateTimeOffset(time, Beijing).ToUniversalTime()
            : throw new FaultException(Fault.Malformed, $"{name} is a local time such as 2026-11-30T09:00");

    private static bool IsWish(FaultException e) => e.Fault is Fault.Malformed or Fault.Conflict or Fault.EndpointRefused;

    private static RefusedWish? Refusal(FaultException? refused) => refused is null ? null
        : new RefusedWish(("没有办成，请检查所填内容。", "Not done. Look at what was filled in."), refused.Message);

    private static int StatusOf(FaultException? refused) => refused is null ? StatusCodes.Status200OK : FaultStatus.Of(refused.Fault);

    private static FaultException NotFound() => new(Fault.NotFound, ProblemMiddleware.NotFoundDetail);
}
