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
        routes.MapGet("/verify/{manifestDigest}", PageAsync).WithName("getVerifyPage").ForAnyone().WithTags("Public").Takes(Index)
            .Gives<string>(200, "text/html").Gives<string>(400, "text/html").Gives<string>(404, "text/html").Refuses(Fault.StorageUnavailable);
    }

    private static async Task<Ok<PublicEvidence>> GetAsync(string manifestDigest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var index = ReadIndex(new QueryReader(http, "index").Find("index")) ?? throw WrongIndex();
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Ok(Digest.TryParseAnyCase(manifestDigest, out var digest) && await FindAsync(digest, index, rooms, cancel) is { } found
            ? found : throw DepositRoutes.NotFound());
    }

    private static async Task<ContentHttpResult> PageAsync(
        string manifestDigest, HttpContext http, Rooms rooms, HostSettings settings, CancellationToken cancel)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = VerifyPage.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        Digest? digest = Digest.TryParseAnyCase(Typed(manifestDigest), out var known) ? known : null;
        var (status, page) = await LookUpAsync(digest, http, rooms, new VerifyPage(settings.Office), cancel);
        return TypedResults.Content(page, "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static async Task<(int Status, string Page)> LookUpAsync(Digest? digest, HttpContext http, Rooms rooms, VerifyPage page, CancellationToken cancel)
    {
        long? index;
        try
        {
            index = ReadIndex(Typed(QueryReader.OfPage(http, "index").Find("index") ?? ""));
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return (400, page.Malformed(digest?.ToString()));
        }

        return digest is not { } wanted ? (404, page.NotFound(null))
            : index is null ? (200, page.Ask(wanted.ToString()))
            : await FindAsync(wanted, index.Value, rooms, cancel) is { } found ? (200, page.Found(found))
            : (404, page.NotFound(wanted.ToString()));
    }

    private static async Task<PublicEvidence?> FindAsync(Digest manifestDigest, long index, Rooms rooms, CancellationToken cancel)
        => await (await rooms.OpenAsync(cancel)).Public.FindAsync(manifestDigest, index, cancel);

    /// <summary>What a person typed or copied: the letter prints blanks and line ends between groups, a messenger or an input method adds
    /// its own (invisible ones too), and full-width digits (U+FF01 to U+FF5E are ASCII's in its order) are digits.</summary>
    private static string Typed(string text)
        => string.Concat(text.Where(c => c != '+' && !char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format)
            .Select(c => c is >= '\uff01' and <= '\uff5e' ? (char)(c - '\uff01' + '!') : c));

    private static long? ReadIndex(string? text)
        => text is not { Length: > 0 } ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
            : throw WrongIndex();

    private static FaultException WrongIndex() => new(Fault.Malformed, "index is the log index, an integer");
}
