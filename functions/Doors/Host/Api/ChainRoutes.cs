using Notary.Chain.Explorer;
using Notary.Evidence.Ethereum;

namespace Notary.Host.Api;

/// <summary>The chain, for anybody to look at: computed from what nodes answer. No key, no cookies, any origin.</summary>
internal static class ChainRoutes
{
    private static readonly Parameter Limit = new("limit", "query", $"1-{ChainExplorer.MaxPage}, default 20");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/public/chain").WithTags("Public");
        group.MapGet("", ChainAsync).WithName("getPublicChain").ForAnyone().Gives<ChainView>(200)
            .Refuses(Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/blocks", BlocksAsync).WithName("listPublicBlocks").ForAnyone().Takes(Limit, new("before", "query", "blocks of smaller numbers"))
            .Gives<BlocksPage>(200).Refuses(Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/blocks/{block}", BlockAsync).WithName("getPublicBlock").ForAnyone().Gives<BlockView>(200)
            .Refuses(Fault.NotFound, Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/transactions/{hash}", TransactionAsync).WithName("getPublicTransaction").ForAnyone().Gives<TransactionView>(200)
            .Refuses(Fault.NotFound, Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/anchors", AnchorsAsync).WithName("listPublicAnchors").ForAnyone().Takes(Limit, new("before", "query", "anchors of smaller sizes"))
            .Gives<AnchorsPage>(200).Refuses(Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/anchors/covering/{index}", CoveringAsync).WithName("getCoveringAnchor").ForAnyone().Gives<AnchorLine>(200)
            .Refuses(Fault.NotFound, Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/consortium", ConsortiumAsync).WithName("getPublicConsortium").ForAnyone().Gives<ConsortiumView>(200)
            .Refuses(Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
        group.MapGet("/accounts/{address}", AccountAsync).WithName("getPublicAccount").ForAnyone().Gives<AccountView>(200)
            .Refuses(Fault.NotFound, Fault.ChainUnreachable, Fault.ChainRefused, Fault.ChainWrong);
    }

    private static async Task<Ok<ChainView>> ChainAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, await explorer.ChainAsync(cancel));

    private static async Task<Ok<BlocksPage>> BlocksAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
    {
        var (limit, before) = Page(http);
        return Answer(http, await explorer.BlocksAsync(before, limit, cancel));
    }

    private static async Task<Ok<BlockView>> BlockAsync(string block, HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, await explorer.BlockAsync(block, cancel));

    private static async Task<Ok<TransactionView>> TransactionAsync(string hash, HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, await explorer.TransactionAsync(hash, cancel));

    private static async Task<Ok<AnchorsPage>> AnchorsAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
    {
        var (limit, before) = Page(http);
        return Answer(http, await explorer.AnchorsAsync(before, limit, cancel));
    }

    private static async Task<Ok<AnchorLine>> CoveringAsync(string index, HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, Number(index) is { } number ? await explorer.CoveringAsync(number, cancel) : null);

    private static async Task<Ok<ConsortiumView>> ConsortiumAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, await explorer.ConsortiumAsync(cancel));

    private static async Task<Ok<AccountView>> AccountAsync(string address, HttpContext http, ChainExplorer explorer, CancellationToken cancel)
        => Answer(http, Address.TryParse(address, out var account) ? await explorer.AccountAsync(account, cancel) : null);

    /// <summary>A number of blocks or leaves; null for anything else. One less than the largest, so that one more can be said.</summary>
    public static long? Number(string? text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : null;

    private static (int Limit, long? Before) Page(HttpContext http)
    {
        var query = new QueryReader(http, "limit", "before");
        var before = query.Find("before");
        return (query.Number("limit", absent: 20, min: 1, max: ChainExplorer.MaxPage),
            before is null ? null : Number(before) ?? throw new FaultException(Fault.Malformed, "before is a whole number, as the page before gave it"));
    }

    private static Ok<T> Answer<T>(HttpContext http, T? found)
        where T : class
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Ok(found ?? throw DepositRoutes.NotFound());
    }
}
