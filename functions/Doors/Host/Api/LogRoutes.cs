namespace Notary.Host.Api;

/// <summary>The public log (C2SP tlog-tiles), the trust roots and the recipe. No key, no cookies, any origin.</summary>
internal static class LogRoutes
{
    // C2SP tlog-tiles: a tile never changes; the checkpoint does every second.
    private const string Immutable = "public, max-age=31536000, immutable";
    private const string Fresh = "no-cache";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Log");
        group.MapGet("/log/checkpoint", CheckpointAsync).WithName("getCheckpoint").ForAnyone().Gives<string>(200, "text/plain")
            .Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet("/log/tile/{*path}", TileAsync).WithName("getTile").ForAnyone().Gives<byte[]>(200, "application/octet-stream")
            .Refuses(Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet("/trust", TrustAsync).WithName("getTrust").ForAnyone().Gives<TrustView>(200)
            .Takes(new Parameter("contract", "query", "an anchor contract of the log's: the trust roots as a bundle with an anchor there has them"))
            .Refuses(Fault.Malformed, Fault.NotFound, Fault.StorageUnavailable);
        group.MapGet($"/recipe/{VerifyRecipe.Version}", (HttpContext http) => Recipe(http, VerifyRecipe.Script))
            .WithName("getRecipe").ForAnyone().Gives<string>(200, "text/plain");
        group.MapGet($"/recipe/{VerifyRecipe.BatchVersion}", (HttpContext http) => Recipe(http, VerifyRecipe.BatchScript))
            .WithName("getBatchRecipe").ForAnyone().Gives<string>(200, "text/plain");
        group.MapGet($"/recipe/{VerifyRecipe.TestVersion}", (HttpContext http) => Recipe(http, VerifyRecipe.TestScript))
            .WithName("getTestRecipe").ForAnyone().Gives<string>(200, "text/plain");
    }

    private static Task<FileContentHttpResult> CheckpointAsync(HttpContext http, PublicLog log, CancellationToken cancel)
        => ReadAsync(http, log, "checkpoint", cancel);

    private static Task<FileContentHttpResult> TileAsync(string? path, HttpContext http, PublicLog log, CancellationToken cancel)
        => ReadAsync(http, log, "tile/" + path, cancel);

    private static async Task<FileContentHttpResult> ReadAsync(HttpContext http, PublicLog log, string path, CancellationToken cancel)
    {
        var file = await log.ReadAsync(path, cancel) ?? throw DepositRoutes.NotFound();
        http.Response.Headers.CacheControl = file.Immutable ? Immutable : Fresh;
        Open(http);
        return TypedResults.Bytes(file.Bytes, file.MediaType);
    }

    private static async Task<FileContentHttpResult> TrustAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var wanted = new QueryReader(http, "contract").Find("contract");
        var trust = (await rooms.OpenAsync(cancel)).Trust;
        if (wanted is { } contract)
        {
            trust = contract == trust.Contract || trust.FormerContracts.Contains(contract, StringComparer.Ordinal)
                ? trust.Of(contract) : throw DepositRoutes.NotFound();
        }

        http.Response.Headers.CacheControl = Fresh;
        Open(http);
        return TypedResults.Bytes(trust.ToBytes(), MediaTypes.Json);
    }

    /// <summary>The script that all bundles' VERIFY.txt begin with: whoever distrusts the one in his bundle compares or runs this.</summary>
    private static ContentHttpResult Recipe(HttpContext http, string script)
    {
        http.Response.Headers.CacheControl = Immutable;
        Open(http);
        return TypedResults.Text(script, "text/plain", Encoding.UTF8);
    }

    // Verifiers in a browser are welcome: nothing here depends on who asks.
    private static void Open(HttpContext http) => http.Response.Headers.AccessControlAllowOrigin = "*";
}

/// <summary>The trust roots, format notary-trust/3 (docs/evidence-format.md).</summary>
public sealed record TrustView(string Format);
