using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Office;
using Notary.Verification.Letters;

namespace Notary.Host.Api;

/// <summary>Where the office's staff finds deposits and tenants by what somebody brings along.</summary>
internal static partial class OfficeRoutes
{
    /// <summary>Where the staff begins.</summary>
    internal const string Start = "/office";

    /// <summary>Tenants that one search looks through, a page of the table.</summary>
    private const int MaxTenants = 1000;

    /// <summary>Tenants that a search by name shows.</summary>
    private const int MaxShown = 50;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    /// <summary>Everybody who works for the office.</summary>
    internal static readonly Role[] Staff = [Role.Clerk, Role.Notary, Role.Auditor, Role.Operator];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Start, SearchAsync).ForPerson(Staff).AsPage().Takes(Language);
        routes.MapGet("/office/deposits/{tenant}/{id}", DepositAsync).ForPerson(Staff).AsPage().Takes(Language).Refuses(Fault.NotFound);
    }

    private static async Task<PageResult> SearchAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, DepositFinder finder, Rooms rooms, CancellationToken cancel)
    {
        var typed = QueryReader.OfPage(http, "q").Find("q")?.Trim() ?? "";
        if (typed.Length > OfficePage.MaxTyped)
            typed = typed[..OfficePage.MaxTyped];

        var result = typed.Length == 0 ? null : await FindAsync(typed, tenants, finder, rooms, cancel);
        return PageResult.Of<OfficePage>(
            (nameof(OfficePage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(OfficePage.Result), result)) with
        { Private = true };
    }

    private static async Task<SearchResult> FindAsync(string typed, TenantStore tenants, DepositFinder finder, Rooms rooms, CancellationToken cancel)
    {
        var (all, bare) = (await tenants.ListAsync(null, MaxTenants, cancel), ConsoleRoutes.Typed(typed));
        var ids = all.Items.Select(t => t.Id).ToList();
        var (kind, found) = ((Words?)null, (FoundDeposits?)null);
        if (DepositId.TryParseAnyCase(bare, out var id))
        {
            (kind, found) = (("存证编号", "a deposit's id"), await finder.ByIdAsync(ids, id, cancel));
        }
        else if (Digest.TryParseAnyCase(bare, out var digest))
        {
            (kind, found) = (("文件摘要", "a file's digest"), await finder.ByDigestAsync(ids, digest, cancel));
            if (found.Places.Count == 0)
                (kind, found) = (("存证清单摘要", "a manifest's digest"), await finder.ByManifestAsync(digest, cancel));
        }
        else if (LetterNumber().Match(bare) is { Success: true } number && long.TryParse(number.Groups["n"].Value, out var n) && n > 0)
        {
            (kind, found) = (("保管函编号", "a letter's number"), await finder.ByIndexAsync(n - 1, cancel));
        }

        // A number may be a name, too; an id or a digest is neither.
        var named = kind is null || found?.Places.Count == 0
            ? all.Items.Where(t => t.Id == typed || t.Name.Contains(typed, StringComparison.OrdinalIgnoreCase)).ToList() : [];
        return new SearchResult
        {
            Asked = typed,
            TakenFor = kind,
            Deposits = await ShowAsync(found?.Places ?? [], LetterNumber().Match(bare).Groups["year"].Value, tenants, rooms, cancel),
            Tenants = [.. named.Take(MaxShown).Select(t => new FoundTenant(t.Id, t.Name, t.CreatedAt, t.Sandbox))],
            Whole = found is { Whole: false } ? false : named.Count <= MaxShown && (all.Continuation is null || found is { Places.Count: > 0 }),
        };
    }

    private static async Task<IReadOnlyList<FoundDeposit>> ShowAsync(
        IReadOnlyList<DepositPlace> places, string year, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var shown = new List<FoundDeposit>();
        foreach (var place in places)
        {
            // The year stands on the letter: another one's letter has another number.
            if (await FindAsync(place.Tenant, place.Id, tenants, rooms, cancel) is { } one
                && (year.Length == 0 || LetterFacts.NumberOf(one.View.ReceivedAt, "", 0).Contains(year, StringComparison.Ordinal)))
            {
                shown.Add(one);
            }
        }

        return shown;
    }

    private static async Task<FoundDeposit?> FindAsync(string tenant, DepositId id, TenantStore tenants, Rooms rooms, CancellationToken cancel)
        => await tenants.FindAsync(tenant, cancel) is { } known
            && await (await rooms.OpenAsync(cancel)).Deposits.FindAsync(known.Known, id, cancel) is { } view
            ? new FoundDeposit(known.Id, known.Name, view) : null;

    private static async Task<PageResult> DepositAsync(
        string tenant, string id, HttpContext http, PeopleRoom people, TenantStore tenants, DepositFinder finder, Rooms rooms, HostSettings settings,
        PortalLinks portal, CancellationToken cancel)
    {
        var found = DepositId.TryParseAnyCase(id, out var known) ? await FindAsync(tenant, known, tenants, rooms, cancel) : null;
        if (found is not { View: var deposit })
            throw new FaultException(Fault.NotFound, "there is no such deposit");

        var checkpoint = deposit.Index is { } index ? await finder.CheckpointAsync(index, cancel) : null;
        return PageResult.Of<StaffDepositPage>(
            (nameof(StaffDepositPage.Places), portal.OfDeposit(known, deposit.Originals, letter: null, correlationId: null)),
            (nameof(StaffDepositPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(StaffDepositPage.Deposit), deposit),
            (nameof(StaffDepositPage.Tenant), found.Tenant),
            (nameof(StaffDepositPage.TenantName), found.TenantName),
            (nameof(StaffDepositPage.Letter), deposit is { CertifiedAt: not null, Index: { } at }
                ? LetterFacts.NumberOf(deposit.ReceivedAt, settings.Office.Parties.ShortName, at) : null),
            (nameof(StaffDepositPage.Process), checkpoint is { } size ? DepositKeys.Size(size) : null)) with
        { Private = true };
    }

    /// <summary>As on letters, of both versions, or the running number alone.</summary>
    [GeneratedRegex(@"^(?:[〔\[(（](?<year>\d{4})[〕\])）].{0,20}?电存字第(?<n>\d{1,18})号|(?<n>\d{1,12}))$", RegexOptions.CultureInvariant)]
    private static partial Regex LetterNumber();
}
