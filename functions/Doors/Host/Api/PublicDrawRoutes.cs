using System.IO.Compression;
using Notary.Evidence.Draws;
using Notary.Lotteries;

namespace Notary.Host.Api;

/// <summary>A candidate of a public list. Positions count from 1.</summary>
public sealed record CandidateView(int Position, Digest Handle, int Weight, string Group, string Name);

/// <summary>A page of a public list.</summary>
public sealed record CandidatesView(IReadOnlyList<CandidateView> Candidates, int Total);

/// <summary>A candidate with the proof that he is in the list.</summary>
/// <param name="Path">From his leaf's sibling to the list's root.</param>
public sealed record ProvenCandidateView(int Position, int Weight, string Group, string Name, IReadOnlyList<Digest> Path);

/// <summary>Keys that notaries approve draws with, and have approved with.</summary>
public sealed record SignersView(IReadOnlyList<SignerView> Signers);

/// <summary>An objection that was taken.</summary>
public sealed record ObjectionReceipt(int Number);

/// <summary>What anybody may know of a draw once it is published. No key, no cookies, any origin.</summary>
internal static class PublicDrawRoutes
{
    // A file is never changed once a row names it, and the row never names another.
    private const string Immutable = "public, max-age=31536000, immutable";

    private static readonly Parameter[] FileParameters =
    [
        new("Range", "header", "one byte range (RFC 9110 §14)"), new("If-Range", "header", "the ETag of an earlier answer"),
        new("If-Match", "header", "ETags; 412 when none of them is the answer's"),
        new("If-None-Match", "header", "ETags; 304 when one of them is the answer's"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/public/draws").WithTags("Public");
        group.MapGet("", ListAsync).WithName("listPublicDraws").ForAnyone().Takes(DrawRoutes.ListParameters)
            .Gives<DrawPage>(200).Refuses(Fault.StorageUnavailable);
        group.MapGet("/{drawId}", GetAsync).WithName("getPublicDraw").ForAnyone().Gives<DrawView>(200).Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet("/{drawId}/files/{name}", FileAsync).WithName("getDrawFile").ForAnyone().Unhurried().Takes(FileParameters)
            .GivesDeposited(200, 206).Gives(304)
            .Refuses(Fault.NotFound, Fault.PreconditionFailed, Fault.RangeNotSatisfiable, Fault.StorageUnavailable);
        group.MapGet("/{drawId}/candidates", CandidatesAsync).WithName("listCandidates").ForAnyone()
            .Takes(new("from", "query", "the first position, default 1"), new("limit", "query", $"1-{LotteryLimits.MaxCandidatesPage}, default 100"))
            .Gives<CandidatesView>(200).Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet("/{drawId}/candidates/{handle}", CandidateAsync).WithName("getCandidate").ForAnyone()
            .Gives<ProvenCandidateView>(200).Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet("/{drawId}/events", EventsAsync).WithName("watchDraw").ForAnyone().Unhurried()
            .Gives<string>(200, DrawWatch.MediaType).Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapPost("/{drawId}/objections", ObjectAsync).WithName("objectToDraw").ForAnyone().TakesJson<NewObjection>()
            .Gives<ObjectionReceipt>(201).Refuses(Fault.NotFound, Fault.DrawLate, Fault.StorageUnavailable);
        routes.MapGet("/v1/public/signers", SignersAsync).WithTags("Public").WithName("listSigners").ForAnyone()
            .Gives<SignersView>(200).Refuses(Fault.StorageUnavailable);
    }

    private static async Task<Ok<SignersView>> SignersAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        ForAnyOrigin(http);
        return TypedResults.Ok(new SignersView((await rooms.OpenAsync(cancel)).Draws is { } draws ? await draws.Signers.AllAsync(cancel) : []));
    }

    private static async Task<Ok<DrawPage>> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (limit, continuation) = DrawRoutes.Page(http);
        return TypedResults.Ok(await (await OpenAsync(http, rooms, cancel)).PublishedAsync(limit, continuation, cancel));
    }

    private static async Task<Ok<DrawView>> GetAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await OpenAsync(http, rooms, cancel)).PublicAsync(DrawRoutes.Id(drawId), cancel));

    private static async Task<IResult> FileAsync(string drawId, string name, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var lottery = await OpenAsync(http, rooms, cancel);
        var id = DrawRoutes.Id(drawId);
        var file = await lottery.FileAsync(id, name, cancel) ?? throw DepositRoutes.NotFound();
        http.Response.Headers.CacheControl = Immutable;
        return name == FileNames.List && Packs(http.Request)
            ? new PackedAnswer(file, token => lottery.OpenFileAsync(id, name, 0, null, token))
            : new FileAnswer(new OriginalInfo(name, FileNames.MediaType(name), file.Bytes, Digest.Parse(file.Sha256)),
                (offset, length, token) => lottery.OpenFileAsync(id, name, offset, length, token));
    }

    private static async Task<Ok<CandidatesView>> CandidatesAsync(string drawId, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "from", "limit");
        var (from, limit) = (query.Number("from", absent: 1, min: 1, max: DrawRules.MaxCandidates),
            query.Number("limit", absent: 100, min: 1, max: LotteryLimits.MaxCandidatesPage));
        var list = await (await OpenAsync(http, rooms, cancel)).CandidatesAsync(DrawRoutes.Id(drawId), cancel);
        var page = Enumerable.Range(from, Math.Max(0, Math.Min(limit, list.Count - from + 1))).Select(position => list[position - 1] is var one
            ? new CandidateView(position, one.Handle, one.Weight, one.Group, one.Masked) : throw new InvalidOperationException());
        return TypedResults.Ok(new CandidatesView([.. page], list.Count));
    }

    private static async Task<Ok<ProvenCandidateView>> CandidateAsync(string drawId, string handle, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var list = await (await OpenAsync(http, rooms, cancel)).CandidatesAsync(DrawRoutes.Id(drawId), cancel);
        var index = Digest.TryParseAnyCase(handle, out var digest) ? list.IndexOf(digest) : -1;
        if (index < 0)
            throw DepositRoutes.NotFound();

        var one = list[index];
        return TypedResults.Ok(new ProvenCandidateView(index + 1, one.Weight, one.Group, one.Masked, list.Path(index)));
    }

    private static async Task EventsAsync(string drawId, HttpContext http, Rooms rooms, DrawWatch watch, CancellationToken cancel)
        => await watch.ServeAsync(http, await OpenAsync(http, rooms, cancel), DrawRoutes.Id(drawId), cancel);

    private static async Task<Created<ObjectionReceipt>> ObjectAsync(string drawId, HttpContext http, Rooms rooms, RateLimits limits, CancellationToken cancel)
    {
        var lottery = await DrawRoutes.OpenAsync(rooms, cancel);
        var (wanted, _) = await StrictJson.ReadAsync<NewObjection>(http.Request, cancel);
        limits.DemandObjection(http);
        return TypedResults.Created((string?)null, new ObjectionReceipt(await lottery.ObjectAsync(DrawRoutes.Id(drawId), wanted.Text, wanted.Contact, cancel)));
    }

    private static async Task<Lottery> OpenAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        ForAnyOrigin(http);
        return await DrawRoutes.OpenAsync(rooms, cancel);
    }

    // Auditors in a browser are welcome: nothing here depends on who asks.
    private static void ForAnyOrigin(HttpContext http)
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-cache";
    }

    private static bool Packs(HttpRequest request)
        => request.Headers.Range.Count == 0 && request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value == "gzip" && e.Quality is not 0);

    /// <summary>A list, packed on its way: a third of it.</summary>
    private sealed class PackedAnswer(DrawFileView file, Func<CancellationToken, Task<Stream>> open) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            FileAnswer.Guard(httpContext);
            if (!Preconditions.Hold(httpContext, new EntityTagHeaderValue($"\"{file.Sha256}-gzip\"")))
                return;

            response.Headers.Vary = "Accept-Encoding";
            response.Headers.ContentEncoding = "gzip";
            response.ContentType = FileNames.MediaType(file.Name);
            if (FileAnswer.IsHead(httpContext))
                return;

            await using var content = await open(httpContext.RequestAborted);
            await using var packed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await content.CopyToAsync(packed, httpContext.RequestAborted);
        }
    }
}
