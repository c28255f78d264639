using Notary.Evidence.Draws;
using Notary.Identity.People;
using Notary.Lotteries;
using Notary.Pages;
using Notary.Pages.Organising;

namespace Notary.Host.Api;

/// <summary>A tenant's draws on pages: written, submitted, answered and ended by the methods that the API calls; lists go by the API itself.</summary>
internal static class OwnDrawRoutes
{
    private const string List = "/my-draws", One = List + "/{id}";
    private const int PageSize = 20;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Role[] Writers = [Role.Owner, Role.Depositor];
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(List, ListAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language);
        routes.MapPost(List, CreateAsync).ForPerson(Writers).AsPage();
        routes.MapGet(List + "/new", NewAsync).ForPerson(Writers).AsPage().Takes(Language);
        routes.MapGet(One, GetAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapGet(One + "/terms", TermsAsync).ForPerson(Writers).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapPost(One + "/terms", ChangeAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/submit", SubmitAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/delete", DeleteAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/abort", AbortAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/objections/{number}/answer", AnswerAsync).ForPerson(Writers).AsPage();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var continuation = QueryReader.OfPage(http, "continuation").Continuation;
        return PageResult.Of<OwnDrawsPage>(
            (nameof(OwnDrawsPage.Visitor), visitor),
            (nameof(OwnDrawsPage.Page), (await rooms.OpenAsync(cancel)).Draws is { } draws
                ? await draws.Lottery.ListAsync(tenant, PageSize, continuation, cancel) : new DrawPage([], null)),
            (nameof(OwnDrawsPage.Continued), continuation is not null)) with
        { Private = true };
    }

    private static Task<PageResult> NewAsync(HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
        => FormAsync(new DraftForm { Once = Guid.NewGuid().ToString("N") }, http, people, tenants, cancel);

    private static async Task<IResult> CreateAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => await SaveAsync(null, http, people, tenants, async (tenant, terms, once) =>
        {
            // Sent twice it is one draft; with other words it is another.
            var key = $"page-{Digest.Of(Encoding.UTF8.GetBytes(once))}-{Digest.Of(terms.ToBytes())}";
            return (await (await DrawRoutes.OpenAsync(rooms, cancel)).CreateAsync(tenant, DrawRequest.Actor(http), terms, key, cancel)).DrawId;
        }, cancel);

    private static async Task<PageResult> TermsAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (_, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var draw = await FindAsync(await DrawRoutes.OpenAsync(rooms, cancel), tenant, id, cancel);
        return await FormAsync(DraftForm.Of(draw), http, people, tenants, cancel);
    }

    private static async Task<IResult> ChangeAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => await SaveAsync(DrawRoutes.Id(id).ToString(), http, people, tenants, async (tenant, terms, _) => (await (await DrawRoutes.OpenAsync(rooms, cancel))
            .ChangeAsync(tenant, DrawRoutes.Id(id), DrawRequest.Actor(http), terms, cancel)).DrawId, cancel);

    private static async Task<IResult> SaveAsync(
        string? id, HttpContext http, PeopleRoom people, TenantStore tenants, Func<Tenant, PlanTerms, string, Task<string>> save, CancellationToken cancel)
    {
        var fields = await PersonAccess.FormAsync(http, cancel);
        var typed = OwnDrawForm.Of(fields, id);
        if (OwnDrawForm.Reshaped(typed, fields.GetValueOrDefault("act") ?? "") is { } other)
            return await FormAsync(other, http, people, tenants, cancel);

        var (wanted, form) = OwnDrawForm.Read(typed);
        if (wanted is null)
            return await FormAsync(form, http, people, tenants, cancel) with { Status = StatusCodes.Status400BadRequest };

        try
        {
            var tenant = (await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel)).Tenant;
            return AccountRoutes.Onwards($"{List}/{await save(tenant, DrawRequest.Terms(wanted), form.Once)}");
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.DrawState or Fault.Conflict or Fault.SandboxTenant)
        {
            Words why = e.Fault == Fault.DrawState ? ("没有保存：这场摇号已经不是草稿。", "Not saved: the draw is no draft any more.")
                : e.Fault == Fault.SandboxTenant ? ("没有保存：测试账户只能演练，请选择“演练”。", "Not saved: a sandbox tenant holds rehearsals alone. Choose a rehearsal.")
                : ($"没有保存：方案不合规定（{e.Message}）。", $"Not saved: {e.Message}.");
            return await FormAsync(form with { Refused = why }, http, people, tenants, cancel) with { Status = FaultStatus.Of(e.Fault) };
        }
    }

    private static async Task<PageResult> FormAsync(DraftForm form, HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
        => PageResult.Of<DraftPage>(
            (nameof(DraftPage.Visitor), (await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel)).Visitor), (nameof(DraftPage.Form), form)) with
        { Private = true };

    private static Task<PageResult> GetAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, CancellationToken cancel)
        => ShowAsync(id, null, http, people, tenants, rooms, settings, cancel);

    private static async Task<PageResult> ShowAsync(string id, (Fault Fault, Words Why)? refused, HttpContext http, PeopleRoom people, TenantStore tenants,
        Rooms rooms, HostSettings settings, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var lottery = await DrawRoutes.OpenAsync(rooms, cancel);
        var draw = await FindAsync(lottery, tenant, id, cancel);
        var objections = draw.Objections.Received > 0 ? await lottery.ObjectionsAsync(tenant, DrawRoutes.Id(id), cancel) : [];
        return PageResult.Of<OwnDrawPage>(
            (nameof(OwnDrawPage.Visitor), visitor),
            (nameof(OwnDrawPage.Shown), new OwnDraw(draw, objections, settings.Office.PublicUrl)),
            (nameof(OwnDrawPage.Refused), refused?.Why),
            (nameof(OwnDrawPage.Reason), refused is null ? null : (await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault("reason"))) with
        {
            Private = true,
            Policy = WithScript,
            Status = refused is { } what ? FaultStatus.Of(what.Fault) : StatusCodes.Status200OK,
        };
    }

    private static Task<IResult> SubmitAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, settings, async (lottery, tenant, draw) =>
        {
            await lottery.SubmitAsync(tenant, draw, DrawRequest.Actor(http), cancel);
            return $"{List}/{id}";
        }, cancel);

    private static Task<IResult> DeleteAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, settings, async (lottery, tenant, draw) =>
        {
            await DemandConfirmedAsync(http, cancel);
            await lottery.DeleteAsync(tenant, draw, cancel);
            return List;
        }, cancel);

    private static Task<IResult> AbortAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, settings, async (lottery, tenant, draw) =>
        {
            await DemandConfirmedAsync(http, cancel);
            await lottery.AbortAsync(tenant, draw, (await AccountRoutes.FieldAsync(http, "reason", cancel)).Trim(), cancel);
            return $"{List}/{id}";
        }, cancel);

    private static Task<IResult> AnswerAsync(
        string id, string number, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, settings, async (lottery, tenant, draw) =>
        {
            var which = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : throw DepositRoutes.NotFound();
            var text = (await AccountRoutes.FieldAsync(http, "text", cancel)).ReplaceLineEndings("\n").Trim();
            await lottery.AnswerAsync(tenant, draw, which, text, cancel);
            return $"{List}/{id}#objections";
        }, cancel);

    /// <summary>Does what a form asks for and goes on; says on the draw's own page why it was not done.</summary>
    private static async Task<IResult> ActAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings,
        Func<Lottery, Tenant, Digest, Task<string>> act, CancellationToken cancel)
    {
        var (_, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        try
        {
            return AccountRoutes.Onwards(await act(await DrawRoutes.OpenAsync(rooms, cancel), tenant, DrawRoutes.Id(id)));
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.DrawState or Fault.DrawLate or Fault.Conflict)
        {
            Words why = e.Fault switch
            {
                Fault.Malformed => ("没有做：内容为空、太长、有控制字符，或没有勾选确认。", "Not done: it is empty, too long, has control characters, or was not confirmed by its box."),
                Fault.DrawLate => ("没有提交：方案里的时间已过，或各阶段太短、太远。请修改时间再提交。", $"Not submitted: {e.Message}. Change the times and submit it again."),
                _ => ("没有做：摇号的状态已经不同，请看现在的状态。", "Not done: the draw is in another state by now."),
            };
            return await ShowAsync(id, (e.Fault, why), http, people, tenants, rooms, settings, cancel);
        }
    }

    private static async Task DemandConfirmedAsync(HttpContext http, CancellationToken cancel)
    {
        if ((await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault("confirmed") != "yes")
            throw new FaultException(Fault.Malformed, "this is confirmed by its box");
    }

    private static async Task<DrawView> FindAsync(Lottery lottery, Tenant tenant, string id, CancellationToken cancel)
        => await lottery.FindAsync(tenant, DrawRoutes.Id(id), cancel) ?? throw DepositRoutes.NotFound();
}
