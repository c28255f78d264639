using System.Collections.Concurrent;

namespace Notary.Identity.People;

/// <summary>A session as its owner sees it.</summary>
/// <param name="Id">Under which it is ended.</param>
/// <param name="Device">What the browser says it is, such as <c>Firefox · Windows</c>.</param>
/// <param name="SignedInAt">When it began.</param>
/// <param name="SeenAt">When it was used last, give or take a minute.</param>
/// <param name="IsThis">Whether it is the one that asks.</param>
public sealed record SessionView(string Id, string Device, DateTimeOffset SignedInAt, DateTimeOffset SeenAt, bool IsThis);

/// <summary>Who is signed in with a browser: an opaque secret in a cookie, its hash in a row.</summary>
/// <remarks>
/// What a session may do is read from the person's row, not kept in the session, so a demotion needs no list of sessions.
/// Both rows are believed for <see cref="PeopleRules.CacheTime"/>: so long may a session that was ended elsewhere still
/// work on an instance that has just used it.
/// </remarks>
public sealed class Sessions
{
    /// <summary>How exactly the time of the last use is kept: one write a minute and session at most.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    // Only sessions that exist are remembered; past this the cache starts anew.
    private const int MaxCached = 10_000;

    private readonly TableClient table;
    private readonly BrowserCookies cookies;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, Entry> cache = new(StringComparer.Ordinal);

    /// <param name="storage">The account with the table <c>people</c>.</param>
    /// <param name="publicUrl">The office's address: decides the cookies' names.</param>
    /// <param name="clock">Our clock.</param>
    public Sessions(StorageAccount storage, Uri publicUrl, TimeProvider clock)
        => (table, cookies, this.clock) = (storage.Table(Names.People), new(publicUrl), clock);

    private sealed record Entry(byte[] Hash, SignedIn Who, DateTimeOffset EndsAt, DateTimeOffset SeenAt, long ReadAt);

    /// <summary>Who is signed in with the browser that asks; null for nobody.</summary>
    public async ValueTask<SignedIn?> FindAsync(HttpContext http, CancellationToken cancel)
    {
        if (!SessionCookie.TryParse(cookies.FindSession(http), out var cookie))
            return null;

        // One that seems idle is read again: another instance may have seen it.
        var now = clock.GetUtcNow();
        if (!cache.TryGetValue(cookie.Id, out var entry) || clock.GetElapsedTime(entry.ReadAt) >= PeopleRules.CacheTime
            || now - entry.SeenAt >= PeopleRules.SessionIdle)
        {
            cache.TryRemove(cookie.Id, out _);
            entry = await ReadAsync(cookie, cancel);
        }

        return entry is not null && entry.Who.Tenant == cookie.Tenant && entry.Who.Person == cookie.Person && cookie.Secret.Matches(entry.Hash)
            && now < entry.EndsAt && now - entry.SeenAt < PeopleRules.SessionIdle && await TouchAsync(entry, now, cancel)
            ? entry.Who : null;
    }

    /// <summary>Who of the staff is signed in with the browser that asks. A tenant's people cost nothing here: the cookie says whose they are.</summary>
    public ValueTask<SignedIn?> FindStaffAsync(HttpContext http, CancellationToken cancel)
        => SessionCookie.TryParse(cookies.FindSession(http), out var cookie) && cookie.Tenant is null ? FindAsync(http, cancel) : default;

    /// <summary>The sessions of whoever is signed in, the latest used first.</summary>
    public async Task<IReadOnlyList<SessionView>> ListAsync(SignedIn who, CancellationToken cancel)
        => [.. (await RowsAsync(who.Tenant, who.Person, cancel)).Where(row => IsLive(row, clock.GetUtcNow()))
            .Select(row => new SessionView(IdOf(row), row.GetString("Device")!, row.GetDateTimeOffset("At")!.Value, SeenAt(row), IdOf(row) == who.Session))
            .OrderByDescending(s => s.SeenAt)];

    /// <summary>Ends one of a person's sessions. One that has ended already is no error.</summary>
    public async Task EndAsync(SignedIn who, string id, CancellationToken cancel)
    {
        if (!PeopleKeys.IsId(id))
            return;

        await table.DeleteEntityAsync(PeopleKeys.Partition(who.Tenant), PeopleKeys.Sessions(who.Person) + id, ETag.All, cancel);
        cache.TryRemove(id, out _);
    }

    /// <summary>Ends all of a person's sessions but the one that asks.</summary>
    public async Task EndOthersAsync(SignedIn who, CancellationToken cancel)
    {
        foreach (var row in (await RowsAsync(who.Tenant, who.Person, cancel)).Where(row => IdOf(row) != who.Session))
            await EndAsync(who, IdOf(row), cancel);
    }

    /// <summary>Ends the session that asks, and takes its cookie away.</summary>
    public async Task SignOutAsync(HttpContext http, CancellationToken cancel)
    {
        if (await FindAsync(http, cancel) is { } who)
            await EndAsync(who, who.Session, cancel);

        cookies.DropSession(http);
    }

    /// <summary>A new session: its row, to be committed with whatever proves the sign-in, and the cookie that then opens it. Never one that was there
    /// before: a session that somebody else has planted would be his too.</summary>
    internal (TableEntity Row, SessionCookie Cookie) Prepare(HttpContext http, string? tenant, string person, string? passkey)
    {
        var (now, cookie) = (clock.GetUtcNow(), new SessionCookie(tenant, person, PeopleKeys.NewId(), Secret.New()));
        return (new TableEntity(PeopleKeys.Partition(tenant), PeopleKeys.Sessions(person) + cookie.Id)
        {
            { "Hash", cookie.Secret.Hash() },
            { "At", now },
            { "SeenAt", now },
            { "EndsAt", now + PeopleRules.SessionLife },
            { "Device", Devices.NameOf(http) },
            { "Passkey", passkey },
        }, cookie);
    }

    /// <summary>Gives the browser the cookie of a session that is committed, and forgets what it was before.</summary>
    internal async Task<SignedIn> OpenAsync(HttpContext http, SessionCookie cookie, CancellationToken cancel)
    {
        var entry = await ReadAsync(cookie, cancel) ?? throw new FaultException(Fault.Forbidden, "the session was ended at once");
        cookies.DropBrowser(http);
        cookies.SetSession(http, cookie.ToString());
        http.Features.Set(entry.Who);
        return entry.Who;
    }

    /// <summary>Makes room for one session more: those that have ended go, and the oldest of too many.</summary>
    internal async Task MakeRoomAsync(string? tenant, string person, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var rows = (await RowsAsync(tenant, person, cancel)).OrderByDescending(row => IsLive(row, now)).ThenByDescending(SeenAt).ToList();
        var live = rows.Count(row => IsLive(row, now));
        foreach (var row in rows.Skip(Math.Min(live, PeopleRules.MaxSessions - 1)))
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
    }

    private async Task<Entry?> ReadAsync(SessionCookie cookie, CancellationToken cancel)
    {
        // Before the reads: a revocation that lands during them must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        var (session, member) = (table.FindAsync(PeopleKeys.Partition(cookie.Tenant), PeopleKeys.Sessions(cookie.Person) + cookie.Id, cancel),
            Members.RowAsync(table, cookie.Tenant, cookie.Person, cancel));
        await Task.WhenAll(session, member);
        if (await session is not { } row || await member is not { } person || !cookie.Secret.Matches(row.GetBinary("Hash")))
            return null;

        var known = Members.Read(person);
        var entry = new Entry(row.GetBinary("Hash")!,
            new SignedIn(cookie.Person, cookie.Tenant, known.Role, known.Name, cookie.Id, row.GetDateTimeOffset("At")!.Value),
            row.GetDateTimeOffset("EndsAt")!.Value, SeenAt(row), readAt);
        if (cache.Count >= MaxCached)
            cache.Clear();

        cache[cookie.Id] = entry;
        return entry;
    }

    /// <summary>Notes that a session is used. False when it is not there any more.</summary>
    private async Task<bool> TouchAsync(Entry entry, DateTimeOffset now, CancellationToken cancel)
    {
        if (now - entry.SeenAt < TouchEvery)
            return true;

        var (who, key) = (entry.Who, PeopleKeys.Sessions(entry.Who.Person) + entry.Who.Session);
        try
        {
            await table.UpdateEntityAsync(new TableEntity(PeopleKeys.Partition(who.Tenant), key) { ["SeenAt"] = now }, ETag.All, TableUpdateMode.Merge, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            cache.TryRemove(who.Session, out _);
            return false;
        }

        cache.TryUpdate(who.Session, entry with { SeenAt = now }, entry);
        return true;
    }

    private async Task<IReadOnlyList<TableEntity>> RowsAsync(string? tenant, string person, CancellationToken cancel)
        => await table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(tenant), PeopleKeys.Sessions(person)), cancel: cancel).ToListAsync(cancel);

    private static bool IsLive(TableEntity row, DateTimeOffset now)
        => now < row.GetDateTimeOffset("EndsAt") && now - SeenAt(row) < PeopleRules.SessionIdle;

    private static DateTimeOffset SeenAt(TableEntity row) => row.GetDateTimeOffset("SeenAt")!.Value;

    private static string IdOf(TableEntity row) => row.RowKey[^32..];
}
