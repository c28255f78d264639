using Notary.Evidence.Batches;

namespace Notary.Host.Api;

/// <summary>Batches: up to a million deposits in one request. An item is followed by its id on the routes of deposits.</summary>
internal static class BatchRoutes
{
    private const int DefaultPage = 50;

    private static readonly Parameter Limit = new("limit", "query", "1-100, default 50");
    private static readonly Parameter Continuation = new("continuation", "query", "the value of the page before");

    private static readonly Parameter[] BatchParameters =
    [
        IdempotencyKey.Needed,
        new(ContentDigest.Header, "header", "RFC 9530, sha-256 or sha-512 of the body as it is sent; another body is a 422 and nothing is kept"),
        new("Content-Encoding", "header", "gzip or absent"),
        new("note.*", "query", "a note of the batch's own manifest: note.contractNo=A-17; at most 32, 8 KiB together"),
        new("previous", "query", "manifest digest of the deposit this one continues"),
        new("letter", "query", "of the batch: eager (default) or onRequest"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/batches").WithTags("Batches");
        group.MapPost("", DepositAsync).WithName("depositBatch").ForTenant(Scope.Write).Deposits(isBody: true).Unhurried()
            .TakesFile($"{BatchFormat.MediaType}: one item a line, at most 1,000,000; docs/api.md, \"Batches\"").Takes(BatchParameters)
            .Gives<ReceiptView>(201).Refuses(Fault.IdempotencyConflict, Fault.ListRefused, Fault.TooLarge);
        group.MapGet("/items", FindAsync).WithName("findBatchItems").ForTenant(Scope.Read)
            .Takes(new("sha256", "query", "the items' digest; or"), new("reference", "query", "the partner's own reference"), Limit, Continuation)
            .Gives<FoundItemPage>(200);
        group.MapGet("/{id}", GetAsync).WithName("getBatch").ForTenant(Scope.Read).Gives<BatchView>(200).Refuses(Fault.NotFound);
        group.MapGet("/{id}/items", ListAsync).WithName("listBatchItems").ForTenant(Scope.Read).Takes(Limit, Continuation)
            .Gives<BatchItemPage>(200).Refuses(Fault.NotFound);
    }

    /// <summary>1. What the batch says about itself; 2. a turn, since a batch keeps processors and storage busy; 3. the batch.</summary>
    private static async Task<IResult> DepositAsync(HttpContext http, Rooms rooms, RateLimits limits, CancellationToken cancel)
    {
        // 1
        var (tenant, options) = (Caller.TenantOf(http), DepositRequest.ReadBatchOptions(http));
        await using var sent = ContentDigest.Of(http.Request).Guard(http.Request.Body, alsoSha256: true);
        await using var body = UnpackedBody.Of(http.Request, sent);

        // 2
        using var turn = await limits.BulkTurnAsync(tenant.Id, cancel);

        // 3
        try
        {
            return new Receipt(await (await rooms.OpenAsync(cancel)).Deposits.DepositBatchAsync(tenant, options, body, cancel)) { Of = "batches" };
        }
        catch (BatchRefusedException refused)
        {
            return new RefusedBatch(refused);
        }
    }

    private static async Task<Ok<FoundItemPage>> FindAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "sha256", "reference", "limit", "continuation");
        var (sha256, reference) = (query.Digest("sha256"), query.Find("reference"));
        if (sha256 is null == reference is null)
            throw new FaultException(Fault.Malformed, "items are looked for by sha256 or by reference");

        var deposits = (await rooms.OpenAsync(cancel)).Deposits;
        return TypedResults.Ok(await deposits.FindItemsAsync(Caller.TenantOf(http), reference is null ? ItemKey.Digest : ItemKey.Reference,
            reference ?? sha256!.Value.ToString(), LimitOf(query), query.Continuation, cancel));
    }

    private static async Task<Ok<BatchView>> GetAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await rooms.OpenAsync(cancel)).Deposits.FindBatchAsync(Caller.TenantOf(http), DepositRoutes.Id(id), cancel)
            ?? throw DepositRoutes.NotFound());

    private static async Task<Ok<BatchItemPage>> ListAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "limit", "continuation");
        return TypedResults.Ok(await (await rooms.OpenAsync(cancel)).Deposits
            .ListItemsAsync(Caller.TenantOf(http), DepositRoutes.Id(id), LimitOf(query), query.Continuation, cancel));
    }

    private static int LimitOf(QueryReader query) => query.Number("limit", absent: DefaultPage, min: 1, max: DepositLimits.MaxPage);
}

/// <summary>The problem of a batch that was refused: which lines, as far as they were read.</summary>
internal sealed class RefusedBatch(BatchRefusedException refused) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var (first, many) = (refused.Refusals[0], refused.Refusals.Count.ToString(CultureInfo.InvariantCulture));
        var lines = refused.Refusals.Count == BatchRefusedException.MostTold ? $"{many} lines and perhaps more" : refused.Refusals.Count == 1 ? "a line"
            : $"{many} lines";
        return Problem.WriteAsync(httpContext, Fault.ListRefused,
            $"{lines} cannot be taken, first line {first.Line} ({first.Code}), and nothing of the batch is kept", new JsonObject
        {
            ["refusals"] = new JsonArray([.. refused.Refusals.Select(r => (JsonNode)new JsonObject { ["line"] = r.Line, ["code"] = r.Code })]),
        });
    }
}
