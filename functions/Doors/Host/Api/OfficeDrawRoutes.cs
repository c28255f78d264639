using System.Buffers.Text;
using System.Text.Json.Nodes;
using Notary.Identity.People;
using Notary.Lotteries;
using Notary.Pages;
using Notary.Pages.Office;

namespace Notary.Host.Api;

/// <summary>Draws, for the staff: what waits for notaries, approving it with a key of one's own, ending a draw; and those keys.</summary>
internal static class OfficeDrawRoutes
{
    private const string List = "/office/draws", One = List + "/{id}", Signing = "/office/signing";
    private const int Rows = 20;

    // An assertion's parts: a tenth of these is usual (Web Authentication Level 3 §5.8, §6.1).
    private const int MaxCredential = 1024;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(List, ListAsync).ForPerson(OfficeRoutes.Staff).AsPage().Takes(Language);
        routes.MapGet(One, GetAsync).ForPerson(OfficeRoutes.Staff).AsPage().Takes(Language).Refuses(Fault.NotFound);
        routes.MapGet(One + "/files/{name}", FileAsync).ForPerson(OfficeRoutes.Staff).AsPage().Unhurried().Refuses(Fault.NotFound);
        routes.MapPost(One + "/approvals/{digest}/options", BeginApprovalAsync).ForPerson(Role.Notary).AsPage();
        routes.MapPost(One + "/approvals/{digest}", ApproveAsync).ForPerson(Role.Notary).AsPage();
        routes.MapPost(One + "/abort", AbortAsync).ForPerson(Role.Notary).AsPage();
        routes.MapGet(Signing, KeysAsync).ForPerson(Role.Notary).AsPage().Takes(Language);
        routes.MapPost(Signing + "/options", BeginKeyAsync).ForPerson(Role.Notary).AsPage();
        routes.MapPost(Signing, AddKeyAsync).ForPerson(Role.Notary).AsPage();
        routes.MapPost(Signing + "/{id}/remove", RemoveKeyAsync).ForPerson(Role.Notary).AsPage();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, "continuation");
        var lottery = (await OpenAsync(rooms, cancel)).Lottery;
        var page = await lottery.PublishedAsync(Rows, query.Continuation, cancel);
        return PageResult.Of<OfficeDrawsPage>(
            (nameof(OfficeDrawsPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(OfficeDrawsPage.Waiting), query.Continuation is null ? await lottery.WaitingAsync(cancel) : []),
            (nameof(OfficeDrawsPage.Published), page.Draws),
            (nameof(OfficeDrawsPage.Continued), query.Continuation is not null),
            (nameof(OfficeDrawsPage.Next), page.Continuation)) with
        { Private = true };
    }

    private static Task<PageResult> GetAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => ShowAsync(id, null, http, people, tenants, rooms, cancel);

    private static async Task<PageResult> ShowAsync(
        string id, (Fault Fault, Words Why)? refused, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (draws, draw) = (await OpenAsync(rooms, cancel), DrawRoutes.Id(id));
        var view = await draws.Lottery.OfficeAsync(draw, cancel) ?? throw DepositRoutes.NotFound();
        var open = await draws.Lottery.OpenStepAsync(draw, cancel);
        var who = PersonAccess.Of(http);
        return PageResult.Of<OfficeDrawPage>(
            (nameof(OfficeDrawPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(OfficeDrawPage.Shown), new OfficeDraw(view, open?.Step, open?.Digest, await draws.Lottery.ObjectionsAsync(draw, cancel))),
            (nameof(OfficeDrawPage.Keys), who.Role == Role.Notary ? (await draws.Signers.ListAsync(who.Person, cancel)).Count : 0),
            (nameof(OfficeDrawPage.Refused), refused?.Why)) with
        {
            Private = true,
            Policy = WithScript,
            Status = refused is { } what ? FaultStatus.Of(what.Fault) : StatusCodes.Status200OK,
        };
    }

    private static async Task FileAsync(string id, string name, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var lottery = (await OpenAsync(rooms, cancel)).Lottery;
        await using var file = await lottery.OfficeFileAsync(DrawRoutes.Id(id), name, cancel) ?? throw DepositRoutes.NotFound();
        http.Response.ContentType = FileNames.MediaType(name);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        await file.CopyToAsync(http.Response.Body, cancel);
    }

    /// <summary>What the authenticator is asked: PublicKeyCredentialRequestOptionsJSON, whose challenge is the statement itself.</summary>
    private static async Task<ContentHttpResult> BeginApprovalAsync(
        string id, string digest, HttpContext http, PeopleRoom people, Rooms rooms, CancellationToken cancel)
    {
        var asked = await (await OpenAsync(rooms, cancel)).Lottery.ToApproveAsync(DrawRoutes.Id(id), NotaryOf(http), cancel);
        if (asked is null || asked.Digest != digest)
            throw new FaultException(Fault.Conflict, "what there is to approve is not what you have seen: look again");

        return SignInRoutes.Options(http, new JsonObject
        {
            ["challenge"] = Base64Url.EncodeToString(asked.Challenge.ToArray()),
            ["rpId"] = asked.RpId,
            ["userVerification"] = "required",
            ["allowCredentials"] = new JsonArray([.. asked.Credentials.Select(c
                => (JsonNode)new JsonObject { ["type"] = "public-key", ["id"] = Base64Url.EncodeToString(c) })]),
        }.ToJsonString());
    }

    private static async Task<Ok<Onwards>> ApproveAsync(string id, string digest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var answer = Answer(await SignInRoutes.AnswerAsync(http, cancel));
        AuditNote.Of(http).Add("digest", digest);
        await (await OpenAsync(rooms, cancel)).Lottery.ApproveAsync(DrawRoutes.Id(id), NotaryOf(http), digest, answer, cancel);
        return TypedResults.Ok(new Onwards($"{List}/{id}"));
    }

    /// <summary>AuthenticationResponseJSON, as far as it counts.</summary>
    private static ApprovalAnswer Answer(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var response = document.RootElement.GetProperty("response");
            return new ApprovalAnswer(Bytes(document.RootElement, "rawId", MaxCredential), Bytes(response, "authenticatorData", MaxCredential),
                Bytes(response, "clientDataJSON", 2 * MaxCredential), Bytes(response, "signature", MaxCredential));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FaultException(Fault.Malformed, "this is no answer of an authenticator", e);
        }
    }

    private static byte[] Bytes(JsonElement of, string name, int most)
        => of.GetProperty(name).GetString() is { } text && Base64Url.DecodeFromChars(text) is { } bytes && bytes.Length <= most
            ? bytes : throw new FormatException(name);

    private static async Task<IResult> AbortAsync(
        string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var form = await PersonAccess.FormAsync(http, cancel);
        var reason = form.GetValueOrDefault("reason")?.Trim() ?? "";
        AuditNote.Of(http).Reason = reason;
        try
        {
            if (form.GetValueOrDefault("confirmed") != "yes")
                throw new FaultException(Fault.Malformed, "an abort is confirmed");

            var (draws, draw) = (await OpenAsync(rooms, cancel), DrawRoutes.Id(id));
            if (await draws.Lottery.OfficeAsync(draw, cancel) is null)
                throw DepositRoutes.NotFound();

            await draws.Lottery.AbortAsync(draw, reason, cancel);
            return AccountRoutes.Onwards($"{List}/{id}");
        }
        catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.DrawState)
        {
            Words why = e.Fault == Fault.Malformed
                ? ("没有终止：请写明理由（最多 500 个字）并勾选确认。", "Not aborted: give a reason of at most 500 characters, and confirm it by its box.")
                : ("没有终止：此时已不能终止。", "Not aborted: it cannot be any more.");
            return await ShowAsync(id, (e.Fault, why), http, people, tenants, rooms, cancel);
        }
    }

    private static async Task<PageResult> KeysAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        var who = PersonAccess.Of(http);
        return PageResult.Of<SigningKeysPage>(
            (nameof(SigningKeysPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(SigningKeysPage.Keys), await (await OpenAsync(rooms, cancel)).Signers.ListAsync(who.Person, cancel)),
            (nameof(SigningKeysPage.Fresh), IsFresh(who, clock))) with
        { Private = true, Policy = WithScript };
    }

    private static async Task<ContentHttpResult> BeginKeyAsync(HttpContext http, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        DemandFresh(http, clock);
        return SignInRoutes.Options(http, await (await OpenAsync(rooms, cancel)).Signers.BeginAsync(NotaryOf(http), cancel));
    }

    private static async Task<Ok<Onwards>> AddKeyAsync(HttpContext http, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        DemandFresh(http, clock);
        var key = await (await OpenAsync(rooms, cancel)).Signers.EnrolAsync(
            NotaryOf(http), Devices.NameOf(http), await SignInRoutes.AnswerAsync(http, cancel), cancel);
        AuditNote.Of(http).Add("key", Digest.Of(key.Spki).ToString());
        return TypedResults.Ok(new Onwards(Signing));
    }

    private static async Task<IResult> RemoveKeyAsync(string id, HttpContext http, Rooms rooms, TimeProvider clock, CancellationToken cancel)
    {
        DemandFresh(http, clock);
        await (await OpenAsync(rooms, cancel)).Signers.RemoveAsync(PersonAccess.Of(http).Person, id, cancel);
        return AccountRoutes.Onwards(Signing);
    }

    private static async Task<DrawRooms> OpenAsync(Rooms rooms, CancellationToken cancel)
        => (await rooms.OpenAsync(cancel)).Draws ?? throw DepositRoutes.NotFound();

    private static DrawNotary NotaryOf(HttpContext http)
    {
        var who = PersonAccess.Of(http);
        return new DrawNotary(who.Person, who.Name);
    }

    private static bool IsFresh(SignedIn who, TimeProvider clock) => clock.GetUtcNow() - who.At < PeopleRules.Fresh;

    private static void DemandFresh(HttpContext http, TimeProvider clock)
    {
        if (!IsFresh(PersonAccess.Of(http), clock))
            throw new FaultException(Fault.Forbidden, "sign in again first: this needs a sign-in of the last minutes");
    }
}
