using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Notary.Identity.Stores;

/// <summary>The clients that tenants' owners register: table <c>clients</c>, one row by id, one by tenant for the list.</summary>
/// <remarks>The two rows are in two partitions. The list's is written first and deleted last: what a crash leaves is a name that is not shown
/// and opens nothing. Whoever calls MUST have checked that the caller owns the tenant.</remarks>
public sealed partial class ClientDirectory
{
    /// <summary>Clients of one tenant: who needs more lets one application stand for many.</summary>
    public const int MaxClients = 20;

    /// <summary>How long the secret before a rotation still works.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>How long a client is believed to be as it was read: a request asks for it some ten times.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    // Only clients that exist are remembered; past this the cache starts anew.
    private const int MaxCached = 10_000;

    private const string Row = "client";
    private readonly TableClient table;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, (Client Client, long ReadAt)> cache = new(StringComparer.Ordinal);

    internal ClientDirectory(TableClient table, TimeProvider clock) => (this.table, this.clock) = (table, clock);

    /// <summary>Registers a client.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="wanted">What its owner says.</param>
    /// <param name="cancel">Stops.</param>
    /// <param name="drawn">Makes a request that is sent twice one client: the same draw again is no error.</param>
    /// <exception cref="FaultException">Malformed; Conflict when the tenant has <see cref="MaxClients"/>.</exception>
    public async Task<RegisteredClient> RegisterAsync(string tenant, NewClient wanted, CancellationToken cancel, ClientDraw? drawn = null)
    {
        wanted.Demand();
        var draw = drawn ?? ClientDraw.New();
        var secret = wanted.Confidential ? draw.Secret : null;
        if (await ReadAsync(draw.Id, cancel) is { } there)
            return there.Tenant == tenant ? new RegisteredClient(there.View, secret) : throw new FaultException(Fault.Conflict, "the id is taken");

        if (await ListAsync(tenant, cancel).CountAsync(cancel) >= MaxClients)
            throw new FaultException(Fault.Conflict, $"the tenant has {MaxClients} clients: remove one first");

        var view = new ClientView(draw.Id, tenant, wanted.Name, wanted.Purpose, wanted.Scopes,
            wanted.RedirectUris, wanted.LogoutUris ?? [], wanted.Confidential, wanted.MustPush, clock.GetUtcNow());
        await table.UpsertEntityAsync(new TableEntity(ListPartition(tenant), view.Id), cancellationToken: cancel);
        try
        {
            await table.AddEntityAsync(new TableEntity(view.Id, Row)
            {
                { "View", JsonSerializer.Serialize(view) },
                { "Secret", secret is null ? null : HashOf(secret) },
            }, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409 && drawn is not null)
        {
            // Two of the same request at once: the other one was faster.
        }

        return new RegisteredClient(view, secret);
    }

    /// <summary>Changes where a client's answers may go, everywhere within <see cref="CacheTime"/>.</summary>
    /// <exception cref="FaultException">NotFound; Malformed; Conflict when somebody else changed it at the same moment.</exception>
    public async Task MoveAsync(string tenant, string id, IReadOnlyList<string> redirectUris, IReadOnlyList<string> logoutUris, CancellationToken cancel)
    {
        if (await ReadAsync(id, cancel) is not { } client || client.Tenant != tenant)
            throw new FaultException(Fault.NotFound, "there is no such client");

        var view = client.View with { RedirectUris = redirectUris, LogoutUris = logoutUris };
        new NewClient(view.Name, view.Purpose, view.Scopes, view.RedirectUris, view.LogoutUris, view.Confidential, view.MustPush).Demand();
        try
        {
            await table.UpdateEntityAsync(
                new TableEntity(id, Row) { { "View", JsonSerializer.Serialize(view) } }, client.ETag, TableUpdateMode.Merge, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            throw new FaultException(Fault.Conflict, "the client was changed at the same moment", e);
        }

        cache.TryRemove(id, out _);
    }

    /// <summary>A client by its id alone, for whoever allowed it something.</summary>
    public async Task<ClientView?> LookAsync(string id, CancellationToken cancel) => (await FindAsync(id, cancel))?.View;

    /// <summary>A tenant's clients in the order of their ids.</summary>
    public IAsyncEnumerable<ClientView> ListAsync(string tenant, CancellationToken cancel)
        => table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {ListPartition(tenant)}"), cancel: cancel)
            .Select(async (TableEntity row, CancellationToken stop) => await FindAsync(row.RowKey, stop))
            .Where(client => client is not null).Select(client => client!.View);

    /// <summary>One of a tenant's clients.</summary>
    public async Task<ClientView?> FindAsync(string tenant, string id, CancellationToken cancel)
        => await FindAsync(id, cancel) is { } client && client.Tenant == tenant ? client.View : null;

    /// <summary>Gives a confidential client another secret; the one before works for <see cref="Overlap"/> more.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">Which client.</param>
    /// <param name="cancel">Stops.</param>
    /// <param name="drawn">Makes a request that is sent twice one rotation.</param>
    /// <exception cref="FaultException">NotFound; Conflict for a public client.</exception>
    public async Task<RegisteredClient> RotateAsync(string tenant, string id, CancellationToken cancel, ClientDraw? drawn = null)
    {
        if (await ReadAsync(id, cancel) is not { } client || client.Tenant != tenant)
            throw new FaultException(Fault.NotFound, "there is no such client");

        if (client.SecretHash is null)
            throw new FaultException(Fault.Conflict, "a public client has no secret");

        var secret = (drawn ?? ClientDraw.New()).Secret;
        if (client.SecretHash.AsSpan().SequenceEqual(HashOf(secret)))
            return new RegisteredClient(client.View, secret);

        await table.UpdateEntityAsync(new TableEntity(id, Row)
        {
            { "Secret", HashOf(secret) },
            { "Former", client.SecretHash },
            { "FormerUntil", clock.GetUtcNow() + Overlap },
        }, ETag.All, TableUpdateMode.Merge, cancel);
        cache.TryRemove(id, out _);
        return new RegisteredClient(client.View, secret);
    }

    /// <summary>Removes a client, and with it every grant: its tokens are refused within seconds.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task RemoveAsync(string tenant, string id, CancellationToken cancel)
    {
        if (await ReadAsync(id, cancel) is not { } client || client.Tenant != tenant)
            throw new FaultException(Fault.NotFound, "there is no such client");

        await table.DeleteEntityAsync(id, Row, ETag.All, cancel);
        cache.TryRemove(id, out _);
        await table.DeleteEntityAsync(ListPartition(tenant), id, ETag.All, cancel);
    }

    internal async Task<Client?> FindAsync(string id, CancellationToken cancel)
    {
        if (cache.TryGetValue(id, out var known) && clock.GetElapsedTime(known.ReadAt) < CacheTime)
            return known.Client;

        // Before the read: a removal that lands during it must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        if (await ReadAsync(id, cancel) is not { } client)
            return null;

        if (cache.Count >= MaxCached)
            cache.Clear();

        cache[id] = (client, readAt);
        return client;
    }

    private async Task<Client?> ReadAsync(string id, CancellationToken cancel)
        => IdForm().IsMatch(id) && await table.GetEntityIfExistsAsync(id, Row, cancel: cancel) is { HasValue: true, Value: { } row }
            ? new Client
            {
                View = JsonSerializer.Deserialize<ClientView>(row.GetString("View")!)!,
                SecretHash = row.GetBinary("Secret"),
                FormerHash = row.GetBinary("Former"),
                FormerUntil = row.GetDateTimeOffset("FormerUntil") ?? default,
                ETag = row.ETag,
            }
            : null;

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static string ListPartition(string tenant) => "tenant-" + tenant;

    [GeneratedRegex("^[0-9a-f]{32}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdForm();
}
