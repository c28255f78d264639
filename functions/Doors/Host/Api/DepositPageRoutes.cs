using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Account;
using Notary.Pages.Depositing;

namespace Notary.Host.Api;

/// <summary>A tenant's pages of deposits. What they send and fetch goes by the documented API, with the session in a key's place.</summary>
internal static class DepositPageRoutes
{
    private const int PageSize = 50;

    // As people paste them: with blanks between groups.
    private const int MaxTyped = 200;

    /// <summary>Days on the pages are the office's.</summary>
    internal static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    /// <summary>What is said of a date that is none.</summary>
    internal static readonly Words NoDay = ("日期写作 2026-11-22。", "A date is written 2026-11-22.");

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    internal static readonly Role[] Readers = [Role.Owner, Role.Depositor, Role.Viewer];
    private static readonly Role[] Writers = [Role.Owner, Role.Depositor];
    private static readonly PagePolicy WithScript = new() { Scripts = true, Connect = ["'self'"] };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/deposits", ListAsync).ForPerson(Readers).AsPage().Takes(Language);
        routes.MapGet("/deposits/new", NewAsync).ForPerson(Writers).AsPage().Takes(Language);
        routes.MapGet("/deposits/{id}", GetAsync).ForPerson(Readers).AsPage().Takes(Language).Refuses(Fault.NotFound);
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await VisitorAsync(http, people, tenants, cancel);
        var query = QueryReader.OfPage(http, "text", "digest", "chain", "since", "until", "continuation");
        var asked = new DepositList
        {
            Text = query.Find("text")?.Trim(),
            Digest = query.Find("digest")?.Trim(),
            Chain = query.Find("chain") is { Length: > 0 } chain ? chain : null,
            Since = query.Find("since"),
            Until = query.Find("until"),
            Continued = query.Continuation is not null,
        };
        var list = await ReadAsync((await rooms.OpenAsync(cancel)).Deposits, tenant, asked, query.Continuation, cancel);
        return PageResult.Of<DepositsPage>((nameof(DepositsPage.Visitor), visitor), (nameof(DepositsPage.List), list)) with
        {
            Private = true,
            Policy = WithScript,
            Status = list.Error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    private static async Task<DepositList> ReadAsync(
        DepositService deposits, Tenant tenant, DepositList asked, string? continuation, CancellationToken cancel)
    {
        if (!TryDay(asked.Since, out var since) || !TryDay(asked.Until, out var until))
            return asked with { Error = NoDay };

        try
        {
            if (asked.Chain is { } link)
            {
                return TryDigest(link, out var manifest) ? asked with { Page = await deposits.ChainAsync(tenant, manifest, continuation, cancel) }
                    : asked with { Error = ("摘要是 64 个十六进制字符。", "A digest is 64 hexadecimal digits.") };
            }

            if (asked.Digest is { Length: > 0 } typed)
            {
                return TryDigest(typed, out var digest)
                    ? asked with { Page = await deposits.ListAsync(tenant, digest, PageSize, continuation, cancel) }
                    : asked with { Error = ("摘要是 64 个十六进制字符。", "A digest is 64 hexadecimal digits.") };
            }

            var end = until?.AddDays(1);
            return asked with
            {
                Page = asked.Text is { Length: > 0 } text
                    ? await deposits.SearchAsync(tenant, text, since, end, continuation, cancel)
                    : await deposits.NewestAsync(tenant, since, end, PageSize, continuation, cancel),
            };
        }
        catch (FaultException e) when (e.Fault == Fault.Malformed)
        {
            return asked with { Error = ("这样的查找做不了，请从头再找。", "This cannot be looked for; begin anew.") };
        }
    }

    private static async Task<PageResult> GetAsync(string id, HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, CancellationToken cancel)
    {
        var (visitor, tenant) = await VisitorAsync(http, people, tenants, cancel);
        var deposits = (await rooms.OpenAsync(cancel)).Deposits;
        if (!DepositId.TryParseAnyCase(id, out var known) || await deposits.FindAsync(tenant, known, cancel) is not { } deposit)
            throw new FaultException(Fault.NotFound, "there is no such deposit");

        return PageResult.Of<OneDepositPage>(
            (nameof(OneDepositPage.Visitor), visitor),
            (nameof(OneDepositPage.Deposit), deposit),
            (nameof(OneDepositPage.Earlier), deposit.Previous is { } previous
                ? await deposits.FindEarlierAsync(tenant, Digest.Parse(previous), deposit.ReceivedAt, cancel) : null)) with
        { Private = true, Policy = WithScript };
    }

    private static async Task<PageResult> NewAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, Rooms rooms, HostSettings settings, TenantSettings chosen, StorageAccount storage,
        CancellationToken cancel)
    {
        var (visitor, tenant) = await VisitorAsync(http, people, tenants, cancel);
        var asked = QueryReader.OfPage(http, "previous").Find("previous")?.Trim();
        var previous = asked is { Length: > 0 } ? await PreviousAsync((await rooms.OpenAsync(cancel)).Deposits, tenant, asked, cancel) : null;
        Words? why = asked is not { Length: > 0 } || previous is { Fault: null } ? null
            : previous is null ? ("没有找到这件存证。请打开那一件，从它的页面选择。", "There is no such deposit. Open the one you mean, and choose it from its page.")
            : ("这件存证没有完成，不能承接。", "This deposit did not come to its end, so none can continue it.");
        return PageResult.Of<NewDepositPage>(
            (nameof(NewDepositPage.Visitor), visitor),
            (nameof(NewDepositPage.BodyBytes), settings.Listen.BodyBytes),
            (nameof(NewDepositPage.DigestsAlone), await chosen.AreDigestsAloneAsync(tenant.Id, cancel)),
            (nameof(NewDepositPage.Previous), why is null ? previous : null),
            (nameof(NewDepositPage.NotContinued), why)) with
        {
            Private = true,
            Policy = WithScript with { Connect = [.. WithScript.Connect, storage.Blobs.Uri.GetLeftPart(UriPartial.Authority)] },
            Status = why is null ? StatusCodes.Status200OK : StatusCodes.Status404NotFound,
        };
    }

    private static async Task<DepositView?> PreviousAsync(DepositService deposits, Tenant tenant, string asked, CancellationToken cancel)
        => DepositId.TryParseAnyCase(asked, out var id) ? await deposits.FindAsync(tenant, id, cancel)
            : !TryDigest(asked, out var manifest) ? null
            : (await deposits.ChainAsync(tenant, manifest, null, cancel)).Items.FirstOrDefault(found => found.ManifestDigest == manifest.ToString());

    private static bool TryDigest(string typed, out Digest digest)
    {
        digest = default;
        return typed.Length <= MaxTyped && Digest.TryParseAnyCase(string.Concat(typed.Where(c => !char.IsWhiteSpace(c))), out digest);
    }

    internal static async Task<(Visitor Visitor, Tenant Tenant)> VisitorAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, CancellationToken cancel)
    {
        var tenant = await tenants.FindAsync(PersonAccess.Of(http).Tenant!, cancel) ?? throw new FaultException(Fault.NotFound, "the tenant is gone");
        return (await AccountRoutes.VisitorAsync(http, people, tenants, cancel), tenant.Known);
    }

    /// <summary>The day's beginning where the office is; null when nothing is asked for.</summary>
    internal static bool TryDay(string? text, out DateTimeOffset? day)
    {
        day = null;
        if (string.IsNullOrEmpty(text))
            return true;

        // The first and the last year have days that no instant has, elsewhere or a day later.
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date.Year is 1 or 9999)
            return false;

        day = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), Zone);
        return true;
    }
}
