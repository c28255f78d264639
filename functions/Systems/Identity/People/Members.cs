namespace Notary.Identity.People;

/// <summary>One of a tenant's people, or of the staff.</summary>
/// <param name="Person">The person's id.</param>
/// <param name="Name">What he calls himself.</param>
/// <param name="Role">What he may do.</param>
/// <param name="Address">Where he was invited, as his inviter wrote it; of staff, as the upstream says.</param>
/// <param name="JoinedAt">Since when he is known.</param>
/// <param name="SignedInAt">His latest sign-in.</param>
public sealed record Member(string Person, string Name, Role Role, string Address, DateTimeOffset JoinedAt, DateTimeOffset? SignedInAt);

/// <summary>A tenant's people: who they are and what they may do. A change is felt within <see cref="PeopleRules.CacheTime"/>.</summary>
public sealed class Members
{
    private readonly TableClient table;

    /// <param name="storage">The account with the table <c>people</c>.</param>
    public Members(StorageAccount storage) => table = storage.Table(Names.People);

    /// <summary>A tenant's members by name; for null the staff that has ever signed in.</summary>
    public async Task<IReadOnlyList<Member>> ListAsync(string? tenant, CancellationToken cancel)
        => [.. (await table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(tenant), PeopleKeys.Members), cancel: cancel)
            .Select(Read).ToListAsync(cancel)).OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Person, StringComparer.Ordinal)];

    /// <summary>A member; null when the tenant has none of this id.</summary>
    public async Task<Member?> FindAsync(string? tenant, string person, CancellationToken cancel)
        => await RowAsync(table, tenant, person, cancel) is { } row ? Read(row) : null;

    /// <summary>Gives a member another role. The same role again is no error.</summary>
    /// <exception cref="FaultException">NotFound; Conflict when the tenant would be without an owner.</exception>
    public Task ChangeRoleAsync(string tenant, string person, Role role, CancellationToken cancel)
        => !PeopleRules.IsOfTenant(role) ? throw new FaultException(Fault.Malformed, "a member is owner, depositor or viewer")
            : Contest.RunAsync(async _ =>
            {
                var member = await RowAsync(table, tenant, person, cancel) ?? throw NotFound();
                if (Read(member).Role == role)
                    return;

                var head = (await table.GetEntityAsync(PeopleKeys.Partition(tenant), PeopleKeys.Head, cancel: cancel)).Value;
                var actions = new List<TableTransactionAction> { Merge(member, ("Role", role.ToString())) };
                actions.Add(Merge(head, ("Owners", DemandOwner(head, Read(member).Role, role))));
                await table.SubmitTransactionAsync(actions, cancel);
            });

    /// <summary>Removes a member: his sessions end, his passkeys open nothing any more.</summary>
    /// <exception cref="FaultException">NotFound; Conflict when he is the last owner.</exception>
    public async Task RemoveAsync(string tenant, string person, CancellationToken cancel)
    {
        await Contest.RunAsync(async attempt =>
        {
            if (await RowAsync(table, tenant, person, cancel) is not { } member)
            {
                // A write whose answer was lost has removed him.
                if (attempt > 0)
                    return;

                throw NotFound();
            }

            var head = (await table.GetEntityAsync(PeopleKeys.Partition(tenant), PeopleKeys.Head, cancel: cancel)).Value;
            await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.Delete, member, member.ETag),
                Merge(head, ("Owners", DemandOwner(head, Read(member).Role, null)), ("Members", head.GetInt32("Members")!.Value - 1)),
            ], cancel);
        });

        // Whoever is no member is let in by none of these; they go because nobody needs them.
        await Passkeys.DropAllAsync(table, tenant, person, cancel);
        await foreach (var row in table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(tenant), PeopleKeys.Sessions(person)), cancel: cancel))
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
    }

    internal static async Task<TableEntity?> RowAsync(TableClient table, string? tenant, string person, CancellationToken cancel)
        => PeopleKeys.IsId(person) ? await table.FindAsync(PeopleKeys.Partition(tenant), PeopleKeys.Member(person), cancel) : null;

    internal static Member Read(TableEntity row) => new(
        row.RowKey[PeopleKeys.Members.Length..],
        row.GetString("Name")!,
        Enum.Parse<Role>(row.GetString("Role")!),
        row.GetString("Address")!,
        row.GetDateTimeOffset("JoinedAt")!.Value,
        row.GetDateTimeOffset("SignedInAt"));

    /// <summary>A change of single columns under the version that was read.</summary>
    internal static TableTransactionAction Merge(TableEntity row, params ReadOnlySpan<(string Name, object? Value)> columns)
    {
        var change = new TableEntity(row.PartitionKey, row.RowKey);
        foreach (var (name, value) in columns)
            change[name] = value;

        return new(TableTransactionActionType.UpdateMerge, change, row.ETag);
    }

    private static int DemandOwner(TableEntity head, Role from, Role? to)
    {
        var owners = head.GetInt32("Owners")!.Value + (to == Role.Owner ? 1 : 0) - (from == Role.Owner ? 1 : 0);
        return owners > 0 || from != Role.Owner ? owners : throw new FaultException(Fault.Conflict, "the last owner stays owner: make another one first");
    }

    private static FaultException NotFound() => new(Fault.NotFound, "the tenant has no such member");
}
