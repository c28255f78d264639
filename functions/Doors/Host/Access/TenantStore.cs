using System.Collections.Concurrent;

namespace Notary.Host.Access;

/// <summary>A tenant as the operator sees it.</summary>
/// <param name="Id">Stable.</param>
/// <param name="Name">As letters print it.</param>
/// <param name="Did">As manifests have it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Sandbox">Whether all that it deposits is a test; fixed with its creation.</param>
public sealed record TenantView(string Id, string Name, string Did, DateTimeOffset CreatedAt, bool Sandbox)
{
    /// <summary>As the rooms know it.</summary>
    internal Tenant Known => new(Id, Name, Did, Sandbox);
}

/// <summary>One page; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record TenantPage(IReadOnlyList<TenantView> Items, string? Continuation);

/// <summary>Rows of the table <c>tenants</c>. None is ever changed or removed, so one that was read is known for good.</summary>
internal sealed class TenantStore(TableClient table)
{
    private const string Partition = "tenant";
    private const string SandboxColumn = "Sandbox";

    // Some 300 bytes each; past this the store remembers anew.
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<string, TenantView> known = new(StringComparer.Ordinal);

    public async Task<TenantView?> FindAsync(string id, CancellationToken cancel)
    {
        if (!IsId(id))
            return null;

        if (known.TryGetValue(id, out var tenant))
            return tenant;

        if (await table.GetEntityIfExistsAsync(Partition, id, cancel: cancel) is not { HasValue: true, Value: { } row })
            return null;

        if (known.Count >= MaxKnown)
            known.Clear();

        return known[id] = Read(row);
    }

    /// <summary>Whether a tenant is a sandbox; one that is not there is none.</summary>
    public async Task<bool> IsSandboxAsync(string id, CancellationToken cancel) => await FindAsync(id, cancel) is { Sandbox: true };

    /// <summary>Stores a tenant. Storing the same one again is no error.</summary>
    /// <exception cref="FaultException">Conflict when the id is another tenant's.</exception>
    public async Task AddAsync(TenantView tenant, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(new TableEntity(Partition, tenant.Id)
            {
                { "Name", tenant.Name },
                { "Did", tenant.Did },
                { "CreatedAt", tenant.CreatedAt },
                { SandboxColumn, tenant.Sandbox },
            }, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            if (await FindAsync(tenant.Id, cancel) is not { } there || there.Name != tenant.Name || there.Did != tenant.Did
                || there.Sandbox != tenant.Sandbox)
                throw new FaultException(Fault.Conflict, "the id is taken", e);
        }
    }

    /// <summary>Tenants in the order of their ids, after <paramref name="after"/>.</summary>
    public async Task<TenantPage> ListAsync(string? after, int limit, CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {after ?? ""}");
        var items = new List<TenantView>();
        await foreach (var row in table.QueryAsync(filter, maxPerPage: limit + 1, cancel: cancel))
        {
            items.Add(Read(row));
            if (items.Count > limit)
                break;
        }

        return items.Count > limit ? new TenantPage(items[..limit], items[limit - 1].Id) : new TenantPage(items, null);
    }

    /// <summary>1–40 of a-z, 0-9 and '-', as <see cref="Tenant.Id"/> has it.</summary>
    public static bool IsId(string? id)
        => id is { Length: >= 1 and <= 40 } && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>The DID of a tenant that brings none: a did:web below the office's own address.</summary>
    public static string DidOf(string id, Uri publicUrl) => $"did:web:{Uri.EscapeDataString(publicUrl.Authority)}:tenants:{id}";

    private static TenantView Read(TableEntity row)
        => new(row.RowKey, row.GetString("Name")!, row.GetString("Did")!, row.GetDateTimeOffset("CreatedAt")!.Value,
            row.GetBoolean(SandboxColumn) == true); // rows from before there were sandboxes have no such column
}
