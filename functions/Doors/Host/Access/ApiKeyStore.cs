using System.Runtime.CompilerServices;

namespace Notary.Host.Access;

/// <summary>A key without its secret. Times in UTC; <paramref name="ExpiresAt"/> is exclusive, <paramref name="UsedAt"/> may lag an hour behind.</summary>
public sealed record ApiKeyView(string Prefix, string Label, IReadOnlyList<Scope> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt, DateTimeOffset? UsedAt = null);

/// <summary>One page of a tenant's keys, without secrets; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record KeyPage(IReadOnlyList<ApiKeyView> Items, string? Continuation);

/// <summary>A stored key: whose it is and the hash of its secret.</summary>
internal sealed record StoredKey(string TenantId, byte[] Hash, ApiKeyView View)
{
    // Who looks for a key that nobody needs any more counts in weeks; a write for each request would cost more than the request.
    private static readonly TimeSpan UsePrecision = TimeSpan.FromHours(1);

    /// <summary>Whether a use now is news.</summary>
    public bool IsUseNews(DateTimeOffset now) => View.UsedAt is not { } used || now - used >= UsePrecision;

    public bool IsLive(DateTimeOffset now) => View.RevokedAt is null && (View.ExpiresAt is not { } end || now < end);
}

/// <summary>Rows of the table <c>apikeys</c>: one by prefix for authentication, one by tenant for the list.</summary>
/// <remarks>
/// The two rows are in two partitions, so not in one transaction. The list's row is written first: a crash between leaves
/// a name in the list's partition without a key, which opens nothing, is not shown, and is completed by the same request
/// sent again.
/// </remarks>
internal sealed class ApiKeyStore(TableClient table)
{
    private const string KeyRow = "key";

    // A tenant with more live keys than this has a leak, not a need. Keys that have ended stay in the list.
    public const int MaxKeys = 100;

    public async Task<StoredKey?> FindAsync(string prefix, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(prefix, KeyRow, cancel: cancel) is { HasValue: true, Value: { } row } ? Read(row) : null;

    /// <summary>Keys in the order of their prefixes, after <paramref name="after"/>.</summary>
    public async Task<KeyPage> ListAsync(string tenantId, string? after, int limit, CancellationToken cancel)
    {
        var items = await AllAsync(tenantId, after ?? "", limit + 1, cancel).Take(limit + 1).ToListAsync(cancel);
        return items.Count > limit ? new KeyPage(items[..limit], items[limit - 1].Prefix) : new KeyPage(items, null);
    }

    /// <summary>How many of a tenant's keys open something now.</summary>
    public async Task<int> CountLiveAsync(string tenantId, DateTimeOffset now, CancellationToken cancel)
        => await AllAsync(tenantId, "", null, cancel).CountAsync(k => new StoredKey(tenantId, [], k).IsLive(now), cancel);

    private async IAsyncEnumerable<ApiKeyView> AllAsync(string tenantId, string after, int? maxPerPage, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in table.QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey eq {ListPartition(tenantId)} and RowKey gt {after}"), maxPerPage, cancel: cancel))
        {
            if (await FindAsync(row.RowKey, cancel) is { } key)
                yield return key.View;
        }
    }

    /// <summary>Stores a key. Storing the same one again is no error: its first answer was lost.</summary>
    /// <exception cref="FaultException">Conflict when another key has the prefix.</exception>
    public async Task AddAsync(StoredKey key, CancellationToken cancel)
    {
        var view = key.View;
        await table.UpsertEntityAsync(new TableEntity(ListPartition(key.TenantId), view.Prefix), cancellationToken: cancel);
        try
        {
            await table.AddEntityAsync(new TableEntity(view.Prefix, KeyRow)
            {
                { "Tenant", key.TenantId },
                { "Hash", key.Hash },
                { "Label", view.Label },
                { "Scopes", string.Join(' ', view.Scopes) },
                { "CreatedAt", view.CreatedAt },
                { "ExpiresAt", view.ExpiresAt },
            }, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            if (await FindAsync(view.Prefix, cancel) is not { } there || there.TenantId != key.TenantId || !there.Hash.AsSpan().SequenceEqual(key.Hash))
                throw new FaultException(Fault.Conflict, "the key cannot be made again: the operator's key has changed since", e);
        }
    }

    /// <summary>Shortens a key's life to <paramref name="end"/>; never lengthens it.</summary>
    public async Task ExpireAsync(StoredKey key, DateTimeOffset end, CancellationToken cancel)
    {
        if (key.View.ExpiresAt is not { } current || end < current)
            await table.UpdateEntityAsync(new TableEntity(key.View.Prefix, KeyRow) { { "ExpiresAt", end } }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    /// <summary>Ends a key now. The first time of revocation stays.</summary>
    public async Task RevokeAsync(StoredKey key, DateTimeOffset now, CancellationToken cancel)
    {
        if (key.View.RevokedAt is null)
            await table.UpdateEntityAsync(new TableEntity(key.View.Prefix, KeyRow) { { "RevokedAt", now } }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    /// <summary>Notes that a key opened something.</summary>
    public Task MarkUsedAsync(StoredKey key, DateTimeOffset now, CancellationToken cancel)
        => table.UpdateEntityAsync(new TableEntity(key.View.Prefix, KeyRow) { { "UsedAt", now } }, ETag.All, TableUpdateMode.Merge, cancel);

    private static string ListPartition(string tenantId) => "tenant-" + tenantId;

    private static StoredKey Read(TableEntity row) => new(
        row.GetString("Tenant")!,
        row.GetBinary("Hash")!,
        new ApiKeyView(
            row.PartitionKey,
            row.GetString("Label")!,
            [.. row.GetString("Scopes")!.Split(' ').Select(Enum.Parse<Scope>)],
            row.GetDateTimeOffset("CreatedAt")!.Value,
            row.GetDateTimeOffset("ExpiresAt"),
            row.GetDateTimeOffset("RevokedAt"),
            row.GetDateTimeOffset("UsedAt")));
}
