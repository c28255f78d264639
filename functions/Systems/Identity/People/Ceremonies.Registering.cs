using Fido2NetLib;
using Fido2NetLib.Objects;

namespace Notary.Identity.People;

/// <content>Passkeys for somebody invited, for another device, and for whoever is signed in.</content>
public sealed partial class Ceremonies
{
    /// <summary>Begins to follow a link.</summary>
    /// <param name="http">Whose browser.</param>
    /// <param name="token">What follows <see cref="Invitations.Route"/>.</param>
    /// <param name="name">What somebody new calls himself; ignored for another device.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>PublicKeyCredentialCreationOptions as JSON.</returns>
    /// <exception cref="FaultException">Gone: the link opens nothing (any more); Malformed: no such name.</exception>
    public async Task<string> BeginInvitationAsync(HttpContext http, string token, string? name, CancellationToken cancel)
    {
        var open = await invitations.FindAsync(token, cancel) ?? throw Gone();
        var person = open.Person ?? PeopleKeys.NewId();
        var called = open.Person is null ? PeopleRules.Text(name, "name", PeopleRules.MaxNameLength)
            : await Members.RowAsync(table, open.Tenant, person, cancel) is { } member ? Members.Read(member).Name : throw Gone();
        return await BeginAsync(http, Ceremony.Invitation, open.Tenant, person, called, open.Row.RowKey, cancel);
    }

    /// <summary>Follows a link: the person or his device becomes known, and he is signed in. Of two at once one wins.</summary>
    /// <param name="http">Gets the session's cookie.</param>
    /// <param name="token">As it began.</param>
    /// <param name="answer">RegistrationResponseJSON.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">Gone; Unauthenticated; Conflict when the tenant is full.</exception>
    public async Task<SignedIn> AcceptAsync(HttpContext http, string token, byte[] answer, CancellationToken cancel)
    {
        var (person, name, invitation, credential) = await RegisterAsync(http, Ceremony.Invitation, answer, cancel);
        var open = await invitations.FindAsync(token, cancel) is { } found && found.Row.RowKey == invitation ? found : throw Gone();
        if (open.Person is not null)
            await sessions.MakeRoomAsync(open.Tenant, person, cancel);

        var (session, cookie) = sessions.Prepare(http, open.Tenant, person, PeopleKeys.PasskeyId(credential.Id));
        var passkey = Passkeys.Row(open.Tenant, person, credential, Devices.NameOf(http), clock.GetUtcNow());
        await PointAsync(credential.Id, open.Tenant, person, async () => await Contest.RunAsync(async lost =>
        {
            // Again under the versions of now: what another has used or withdrawn opens nothing, unless it was we whose answer was lost.
            var now = await invitations.FindAsync(token, cancel);
            if (now is null && lost > 0 && await table.FindAsync(session.PartitionKey, session.RowKey, cancel) is not null)
                return;

            IEnumerable<TableTransactionAction> whose = (now ?? throw Gone()).Person is null
                ? await JoinAsync(now, person, name, cancel) : [await OneMoreAsync(now.Tenant, person, cancel)];
            await table.SubmitTransactionAsync(
            [
                Members.Merge(now.Row, ("UsedBy", person)),
                .. whose,
                new(TableTransactionActionType.Add, passkey),
                new(TableTransactionActionType.Add, session),
            ], cancel);
        }), cancel);
        return await sessions.OpenAsync(http, cookie, cancel);
    }

    /// <summary>Begins to give whoever is signed in another passkey, on this device or by it on a phone.</summary>
    /// <returns>PublicKeyCredentialCreationOptions as JSON.</returns>
    /// <exception cref="FaultException">Forbidden: staff, or the sign-in is not fresh.</exception>
    public async Task<string> BeginPasskeyAsync(HttpContext http, SignedIn who, CancellationToken cancel)
        => await BeginAsync(http, Ceremony.AnotherPasskey, DemandFresh(who), who.Person, who.Name, who.Session, cancel);

    /// <summary>Gives him the passkey.</summary>
    /// <exception cref="FaultException">Unauthenticated; Forbidden; Conflict when he has too many.</exception>
    public async Task AddPasskeyAsync(HttpContext http, SignedIn who, byte[] answer, CancellationToken cancel)
    {
        var tenant = DemandFresh(who);
        var (person, _, session, credential) = await RegisterAsync(http, Ceremony.AnotherPasskey, answer, cancel);
        if (person != who.Person || session != who.Session)
            throw Refuse("begun by another session");

        var passkey = Passkeys.Row(tenant, person, credential, Devices.NameOf(http), clock.GetUtcNow());
        await PointAsync(credential.Id, tenant, person, async () => await Contest.RunAsync(async lost =>
        {
            if (lost > 0 && await table.FindAsync(passkey.PartitionKey, passkey.RowKey, cancel) is not null)
                return;

            await table.SubmitTransactionAsync(
                [await OneMoreAsync(tenant, person, cancel), new(TableTransactionActionType.Add, passkey)], cancel);
        }), cancel);
    }

    /// <summary>Demands a sign-in that is not old, for what outlives the session.</summary>
    /// <returns>The tenant: staff have no passkeys here.</returns>
    /// <exception cref="FaultException">Forbidden.</exception>
    public string DemandFresh(SignedIn who)
        => who.Tenant is not { } tenant ? throw new FaultException(Fault.Forbidden, "staff sign in with the office's own provider")
            : clock.GetUtcNow() - who.At < PeopleRules.Fresh ? tenant
            : throw new FaultException(Fault.Forbidden, "sign in again first: this needs a sign-in of the last minutes");

    private async Task<string> BeginAsync(
        HttpContext http, Ceremony ceremony, string tenant, string person, string name, string reference, CancellationToken cancel)
    {
        var there = await Passkeys.RowsAsync(table, tenant, person, cancel);
        if (there.Count >= PeopleRules.MaxPasskeys)
            throw new FaultException(Fault.Conflict, $"a person has at most {PeopleRules.MaxPasskeys} passkeys: remove one first");

        var options = fido.RequestNewCredential(new RequestNewCredentialParams
        {
            User = new Fido2User { Id = HandleOf(person), Name = $"{name} · {await tenantName(tenant, cancel)}", DisplayName = name },
            ExcludeCredentials = [.. there.Select(row => new PublicKeyCredentialDescriptor(row.GetBinary("CredentialId")!))],
            AuthenticatorSelection = new AuthenticatorSelection
            {
                ResidentKey = ResidentKeyRequirement.Required,
                UserVerification = UserVerificationRequirement.Required,
            },
            AttestationPreference = AttestationConveyancePreference.None,
            PubKeyCredParams = Algorithms,
        }).ToJson();

        // Neither an id nor a name has a line's end in it.
        await challenges.KeepAsync(cookies.EnsureBrowser(http), ceremony, options, $"{person}\n{name}\n{reference}", cancel);
        return options;
    }

    private async Task<(string Person, string Name, string Reference, RegisteredPublicKeyCredential Credential)> RegisterAsync(
        HttpContext http, Ceremony ceremony, byte[] answer, CancellationToken cancel)
    {
        var taken = await TakeAsync(http, ceremony, cancel);
        var sent = Parse<AuthenticatorAttestationRawResponse>(answer);
        var credential = await JudgeAsync(() => fido.MakeNewCredentialAsync(new MakeNewCredentialParams
        {
            AttestationResponse = sent,
            OriginalOptions = CredentialCreateOptions.FromJson(taken.Options),

            // The pointer's own row sees to that: it can be there once.
            IsCredentialIdUniqueToUserCallback = (_, _) => Task.FromResult(true),
        }, cancel));
        return taken.Subject.Split('\n') is [var person, var name, var reference]
            ? (person, name, reference, credential) : throw new InvalidOperationException("a challenge's subject has three lines");
    }

    /// <summary>Somebody new: his row, and the tenant's head one larger.</summary>
    private async Task<IReadOnlyList<TableTransactionAction>> JoinAsync(OpenInvitation open, string person, string name, CancellationToken cancel)
    {
        var partition = PeopleKeys.Partition(open.Tenant);
        var head = await table.FindAsync(partition, PeopleKeys.Head, cancel);
        var (owners, members) = (head?.GetInt32("Owners") ?? 0, head?.GetInt32("Members") ?? 0);
        if (members >= PeopleRules.MaxMembers)
            throw new FaultException(Fault.Conflict, $"a tenant has at most {PeopleRules.MaxMembers} members: one must go first");

        owners += open.Role == Role.Owner ? 1 : 0;
        var now = clock.GetUtcNow();
        return
        [
            head is not null ? Members.Merge(head, ("Owners", owners), ("Members", members + 1))
                : new(TableTransactionActionType.Add, new TableEntity(partition, PeopleKeys.Head) { ["Owners"] = owners, ["Members"] = members + 1 }),
            new(TableTransactionActionType.Add, new TableEntity(partition, PeopleKeys.Member(person))
            {
                { "Name", name },
                { "Role", open.Role.ToString() },
                { "Address", open.Address },
                { "JoinedAt", now },
                { "SignedInAt", now },
                { "Passkeys", 1 },
            }),
        ];
    }

    private async Task<TableTransactionAction> OneMoreAsync(string tenant, string person, CancellationToken cancel)
    {
        var member = await Members.RowAsync(table, tenant, person, cancel) ?? throw Gone();
        var passkeys = member.GetInt32("Passkeys")!.Value;
        return passkeys < PeopleRules.MaxPasskeys ? Members.Merge(member, ("Passkeys", passkeys + 1))
            : throw new FaultException(Fault.Conflict, $"a person has at most {PeopleRules.MaxPasskeys} passkeys: remove one first");
    }

    /// <summary>Points from the credential to its person, then commits; takes the pointer back when nothing was. A pointer whose commit was cut off
    /// leads to no passkey and so opens nothing.</summary>
    private async Task PointAsync(byte[] credential, string tenant, string person, Func<Task> commit, CancellationToken cancel)
    {
        var pointer = new TableEntity(PeopleKeys.Credential(credential), PeopleKeys.Pointer) { ["Tenant"] = tenant, ["Person"] = person };
        var added = true;
        try
        {
            await table.AddEntityAsync(pointer, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Ours if its answer was lost; a passkey that is registered already otherwise (§7.1, step 26).
            var there = (await table.GetEntityAsync(pointer.PartitionKey, pointer.RowKey, cancel: cancel)).Value;
            if (there.GetString("Tenant") != tenant || there.GetString("Person") != person)
                throw Refuse("the credential is registered already");

            added = false;
        }

        try
        {
            await commit();
        }
        catch (FaultException) when (added)
        {
            await table.DeleteEntityAsync(pointer.PartitionKey, pointer.RowKey, ETag.All, cancel);
            throw;
        }
    }

    private static FaultException Gone() => new(Fault.Gone, "the link opens nothing (any more): ask for another one");
}
