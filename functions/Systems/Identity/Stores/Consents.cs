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
    private readonly TableClient table;
    private readonly TimeProvider clock;

    internal Consents(TableClient table, TimeProvider clock) => (this.table, this.clock) = (table, clock);

    /// <summary>A person's, in the order of clients.</summary>
    public IAsyncEnumerable<Consent> ListAsync(string person, CancellationToken cancel)
        => table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {person}"), cancel: cancel).Select(Read);

    /// <summary>Takes one back. What is not there is no error.</summary>
    public Task RevokeAsync(string person, string client, CancellationToken cancel) => table.DeleteEntityAsync(person, client, ETag.All, cancel);

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
        return given;
    }

    private static Consent Read(TableEntity row)
        => new(row.GetString("Id")!, row.RowKey, row.GetString("Purpose")!, row.GetString("Scopes")!.Split(' '), row.GetDateTimeOffset("At")!.Value);
}
