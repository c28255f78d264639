using Notary.Identity.People;
using Notary.Identity.Provider;
using Notary.Identity.Stores;
using Notary.Pages;
using Notary.Pages.Account;
using Notary.Pages.Clients;

namespace Notary.Host.Api;

/// <summary>The applications that a tenant's owner registers at the login centre, and what anybody allowed them.</summary>
internal static class ClientPageRoutes
{
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/clients", ListAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost("/clients", RegisterAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/clients/{id}/addresses", MoveAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/clients/{id}/secret", RotateAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/clients/{id}/remove", RemoveAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/account/consents/{client}/revoke", RevokeAsync).ForPerson().AsPage();
    }

    private static Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, LoginDoor login, CancellationToken cancel)
        => ShowAsync(http, people, tenants, login, (nameof(ClientsPage.Shown), null), cancel);

    private static async Task<PageResult> RegisterAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, RequestSeeds seeds, LoginDoor login, CancellationToken cancel)
    {
        var (fields, tenant, clients) = (await PersonAccess.FormAsync(http, cancel), AccountRoutes.TenantOf(http), Clients(login));
        var filled = new ClientForm
        {
            Name = fields.GetValueOrDefault("name", "").Trim(),
            Purpose = fields.GetValueOrDefault("purpose", "").Trim(),
            Scopes = [.. LoginScopes.Names.Where(scope => fields.ContainsKey($"scope-{scope}"))],
            RedirectUris = fields.GetValueOrDefault("redirects", ""),
            LogoutUris = fields.GetValueOrDefault("logouts", ""),
            Public = fields.GetValueOrDefault("kind") == "public",
            MustPush = fields.ContainsKey("push"),
        };
        var wanted = new NewClient(
            filled.Name, filled.Purpose, filled.Scopes, Lines(filled.RedirectUris), Lines(filled.LogoutUris), !filled.Public, filled.MustPush);
        return await TryAsync(http, people, tenants, login, filled, async () =>
        {
            wanted.Demand();
            var draw = await DrawAsync(http, people, seeds, $"{tenant}\0{JsonSerializer.Serialize(filled)}", cancel);
            var made = await clients.RegisterAsync(tenant, wanted, cancel, draw);
            return new ShownClient(made.Client.Id, made.Secret);
        }, cancel);
    }

    private static async Task<PageResult> RotateAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, RequestSeeds seeds, LoginDoor login, CancellationToken cancel)
    {
        await DemandAsync(http, login, id, cancel);
        return await TryAsync(http, people, tenants, login, new ClientForm(), async () =>
        {
            var draw = await DrawAsync(http, people, seeds, $"{AccountRoutes.TenantOf(http)}\0{id}", cancel);
            var rotated = await Clients(login).RotateAsync(AccountRoutes.TenantOf(http), id, cancel, draw);
            return new ShownClient(id, rotated.Secret);
        }, cancel);
    }

    private static async Task<IResult> MoveAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, LoginDoor login, CancellationToken cancel)
    {
        var (redirects, logouts) = (await AccountRoutes.FieldAsync(http, "redirects", cancel), await AccountRoutes.FieldAsync(http, "logouts", cancel));
        try
        {
            await Clients(login).MoveAsync(AccountRoutes.TenantOf(http), id, Lines(redirects), Lines(logouts), cancel);
            return AccountRoutes.Onwards("/clients");
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.Conflict)
        {
            return await RefuseAsync(http, people, tenants, login, new ClientForm(), e, cancel);
        }
    }

    private static async Task<IResult> RemoveAsync(string id, HttpContext http, LoginDoor login, CancellationToken cancel)
    {
        await Clients(login).RemoveAsync(AccountRoutes.TenantOf(http), id, cancel);
        return AccountRoutes.Onwards("/clients");
    }

    private static async Task<IResult> RevokeAsync(string client, HttpContext http, LoginDoor login, CancellationToken cancel)
    {
        var (who, consents) = (PersonAccess.Of(http), login.Centre?.Consents ?? throw NotFound());
        if (!await consents.ListAsync(who.Person, cancel).AnyAsync(consent => consent.Client == client, cancel))
            throw NotFound();

        await consents.RevokeAsync(who.Person, client, cancel);
        return AccountRoutes.Onwards("/account");
    }

    /// <summary>What whoever is signed in allowed applications.</summary>
    internal static async Task<IReadOnlyList<ConsentLine>> ConsentsAsync(HttpContext http, CancellationToken cancel)
    {
        if (http.RequestServices.GetRequiredService<LoginDoor>().Centre is not { } centre)
            return [];

        var lines = new List<ConsentLine>();
        await foreach (var consent in centre.Consents.ListAsync(PersonAccess.Of(http).Person, cancel))
        {
            var client = await centre.Clients.LookAsync(consent.Client, cancel);
            lines.Add(new ConsentLine(consent.Client, client?.Name, consent.Purpose, consent.Scopes, consent.At));
        }

        return lines;
    }

    private static async Task<PageResult> TryAsync(HttpContext http, PeopleRoom people, TenantStore tenants, LoginDoor login, ClientForm filled,
        Func<Task<ShownClient>> act, CancellationToken cancel)
    {
        try
        {
            return await ShowAsync(http, people, tenants, login, (nameof(ClientsPage.Shown), await act()), cancel);
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.Conflict)
        {
            return await RefuseAsync(http, people, tenants, login, filled, e, cancel);
        }
    }

    private static async Task<PageResult> RefuseAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, LoginDoor login, ClientForm filled, FaultException why, CancellationToken cancel)
        => await ShowAsync(http, people, tenants, login, (nameof(ClientsPage.Filled), filled), cancel,
            (nameof(ClientsPage.Refused), (Words)("没有办成，请检查所填内容。", "Not done. Look at what was filled in.")), (nameof(ClientsPage.Why), why.Message)) with
        { Status = FaultStatus.Of(why.Fault) };

    private static async Task<PageResult> ShowAsync(HttpContext http, PeopleRoom people, TenantStore tenants, LoginDoor login,
        (string Name, object? Value) more, CancellationToken cancel, params (string Name, object? Value)[] further)
        => PageResult.Of<ClientsPage>(
        [
            (nameof(ClientsPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(ClientsPage.Clients), login.Centre is { } centre
                ? await centre.Clients.ListAsync(AccountRoutes.TenantOf(http), cancel).OrderBy(client => client.CreatedAt).ToListAsync(cancel) : []),
            (nameof(ClientsPage.Discovery), login.Centre is null ? null
                : new Uri(http.RequestServices.GetRequiredService<HostSettings>().Office.PublicUrl, LoginPaths.Discovery).ToString()),
            (nameof(ClientsPage.Once), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))),
            more, .. further,
        ]) with
        { Private = true };

    // By the page that was shown and what was filled in there: sent twice it is one wish, changed it is another.
    private static async Task<ClientDraw> DrawAsync(HttpContext http, PeopleRoom people, RequestSeeds seeds, string wish, CancellationToken cancel)
    {
        var seed = await KeyPageRoutes.SeedAsync(http, seeds, AccountRoutes.TenantOf(http), wish, cancel);
        string Drawn(string what) => Convert.ToHexStringLower(ApiKey.SecretOf(seed.Bytes, people.Antiforgery.OfSession(http), what));
        return new ClientDraw(Drawn("client id")[..32], Drawn("client secret"));
    }

    private static async Task DemandAsync(HttpContext http, LoginDoor login, string id, CancellationToken cancel)
        => _ = await Clients(login).FindAsync(AccountRoutes.TenantOf(http), id, cancel) ?? throw NotFound();

    private static ClientDirectory Clients(LoginDoor login) => login.Centre?.Clients ?? throw NotFound();

    private static List<string> Lines(string text)
        => [.. text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(NewClient.MaxUris + 1)];

    private static FaultException NotFound() => new(Fault.NotFound, ProblemMiddleware.NotFoundDetail);
}
