using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;

namespace Notary.Host.Api;

/// <summary>Where a page's script goes on.</summary>
public sealed record Onwards(string Location);

/// <summary>What somebody new calls himself; no name where a link is for another device.</summary>
public sealed record NewName(string? Name = null);

/// <summary>Signing in, following an invitation, and the way out.</summary>
internal static class SignInRoutes
{
    /// <summary>Bytes of an authenticator's answer: one with an attestation has some thousand.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly Parameter Return = new("return", "query", "a path of ours, where to lead afterwards");
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    // What a provider sends back (OpenID Connect Core 1.0 §3.1.2.5, RFC 9207); session_state and more come along and are not looked at.
    private static readonly string[] Answers = ["state", "code", "iss", "error"];

    /// <summary>Where a tenant's people begin who came for nothing else.</summary>
    private const string FirstPage = "/overview";

    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", SignInPage).ForAnyone().AsPage().Takes(Return, Language);
        routes.MapPost("/sign-in/options", BeginSignInAsync).ForAnyone().AsPage();
        routes.MapPost("/sign-in", SignInAsync).ForAnyone().AsPage().Takes(Return);
        routes.MapGet("/sign-in/staff", BeginStaffAsync).ForAnyone().AsPage().Takes(Return);
        routes.MapGet(Upstream.Callback, CompleteStaffAsync).ForAnyone().AsPage().Confidential()
            .Takes(new Parameter("state", "query", "as it was sent"));
        routes.MapGet(Invitations.Route + "{token}", InvitationPageAsync).ForAnyone().AsPage().Confidential().Takes(Language);
        routes.MapPost(Invitations.Route + "{token}/options", BeginInvitationAsync).ForAnyone().AsPage().Confidential();
        routes.MapPost(Invitations.Route + "{token}", AcceptAsync).ForAnyone().AsPage().Confidential();
        routes.MapPost("/sign-out", SignOutAsync).ForPerson().AsPage();
    }

    private static PageResult SignInPage(HttpContext http, PeopleRoom people) => ShowSignIn(http, people, refused: false);

    private static PageResult ShowSignIn(HttpContext http, PeopleRoom people, bool refused)
        => PageResult.Of<SignInPage>(
            (nameof(Pages.Account.SignInPage.Return), ReturnOf(http, "")),
            (nameof(Pages.Account.SignInPage.Token), people.Antiforgery.OfBrowser(http)),
            (nameof(Pages.Account.SignInPage.Staff), people.Upstream is not null),
            (nameof(Pages.Account.SignInPage.Refused), refused)) with
        { Private = true, Policy = WithScript, Status = refused ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK };

    private static async Task<ContentHttpResult> BeginSignInAsync(HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        await DemandAsync(http, rooms, people, cancel);
        return Options(http, await people.Ceremonies.BeginSignInAsync(http, cancel));
    }

    private static async Task<Ok<Onwards>> SignInAsync(HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        await DemandAsync(http, rooms, people, cancel);
        await people.Ceremonies.SignInAsync(http, await AnswerAsync(http, cancel), cancel);
        return TypedResults.Ok(new Onwards(ReturnOf(http, FirstPage)));
    }

    private static async Task<IResult> BeginStaffAsync(HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        await rooms.DemandStorageAsync(cancel);
        var provider = people.Upstream ?? throw NotFound();
        http.Response.Headers.CacheControl = "no-store";
        return Results.Redirect((await provider.BeginAsync(http, ReturnOf(http), cancel)).ToString());
    }

    private static async Task<IResult> CompleteStaffAsync(HttpContext http, Rooms rooms, PeopleRoom people, StaffTrail trail, CancellationToken cancel)
    {
        await rooms.DemandStorageAsync(cancel);
        var provider = people.Upstream ?? throw NotFound();
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            var query = QueryReader.OfPage(http, Answers);
            var answer = Answers.Where(name => query.Find(name) is not null).ToDictionary(name => name, name => query.Find(name)!, StringComparer.Ordinal);
            var onwards = await provider.CompleteAsync(http, answer, cancel);
            trail.Notice(http, PersonAccess.Of(http));
            return Results.LocalRedirect(onwards);
        }
        catch (FaultException e) when (e.Fault is Fault.Unauthenticated or Fault.Forbidden)
        {
            return ShowSignIn(http, people, refused: true);
        }
    }

    private static async Task<PageResult> InvitationPageAsync(
        string token, HttpContext http, Rooms rooms, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        await rooms.DemandStorageAsync(cancel);
        var invitation = await people.Invitations.LookAsync(token, cancel);
        return PageResult.Of<InvitationPage>(
            (nameof(InvitationPage.Invitation), invitation),
            (nameof(InvitationPage.Tenant), invitation is null ? null : (await tenants.FindAsync(invitation.Tenant, cancel))?.Name),
            (nameof(InvitationPage.Path), Invitations.Route + Uri.EscapeDataString(token)),
            (nameof(InvitationPage.Token), people.Antiforgery.OfBrowser(http))) with
        { Private = true, Policy = WithScript, Status = invitation is null ? StatusCodes.Status410Gone : StatusCodes.Status200OK };
    }

    private static async Task<ContentHttpResult> BeginInvitationAsync(string token, HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        await DemandAsync(http, rooms, people, cancel);
        var (asked, _) = await StrictJson.ReadAsync<NewName>(http.Request, cancel, MaxAnswerBytes);
        return Options(http, await people.Ceremonies.BeginInvitationAsync(http, token, asked.Name, cancel));
    }

    private static async Task<Ok<Onwards>> AcceptAsync(string token, HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        await DemandAsync(http, rooms, people, cancel);
        await people.Ceremonies.AcceptAsync(http, token, await AnswerAsync(http, cancel), cancel);
        return TypedResults.Ok(new Onwards(FirstPage));
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, PeopleRoom people, CancellationToken cancel)
    {
        await people.Sessions.SignOutAsync(http, cancel);
        return AccountRoutes.Onwards("/sign-in");
    }

    /// <summary>PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON.</summary>
    internal static ContentHttpResult Options(HttpContext http, string options)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(options, MediaTypes.Json);
    }

    /// <summary>An authenticator's answer: judged by the library, so only bounded here.</summary>
    internal static async Task<byte[]> AnswerAsync(HttpContext http, CancellationToken cancel)
    {
        MediaTypes.DemandJson(http.Request);
        return await StrictJson.ReadBytesAsync(http.Request, MaxAnswerBytes, cancel);
    }

    // Nobody is signed in yet, but the page was ours and this browser's.
    private static async Task DemandAsync(HttpContext http, Rooms rooms, PeopleRoom people, CancellationToken cancel)
    {
        people.Antiforgery.DemandBrowser(http, http.Request.Headers[Antiforgery.Header]);
        await rooms.DemandStorageAsync(cancel);
    }

    private static string ReturnOf(HttpContext http, string otherwise = "/account")
        => ReturnPath.Of(QueryReader.OfPage(http, Return.Name).Find(Return.Name), otherwise);

    private static FaultException NotFound() => new(Fault.NotFound, ProblemMiddleware.NotFoundDetail);
}
