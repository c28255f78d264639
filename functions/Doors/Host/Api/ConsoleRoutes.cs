using Notary.Pages;
using Notary.Pages.Public;

namespace Notary.Host.Api;

/// <summary>The pages for people, and what they are made of. None is part of the API's description but the one that stands on letters.</summary>
internal static class ConsoleRoutes
{
    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en; without it what was chosen before, or Accept-Language");
    private static readonly Parameter Index = new("index", "query", "the log index, as it stands on the letter");

    // As people send them: what a page takes is longer than what it means.
    internal const int MaxTyped = 512;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", RootAsync).ForProbes().AsPage();
        routes.MapGet(Asset.Path + "{file}", (string file, HttpContext http) => Asset.Serve(http, file)).ForProbes().AsPage();
        routes.MapGet("/documents/{file}", (string file, HttpContext http) => Asset.ServeDocument(http, file)).ForProbes().AsPage();
        routes.MapGet("/verify", VerifyAsync).ForAnyone().AsPage().Takes(Language);
        routes.MapGet("/verify/{manifestDigest}", EvidenceAsync).WithName("getVerifyPage").ForAnyone().WithTags("Public").WithMetadata(new ForPeople())
            .Takes(Index)
            .Gives<string>(200, "text/html").Gives<string>(400, "text/html").Gives<string>(404, "text/html").Refuses(Fault.StorageUnavailable);
    }

    /// <summary>The route answers with a page: it is for people, and no part of the API.</summary>
    public static RouteHandlerBuilder AsPage(this RouteHandlerBuilder route) => route.WithMetadata(new ForPeople()).ExcludeFromDescription();

    /// <summary>The first page for whoever reads pages; for a probe, such as the Functions host's every 25 ms at a start, that the process lives.</summary>
    private static async Task<IResult> RootAsync(HttpContext http, NewestCheckpoint newest, CancellationToken cancel)
        => ForPeople.Asks(http) ? PageResult.Of<HomePage>((nameof(HomePage.Log), await newest.NowAsync(cancel))) : HealthRoutes.Alive();

    /// <summary>A look-up leads to the address that stands on the letter.</summary>
    private static async Task<IResult> VerifyAsync(HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, "digest", "index", "node");
        if (query.Find("digest") is not { Length: > 0 and <= MaxTyped } digest)
        {
            // The page works without it, by a reader's own: it does not wait for a vault that is down.
            var trust = rooms.IsOpen ? Convert.ToBase64String((await rooms.OpenAsync(cancel)).Trust.ToBytes()) : null;
            var typed = query.Find("node")?.Trim() is { Length: > 0 } text ? text : null;
            Uri? node = null;
            var good = typed is null || (typed.Length <= MaxTyped && VerifyPage.TryNode(typed, out node));
            return PageResult.Of<VerifyPage>(
                (nameof(VerifyPage.OfficeTrust), trust), (nameof(VerifyPage.Node), good ? node : null), (nameof(VerifyPage.Typed), good ? null : typed)) with
            {
                Policy = VerifyPage.PolicyFor(good ? node : null),
                Status = good ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
            };
        }

        var plain = Typed(digest);
        var wanted = Digest.TryParseAnyCase(plain, out var known) ? known.ToString() : Uri.EscapeDataString(plain);
        return Results.Redirect($"/verify/{wanted}{QueryString.Create("index", Typed(query.Find("index") ?? ""))}");
    }

    private static async Task<PageResult> EvidenceAsync(string manifestDigest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        Digest? digest = Digest.TryParseAnyCase(Typed(manifestDigest), out var known) ? known : null;
        var (outcome, found) = await LookUpAsync(digest, http, rooms, cancel);
        return PageResult.Of<EvidencePage>(
            (nameof(EvidencePage.Outcome), outcome),
            (nameof(EvidencePage.Evidence), found),
            (nameof(EvidencePage.Digest), digest?.ToString())) with
        {
            Status = outcome switch { EvidenceOutcome.Malformed => 400, EvidenceOutcome.NotFound => 404, _ => 200 },
        };
    }

    private static async Task<(EvidenceOutcome Outcome, PublicEvidence? Found)> LookUpAsync(
        Digest? digest, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        long? index;
        try
        {
            index = PublicRoutes.ReadIndex(Typed(QueryReader.OfPage(http, "index").Find("index") ?? ""));
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return (EvidenceOutcome.Malformed, null);
        }

        return digest is not { } wanted ? (EvidenceOutcome.NotFound, null)
            : index is null ? (EvidenceOutcome.NoIndex, null)
            : await PublicRoutes.FindAsync(wanted, index.Value, rooms, cancel) is { } found ? (EvidenceOutcome.Found, found)
            : (EvidenceOutcome.NotFound, null);
    }

    /// <summary>What a person typed or copied: the letter prints blanks and line ends between groups, a messenger or an input method adds
    /// its own (invisible ones too), and full-width digits (U+FF01 to U+FF5E are ASCII's in its order) are digits.</summary>
    internal static string Typed(string text)
        => string.Concat(text.Where(c => c != '+' && !char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format)
            .Select(c => c is >= '\uff01' and <= '\uff5e' ? (char)(c - '\uff01' + '!') : c));
}
