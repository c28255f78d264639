using Notary.Evidence.Batches;

namespace Notary.Host.Api;

/// <summary>A tenant's deposits: making them, following them, and taking the evidence away.</summary>
internal static class DepositRoutes
{
    private static readonly Parameter Item = new("item", "query", "index of the item, default 0");
    private static readonly Parameter IfMatch = new("If-Match", "header", "ETags; 412 when none of them is the answer's");
    private static readonly Parameter IfNoneMatch = new("If-None-Match", "header", "ETags; 304 when one of them is the answer's");
    private static readonly Parameter[] RangeParameters =
    [
        new("Range", "header", "one byte range (RFC 9110 §14)"), new("If-Range", "header", "the ETag of an earlier answer"), IfMatch, IfNoneMatch,
    ];
    private static readonly Parameter Announced = new(ContentDigest.Header, "header",
        "RFC 9530, sha-256 or sha-512; another body than announced is a 422 and nothing is kept");
    private static readonly Parameter[] FileParameters =
    [
        IdempotencyKey.Description,
        Announced,
        new("name", "query", "file name, at most 255 characters (units of UTF-16); or Content-Disposition with filename*"),
        new("note.*", "query", "a note: note.contractNo=A-17; at most 32, 8 KiB together"),
        new("previous", "query", "manifest digest of the deposit this one continues"),
        new("letter", "query", "eager (default) or onRequest: no letter until one is asked for"),
    ];

    private static readonly Parameter[] ListParameters =
    [
        new("sha256", "query", "only deposits with an item of this digest"),
        new("order", "query", "oldest (default) or newest"),
        new("since", "query", "with order=newest: none received before; a time in UTC or a date"),
        new("until", "query", "with order=newest: none received at this time or later"),
        new("text", "query", $"with order=newest: only deposits with it in an item's name or a note, among the next {DepositLimits.MaxSearched}"),
        new("limit", "query", "1-100, default 50; not with text"),
        new("continuation", "query", "the value of the page before"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/deposits").WithTags("Deposits");
        group.MapPost("/file", DepositFileAsync).WithName("depositFile").ForTenant(Scope.Write).Deposits(isBody: true).Unhurried()
            .TakesFile("the file's bytes, of any size; its Content-Type is the media type").Takes(FileParameters)
            .Gives<ReceiptView>(201).Refuses(Fault.IdempotencyConflict, Fault.DigestMismatch);
        group.MapPost("", DepositDigestsAsync).WithName("depositDigests").ForTenant(Scope.Write).Deposits(isBody: false)
            .TakesJson<NewDigests>().Takes(IdempotencyKey.Description)
            .Gives<ReceiptView>(201).Refuses(Fault.IdempotencyConflict);
        group.MapPost("/bulk", DepositBulkAsync).WithName("depositBulk").ForTenant(Scope.Write).Deposits(isBody: true).Unhurried()
            .TakesJson<NewBulk>().Takes(IdempotencyKey.Needed)
            .Gives<BulkReceiptView>(201).Refuses(Fault.IdempotencyConflict, Fault.Gone);
        group.MapPut("/{id}/original", AttachAsync).WithName("attachOriginal").ForTenant(Scope.Write).Deposits(isBody: true).Unhurried()
            .TakesFile("the bytes whose digest was deposited").Takes(Item, Announced)
            .Gives(204).Refuses(Fault.NotFound, Fault.DigestMismatch);

        group.MapGet("", ListAsync).WithName("listDeposits").ForTenant(Scope.Read)
            .Takes(ListParameters)
            .Gives<DepositPage>(200).Refuses(Fault.Malformed);
        group.MapGet("/{id}", GetAsync).WithName("getDeposit").ForTenant(Scope.Read).Gives<DepositView>(200).Refuses(Fault.NotFound);
        group.MapGet("/{id}/receipt", ReceiptAsync).WithName("getReceipt").ForTenant(Scope.Read).Gives<ReceiptView>(200).Refuses(Fault.NotFound);
        group.MapGet("/{id}/proof", ProofAsync).WithName("getProof").ForTenant(Scope.Read).Gives<string>(200, "text/plain")
            .Refuses(Fault.NotFound, Fault.NotReady);
        group.MapGet("/{id}/letter", LetterAsync).WithName("getLetter").ForTenant(Scope.Read)
            .Takes(RangeParameters).Gives<byte[]>(200, "application/pdf").Gives<byte[]>(206, "application/pdf").Gives(304)
            .Refuses(Fault.NotFound, Fault.NotReady, Fault.PreconditionFailed, Fault.RangeNotSatisfiable);
        group.MapGet("/{id}/bundle", BundleAsync).WithName("getBundle").ForTenant(Scope.Read).Unhurried()
            .Takes(new("original", "query", "true to include the decrypted originals that are kept"), IfMatch, IfNoneMatch)
            .Gives<byte[]>(200, "application/zip").Gives(304).Refuses(Fault.Malformed, Fault.NotFound, Fault.NotReady, Fault.PreconditionFailed);
        group.MapGet("/{id}/original", OriginalAsync).WithName("getOriginal").ForTenant(Scope.Read).Unhurried()
            .Takes([Item, .. RangeParameters]).GivesDeposited(200, 206).Gives(304)
            .Refuses(Fault.Malformed, Fault.NotFound, Fault.PreconditionFailed, Fault.RangeNotSatisfiable);
    }

    private static async Task<Receipt> DepositFileAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var options = DepositRequest.ReadFileOptions(http);
        await using var body = ContentDigest.Of(http.Request).Guard(http.Request.Body, alsoSha256: false);
        var receipt = await (await rooms.OpenAsync(cancel)).Deposits.DepositFileAsync(Caller.TenantOf(http), options, body, cancel);
        return new Receipt(receipt);
    }

    private static async Task<Receipt> DepositDigestsAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var key = IdempotencyKey.Of(http.Request);
        var (wanted, _) = await StrictJson.ReadAsync<NewDigests>(http.Request, cancel);
        var (options, items) = DepositRequest.Read(wanted, key, http);
        return new Receipt(await (await rooms.OpenAsync(cancel)).Deposits.DepositDigestsAsync(Caller.TenantOf(http), options, items, cancel));
    }

    /// <summary>1. A turn, so that bodies in memory are few; 2. the body; 3. the price, which depends on it; 4. the deposits.</summary>
    private static async Task DepositBulkAsync(HttpContext http, Rooms rooms, RateLimits limits, CancellationToken cancel)
    {
        var tenant = Caller.TenantOf(http);
        var key = IdempotencyKey.Of(http.Request);

        // 1
        using var turn = await limits.BulkTurnAsync(tenant.Id, cancel);

        // 2
        var (wanted, _) = await StrictJson.ReadAsync<NewBulk>(http.Request, cancel, StrictJson.MaxBulkBodyBytes);
        var (options, items) = DepositRequest.Read(wanted, key, http);

        // 3
        limits.DemandBulk(http, tenant.Id, items.Count);

        // 4: the answer is written under the turn, since it is made from what the request holds.
        await new BulkAnswer(await (await rooms.OpenAsync(cancel)).Deposits.DepositBulkAsync(tenant, options, items, cancel)).ExecuteAsync(http);
    }

    private static async Task<NoContent> AttachAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        MediaTypes.DemandIdentity(http.Request);
        MediaTypes.RefuseForms(http.Request);
        var item = new QueryReader(http, "item").Number("item", absent: 0, min: 0, max: DepositLimits.MaxItems - 1);
        var open = await rooms.OpenAsync(cancel);
        await using var body = ContentDigest.Of(http.Request).Guard(http.Request.Body, alsoSha256: true);
        await open.Deposits.AttachOriginalAsync(Caller.TenantOf(http), Id(id), item, body, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<DepositPage>> ListAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = new QueryReader(http, "sha256", "order", "since", "until", "text", "limit", "continuation");
        var (sha256, limit) = (query.Digest("sha256"), query.Number("limit", absent: 50, min: 1, max: DepositLimits.MaxPage));
        var (newest, since, until, text) = (query.Chosen("order", "oldest", "newest"), query.Time("since"), query.Time("until"), query.Find("text"));
        if (newest ? sha256 is not null : since is not null || until is not null || text is not null)
            throw new FaultException(Fault.Malformed, "since, until and text go with order=newest, and sha256 does not");

        var (tenant, deposits) = (Caller.TenantOf(http), (await rooms.OpenAsync(cancel)).Deposits);
        return TypedResults.Ok(
            !newest ? await deposits.ListAsync(tenant, sha256, limit, query.Continuation, cancel)
            : text is null ? await deposits.NewestAsync(tenant, since, until, limit, query.Continuation, cancel)
            : await deposits.SearchAsync(tenant, text, since, until, query.Continuation, cancel));
    }

    private static async Task<Ok<DepositView>> GetAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (tenant, deposits) = (Caller.TenantOf(http), (await rooms.OpenAsync(cancel)).Deposits);
        return TypedResults.Ok((ItemId.TryParse(id, out var item) ? await deposits.FindItemAsync(tenant, item, cancel)
            : await deposits.FindAsync(tenant, Id(id), cancel)) ?? throw NotFound());
    }

    private static async Task<Receipt> ReceiptAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var deposits = (await rooms.OpenAsync(cancel)).Deposits;
        return new(await deposits.ReceiptAsync(Caller.TenantOf(http), await OwnerAsync(id, http, deposits, cancel), cancel), StatusCodes.Status200OK);
    }

    private static async Task<ContentHttpResult> ProofAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (tenant, deposits) = (Caller.TenantOf(http), (await rooms.OpenAsync(cancel)).Deposits);
        return TypedResults.Text(ItemId.TryParse(id, out var item) ? await deposits.ItemProofAsync(tenant, item, cancel)
            : await deposits.ProofAsync(tenant, Id(id), cancel), "text/plain; charset=utf-8");
    }

    private static async Task<FileAnswer> LetterAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var deposits = (await rooms.OpenAsync(cancel)).Deposits;
        var deposit = await OwnerAsync(id, http, deposits, cancel);
        var letter = await deposits.LetterAsync(Caller.TenantOf(http), deposit, cancel);
        return new FileAnswer(
            new OriginalInfo($"{deposit}.pdf", "application/pdf", letter.Length, Digest.Of(letter)),
            (offset, length, _) => Task.FromResult<Stream>(new MemoryStream(letter, (int)offset, (int)length!.Value, writable: false)));
    }

    private static async Task<BundleAnswer> BundleAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var withOriginals = new QueryReader(http, "original").Flag("original");
        var (tenant, deposits) = (Caller.TenantOf(http), (await rooms.OpenAsync(cancel)).Deposits);
        return ItemId.TryParse(id, out var item)
            ? new BundleAnswer(await deposits.ItemBundleAsync(tenant, item, cancel), $"{item}.evidence.zip")
            : new BundleAnswer(await deposits.BundleAsync(tenant, Id(id), withOriginals, cancel), $"{Id(id)}.evidence.zip");
    }

    private static async Task<FileAnswer> OriginalAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var item = new QueryReader(http, "item").Number("item", absent: 0, min: 0, max: DepositLimits.MaxItems - 1);
        var (deposit, tenant) = (Id(id), Caller.TenantOf(http));
        var deposits = (await rooms.OpenAsync(cancel)).Deposits;
        var original = await deposits.FindOriginalAsync(tenant, deposit, item, cancel) ?? throw NotFound();
        return new FileAnswer(original, (offset, length, token) => deposits.OpenOriginalAsync(tenant, deposit, item, offset, length, token));
    }

    /// <summary>Whose receipt and letter it is: an item's are its batch's.</summary>
    private static async Task<DepositId> OwnerAsync(string id, HttpContext http, DepositService deposits, CancellationToken cancel)
    {
        if (!ItemId.TryParse(id, out var item))
            return Id(id);

        await deposits.DemandItemAsync(Caller.TenantOf(http), item, cancel);
        return item.Batch;
    }

    /// <summary>What is not even an id is not there either: telling the two apart would tell a stranger something.</summary>
    internal static DepositId Id(string text) => DepositId.TryParseAnyCase(text, out var id) ? id : throw NotFound();

    internal static FaultException NotFound() => new(Fault.NotFound, ProblemMiddleware.NotFoundDetail);
}
