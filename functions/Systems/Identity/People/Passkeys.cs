using Fido2NetLib.Objects;

namespace Notary.Identity.People;

/// <summary>A person's passkey as it is listed.</summary>
/// <param name="Id">Under which it is named and removed.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="CreatedAt">Since when it is registered.</param>
/// <param name="UsedAt">When it signed in last.</param>
/// <param name="IsBackedUp">Whether its authenticator keeps copies, such as in a password manager.</param>
public sealed record Passkey(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? UsedAt, bool IsBackedUp);

/// <summary>A person's passkeys: listed, named and removed, but never the last one.</summary>
public sealed class Passkeys
{
    private readonly TableClient table;

    public Passkeys(StorageAccount storage) => table = storage.Table(Names.People);

    /// <summary>The passkeys of whoever is signed in, the oldest first; none of the staff, who have a provider of their own.</summary>
    public async Task<IReadOnlyList<Passkey>> ListAsync(SignedIn who, CancellationToken cancel)
        => [.. (await RowsAsync(table, who.Tenant, who.Person, cancel)).Select(Read).OrderBy(p => p.CreatedAt)];

    /// <exception cref="FaultException">NotFound; Malformed.</exception>
    public async Task RenameAsync(SignedIn who, string id, string name, CancellationToken cancel)
    {
        var text = PeopleRules.Text(name, "name", PeopleRules.MaxNameLength);
        var row = await RowAsync(who.Tenant, who.Person, id, cancel) ?? throw NotFound();
        try
        {
            await table.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["Name"] = text }, ETag.All, TableUpdateMode.Merge, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw NotFound();
        }
    }

    /// <summary>Removes a passkey, and ends the sessions that it began.</summary>
    /// <exception cref="FaultException">NotFound; Conflict when it is the last: there would be no way in any more.</exception>
    public async Task RemoveAsync(SignedIn who, string id, CancellationToken cancel)
    {
        byte[]? credential = null;
        await Contest.RunAsync(async lost =>
        {
            var (row, member) = (await RowAsync(who.Tenant, who.Person, id, cancel), await Members.RowAsync(table, who.Tenant, who.Person, cancel));
            if (row is null || member is null)
            {
                // A write whose answer was lost has removed it.
                if (lost > 0)
                    return;

                throw NotFound();
            }

            credential = row.GetBinary("CredentialId")!;
            var left = member.GetInt32("Passkeys")!.Value - 1;
            if (left < 1)
                throw new FaultException(Fault.Conflict, "the last passkey stays: add another one first");

            await table.SubmitTransactionAsync(
                [new(TableTransactionActionType.Delete, row, row.ETag), Members.Merge(member, ("Passkeys", left))], cancel);
        });
        await foreach (var session in table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(who.Tenant), PeopleKeys.Sessions(who.Person)), cancel: cancel))
        {
            if (session.GetString("Passkey") == id)
                await table.DeleteEntityAsync(session.PartitionKey, session.RowKey, ETag.All, cancel);
        }

        if (credential is not null)
            await table.DeleteEntityAsync(PeopleKeys.Credential(credential), PeopleKeys.Pointer, ETag.All, cancel);
    }

    internal static async Task<IReadOnlyList<TableEntity>> RowsAsync(TableClient table, string? tenant, string person, CancellationToken cancel)
        => await table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(tenant), PeopleKeys.Passkeys(person)), cancel: cancel).ToListAsync(cancel);

    internal static async Task DropAllAsync(TableClient table, string? tenant, string person, CancellationToken cancel)
    {
        foreach (var row in await RowsAsync(table, tenant, person, cancel))
        {
            await table.DeleteEntityAsync(PeopleKeys.Credential(row.GetBinary("CredentialId")), PeopleKeys.Pointer, ETag.All, cancel);
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
        }
    }

    /// <summary>The row of a new passkey.</summary>
    internal static TableEntity Row(string tenant, string person, RegisteredPublicKeyCredential credential, string name, DateTimeOffset now)
        => new(PeopleKeys.Partition(tenant), PeopleKeys.Passkeys(person) + PeopleKeys.PasskeyId(credential.Id))
        {
            { "CredentialId", credential.Id },
            { "PublicKey", credential.PublicKey },
            { "Counter", (long)credential.SignCount },
            { "Name", name },
            { "CreatedAt", now },
            { "IsBackedUp", credential.IsBackedUp },
        };

    private async Task<TableEntity?> RowAsync(string? tenant, string person, string id, CancellationToken cancel)
        => PeopleKeys.IsId(id) ? await table.FindAsync(PeopleKeys.Partition(tenant), PeopleKeys.Passkeys(person) + id, cancel) : null;

    private static Passkey Read(TableEntity row) => new(row.RowKey[^32..], row.GetString("Name")!, row.GetDateTimeOffset("CreatedAt")!.Value,
        row.GetDateTimeOffset("UsedAt"), row.GetBoolean("IsBackedUp")!.Value);

    private static FaultException NotFound() => new(Fault.NotFound, "there is no such passkey");
}
