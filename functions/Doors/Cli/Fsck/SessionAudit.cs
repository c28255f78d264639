using Azure.Storage.Blobs.Models;
using Notary.Verification.Letters;
using Notary.Verification.Recordings;

namespace Notary.Cli;

/// <summary>Table <c>sessions</c>, read by the layout that functions/Systems/Forensics/README.md states and by none of its code: every head and every
/// package of a recorded desktop is a deposit, and what has work left is seen to (I13).</summary>
internal sealed class SessionAudit(Audit audit)
{
    private const string Row = "session-", Head = "head-", Agent = "agent-", Kind = "forensics";

    private sealed record Session(string Id, string Tenant, string State, string? Deposit, bool Over, bool Letter = false);

    private readonly LetterVerifier letters = new(audit.Trust.LetterRoots, audit.Trust.Authorities, audit.Trust.Issuer);

    // What is missing or null where it may not be makes the row unreadable.
    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true };

    public async Task RunAsync(CancellationToken c)
    {
        var heads = new List<TableEntity>();
        await foreach (var row in audit.Tables.AllAsync(Names.Sessions, c))
        {
            audit.Secrets(row, Names.Sessions);
            if (row.RowKey.StartsWith(Row, StringComparison.Ordinal))
                await SessionAsync(row, c);
            else if (row.RowKey.StartsWith(Head, StringComparison.Ordinal))
                heads.Add(row);
            else if (row.PartitionKey != "active" && !row.PartitionKey.StartsWith(Agent, StringComparison.Ordinal)
                && row.RowKey != "live" && !row.RowKey.StartsWith("key-", StringComparison.Ordinal))
                audit.Findings.Add("I8", RawTables.Where(Names.Sessions, row), "row-unknown", "nobody reads such a row");
        }

        foreach (var head in heads)
            await HeadAsync(head, c);

        await foreach (var blob in audit.Storage.Container(Names.Letters)
            .GetBlobsAsync(BlobTraits.None, BlobStates.None, Names.RecordingLetterPrefix, c))
        {
            var id = Path.GetFileNameWithoutExtension(blob.Name);
            if (!DepositId.TryParse(id, out var session) || blob.Name != Names.RecordingLetterBlob(session)
                || (!audit.Sessions.ContainsKey(id) && audit.IsOld(blob.Properties.LastModified)))
                audit.Findings.Add("I13", $"letters/{blob.Name}", "session-letter-orphan", "this letter belongs to no session");
        }
    }

    private async Task SessionAsync(TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("sessions");
        var where = RawTables.Where(Names.Sessions, row);
        if (Read(row) is not { } session)
        {
            audit.Findings.Add("I13", where, "session-row", "the row cannot be read, or contradicts itself");
            return;
        }

        audit.Sessions[session.Id] = session.Over;
        if (!session.Over && await audit.Tables.FindAsync(Names.Sessions, "active", session.Id, c) is null)
            audit.Findings.Add("I13", where, "session-idle", "it is not at its end, and nobody sees to it that it goes on");

        var manifest = session.Deposit is null ? null : await DepositAsync(session.Tenant, session.Deposit, c);
        if (session.Deposit is null ? session.State == "Deposited"
            : manifest is not { Kind: Kind } || manifest.Notes.GetValueOrDefault("session") != session.Id)
            audit.Findings.Add("I13", where, "session-deposit", "its package is not deposited, or the deposit is of something else");
        else if (session.Letter && manifest is not null)
            await LetterAsync(where, session, manifest, c);
    }

    /// <summary>The letter is signed and whole, and about this session and its deposit. Whether it says what the recording says, notary forensics letter
    /// judges, which reads all of that.</summary>
    private async Task LetterAsync(string where, Session session, Manifest manifest, CancellationToken c)
    {
        audit.Findings.Count("letters of sessions");
        byte[] pdf;
        try
        {
            pdf = (await audit.Storage.Container(Names.Letters).GetBlobClient(Names.RecordingLetterBlob(DepositId.Parse(session.Id)))
                .DownloadContentAsync(c)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            audit.Findings.Add("I13", where, "session-letter-missing", "the letter that the row names is missing");
            return;
        }

        var check = letters.CheckRecording(pdf, out var facts);
        if (facts is null)
            audit.Findings.Add("I13", where, $"session-letter-{check.Code}", check.Reason);
        else if (!RecordingAgreement.IsOf(facts, manifest, audit.Trust) || facts.Recording.Session.ToString() != session.Id)
            audit.Findings.Add("I13", where, "session-letter-facts", "the letter states another session, deposit or office than the evidence");
    }

    private async Task HeadAsync(TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("heads of sessions");
        var (where, tenant) = (RawTables.Where(Names.Sessions, row), row.PartitionKey["tenant-".Length..]);
        if (row.RowKey.Split('-', 2) is not [_, var rest] || rest.Length < 36 || !audit.Sessions.ContainsKey(rest[..36]))
            audit.Findings.Add("I13", where, "head-orphan", "the head is of a session that is missing");
        else if (await DepositAsync(tenant, row["Deposit"] as string ?? "", c) is not { } manifest
            || manifest.ToDigest().ToString() != row["Manifest"] as string)
            audit.Findings.Add("I13", where, "head-deposit", "the head is not deposited, or the deposit is of something else");
    }

    private async Task<Manifest?> DepositAsync(string tenant, string id, CancellationToken c)
        => await audit.Tables.DepositAsync(RawTables.Shard(tenant), tenant, id, c) is { } deposit ? Manifest.Parse(deposit.Manifest) : null;

    private static Session? Read(TableEntity row)
    {
        try
        {
            return JsonSerializer.Deserialize<Session>(row["Data"] as byte[] ?? [], Strict) is { } session
                && row.PartitionKey == $"tenant-{session.Tenant}" && row.RowKey.EndsWith(session.Id, StringComparison.Ordinal)
                && row["State"] as string == session.State && row["Tenant"] as string == session.Tenant ? session : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
