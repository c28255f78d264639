using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Keys;

namespace Notary.Host.Api;

/// <summary>A tenant's API keys, for its owners: what the operator's API does, by the same desk.</summary>
internal static class KeyPageRoutes
{
    // All that can be live at a time; those that have ended follow on later pages.
    private const int PageSize = ApiKeyStore.MaxKeys;

    // What the page offers.
    private const int MaxDays = 365;

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/keys", ListAsync).ForPerson(Role.Owner).AsPage().Takes(Language);
        routes.MapPost("/keys", CreateAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/keys/{prefix}/rotate", RotateAsync).ForPerson(Role.Owner).AsPage();
        routes.MapPost("/keys/{prefix}/revoke", RevokeAsync).ForPerson(Role.Owner).AsPage();
    }

    private static Task<PageResult> ListAsync(
        HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys, TimeProvider clock, CancellationToken cancel)
    {
        var after = QueryReader.OfPage(http, "continuation").Continuation;
        return after is null || KeyDesk.IsPrefix(after) ? ShowAsync(http, people, tenants, keys, clock, after, null, null, cancel)
            : throw new FaultException(Fault.Malformed, "continuation is not one of ours");
    }

    private static async Task<PageResult> CreateAsync(HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys, RequestSeeds seeds,
        HostSettings settings, TimeProvider clock, CancellationToken cancel)
    {
        return await IssueAsync(http, people, tenants, keys, clock, settings, tenant => MakeAsync(tenant, http, people, keys, seeds, cancel), cancel);
    }

    /// <summary>Makes the key that a form asks for.</summary>
    internal static async Task<IssuedKey> MakeAsync(
        string tenant, HttpContext http, PeopleRoom people, KeyDesk keys, RequestSeeds seeds, CancellationToken cancel)
    {
        var (label, scopes) = (await AccountRoutes.FieldAsync(http, "label", cancel), await AccountRoutes.FieldAsync(http, "scopes", cancel));
        var days = await NumberAsync(http, "days", MaxDays, cancel);
        var wanted = new NewKey(label.Trim(), scopes switch
        {
            "write read" => [Scope.Write, Scope.Read],
            "write" => [Scope.Write],
            "read" => [Scope.Read],
            _ => throw new FaultException(Fault.Malformed, "scopes are write, read or both"),
        });
        wanted.Demand();
        var seed = await SeedAsync(http, seeds, tenant, $"{label}\0{scopes}\0{days}", cancel);
        var ends = days > 0 ? seed.At.AddDays(days) : (DateTimeOffset?)null;
        return await keys.CreateAsync(tenant, wanted with { ExpiresAt = ends }, seed, people.Antiforgery.OfSession(http), cancel);
    }

    private static async Task<PageResult> RotateAsync(string prefix, HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys,
        RequestSeeds seeds, HostSettings settings, TimeProvider clock, CancellationToken cancel)
    {
        return await IssueAsync(
            http, people, tenants, keys, clock, settings, tenant => ReplaceAsync(tenant, prefix, http, people, keys, seeds, cancel), cancel);
    }

    /// <summary>Makes the successor of a key that a form asks for.</summary>
    internal static async Task<IssuedKey> ReplaceAsync(
        string tenant, string prefix, HttpContext http, PeopleRoom people, KeyDesk keys, RequestSeeds seeds, CancellationToken cancel)
    {
        var old = await keys.FindAsync(tenant, prefix, cancel);
        var wanted = new Rotation(await NumberAsync(http, "overlap", Rotation.MaxOverlapSeconds, cancel));
        var seed = await SeedAsync(http, seeds, tenant, $"{prefix}\0{wanted.Seconds}", cancel);
        return await keys.RotateAsync(old, wanted, seed, people.Antiforgery.OfSession(http), cancel);
    }

    private static async Task<IResult> RevokeAsync(string prefix, HttpContext http, KeyDesk keys, CancellationToken cancel)
    {
        await keys.RevokeAsync(await keys.FindAsync(AccountRoutes.TenantOf(http), prefix, cancel), cancel);
        return AccountRoutes.Onwards("/keys");
    }

    // The page itself is the answer: after a redirect nobody would know the key.
    private static async Task<PageResult> IssueAsync(HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys, TimeProvider clock,
        HostSettings settings, Func<string, Task<IssuedKey>> issue, CancellationToken cancel)
    {
        try
        {
            var issued = await issue(AccountRoutes.TenantOf(http));
            return await ShowAsync(http, people, tenants, keys, clock, null, Show(issued, settings), null, cancel);
        }
        catch (FaultException e) when (e.Fault == Fault.Conflict)
        {
            Words why = ($"没有办成：密钥已经失效，或者有效密钥已达 {ApiKeyStore.MaxKeys} 把。",
                $"Not done: the key has ended, or there are {ApiKeyStore.MaxKeys} keys that work already.");
            return await ShowAsync(http, people, tenants, keys, clock, null, null, why, cancel);
        }
    }

    private static async Task<PageResult> ShowAsync(HttpContext http, PeopleRoom people, TenantStore tenants, KeyDesk keys, TimeProvider clock,
        string? after, ShownKey? shown, Words? refused, CancellationToken cancel)
    {
        var (page, now) = (await keys.ListAsync(AccountRoutes.TenantOf(http), after, PageSize, cancel), clock.GetUtcNow());
        return PageResult.Of<KeysPage>(
            (nameof(KeysPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(KeysPage.Keys), Lines(page, now)),
            (nameof(KeysPage.Now), now),
            (nameof(KeysPage.Once), NewOnce()),
            (nameof(KeysPage.Continued), after is not null),
            (nameof(KeysPage.Next), page.Continuation),
            (nameof(KeysPage.Shown), shown),
            (nameof(KeysPage.Refused), refused)) with
        { Private = true, Status = refused is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict };
    }

    /// <summary>A key that was just made, as its page shows it.</summary>
    internal static ShownKey Show(IssuedKey issued, HostSettings settings)
        => new(issued.Key, Command(issued, settings.Office.PublicUrl), issued.Replaces?.ExpiresAt);

    /// <summary>A form's own name for what it wishes.</summary>
    internal static string NewOnce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Those that work first, the newest first.</summary>
    internal static IReadOnlyList<KeyLine> Lines(KeyPage page, DateTimeOffset now)
        => [.. page.Items.Select(Line).OrderByDescending(key => key.IsLive(now)).ThenByDescending(key => key.CreatedAt)];

    /// <summary>A key as the pages show it.</summary>
    internal static KeyLine Line(ApiKeyView key) => new(key.Prefix, key.Label, key.Scopes.Contains(Scope.Write), key.Scopes.Contains(Scope.Read),
        key.CreatedAt, key.UsedAt, key.ExpiresAt, key.RevokedAt);

    // Without a file of the reader's: a digest is a deposit too.
    private static string Command(IssuedKey issued, Uri url) => issued.Info.Scopes.Contains(Scope.Read)
        ? $"curl -H 'Authorization: Bearer {issued.Key}' '{new Uri(url, "/v1/deposits?limit=1")}'"
        : $"curl -H 'Authorization: Bearer {issued.Key}' --data-binary @contract.pdf '{new Uri(url, "/v1/deposits/file?name=contract.pdf")}'";

    // By the page that was shown and what was filled in there: sent twice it is one wish, changed it is another.
    internal static async Task<RequestSeed> SeedAsync(HttpContext http, RequestSeeds seeds, string tenant, string wish, CancellationToken cancel)
        => await AccountRoutes.FieldAsync(http, "once", cancel) is { Length: > 0 and <= DepositLimits.MaxIdempotencyKeyLength } once
            ? await seeds.TakeAsync(once, $"page {http.Request.Path} {tenant}\0{wish}", ReadOnlyMemory<byte>.Empty, cancel)
            : throw new FaultException(Fault.Malformed, "once is the page's own");

    internal static async Task<int> NumberAsync(HttpContext http, string name, int max, CancellationToken cancel)
        => int.TryParse(await AccountRoutes.FieldAsync(http, name, cancel), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number : throw new FaultException(Fault.Malformed, $"{name} is 0 to {max}");
}
