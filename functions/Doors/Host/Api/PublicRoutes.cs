namespace Notary.Host.Api;

/// <summary>Where the QR code on a letter leads: what may be known without a key.</summary>
internal static class PublicRoutes
{
    private static readonly Parameter Index = new("index", "query", "the log index, as it stands on the letter");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/public/deposits/{manifestDigest}", GetAsync).ForAnyone().WithTags("Public").Takes(Index with { Required = true })
            .Gives<PublicEvidence>(200).Refuses(Fault.Malformed, Fault.NotFound, Fault.StorageUnavailable);
        routes.MapGet("/verify/{manifestDigest}", PageAsync).ForAnyone().WithTags("Public").Takes(Index)
            .Gives<string>(200, "text/html").Gives<string>(400, "text/html").Gives<string>(404, "text/html").Refuses(Fault.StorageUnavailable);
    }

    private static async Task<Ok<PublicEvidence>> GetAsync(string manifestDigest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var index = ReadIndex(http) ?? throw new FaultException(Fault.Malformed, "index is the log index, an integer");
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Ok(await FindAsync(manifestDigest, index, rooms, cancel) ?? throw DepositRoutes.NotFound());
    }

    private static async Task<ContentHttpResult> PageAsync(
        string manifestDigest, HttpContext http, Rooms rooms, HostSettings settings, CancellationToken cancel)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = VerifyPage.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        var digest = Digest.TryParse(manifestDigest, out var known) ? known.ToString() : null;
        var (status, page) = await LookUpAsync(digest, http, rooms, new VerifyPage(settings.Office), cancel);
        return TypedResults.Content(page, "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static async Task<(int Status, string Page)> LookUpAsync(string? digest, HttpContext http, Rooms rooms, VerifyPage page, CancellationToken cancel)
    {
        long? index;
        try
        {
            index = ReadIndex(http);
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return (400, page.Malformed(digest));
        }

        return digest is null ? (404, page.NotFound(null))
            : index is null ? (200, page.Ask(digest))
            : await FindAsync(digest, index.Value, rooms, cancel) is { } found ? (200, page.Found(found))
            : (404, page.NotFound(digest));
    }

    private static async Task<PublicEvidence?> FindAsync(string manifestDigest, long index, Rooms rooms, CancellationToken cancel)
        => Digest.TryParse(manifestDigest, out var digest) ? await (await rooms.OpenAsync(cancel)).Public.FindAsync(digest, index, cancel) : null;

    private static long? ReadIndex(HttpContext http)
        => new QueryReader(http, "index").Find("index") is not { Length: > 0 } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
            : throw new FaultException(Fault.Malformed, "index is the log index, an integer");
}
