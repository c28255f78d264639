namespace Notary.Host.Api;

/// <summary>A large file to come, by way of a signature for one blob.</summary>
/// <param name="Name">At most 255 characters (units of UTF-16).</param>
/// <param name="ContentDigest">SHA-256 of the file when it is known: an upload that differs is refused.</param>
/// <param name="Letter">Eager when absent.</param>
/// <param name="AddressMinutes">How long the address is good for, 5 to 1440; then it is signed anew whenever the ticket is asked for again.
/// As long as the ticket, and the same each time, when absent.</param>
/// <param name="Size">Bytes of the file when they are known: held against what may be kept at once, and not only when it is taken in.</param>
public sealed record NewUpload(
    string? Name = null, string? MediaType = null, IReadOnlyDictionary<string, string>? Notes = null, Digest? Previous = null,
    Digest? ContentDigest = null, LetterWish? Letter = null, int? AddressMinutes = null, long? Size = null);

/// <summary>What a request may have here. Null: no bound.</summary>
/// <param name="BodyBytes">The largest body; a larger file goes by way of an upload.</param>
/// <param name="ExchangeSeconds">The longest exchange.</param>
public sealed record ExchangeLimits(long? BodyBytes, int? ExchangeSeconds);

/// <summary>Large files past the Functions host: 1. ask for a place, 2. PUT the bytes there, 3. follow the upload to its deposit.</summary>
internal static class UploadRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/uploads").WithTags("Uploads");
        group.MapPost("", BeginAsync).WithName("beginUpload").ForTenant(Scope.Write).Deposits(isBody: false)
            .TakesJson<NewUpload>(required: false).Takes(IdempotencyKey.Description)
            .Gives<UploadTicket>(201).Refuses(Fault.IdempotencyConflict, Fault.Gone);
        routes.MapGet("/v1/limits", Limits).WithName("getLimits").ForAnyone().WithTags("Public").Gives<ExchangeLimits>(200);
        group.MapGet("/{id}", GetAsync).WithName("getUpload").ForTenant(Scope.Read).Gives<UploadView>(200).Refuses(Fault.NotFound);
        group.MapDelete("/{id}", GiveUpAsync).WithName("giveUpUpload").ForTenant(Scope.Write).Gives(204).Refuses(Fault.NotFound, Fault.Conflict);
    }

    private static Ok<ExchangeLimits> Limits(HostSettings settings, Deadline deadline)
        => TypedResults.Ok(new ExchangeLimits(settings.Listen.BodyBytes, (int?)deadline.Whole?.TotalSeconds));

    private static async Task<Created<UploadTicket>> BeginAsync(HttpContext http, Rooms rooms, TenantQuotas quotas, CancellationToken cancel)
    {
        var key = IdempotencyKey.Of(http.Request);
        var wanted = await StrictJson.ReadOptionalAsync(http.Request, new NewUpload(), cancel);
        if (wanted.Notes?.Any(n => n.Value is null) == true)
            throw new FaultException(Fault.Malformed, "a note is null");

        var options = new DepositOptions(wanted.Name, wanted.MediaType, wanted.Notes ?? new Dictionary<string, string>(),
            wanted.Previous, key, wanted.ContentDigest, wanted.Letter == LetterWish.OnRequest)
        { CorrelationId = CorrelationId.Of(http) };
        var address = wanted.AddressMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : (TimeSpan?)null;
        var tenant = Caller.TenantOf(http);
        var uploads = (await rooms.OpenAsync(cancel)).Uploads;
        var ticket = await uploads.BeginAsync(
            tenant, options, address, wanted.Size, open => quotas.FindAgainst(http, tenant.Id, open, wanted.Size), cancel);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/uploads/{ticket.Id}", ticket);
    }

    private static async Task<Ok<UploadView>> GetAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await rooms.OpenAsync(cancel)).Uploads.FindAsync(Caller.TenantOf(http), DepositRoutes.Id(id), cancel)
            ?? throw DepositRoutes.NotFound());

    private static async Task<NoContent> GiveUpAsync(string id, HttpContext http, Rooms rooms, CancellationToken cancel)
        => await (await rooms.OpenAsync(cancel)).Uploads.GiveUpAsync(Caller.TenantOf(http), DepositRoutes.Id(id), cancel)
            ? TypedResults.NoContent() : throw DepositRoutes.NotFound();
}
