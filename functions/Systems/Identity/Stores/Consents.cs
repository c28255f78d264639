using System.Collections.Concurrent;

namespace Notary.Identity.Stores;

/// <summary>What somebody allowed a client, and what for.</summary>
/// <param name="Id">Another one after it was revoked and given anew, so that what the former allowed stays dead.</param>
/// <param name="Client">The client's id.</param>
/// <param name="Purpose">The purpose as he read it.</param>
/// <param name="Scopes">What he allowed.</param>
/// <param name="At">When, UTC.</param>
public sealed record Consent(string Id, string Client, string Purpose, IReadOnlyList<string> Scopes, DateTimeOffset At)
{
    /// <summary>Whether it was given for this purpose and includes all of these scopes.</summary>
    internal bool Covers(string purpose, IEnumerable<string> scopes) => Purpose == purpose && scopes.All(Scopes.Contains);
}

/// <summary>Consents, kept until revoked: table <c>consents</c>, a person's in one partition.</summary>
/// <remarks>A grant names the consent it stands on and is good while that row is there: one deletion ends all of them.</remarks>
public sealed class Consents
{
    /// <summary>How long a consent is believed to stand when its user comes back with the client.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    // Only consents that exist are remembered; past this the cache starts anew.
    private const int MaxCached = 10_000;

    private readonly TableClient table;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<(string Person, string Client), (Consent Consent, long ReadAt)> cache = new();

    internal Consents(TableClient table, TimeProvider clock) => (this.table, this.clock) = (table, clock);

    /// <summary>A person's, in the order of clients.</summary>
    public IAsyncEnumerable<Consent> ListAsync(string person, CancellationToken cancel)
        => table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {person}"), cancel: cancel).Select(Read);

    /// <summary>Takes one back. What is not there is no error.</summary>
    public async Task RevokeAsync(string person, string client, CancellationToken cancel)
    {
        await table.DeleteEntityAsync(person, client, ETag.All, cancel);
        cache.TryRemove((person, client), out _);
    }

    /// <summary>As <see cref="FindAsync"/>, at most <see cref="CacheTime"/> ago: enough to make a code by. Tokens are issued by what stands then, so a
    /// code on a consent that was taken back elsewhere a moment ago opens nothing.</summary>
    internal async ValueTask<Consent?> RecallAsync(string person, string client, CancellationToken cancel)
    {
        if (cache.TryGetValue((person, client), out var known) && clock.GetElapsedTime(known.ReadAt) < CacheTime)
            return known.Consent;

        // Before the read: what is taken back during it must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        if (await FindAsync(person, client, cancel) is not { } consent)
            return null;

        if (cache.Count >= MaxCached)
            cache.Clear();

        cache[(person, client)] = (consent, readAt);
        return consent;
    }

    internal async Task<Consent?> FindAsync(string person, string client, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(person, client, cancel: cancel) is { HasValue: true, Value: { } row } ? Read(row) : null;

    /// <summary>Keeps what was allowed now beside what was allowed before for the same purpose.</summary>
    internal async Task<Consent> GiveAsync(string person, string client, string purpose, IReadOnlyList<string> scopes, CancellationToken cancel)
    {
        var former = await FindAsync(person, client, cancel);
        var same = former?.Purpose == purpose ? former : null;
        var given = new Consent(same?.Id ?? RandomNumberGenerator.GetHexString(32, lowercase: true), client, purpose,
            [.. (same?.Scopes ?? []).Union(scopes)], clock.GetUtcNow());
        await table.UpsertEntityAsync(new TableEntity(person, client)
        {
            { "Id", given.Id },
            { "Purpose", purpose },
            { "Scopes", string.Join(' ', given.Scopes) },
            { "At", given.At },
        }, TableUpdateMode.Replace, cancel);
        cache.TryRemove((person, client), out _);
        return given;
    }

    private static Consent Read(TableEntity row)
        => new(row.GetString("Id")!, row.RowKey, row.GetString("Purpose")!, row.GetString("Scopes")!.Split(' '), row.GetDateTimeOffset("At")!.Value);
}
