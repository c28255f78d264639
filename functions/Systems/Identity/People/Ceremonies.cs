using Fido2NetLib;
using Fido2NetLib.Objects;

namespace Notary.Identity.People;

/// <summary>What a tenant is called, for whoever has accounts with several.</summary>
public delegate ValueTask<string?> TenantName(string tenant, CancellationToken cancel);

/// <summary>What a browser and its authenticator do to sign somebody in, or to give him a passkey (Web Authentication Level 3 §7).</summary>
/// <remarks>
/// 1. Begin: options with a challenge, kept under the browser's own secret.
/// 2. Answer: the challenge is taken away first, whatever comes of it.
/// 3. The library judges the answer: origin, relying party, user present and verified, signature, counter.
/// 4. One transaction commits what follows from it, the session included.
/// Why an answer was refused is for the log; the browser only reads that it was.
/// </remarks>
public sealed partial class Ceremonies
{
    private readonly TableClient table;
    private readonly Fido2 fido;
    private readonly Challenges challenges;
    private readonly Invitations invitations;
    private readonly Sessions sessions;
    private readonly BrowserCookies cookies;
    private readonly TenantName tenantName;
    private readonly TimeProvider clock;
    private readonly ILogger<Ceremonies> log;

    // Every authenticator that can be bought signs with the first; Windows Hello on older machines only with the second (§5.8.5).
    private static readonly PubKeyCredParam[] Algorithms = [PubKeyCredParam.ES256, PubKeyCredParam.RS256];

    /// <param name="storage">The account with the table <c>people</c>.</param>
    /// <param name="publicUrl">The office's address: the only origin whose answers count, and by its host the relying party.</param>
    /// <param name="office">What authenticators call the relying party.</param>
    /// <param name="challenges">What browsers have begun.</param>
    /// <param name="invitations">Links that may be followed.</param>
    /// <param name="tenantName">What passkeys' names say beside the person's.</param>
    /// <param name="sessions">Where a sign-in ends.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="log">Told why answers are refused.</param>
    public Ceremonies(
        StorageAccount storage, Uri publicUrl, string office, TenantName tenantName, Challenges challenges, Invitations invitations, Sessions sessions,
        TimeProvider clock, ILogger<Ceremonies> log)
    {
        table = storage.Table(Names.People);
        cookies = new(publicUrl);
        fido = new Fido2(new Fido2Configuration
        {
            RPID = publicUrl.Host,
            RPName = office,
            Origins = new HashSet<string> { cookies.Origin },
            ChallengeSize = 32,
            Timeout = (uint)PeopleRules.ChallengeLife.TotalMilliseconds,
        });
        (this.tenantName, this.challenges, this.invitations, this.sessions, this.clock, this.log) = (tenantName, challenges, invitations, sessions, clock, log);
    }

    /// <summary>Begins a sign-in: the browser offers whatever passkeys it has for us.</summary>
    /// <returns>PublicKeyCredentialRequestOptions as JSON.</returns>
    public async Task<string> BeginSignInAsync(HttpContext http, CancellationToken cancel)
    {
        var options = fido.GetAssertionOptions(
            new GetAssertionOptionsParams { AllowedCredentials = [], UserVerification = UserVerificationRequirement.Required }).ToJson();
        await challenges.KeepAsync(cookies.EnsureBrowser(http), Ceremony.SignIn, options, "", cancel);
        return options;
    }

    /// <summary>Signs in whoever's passkey has answered.</summary>
    /// <param name="http">Gets the session's cookie.</param>
    /// <param name="answer">AuthenticationResponseJSON.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">Unauthenticated.</exception>
    public async Task<SignedIn> SignInAsync(HttpContext http, byte[] answer, CancellationToken cancel)
    {
        // 2
        var taken = await TakeAsync(http, Ceremony.SignIn, cancel);
        var sent = Parse<AuthenticatorAssertionRawResponse>(answer);
        var (tenant, person) = await OwnerAsync(sent.RawId, cancel);
        var passkey = await table.FindAsync(PeopleKeys.Partition(tenant), PeopleKeys.Passkeys(person) + PeopleKeys.PasskeyId(sent.RawId), cancel)
            ?? throw Refuse("the passkey was removed");

        // 3
        var stored = passkey.GetInt64("Counter")!.Value;
        var judged = await JudgeAsync(() => fido.MakeAssertionAsync(new MakeAssertionParams
        {
            AssertionResponse = sent,
            OriginalOptions = AssertionOptions.FromJson(taken.Options),
            StoredPublicKey = passkey.GetBinary("PublicKey")!,
            StoredSignatureCounter = (uint)stored,
            IsUserHandleOwnerOfCredentialIdCallback = (owner, _) => Task.FromResult(HandleOf(person).AsSpan().SequenceEqual(owner.UserHandle)),
        }, cancel));

        // A discoverable credential always says whose it is (§7.2, step 6), and a counter that once counted never stops (step 22):
        // the library asks for neither.
        if (sent.Response.UserHandle is null || (stored > 0 && judged.SignCount == 0))
            throw Refuse("no user handle, or a counter that stopped");

        // 4
        await sessions.MakeRoomAsync(tenant, person, cancel);
        var (session, cookie) = sessions.Prepare(http, tenant, person, PeopleKeys.PasskeyId(sent.RawId));
        var now = clock.GetUtcNow();
        await CommitAsync(session,
        [
            Members.Merge(passkey, ("Counter", (long)judged.SignCount), ("UsedAt", now), ("IsBackedUp", judged.IsBackedUp)),
            new(TableTransactionActionType.UpdateMerge,
                new TableEntity(session.PartitionKey, PeopleKeys.Member(person)) { ["SignedInAt"] = now }, ETag.All),
            new(TableTransactionActionType.Add, session),
        ], cancel);
        return await sessions.OpenAsync(http, cookie, cancel);
    }

    /// <summary>The user handle (§5.4.3): the person's id and nothing about him.</summary>
    private static byte[] HandleOf(string person) => Convert.FromHexString(person);

    private async Task<TakenChallenge> TakeAsync(HttpContext http, Ceremony ceremony, CancellationToken cancel)
        => cookies.FindBrowser(http) is { } browser && await challenges.TakeAsync(browser, ceremony, cancel) is { } taken
            ? taken : throw Refuse("no challenge of this browser, or an old or a used one");

    private T Parse<T>(byte[] answer)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(answer) ?? throw Refuse("the answer is null");
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw Refuse("the answer is not the library's JSON");
        }
    }

    private async Task<(string Tenant, string Person)> OwnerAsync(byte[]? credential, CancellationToken cancel)
        => credential is { Length: > 0 }
            && await table.FindAsync(PeopleKeys.Credential(credential), PeopleKeys.Pointer, cancel) is { } pointer
            ? (pointer.GetString("Tenant")!, pointer.GetString("Person")!) : throw Refuse("an unknown credential");

    /// <summary>Lets the library judge. Whatever it throws on a stranger's bytes is a refusal.</summary>
    private async Task<T> JudgeAsync<T>(Func<Task<T>> judge)
    {
        try
        {
            return await judge();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Refuse(e is Fido2VerificationException { Code: var code } ? code.ToString() : e.GetType().Name);
        }
    }

    /// <summary>Commits a sign-in; an answer that was lost is found by the session that it made.</summary>
    /// <exception cref="FaultException">Unauthenticated: passkey or person went meanwhile, or another sign-in with the passkey was faster.</exception>
    private async Task CommitAsync(TableEntity session, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(actions, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            if (await table.FindAsync(session.PartitionKey, session.RowKey, cancel) is null)
                throw Refuse("passkey or person have changed meanwhile");
        }
    }

    private FaultException Refuse(string why)
    {
        Log.Refused(log, why);
        return new(Fault.Unauthenticated, "the passkey's answer was refused; begin again");
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "a passkey's answer was refused: {Why}")]
        public static partial void Refused(ILogger log, string why);
    }
}
