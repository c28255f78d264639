namespace Notary.Identity.People;

/// <summary>An invitation that is still open, without its secret.</summary>
/// <param name="Id">Under which it is listed and withdrawn.</param>
/// <param name="Role">What the invited may do.</param>
/// <param name="Address">Whom it is meant for, as its inviter wrote it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it opens, exclusive.</param>
public sealed record InvitationView(string Id, Role Role, string Address, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>A new invitation. <paramref name="Path"/> is shown to its inviter now and never again.</summary>
/// <param name="Path">The link's path below the office's address: <c>/invitation/…</c>.</param>
/// <param name="Info">What it says.</param>
public sealed record IssuedInvitation(string Path, InvitationView Info);

/// <summary>What a link says to whoever follows it.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Role">What he may do there.</param>
/// <param name="Address">Whom it is meant for.</param>
/// <param name="IsDevice">Whether it adds a device to somebody known instead of inviting somebody new.</param>
public sealed record Invitation(string Tenant, Role Role, string Address, bool IsDevice);

/// <summary>What whoever follows a link may do: join a tenant, or add a device to the person he is.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Person">Whose device it is; null for somebody new.</param>
/// <param name="Row">As it was read.</param>
internal sealed record OpenInvitation(string Tenant, string? Person, TableEntity Row)
{
    public Role Role => Enum.Parse<Role>(Row.GetString("Role")!);

    public string Address => Row.GetString("Address")!;
}

/// <summary>One-time links: 256 random bits, kept as their hash; a link is used once, by whoever commits first.</summary>
public sealed class Invitations
{
    /// <summary>Where links lead; the token follows.</summary>
    public const string Route = "/invitation/";

    private const string Withdrawn = "withdrawn";

    private readonly TableClient table;
    private readonly TimeProvider clock;

    public Invitations(StorageAccount storage, TimeProvider clock) => (table, this.clock) = (storage.Table(Names.People), clock);

    /// <summary>Invites somebody to a tenant.</summary>
    /// <param name="tenant">The tenant's id; whoever calls has made sure that there is one.</param>
    /// <param name="role">Owner, depositor or viewer.</param>
    /// <param name="address">Whom it is meant for; shown, never written to.</param>
    /// <exception cref="FaultException">Malformed; Conflict when too many are open.</exception>
    public Task<IssuedInvitation> InviteAsync(string tenant, Role role, string address, CancellationToken cancel)
        => InviteAsync(tenant, role, address, Secret.New(), clock.GetUtcNow(), cancel);

    /// <summary>The same from a seed: the same seed gives the same link, so a repeated request gets the same answer.</summary>
    /// <param name="seed">32 bytes that nobody but the operator can compute.</param>
    /// <param name="at">When it was asked for first.</param>
    public Task<IssuedInvitation> InviteAsync(string tenant, Role role, string address, byte[] seed, DateTimeOffset at, CancellationToken cancel)
        => InviteAsync(tenant, role, address, Secret.Of(seed), at, cancel);

    /// <summary>A link that adds another device to whoever is signed in.</summary>
    /// <exception cref="FaultException">Forbidden for the staff, who have no passkeys here; Conflict when too many links are open.</exception>
    public async Task<IssuedInvitation> LinkDeviceAsync(SignedIn who, CancellationToken cancel)
    {
        var tenant = who.Tenant ?? throw new FaultException(Fault.Forbidden, "staff sign in with the office's own provider");
        var now = clock.GetUtcNow();
        return await AddAsync(tenant, new InvitationView("", who.Role, who.Name, now, now + PeopleRules.DeviceLinkLife), who.Person, Secret.New(), cancel);
    }

    /// <summary>A tenant's open invitations, the newest first. Links for devices are their owners' alone and not among them.</summary>
    public async Task<IReadOnlyList<InvitationView>> ListAsync(string tenant, CancellationToken cancel)
        => [.. (await OpenAsync(tenant, cancel)).Where(row => row.GetString("Person") is null).Select(View).OrderByDescending(i => i.CreatedAt)];

    /// <summary>Withdraws an invitation. One that is gone already is no error.</summary>
    public async Task WithdrawAsync(string tenant, string id, CancellationToken cancel)
    {
        // Marked, not deleted: the same request of the operator again must not open it anew.
        if (PeopleKeys.IsId(id)
            && await table.FindAsync(PeopleKeys.Partition(tenant), PeopleKeys.Invitation(id), cancel) is { } row)
            await table.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["UsedBy"] = Withdrawn }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    /// <summary>What a link says; null when it opens nothing (any more).</summary>
    public async Task<Invitation?> LookAsync(string token, CancellationToken cancel)
        => await FindAsync(token, cancel) is { } open ? new Invitation(open.Tenant, open.Role, open.Address, open.Person is not null) : null;

    /// <summary>What a link opens now; null when it opens nothing: unknown, used, withdrawn and expired answer alike.</summary>
    internal async Task<OpenInvitation?> FindAsync(string token, CancellationToken cancel)
    {
        var parts = token.Split('.');
        return parts is [var tenant, var id, var text] && PeopleKeys.IsTenant(tenant) && PeopleKeys.IsId(id) && Secret.TryParse(text, out var secret)
            && await table.FindAsync(PeopleKeys.Partition(tenant), PeopleKeys.Invitation(id), cancel) is { } row
            && secret.Matches(row.GetBinary("Hash")) && IsOpen(row)
            ? new OpenInvitation(tenant, row.GetString("Person"), row) : null;
    }

    private async Task<IssuedInvitation> InviteAsync(
        string tenant, Role role, string address, Secret secret, DateTimeOffset at, CancellationToken cancel)
    {
        var text = PeopleRules.Text(address, "address", PeopleRules.MaxAddressLength);
        return PeopleRules.IsOfTenant(role)
            ? await AddAsync(tenant, new InvitationView("", role, text, at, at + PeopleRules.InvitationLife), null, secret, cancel)
            : throw new FaultException(Fault.Malformed, "the invited become owner, depositor or viewer");
    }

    private async Task<IssuedInvitation> AddAsync(string tenant, InvitationView wanted, string? person, Secret secret, CancellationToken cancel)
    {
        // Made of the secret, so that a repeated request finds what it made.
        var view = wanted with { Id = Convert.ToHexStringLower(secret.Derive("invitation").AsSpan(0, 16)) };
        var issued = new IssuedInvitation($"{Route}{tenant}.{view.Id}.{secret}", view);
        var (partition, key) = (PeopleKeys.Partition(tenant), PeopleKeys.Invitation(view.Id));
        var open = await OpenAsync(tenant, cancel);
        if (open.Any(row => row.RowKey == key))
            return issued;

        if (person is not null)
        {
            // One link for a device at a time, so that nobody fills the tenant's bound with his own.
            foreach (var earlier in open.Where(row => row.GetString("Person") == person))
                await WithdrawAsync(tenant, View(earlier).Id, cancel);
        }
        else if (open.Count(row => row.GetString("Person") is null) >= PeopleRules.MaxInvitations)
        {
            throw new FaultException(Fault.Conflict, $"{PeopleRules.MaxInvitations} invitations are open: withdraw one first");
        }

        try
        {
            await table.AddEntityAsync(new TableEntity(partition, key)
            {
                { "Hash", secret.Hash() },
                { "Role", view.Role.ToString() },
                { "Address", view.Address },
                { "Person", person },
                { "CreatedAt", view.CreatedAt },
                { "ExpiresAt", view.ExpiresAt },
            }, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Ours: nobody else can have made the same id.
        }

        return issued;
    }

    /// <summary>Those that still open something; what has long expired is deleted on the way.</summary>
    private async Task<IReadOnlyList<TableEntity>> OpenAsync(string tenant, CancellationToken cancel)
    {
        var open = new List<TableEntity>();
        await foreach (var row in table.QueryAsync(PeopleKeys.Under(PeopleKeys.Partition(tenant), PeopleKeys.Invitations), cancel: cancel))
        {
            if (IsOpen(row))
                open.Add(row);
            else if (row.GetDateTimeOffset("ExpiresAt") + PeopleRules.InvitationLife < clock.GetUtcNow())
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
        }

        return open;
    }

    private bool IsOpen(TableEntity row) => row.GetString("UsedBy") is null && clock.GetUtcNow() < row.GetDateTimeOffset("ExpiresAt");

    private static InvitationView View(TableEntity row) => new(row.RowKey[PeopleKeys.Invitations.Length..], Enum.Parse<Role>(row.GetString("Role")!),
        row.GetString("Address")!, row.GetDateTimeOffset("CreatedAt")!.Value, row.GetDateTimeOffset("ExpiresAt")!.Value);
}
