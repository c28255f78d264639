using Notary.Evidence.Forensics;
using Notary.Forensics;

namespace Notary.Host.Api;

/// <summary>A desktop that is asked for.</summary>
/// <param name="Page">What its browser opens: an http or https address of at most 2048 characters.</param>
/// <param name="Label">At most 200 characters; on the letter.</param>
/// <param name="User">Who will use it, as the directory knows him; only where desktops are signed in to (Azure's).</param>
public sealed record NewSession(string Page, string Label = "", string? User = null);

/// <summary>What matters at this moment.</summary>
/// <param name="Note">1 to 1000 characters.</param>
public sealed record NewMark(string Note);

/// <summary>A link to the desktop that counts once.</summary>
public sealed record EntranceView(Uri Url);

/// <summary>A tenant's recorded desktops: asked for, entered, marked, captured, ended.</summary>
internal static class SessionRoutes
{
    private const int DefaultPage = 20;

    private static readonly Parameter[] ListParameters =
    [
        new("limit", "query", $"1-{SessionLimits.MaxPage}, default {DefaultPage}"), new("continuation", "query", "the value of the page before"),
    ];

    private static readonly Parameter[] FileParameters =
    [
        IdempotencyKey.Description,
        new(ContentDigest.Header, "header", "RFC 9530, sha-256 or sha-512; another body than announced is a 422 and nothing is kept"),
        new("name", "query", $"file name, at most {SessionLimits.MaxFileName} characters (units of UTF-16); or Content-Disposition with filename*"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/forensics/sessions").WithTags("Forensics");
        group.MapPost("", CreateAsync).WithName("createSession").ForTenant(Scope.Write).TakesJson<NewSession>().Takes(IdempotencyKey.Description)
            .Gives<SessionReceipt>(201).Refuses(Fault.IdempotencyConflict, Fault.DesktopQuota, Fault.DesktopUser, Fault.DesktopsNotConfigured);
        group.MapGet("", ListAsync).WithName("listSessions").ForTenant(Scope.Read).Takes(ListParameters).Gives<SessionPage>(200)
            .Refuses(Fault.DesktopsNotConfigured);
        group.MapGet("/{id}", GetAsync).WithName("getSession").ForTenant(Scope.Read).Gives<SessionView>(200)
            .Refuses(Fault.NotFound, Fault.DesktopsNotConfigured);
        group.MapGet("/{id}/letter", LetterAsync).WithName("getSessionLetter").ForTenant(Scope.Read).Gives<byte[]>(200, "application/pdf")
            .Refuses(Fault.NotFound, Fault.NotReady, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/entrance", EnterAsync).WithName("enterSession").ForTenant(Scope.Write).Gives<EntranceView>(200)
            .Refuses(Fault.NotFound, Fault.SessionState, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/marks", MarkAsync).WithName("markSession").ForTenant(Scope.Write).TakesJson<NewMark>().Takes(IdempotencyKey.Description)
            .Gives(204).Refuses(Fault.NotFound, Fault.SessionState, Fault.IdempotencyConflict, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/captures", CaptureAsync).WithName("captureSession").ForTenant(Scope.Write).Gives(204)
            .Refuses(Fault.NotFound, Fault.SessionState, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/files", PutFileAsync).WithName("putSessionFile").ForTenant(Scope.Write).Deposits(isBody: true).Unhurried()
            .TakesFile($"the file's bytes, at most {SessionLimits.MaxFile}").Takes(FileParameters).Gives<SessionFile>(201)
            .Refuses(Fault.NotFound, Fault.SessionState, Fault.IdempotencyConflict, Fault.TooLarge, Fault.DigestMismatch, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/exit", ExitAsync).WithName("exitSession").ForTenant(Scope.Write).Gives<SessionView>(202)
            .Refuses(Fault.NotFound, Fault.DesktopsNotConfigured);
        group.MapPost("/{id}/abort", AbortAsync).WithName("abortSession").ForTenant(Scope.Write).Gives<SessionView>(202)
            .Refuses(Fault.NotFound, Fault.DesktopsNotConfigured);
    }

    internal static async Task<SessionDesk> OpenAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
        => http.RequestServices.GetRequiredService<HostSettings>().Desktops is not null
            ? (await rooms.OpenAsync(cancel)).Sessions!.Desk
            : throw new FaultException(Fault.DesktopsNotConfigured, "no desktop provider is configured: docs/operations.md says how");

    // What is not even an id is not there either.
    internal static DepositId Id(string text) => DepositId.TryParseAnyCase(text, out var id) ? id : throw DepositRoutes.NotFound();

    private static async Task<Created<SessionReceipt>> CreateAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (key, desk) = (IdempotencyKey.Of(http.Request), await OpenAsync(http, rooms, cancel));
        var (wanted, _) = await StrictJson.ReadAsync<NewSession>(http.Request, cancel);
        var receipt = await desk.CreateAsync(Caller.TenantOf(http), wanted.Page, wanted.Label, key, cancel, wanted.User);
        return TypedResults.Created(receipt.Self, receipt);
    }

    private static async Task<Ok<SessionPage>> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        var limit = query.Number("limit", absent: DefaultPage, min: 1, max: SessionLimits.MaxPage);
        return TypedResults.Ok(await (await OpenAsync(http, rooms, cancel)).ListAsync(Caller.TenantOf(http), limit, query.Continuation, cancel));
    }

    private static async Task<Ok<SessionView>> GetAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await OpenAsync(http, rooms, cancel)).FindAsync(Caller.TenantOf(http), Id(id), cancel) ?? throw DepositRoutes.NotFound());

    private static async Task<FileContentHttpResult> LetterAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.File(await (await OpenAsync(http, rooms, cancel)).LetterAsync(Caller.TenantOf(http), Id(id), cancel),
            "application/pdf", $"{Id(id)}.pdf");

    private static async Task<Ok<EntranceView>> EnterAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new EntranceView(await (await OpenAsync(http, rooms, cancel)).EnterAsync(Caller.TenantOf(http), Id(id), cancel)));
    }

    private static async Task<NoContent> MarkAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (key, desk) = (IdempotencyKey.Of(http.Request), await OpenAsync(http, rooms, cancel));
        var (wanted, _) = await StrictJson.ReadAsync<NewMark>(http.Request, cancel);
        await desk.MarkAsync(Caller.TenantOf(http), Id(id), wanted.Note, key, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> CaptureAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        await (await OpenAsync(http, rooms, cancel)).CaptureAsync(Caller.TenantOf(http), Id(id), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Created<SessionFile>> PutFileAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        MediaTypes.DemandIdentity(http.Request);
        MediaTypes.RefuseForms(http.Request);
        var name = FileName.Of(http.Request, new QueryReader(http, "name").Find("name"))
            ?? throw new FaultException(Fault.Malformed, "a file has a name: say it in the query, or in Content-Disposition");
        var key = IdempotencyKey.Of(http.Request);
        if (http.Request.ContentLength > SessionLimits.MaxFile)
            throw new FaultException(Fault.TooLarge, $"a file has at most {SessionLimits.MaxFile} bytes");

        var desk = await OpenAsync(http, rooms, cancel);
        await using var body = ContentDigest.Of(http.Request).Guard(http.Request.Body, alsoSha256: true);
        return TypedResults.Created((string?)null, await desk.PutFileAsync(Caller.TenantOf(http), Id(id), name, body, key, cancel));
    }

    private static Task<Accepted<SessionView>> ExitAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => EndAsync(id, CloseReason.Exit, http, rooms, cancel);

    private static Task<Accepted<SessionView>> AbortAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => EndAsync(id, CloseReason.Aborted, http, rooms, cancel);

    private static async Task<Accepted<SessionView>> EndAsync(string id, CloseReason how, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Accepted((string?)null, await (await OpenAsync(http, rooms, cancel)).EndAsync(Caller.TenantOf(http), Id(id), how, cancel));
}
