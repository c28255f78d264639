using System.Buffers.Text;
using System.Formats.Cbor;
using System.Text.Json.Serialization;
using Fido2NetLib;
using Fido2NetLib.Objects;

namespace Notary.Lotteries;

/// <summary>A key that a notary approves with.</summary>
/// <param name="Id">Under which it is listed.</param>
/// <param name="Name">As he calls it.</param>
/// <param name="CredentialId">The authenticator's own.</param>
/// <param name="Spki">P-256, DER.</param>
public sealed record SigningKey(string Id, string Name, byte[] CredentialId, byte[] Spki, DateTimeOffset EnrolledAt);

/// <summary>A key that approvals may have been made with, as everybody sees it.</summary>
/// <param name="Notary">The notary's subject, as in approvals.json.</param>
/// <param name="Name">The notary's name.</param>
/// <param name="Key">SubjectPublicKeyInfo, base64url, as in approvals.json.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Since">When it was enrolled.</param>
/// <param name="Until">When it was removed; null while it approves.</param>
public sealed record SignerView(
    string Notary, string Name, string Key, Digest Sha256, DateTimeOffset Since,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? Until);

/// <summary>Keys that notaries approve draws with: passkeys of their own, apart from how they sign in (Web Authentication Level 3 §7.1).</summary>
/// <remarks>Enrolled by whoever is signed in as that notary; the Host sees to that, and that the sign-in is fresh. Removing a key takes back nothing
/// that it has signed: the row stays, with the time, since what it has signed is judged for ever.</remarks>
public sealed class Signers
{
    /// <summary>How long an enrolment may take.</summary>
    private static readonly TimeSpan ChallengeLife = TimeSpan.FromMinutes(5);

    private const string KeyPrefix = "key-", RemovedAt = "RemovedAt", Notary = "Notary", Subject = "Subject";
    private const string Challenge = "challenge";

    // The statement is verified by ES256 alone.
    private static readonly PubKeyCredParam[] Algorithms = [PubKeyCredParam.ES256];

    private readonly TableClient table;
    private readonly Fido2 fido;
    private readonly TimeProvider clock;

    /// <param name="storage">The account with the table <c>draws</c>.</param>
    /// <param name="publicUrl">The only origin whose answers count, and by its host the relying party.</param>
    /// <param name="office">What authenticators call the relying party.</param>
    /// <param name="clock">Our clock.</param>
    public Signers(StorageAccount storage, Uri publicUrl, string office, TimeProvider clock)
    {
        (table, this.clock) = (storage.Table(Names.Draws), clock);
        fido = new Fido2(new Fido2Configuration
        {
            RPID = publicUrl.Host,
            RPName = office,
            Origins = new HashSet<string> { publicUrl.GetLeftPart(UriPartial.Authority) },
            ChallengeSize = 32,
            Timeout = (uint)ChallengeLife.TotalMilliseconds,
        });
    }

    /// <summary>A notary's keys, oldest first.</summary>
    public async Task<IReadOnlyList<SigningKey>> ListAsync(string subject, CancellationToken cancel)
        => [.. (await table.QueryAsync(DrawKeys.Under(DrawKeys.Signer(subject), KeyPrefix), cancel: cancel).Where(row => !row.ContainsKey(RemovedAt))
            .Select(row => new SigningKey(row.RowKey[KeyPrefix.Length..], row.GetString("Name")!, row.GetBinary("CredentialId")!, row.GetBinary("Spki")!,
            row.GetDateTimeOffset("EnrolledAt")!.Value)).ToListAsync(cancel).ConfigureAwait(false)).OrderBy(k => k.EnrolledAt)];

    /// <summary>All keys of all notaries, also those that were removed, in the order in which they were enrolled.</summary>
    public async Task<IReadOnlyList<SignerView>> AllAsync(CancellationToken cancel)
        => [.. (await table.QueryAsync(DrawKeys.Signers(KeyPrefix), cancel: cancel).Select(row => new SignerView(
            row.GetString(Subject)!, row.GetString(Notary)!, Base64Url.EncodeToString(row.GetBinary("Spki")!), Digest.Of(row.GetBinary("Spki")!),
            row.GetDateTimeOffset("EnrolledAt")!.Value, row.GetDateTimeOffset(RemovedAt))).ToListAsync(cancel).ConfigureAwait(false)).OrderBy(k => k.Since)];

    /// <summary>Begins to enrol a key.</summary>
    /// <returns>PublicKeyCredentialCreationOptions as JSON.</returns>
    /// <exception cref="FaultException">Conflict: he has too many.</exception>
    public async Task<string> BeginAsync(DrawNotary notary, CancellationToken cancel)
    {
        var there = await ListAsync(notary.Subject, cancel).ConfigureAwait(false);
        DemandRoom(there);
        var options = fido.RequestNewCredential(new RequestNewCredentialParams
        {
            User = new Fido2User
            {
                Id = SHA256.HashData(Encoding.UTF8.GetBytes("signer\0" + notary.Subject)),
                Name = $"{notary.Name} · signing",
                DisplayName = notary.Name,
            },
            ExcludeCredentials = [.. there.Select(k => new PublicKeyCredentialDescriptor(k.CredentialId))],
            AuthenticatorSelection = new AuthenticatorSelection
            {
                ResidentKey = ResidentKeyRequirement.Discouraged,
                UserVerification = UserVerificationRequirement.Required,
            },
            AttestationPreference = AttestationConveyancePreference.None,
            PubKeyCredParams = Algorithms,
        }).ToJson();
        await table.UpsertEntityAsync(
            new TableEntity(DrawKeys.Signer(notary.Subject), Challenge) { ["Options"] = options, ["Until"] = clock.GetUtcNow() + ChallengeLife },
            TableUpdateMode.Replace, cancel).ConfigureAwait(false);
        return options;
    }

    /// <summary>Enrols the key that has answered. The challenge is taken away first, whatever comes of it.</summary>
    /// <param name="notary">Who has begun.</param>
    /// <param name="name">What he calls the key, 1 to 100 characters.</param>
    /// <param name="answer">RegistrationResponseJSON.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">Forbidden: the answer was refused; Conflict; Malformed.</exception>
    public async Task<SigningKey> EnrolAsync(DrawNotary notary, string name, byte[] answer, CancellationToken cancel)
    {
        const int maxName = 100;
        Texts.Demand(name, 1, maxName, "a key's name");
        var options = await TakeAsync(notary.Subject, cancel).ConfigureAwait(false);
        DemandRoom(await ListAsync(notary.Subject, cancel).ConfigureAwait(false));
        RegisteredPublicKeyCredential credential;
        byte[] spki;
        try
        {
            credential = await fido.MakeNewCredentialAsync(new MakeNewCredentialParams
            {
                AttestationResponse = JsonSerializer.Deserialize<AuthenticatorAttestationRawResponse>(answer) ?? throw new JsonException(),
                OriginalOptions = CredentialCreateOptions.FromJson(options),

                // The row's own key sees to that: it can be there once.
                IsCredentialIdUniqueToUserCallback = (_, _) => Task.FromResult(true),
            }, cancel).ConfigureAwait(false);
            spki = SpkiOf(credential.PublicKey);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever the library throws on a stranger's bytes.
            throw new FaultException(Fault.Forbidden, "the key's answer was refused; begin again", e);
        }

        var id = Convert.ToHexStringLower(SHA256.HashData(credential.Id).AsSpan(0, 16));
        var key = new SigningKey(id, name, credential.Id, spki, clock.GetUtcNow());
        try
        {
            await table.AddEntityAsync(new TableEntity(DrawKeys.Signer(notary.Subject), KeyPrefix + id)
            {
                ["Name"] = name,
                [Notary] = notary.Name,
                [Subject] = notary.Subject,
                ["CredentialId"] = key.CredentialId,
                ["Spki"] = spki,
                ["EnrolledAt"] = key.EnrolledAt,
            }, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // By a first try of this write: a credential is new each time.
        }

        return key;
    }

    /// <summary>Removes a key. One that is not there is no error.</summary>
    public async Task RemoveAsync(string subject, string id, CancellationToken cancel)
    {
        if (id.Length != 32 || !id.All(char.IsAsciiHexDigitLower)
            || await table.GetEntityIfExistsAsync(DrawKeys.Signer(subject), KeyPrefix + id, cancel: cancel).ConfigureAwait(false) is not { Value: { } row }
            || row.ContainsKey(RemovedAt))
            return;

        row[RemovedAt] = clock.GetUtcNow();
        await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
    }

    private async Task<string> TakeAsync(string subject, CancellationToken cancel)
    {
        var partition = DrawKeys.Signer(subject);
        if (await table.GetEntityIfExistsAsync(partition, Challenge, cancel: cancel).ConfigureAwait(false) is not { HasValue: true, Value: { } row })
            throw new FaultException(Fault.Forbidden, "no enrolment was begun; begin again");

        try
        {
            await table.DeleteEntityAsync(partition, Challenge, row.ETag, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            throw new FaultException(Fault.Forbidden, "another enrolment was begun meanwhile; begin again", e);
        }

        return row.GetDateTimeOffset("Until") > clock.GetUtcNow()
            ? row.GetString("Options")! : throw new FaultException(Fault.Forbidden, "the enrolment took too long; begin again");
    }

    private static void DemandRoom(IReadOnlyList<SigningKey> there)
    {
        if (there.Count >= LotteryLimits.MaxKeys)
            throw new FaultException(Fault.Conflict, $"a notary has at most {LotteryLimits.MaxKeys} keys: remove one first");
    }

    /// <summary>An ES256 key of COSE (RFC 9053 §7.1.1) as SubjectPublicKeyInfo.</summary>
    private static byte[] SpkiOf(byte[] cose)
    {
        const int x = -2, y = -3;
        var (point, reader) = (new ECPoint(), new CborReader(cose, CborConformanceMode.Lax));
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            switch (reader.ReadInt32())
            {
                case x:
                    point.X = reader.ReadByteString();
                    break;
                case y:
                    point.Y = reader.ReadByteString();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        return key.ExportSubjectPublicKeyInfo();
    }
}
