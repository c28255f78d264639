using Notary.Evidence.Forensics;
using Notary.Forensics;
using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Desktops;

namespace Notary.Host.Api;

/// <summary>A tenant's recorded desktops on pages: asked for, entered, marked and ended by the methods that the API calls.</summary>
internal static class SessionPageRoutes
{
    private const string List = "/desktops", One = List + "/{id}";
    private const int PageSize = 20;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Role[] Writers = [Role.Owner, Role.Depositor];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(List, ListAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language);
        routes.MapPost(List, CreateAsync).ForPerson(Writers).AsPage();
        routes.MapGet(List + "/new", NewAsync).ForPerson(Writers).AsPage().Takes(Language);
        routes.MapGet(One, GetAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapGet(One + "/playback", PlayAsync).ForPerson(DepositPageRoutes.Readers).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapPost(One + "/enter", EnterAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/marks", MarkAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/captures", CaptureAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/exit", ExitAsync).ForPerson(Writers).AsPage();
        routes.MapPost(One + "/abort", AbortAsync).ForPerson(Writers).AsPage();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var continuation = QueryReader.OfPage(http, "continuation").Continuation;
        return PageResult.Of<SessionsPage>(
            (nameof(SessionsPage.Visitor), visitor),
            (nameof(SessionsPage.Page), (await rooms.OpenAsync(cancel)).Sessions is { } sessions
                ? await sessions.Desk.ListAsync(tenant, PageSize, continuation, cancel) : null),
            (nameof(SessionsPage.Continued), continuation is not null)) with
        { Private = true };
    }

    private static async Task<PageResult> NewAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var desk = await SessionRoutes.OpenAsync(http, rooms, cancel);
        return await FormAsync(new SessionWish(Guid.NewGuid().ToString("N")) { AsksUser = desk.NeedsUser }, http, people, tenants, cancel);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var fields = await PersonAccess.FormAsync(http, cancel);
        string Typed(string name) => fields.GetValueOrDefault(name)?.Trim() ?? "";
        var desk = await SessionRoutes.OpenAsync(http, rooms, cancel);
        var wish = new SessionWish(Typed("once"), Typed("page"), Typed("label"), Typed("user")) { AsksUser = desk.NeedsUser };
        var (_, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        try
        {
            // Sent twice it is one session; with other words it is another.
            var key = $"page-{Digest.Of(Encoding.UTF8.GetBytes($"{wish.Once}\n{wish.Page}\n{wish.Label}\n{wish.User}"))}";
            var user = wish.AsksUser && wish.User.Length > 0 ? wish.User : null;
            return AccountRoutes.Onwards($"{List}/{(await desk.CreateAsync(tenant, wish.Page, wish.Label, key, cancel, user)).Id}");
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.DesktopQuota or Fault.DesktopUser)
        {
            // A user is judged before an address, and that before a label.
            var ofUser = e.Fault == Fault.DesktopUser || (e.Fault == Fault.Malformed && e.Message.StartsWith("a user", StringComparison.Ordinal));
            var ofPage = e.Fault == Fault.Malformed && e.Message.StartsWith("a page", StringComparison.Ordinal);
            return await FormAsync(wish with
            {
                PageError = ofPage ? ("地址要以 https:// 或 http:// 开头，不带密码，不超过 2048 个字符。",
                    "An address begins with https:// or http://, has no password and at most 2048 characters.") : null,
                UserError = ofUser ? ("请填登录名，形如 name@directory.example。", "Name the account that signs in, such as name@directory.example.") : null,
                LabelError = e.Fault == Fault.Malformed && !ofPage && !ofUser ? ("名称不超过 200 个字符，没有控制字符。",
                    "A label has at most 200 characters, none of them a control character.") : null,
                Refused = e.Fault == Fault.DesktopQuota
                    ? ("同时运行的桌面已达上限，请先结束一个。", "You have as many desktops as run at once: end one first.") : null,
            }, http, people, tenants, cancel) with
            { Status = FaultStatus.Of(e.Fault) };
        }
    }

    private static async Task<PageResult> FormAsync(SessionWish wish, HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
        => PageResult.Of<NewSessionPage>(
            (nameof(NewSessionPage.Visitor), (await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel)).Visitor),
            (nameof(NewSessionPage.Wish), wish)) with
        { Private = true };

    private static Task<PageResult> GetAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ShowAsync(id, null, null, QueryReader.OfPage(http, "done").Find("done") switch
        {
            "mark" => ("已标记。", "Marked."),
            "capture" => ("正在固化。", "It is being captured."),
            _ => null,
        }, http, people, tenants, rooms, cancel);

    private static async Task<PageResult> ShowAsync(string id, Uri? entrance, (Fault Fault, Words Why)? refused, Words? done, HttpContext http,
        PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var desk = await SessionRoutes.OpenAsync(http, rooms, cancel);
        var session = await desk.FindAsync(tenant, SessionRoutes.Id(id), cancel) ?? throw DepositRoutes.NotFound();
        return PageResult.Of<OneSessionPage>(
            (nameof(OneSessionPage.Visitor), visitor), (nameof(OneSessionPage.Session), session), (nameof(OneSessionPage.Entrance), entrance),
            (nameof(OneSessionPage.Refused), refused?.Why), (nameof(OneSessionPage.Done), done)) with
        {
            Private = true,
            Policy = OneSessionPage.PolicyFor(entrance),
            Status = refused is { } not ? FaultStatus.Of(not.Fault) : StatusCodes.Status200OK,
        };
    }

    private static async Task<PageResult> PlayAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
        var desk = await SessionRoutes.OpenAsync(http, rooms, cancel);
        return await desk.FindAsync(tenant, SessionRoutes.Id(id), cancel) is { Deposit: not null } session
            ? PageResult.Of<PlaybackPage>((nameof(PlaybackPage.Visitor), visitor), (nameof(PlaybackPage.Session), session)) with
            { Private = true, Policy = PlaybackPage.Policy }
            : throw DepositRoutes.NotFound();
    }

    /// <summary>A link counts once, so a page that is only looked at asks for none.</summary>
    private static Task<IResult> EnterAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, async (desk, tenant) => await ShowAsync(id,
            await desk.EnterAsync(tenant, SessionRoutes.Id(id), cancel), null, null, http, people, tenants, rooms, cancel), cancel);

    private static Task<IResult> MarkAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, async (desk, tenant) =>
        {
            await desk.MarkAsync(tenant, SessionRoutes.Id(id), (await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault("note") ?? "", null, cancel);
            return AccountRoutes.Onwards($"{List}/{SessionRoutes.Id(id)}?done=mark");
        }, cancel);

    private static Task<IResult> CaptureAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, async (desk, tenant) =>
        {
            await desk.CaptureAsync(tenant, SessionRoutes.Id(id), cancel);
            return AccountRoutes.Onwards($"{List}/{SessionRoutes.Id(id)}?done=capture");
        }, cancel);

    private static Task<IResult> ExitAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, (desk, tenant) => EndAsync(desk, tenant, id, CloseReason.Exit, cancel), cancel);

    private static Task<IResult> AbortAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ActAsync(id, http, people, tenants, rooms, async (desk, tenant) =>
        {
            if ((await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault("confirmed") != "yes")
                throw new FaultException(Fault.Malformed, "this is confirmed by its box");

            return await EndAsync(desk, tenant, id, CloseReason.Aborted, cancel);
        }, cancel);

    private static async Task<IResult> EndAsync(SessionDesk desk, Tenant tenant, string id, CloseReason how, CancellationToken cancel)
        => AccountRoutes.Onwards($"{List}/{(await desk.EndAsync(tenant, SessionRoutes.Id(id), how, cancel)).Id}");

    /// <summary>Does what a form asks for; says on the session's own page why it was not done.</summary>
    private static async Task<IResult> ActAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms,
        Func<SessionDesk, Tenant, Task<IResult>> act, CancellationToken cancel)
    {
        try
        {
            var (_, tenant) = await DepositPageRoutes.VisitorAsync(http, people, tenants, cancel);
            return await act(await SessionRoutes.OpenAsync(http, rooms, cancel), tenant);
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.SessionState)
        {
            Words why = e.Fault == Fault.Malformed
                ? ("没有做：内容为空、太长、有控制字符，或没有勾选确认。", "Not done: it is empty, too long, has control characters, or was not confirmed by its box.")
                : ("没有做：桌面现在不能用，请看它的状态。", "Not done: the desktop cannot be used now; see its state.");
            return await ShowAsync(id, null, (e.Fault, why), null, http, people, tenants, rooms, cancel);
        }
    }
}
