using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Abstractions.OpenIddictExceptions;

namespace Notary.Identity.Stores;

/// <summary>Table <c>grants</c>: a grant and its tokens in one partition.</summary>
/// <remarks>
/// A token's status moves under its ETag, so a code or refresh token is redeemed once. A chain is revoked by one write, to the
/// grant: every token is judged by its grant too (<see cref="FindLiveAsync"/>). What has ended lies in partitions below a
/// day and is deleted by <see cref="PruneAsync"/>.
/// </remarks>
internal sealed class Grants(TableClient table, ClientDirectory clients, Consents consents, TimeProvider clock)
{
    // A binary property holds 64 KiB; a request that fills it is no request.
    private const int MaxPayload = 60 * 1024;

    /// <summary>The grant, whatever became of it.</summary>
    public async Task<Grant?> FindAsync(string id, CancellationToken cancel)
        => GrantId.IsGrant(id) && await table.GetEntityIfExistsAsync(id, GrantRow(id), cancel: cancel) is { HasValue: true, Value: { } row }
            ? ReadGrant(row) : null;

    /// <summary>The grant and its client while it is good: not revoked, not ended, its consent not taken back, its client not removed.</summary>
    public async Task<(Grant Grant, Client Client)?> FindLiveAsync(string id, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { Revoked: false } grant || grant.EndsAt <= clock.GetUtcNow())
            return null;

        var consent = consents.FindAsync(grant.Person, grant.Client, cancel);
        var client = clients.FindAsync(grant.Client, cancel);
        await Task.WhenAll(consent, client);
        return (await consent)?.Id == grant.Consent && await client is { } there ? (grant, there) : null;
    }

    /// <summary>Ends a grant with all its tokens. One that is not there has ended.</summary>
    public async Task RevokeAsync(string id, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is { Revoked: false })
            await table.UpdateEntityAsync(new TableEntity(id, GrantRow(id)) { { "Revoked", true } }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    /// <summary>Adds a token, and with a grant's first one the grant: neither is there without the other.</summary>
    public async Task AddAsync(IssuedToken token, Grant? fresh, CancellationToken cancel)
    {
        token.Id = GrantId.NewToken(token.Grant ?? GrantId.New(token.ExpiresAt ?? throw new InvalidOperationException("a token has an end")));
        var added = fresh is { } grant && grant.Id == token.Grant
            ? (await table.SubmitTransactionAsync(
                ((TableEntity[])[Write(grant), Write(token)]).Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), cancel)).Value[^1]
            : await table.AddEntityAsync(Write(token), cancel);
        token.ETag = added.Headers.ETag!.Value;
    }

    public async Task<IssuedToken?> FindTokenAsync(string id, CancellationToken cancel)
        => GrantId.IsToken(id) && await table.GetEntityIfExistsAsync(PartitionOf(id), RowOf(id), cancel: cancel) is { HasValue: true, Value: { } row }
            ? ReadToken(row) : null;

    /// <summary>Writes a token as it was read and changed.</summary>
    /// <exception cref="ConcurrencyException">Somebody else changed it.</exception>
    public async Task UpdateAsync(IssuedToken token, CancellationToken cancel)
    {
        var row = Write(token);

        // 412 may be said of the first try of a repeated write: the row tells whose it is.
        var writer = Guid.NewGuid();
        row["Writer"] = writer;
        try
        {
            token.ETag = (await table.UpdateEntityAsync(row, token.ETag, TableUpdateMode.Replace, cancel)).Headers.ETag!.Value;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            var there = await table.GetEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
            token.ETag = there.Value.GetGuid("Writer") == writer ? there.Value.ETag : throw new ConcurrencyException("somebody was faster", e);
        }
    }

    /// <summary>Spends a code, refresh token or pushed request, as it was read: true for exactly one caller.</summary>
    /// <exception cref="RequestFailedException">Storage failed; nobody knows yet.</exception>
    public async Task<bool> RedeemAsync(IssuedToken token, CancellationToken cancel)
    {
        if (token.Status != Statuses.Valid)
            return false;

        (token.Status, token.RedeemedAt) = (Statuses.Redeemed, clock.GetUtcNow());
        try
        {
            await UpdateAsync(token, cancel);
            return true;
        }
        catch (ConcurrencyException)
        {
            return false;
        }
    }

    /// <summary>Notes a proof of possession as seen: true for exactly one caller.</summary>
    /// <param name="id">Its hash, hexadecimal.</param>
    /// <param name="endsAt">When it is too old to be shown again.</param>
    /// <param name="cancel">Ends the write.</param>
    public async Task<bool> AddProofAsync(string id, DateTimeOffset endsAt, CancellationToken cancel)
    {
        // 256 partitions a day, which end as grants do.
        var row = new TableEntity(GrantId.Day(endsAt) + id[..2], "proof-" + id);

        // 409 may be said of the first try of a repeated write: the row tells whose it is.
        var writer = Guid.NewGuid();
        row["Writer"] = writer;
        try
        {
            await table.AddEntityAsync(row, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return (await table.GetEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel)).Value.GetGuid("Writer") == writer;
        }
    }

    /// <summary>Deletes grants and tokens that have ended, at most <paramref name="most"/> rows.</summary>
    public async Task<long> PruneAsync(int most, CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {GrantId.Floor(clock.GetUtcNow())}");
        var count = 0L;
        await foreach (var row in table.QueryAsync(filter, select: [], cancel: cancel).Take(most).WithCancellation(cancel))
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
            count++;
        }

        return count;
    }

    // With the partition's name once more: Azurite finds a row by its row key first, and of one name for all it would look at each.
    private static string GrantRow(string id) => "grant-" + id;

    private static string PartitionOf(string token) => token[..token.IndexOf('.', StringComparison.Ordinal)];

    private static string RowOf(string token) => "token-" + token[(token.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static TableEntity Write(Grant grant) => new(grant.Id, GrantRow(grant.Id))
    {
        { "Client", grant.Client },
        { "Subject", grant.Subject },
        { "Person", grant.Person },
        { "Tenant", grant.Tenant },
        { "Consent", grant.Consent },
        { "Scopes", string.Join(' ', grant.Scopes) },
        { "CreatedAt", grant.CreatedAt },
        { "EndsAt", grant.EndsAt },
    };

    private static TableEntity Write(IssuedToken token)
    {
        var payload = token.Payload is { } text ? Encoding.UTF8.GetBytes(text) : null;
        return payload?.Length > MaxPayload
            ? throw new FaultException(Fault.TooLarge, "the request is too large to be pushed")
            : new TableEntity(PartitionOf(token.Id), RowOf(token.Id))
            {
                { "Id", token.Id },
                { "Grant", token.Grant },
                { "Client", token.Client },
                { "Subject", token.Subject },
                { "Type", token.Type },
                { "Status", token.Status },
                { "Payload", payload },
                { "CreatedAt", token.CreatedAt },
                { "ExpiresAt", token.ExpiresAt },
                { "RedeemedAt", token.RedeemedAt },
            };
    }

    private static IssuedToken ReadToken(TableEntity row) => new()
    {
        Id = row.GetString("Id")!,
        Grant = row.GetString("Grant"),
        Client = row.GetString("Client"),
        Subject = row.GetString("Subject"),
        Type = row.GetString("Type"),
        Status = row.GetString("Status"),
        Payload = row.GetBinary("Payload") is { } payload ? Encoding.UTF8.GetString(payload) : null,
        CreatedAt = row.GetDateTimeOffset("CreatedAt"),
        ExpiresAt = row.GetDateTimeOffset("ExpiresAt"),
        RedeemedAt = row.GetDateTimeOffset("RedeemedAt"),
        ETag = row.ETag,
    };

    private static Grant ReadGrant(TableEntity row) => new()
    {
        Id = row.PartitionKey,
        Client = row.GetString("Client")!,
        Subject = row.GetString("Subject")!,
        Person = row.GetString("Person")!,
        Tenant = row.GetString("Tenant"),
        Consent = row.GetString("Consent")!,
        Scopes = row.GetString("Scopes")!.Split(' '),
        CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
        EndsAt = row.GetDateTimeOffset("EndsAt")!.Value,
        Revoked = row.GetBoolean("Revoked") ?? false,
    };
}
