namespace Notary.Host.Api;

/// <summary>Where the QR code on a letter leads: what may be known without a key.</summary>
internal static class PublicRoutes
{
    private static readonly Parameter Index = new("index", "query", "the log index, as it stands on the letter");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/public/deposits/{manifestDigest}", GetAsync).WithName("getPublicEvidence").ForAnyone().WithTags("Public")
            .Takes(Index with { Required = true })
            .Gives<PublicEvidence>(200).Refuses(Fault.Malformed, Fault.NotFound, Fault.StorageUnavailable);
    }

    private static async Task<Ok<PublicEvidence>> GetAsync(string manifestDigest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var index = ReadIndex(new QueryReader(http, "index").Find("index")) ?? throw WrongIndex();
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Ok(Digest.TryParseAnyCase(manifestDigest, out var digest) && await FindAsync(digest, index, rooms, cancel) is { } found
            ? found : throw DepositRoutes.NotFound());
    }

    public static async Task<PublicEvidence?> FindAsync(Digest manifestDigest, long index, Rooms rooms, CancellationToken cancel)
        => await (await rooms.OpenAsync(cancel)).Public.FindAsync(manifestDigest, index, cancel);

    public static long? ReadIndex(string? text)
        => text is not { Length: > 0 } ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
            : throw WrongIndex();

    private static FaultException WrongIndex() => new(Fault.Malformed, "index is the log index, an integer");
}
