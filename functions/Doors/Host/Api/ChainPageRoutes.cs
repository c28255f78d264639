using Notary.Chain.Explorer;
using Notary.Evidence.Ethereum;
using Notary.Pages;
using Notary.Pages.Explorer;

namespace Notary.Host.Api;

/// <summary>The explorer's pages.</summary>
internal static class ChainPageRoutes
{
    private const string Start = "/chain";

    /// <summary>Rows of a page.</summary>
    private const int PageSize = 20;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Parameter Before = new("before", "query", "where the list goes on");
    private static readonly Parameter Index = new("index", "query", "a log index");
    private static readonly Parameter Sought = new("q", "query", "what is looked for");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Start, ChainAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/blocks", BlocksAsync).ForAnyone().AsPage().Takes(Before, Language);
        routes.MapGet(Start + "/blocks/{block}", BlockAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/transactions/{hash}", TransactionAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/anchors", AnchorsAsync).ForAnyone().AsPage().Takes(Before, Index, Language);
        routes.MapGet(Start + "/accounts/{address}", AccountAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/consortium", ConsortiumAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/proposals/{id}", ProposalAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet(Start + "/search", SearchAsync).ForAnyone().AsPage().Takes(Sought, Language);
    }

    private static async Task<PageResult> ChainAsync(ChainExplorer explorer, CancellationToken cancel)
        => PageResult.Of<ChainPage>((nameof(ChainPage.Chain), await explorer.ChainAsync(cancel)));

    private static async Task<PageResult> BlocksAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
    {
        var before = ChainRoutes.Number(QueryReader.OfPage(http, Before.Name).Find(Before.Name));
        return PageResult.Of<BlockListPage>(
            (nameof(BlockListPage.Page), await explorer.BlocksAsync(before, PageSize, cancel)), (nameof(BlockListPage.First), before is null));
    }

    private static async Task<PageResult> BlockAsync(string block, ChainExplorer explorer, CancellationToken cancel)
        => await explorer.BlockAsync(block, cancel) is { } found
            ? PageResult.Of<OneBlockPage>((nameof(OneBlockPage.Block), found)) : NotThere(block);

    private static async Task<PageResult> TransactionAsync(string hash, ChainExplorer explorer, CancellationToken cancel)
        => await explorer.TransactionAsync(hash, cancel) is { } found
            ? PageResult.Of<OneTransactionPage>((nameof(OneTransactionPage.One), found)) : NotThere(hash);

    private static async Task<PageResult> AnchorsAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, Before.Name, Index.Name);
        var (before, index) = (ChainRoutes.Number(query.Find(Before.Name)), Typed(query.Find(Index.Name)));
        return PageResult.Of<AnchorListPage>(
            (nameof(AnchorListPage.Page), await explorer.AnchorsAsync(before, PageSize, cancel)),
            (nameof(AnchorListPage.First), before is null),
            (nameof(AnchorListPage.Index), index),
            (nameof(AnchorListPage.Covering), ChainRoutes.Number(index) is { } number ? await explorer.CoveringAsync(number, cancel) : null));
    }

    private static async Task<PageResult> AccountAsync(string address, ChainExplorer explorer, CancellationToken cancel)
        => Address.TryParse(address, out var account)
            ? PageResult.Of<AccountPage>((nameof(AccountPage.One), await explorer.AccountAsync(account, cancel))) : NotThere(address);

    private static async Task<PageResult> ConsortiumAsync(ChainExplorer explorer, CancellationToken cancel)
        => PageResult.Of<ConsortiumPage>((nameof(ConsortiumPage.Consortium), await explorer.ConsortiumAsync(cancel)));

    private static async Task<PageResult> ProposalAsync(string id, ChainExplorer explorer, CancellationToken cancel)
        => ChainRoutes.Number(id) is { } number && await explorer.ProposalAsync(number, cancel) is { } found
            ? PageResult.Of<OneProposalPage>((nameof(OneProposalPage.One), found)) : NotThere(id);

    /// <summary>What was typed says by its form what it is: a number is a block's, 20 bytes an account, 32 bytes after 0x a block's or transaction's
    /// hash, without 0x a manifest's digest, too.</summary>
    private static async Task<IResult> SearchAsync(HttpContext http, ChainExplorer explorer, CancellationToken cancel)
    {
        if (Typed(QueryReader.OfPage(http, Sought.Name).Find(Sought.Name)) is not { } typed)
            return Results.Redirect(Start);

        if (ChainRoutes.Number(typed) is { } number && await explorer.BlockAsync(Plain(number), cancel) is not null)
            return Results.Redirect($"{Start}/blocks/{Plain(number)}");

        if (Address.TryParse(typed, out var account) || Address.TryParse(typed.ToLowerInvariant(), out account))
            return Results.Redirect($"{Start}/accounts/{account}");

        var plain = typed.ToLowerInvariant();
        var hash = plain.StartsWith("0x", StringComparison.Ordinal) ? plain : "0x" + plain;
        if (ChainExplorer.IsHash(hash))
        {
            if (await explorer.TransactionAsync(hash, cancel) is not null)
                return Results.Redirect($"{Start}/transactions/{hash}");

            if (await explorer.BlockAsync(hash, cancel) is not null)
                return Results.Redirect($"{Start}/blocks/{hash}");

            return Results.Redirect($"/verify/{hash[2..]}");
        }

        return NotThere(typed);
    }

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Typed(string? text)
        => text is { Length: > 0 and <= ConsoleRoutes.MaxTyped } && ConsoleRoutes.Typed(text) is { Length: > 0 } typed ? typed : null;

    private static PageResult NotThere(string sought)
        => PageResult.Of<NotOnChainPage>((nameof(NotOnChainPage.Sought), sought[..Math.Min(sought.Length, ConsoleRoutes.MaxTyped)])) with
        {
            Status = StatusCodes.Status404NotFound,
        };
}
