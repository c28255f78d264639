using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;

namespace Notary.Host.Api;

/// <summary>One's own passkeys and sessions, and the members of one's tenant.</summary>
internal static class AccountRoutes
{
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    // Staff come by the office's provider.
    private static readonly Role[] WithPasskeys = [Role.Owner, Role.Depositor, Role.Viewer];
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/account", AccountPageAsync).ForPerson().AsPage().Takes(Language);
        routes.MapPost("/account/passkeys/options", BeginPasskeyAsync).ForPerson(WithPasskeys).AsPage();
        routes.MapPost("/account/passkeys", AddPasskeyAsync).ForPerson(WithPasskeys).AsPage();
        routes.MapPost("/account/passkeys/{id}/name", RenamePasskeyAsync).ForPerson(WithPasskeys).AsPage();
        routes.MapPost("/account/passkeys/{id}/remove", RemovePasskeyAsync).ForPerson(WithPasskeys).AsPage();
        routes.MapPost("/account/devices", LinkDeviceAsync).ForPerson(WithPasskeys).AsPage();
        routes.MapPost("/account/sessions/{id}/end", EndSessionAsync).ForPerson().AsPage();
        routes.MapPost("/account/sessions/end-others", EndOthersAsync).ForPerson().AsPage();
        routes.MapGet("/members", MembersPageAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost("/members/invitations", InviteAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/members/invitations/{id}/withdraw", WithdrawAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/members/{person}/role", ChangeRoleAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/members/{person}/remove", RemoveMemberAsync).ForPerson(Role.Owner).AsPage();
    }

    private static Task<PageResult> AccountPageAsync(HttpContext http, PeopleRoom people, TenantStore tenants, TimeProvider clock, CancellationToken cancel)
        => ShowAccountAsync(http, people, tenants, clock, null, cancel);

    private static async Task<PageResult> ShowAccountAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, TimeProvider clock, ShownLink? device, CancellationToken cancel)
    {
        var who = PersonAccess.Of(http);
        return PageResult.Of<AccountPage>(
            (nameof(AccountPage.Visitor), await VisitorAsync(http, people, tenants, cancel)),
            (nameof(AccountPage.Passkeys), await people.Passkeys.ListAsync(who, cancel)),
            (nameof(AccountPage.Sessions), await people.Sessions.ListAsync(who, cancel)),
            (nameof(AccountPage.Fresh), clock.GetUtcNow() - who.At < PeopleRules.Fresh),
            (nameof(AccountPage.Consents), await ClientPageRoutes.ConsentsAsync(http, cancel)),
            (nameof(AccountPage.NewDevice), device)) with
        { Private = true, Policy = WithScript };
    }

    private static async Task<ContentHttpResult> BeginPasskeyAsync(HttpContext http, PeopleRoom people, CancellationToken cancel)
        => SignInRoutes.Options(http, await people.Ceremonies.BeginPasskeyAsync(http, PersonAccess.Of(http), cancel));

    private static async Task<Ok<Onwards>> AddPasskeyAsync(HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Ceremonies.AddPasskeyAsync(http, PersonAccess.Of(http), await SignInRoutes.AnswerAsync(http, cancel), cancel);
        return TypedResults.Ok(new Onwards("/account"));
    }

    private static async Task<IResult> RenamePasskeyAsync(string id, HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Passkeys.RenameAsync(PersonAccess.Of(http), id, await FieldAsync(http, "name", cancel), cancel);
        return Onwards("/account");
    }

    private static async Task<IResult> RemovePasskeyAsync(string id, HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        people.Ceremonies.DemandFresh(PersonAccess.Of(http));
        await people.Passkeys.RemoveAsync(PersonAccess.Of(http), id, cancel);
        return Onwards("/account");
    }

    private static async Task<PageResult> LinkDeviceAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, HostSettings settings, TimeProvider clock, CancellationToken cancel)
    {
        people.Ceremonies.DemandFresh(PersonAccess.Of(http));
        var link = await people.Invitations.LinkDeviceAsync(PersonAccess.Of(http), cancel);
        return await ShowAccountAsync(http, people, tenants, clock, Show(link, settings), cancel);
    }

    private static async Task<IResult> EndSessionAsync(string id, HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Sessions.EndAsync(PersonAccess.Of(http), id, cancel);
        return Onwards("/account");
    }

    private static async Task<IResult> EndOthersAsync(HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Sessions.EndOthersAsync(PersonAccess.Of(http), cancel);
        return Onwards("/account");
    }

    private static Task<PageResult> MembersPageAsync(HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
        => ShowMembersAsync(http, people, tenants, null, false, cancel);

    private static async Task<PageResult> ShowMembersAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, ShownLink? link, bool refused, CancellationToken cancel)
        => PageResult.Of<MembersPage>(
            (nameof(MembersPage.Visitor), await VisitorAsync(http, people, tenants, cancel)),
            (nameof(MembersPage.Members), await people.Members.ListAsync(TenantOf(http), cancel)),
            (nameof(MembersPage.Invitations), await people.Invitations.ListAsync(TenantOf(http), cancel)),
            (nameof(MembersPage.NewInvitation), link),
            (nameof(MembersPage.Refused), refused)) with
        { Private = true, Status = refused ? StatusCodes.Status409Conflict : StatusCodes.Status200OK };

    private static async Task<PageResult> InviteAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, HostSettings settings, CancellationToken cancel)
    {
        var link = await people.Invitations.InviteAsync(TenantOf(http), await RoleAsync(http, cancel), await FieldAsync(http, "address", cancel), cancel);
        return await ShowMembersAsync(http, people, tenants, Show(link, settings), false, cancel);
    }

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Invitations.WithdrawAsync(TenantOf(http), id, cancel);
        return Onwards("/members");
    }

    private static async Task<IResult> ChangeRoleAsync(string person, HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        var role = await RoleAsync(http, cancel);
        return await UnlessLastAsync(() => people.Members.ChangeRoleAsync(TenantOf(http), person, role, cancel), http, people, tenants, cancel);
    }

    private static async Task<IResult> RemoveMemberAsync(string person, HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
        => await UnlessLastAsync(() => people.Members.RemoveAsync(TenantOf(http), person, cancel), http, people, tenants, cancel);

    private static async Task<IResult> UnlessLastAsync(Func<Task> change, HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        try
        {
            await change();
            return Onwards("/members");
        }
        catch (FaultException e) when (e.Fault == Fault.Conflict)
        {
            return await ShowMembersAsync(http, people, tenants, null, refused: true, cancel);
        }
    }

    /// <summary>After a POST the browser asks for a page (RFC 9110 §15.4.4), so that loading it again sends nothing twice.</summary>
    internal static IResult Onwards(string path) => new SeeOther(path);

    internal static async Task<Visitor> VisitorAsync(HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        var who = PersonAccess.Of(http);
        var tenant = who.Tenant is { } id ? await tenants.FindAsync(id, cancel) : null;
        return new Visitor(who, tenant?.Name ?? who.Tenant, people.Antiforgery.OfSession(http), tenant is { Sandbox: true });
    }

    private static ShownLink Show(IssuedInvitation link, HostSettings settings)
        => new(new Uri(settings.Office.PublicUrl, link.Path).ToString(), link.Info.ExpiresAt);

    internal static string TenantOf(HttpContext http)
        => PersonAccess.Of(http).Tenant ?? throw new InvalidOperationException("an owner has a tenant");

    internal static async Task<string> FieldAsync(HttpContext http, string name, CancellationToken cancel)
        => (await PersonAccess.FormAsync(http, cancel)).GetValueOrDefault(name) ?? throw new FaultException(Fault.Malformed, $"the form has no {name}");

    private static async Task<Role> RoleAsync(HttpContext http, CancellationToken cancel)
        => await FieldAsync(http, "role", cancel) switch
        {
            "owner" => Role.Owner,
            "depositor" => Role.Depositor,
            "viewer" => Role.Viewer,
            _ => throw new FaultException(Fault.Malformed, "role is owner, depositor or viewer"),
        };

    private sealed record SeeOther(string Path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = Path;
            return Task.CompletedTask;
        }
    }
}
