using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;
using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>The staff's pages of processes: what waits for somebody, one process with its history, and mending it.</summary>
internal static class OfficeProcessRoutes
{
    private const string List = "/office/processes";

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Role[] Staff = [Role.Clerk, Role.Notary, Role.Auditor, Role.Operator];
    private static readonly Role[] Menders = [Role.Clerk, Role.Notary, Role.Operator];
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(List, ListAsync).ForPerson(Staff).AsPage().Takes(Language);
        routes.MapGet(List + "/{kind}/{id}", GetAsync).ForPerson(Staff).AsPage().Takes(Language).Refuses(Fault.NotFound);
        foreach (var act in Enum.GetValues<ProcessAct>())
            Mend(routes, act);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, ProcessLooks looks, Rooms rooms, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, "kind", "state", "parked", "continuation", "index");
        if (query.Find("index") is { Length: > 0 } typed)
            return await ToCheckpointAsync(typed, looks, cancel);

        var view = await looks.ListAsync(query.Find("kind"), query.Find("parked") == "true" ? ProcessState.Parked : State(query.Find("state")),
            query.Continuation, cancel);
        if (view is { State: null, Continued: false } && rooms.IsOpen && (await rooms.OpenAsync(cancel)).Uploads is var uploads)
            view = view with { Overdue = await uploads.OverdueAsync(cancel), Refused = await uploads.RefusedAsync(cancel) };

        return PageResult.Of<ProcessesPage>(
            (nameof(ProcessesPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(ProcessesPage.List), view)) with
        { Private = true };
    }

    /// <summary>The process of the checkpoint that first covers a deposit's place in the log.</summary>
    private static async Task<IResult> ToCheckpointAsync(string index, ProcessLooks looks, CancellationToken cancel)
        => long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await looks.CoveringAsync(number, cancel) is { } path
            ? Results.Redirect(path) : throw DepositRoutes.NotFound();

    private static Task<PageResult> GetAsync(
        string kind, string id, HttpContext http, PeopleRoom people, TenantStore tenants, ProcessLooks looks, PortalLinks portal, CancellationToken cancel)
        => ShowAsync(kind, id, null, null, http, people, tenants, looks, portal, cancel);

    private static async Task<PageResult> ShowAsync(
        string kind, string id, FaultException? refused, string? reason, HttpContext http, PeopleRoom people, TenantStore tenants, ProcessLooks looks,
        PortalLinks portal, CancellationToken cancel)
    {
        var process = await looks.GetAsync(kind, id, cancel);
        return PageResult.Of<ProcessPage>(
            (nameof(ProcessPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(ProcessPage.Process), process),
            (nameof(ProcessPage.MayMend), Menders.Contains(PersonAccess.Of(http).Role)),
            (nameof(ProcessPage.Key), Guid.NewGuid().ToString("N")),
            (nameof(ProcessPage.Refused), refused?.Fault),
            (nameof(ProcessPage.Reason), reason),
            (nameof(ProcessPage.Places), portal.OfProcess($"{kind}-{id}"))) with
        {
            Private = true,
            Policy = WithScript,
            Status = refused is null ? StatusCodes.Status200OK : FaultStatus.Of(refused.Fault),
        };
    }

    private static void Mend(IEndpointRouteBuilder routes, ProcessAct act)
    {
        routes.MapPost($"{List}/{{kind}}/{{id}}/{ProcessActs.Path(act)}", ServeAsync).ForPerson(Menders).AsPage();

        async Task<IResult> ServeAsync(string kind, string id, HttpContext http, PeopleRoom people, TenantStore tenants, ProcessLooks looks,
            ProcessMending mending, PortalLinks portal, CancellationToken cancel)
        {
            var form = await PersonAccess.FormAsync(http, cancel);
            var reason = form.GetValueOrDefault("reason")?.Trim() ?? "";
            try
            {
                Check(act, form, reason);
                AuditNote.Of(http).Reason = reason;

                // The form's key: sent again, by a second press or by going back, it does nothing again.
                var who = PersonAccess.Of(http);
                await mending.MendAsync(
                    act, kind, id, new Mender(who.Person, who.Name), reason, $"page {who.Person} {form.GetValueOrDefault("key")}", cancel);
                return AccountRoutes.Onwards($"{List}/{kind}/{Uri.EscapeDataString(id)}");
            }
            catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.Gone or Fault.Conflict or Fault.IdempotencyConflict)
            {
                return await ShowAsync(kind, id, e, reason, http, people, tenants, looks, portal, cancel);
            }
        }
    }

    private static void Check(ProcessAct act, IReadOnlyDictionary<string, string> form, string reason)
    {
        if (reason.Length is 0 or > ProcessMending.MaxReasonLength || reason.Any(char.IsControl))
            throw new FaultException(Fault.Malformed, $"a reason has 1 to {ProcessMending.MaxReasonLength} characters");

        if (act == ProcessAct.Terminate && form.GetValueOrDefault("confirmed") != "yes")
            throw new FaultException(Fault.Malformed, "a termination is confirmed");

        if (form.GetValueOrDefault("key") is not { Length: > 0 and <= 64 })
            throw new FaultException(Fault.Malformed, "the form has no key");
    }

    private static ProcessState? State(string? text)
        => string.IsNullOrEmpty(text) ? null
            : text.All(char.IsAsciiLetter) && Enum.TryParse<ProcessState>(text, ignoreCase: true, out var state) ? state
            : throw new FaultException(Fault.Malformed, "there is no such state");
}
