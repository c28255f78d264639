using System.Collections.Concurrent;

namespace Notary.Cli;

/// <summary>Each deposit against the log: its manifest, its one leaf, its tokens, its times, and that its evidence came in order.</summary>
internal sealed class DepositAudit(Audit audit, LogFacts log, ChainNode? node, OriginalAudit originals, LetterAudit letters)
{
    /// <summary>The row names a letter.</summary>
    public const ulong Lettered = 1;

    /// <summary>Every authority's token over the manifest is kept.</summary>
    public const ulong Stamped = 2;

    /// <summary>It has to come to a letter, or its letter is about an anchor that has not settled: a row says so.</summary>
    public const ulong Eager = 4;

    /// <summary>Such a row was seen.</summary>
    public const ulong Due = 8;

    /// <summary>An idempotency key owns it.</summary>
    public const ulong Keyed = 16;

    private const int TenantShift = 16;
    private const int LetterShift = 32;

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, TableEntity?> tenants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> accused = new(StringComparer.Ordinal);
    private long seen;

    /// <summary>Every deposit's id, with the bits above, 16 bits of its tenant's print and 32 of its letter's.</summary>
    public PrintSet Ids { get; } = new(valued: true);

    public ulong TenantBits(string tenant) => (audit.Prints.Of(tenant) & 0xffff) << TenantShift;

    public bool IsTenant(ulong value, string tenant) => (value & (0xfffful << TenantShift)) == TenantBits(tenant);

    public ulong LetterBits(string blob) => audit.Prints.Of(blob) << LetterShift;

    public bool IsLetter(ulong value, string blob) => (value & Lettered) != 0 && (value & (0xfffffffful << LetterShift)) == LetterBits(blob);

    /// <summary>Judges one row. Returns the manifest, unless it cannot be read.</summary>
    public async Task<Manifest?> RunAsync(DepositRecord row, CancellationToken c)
    {
        audit.Findings.Count("deposits");
        audit.Progress.At("deposits", Interlocked.Increment(ref seen), log.Tree.Size);
        Ids.Add(audit.Prints.Of(row.Id), Value(row));
        var digest = Digest.Of(row.Manifest);
        Manifest manifest;
        try
        {
            manifest = Manifest.Parse(row.Manifest);
        }
        catch (FaultException e)
        {
            audit.Findings.Add("I1", row.Where, "manifest-malformed", e.Message);
            await PlaceAsync(row, digest, c);
            return null;
        }

        if (!row.KeyAgrees || row.Leaf != digest.ToString() || manifest.Id.ToString() != row.Id)
            audit.Findings.Add("I1", row.Where, "deposit-row", "tenant, id or digest of the row disagree with its key, its partition or its manifest");

        await DepositorAsync(row, manifest, c);
        await PlaceAsync(row, digest, c);
        foreach (var (authority, token) in row.Tokens)
            audit.Token(row.Where, authority, token, digest, manifest.ReceivedAt);

        if (row.Index is { } index && log.Timeline.Before(index, manifest.ReceivedAt) is { } early)
            audit.Findings.Add("I5", row.Where, "time-order", early);

        await NotBeforeAsync(row, manifest, c);
        await OrderAsync(row, c);
        await originals.RunAsync(row, manifest, c);
        await letters.RunAsync(row, manifest, digest, c);
        return manifest;
    }

    /// <summary>Says which entries belong to nobody.</summary>
    public void Ownerless()
    {
        for (var i = 0; i < log.Settled; i++)
        {
            if (!log.Owned[i])
                audit.Findings.Add("I2", $"log entry {i}", "leaf-without-deposit", "no deposit owns this entry");
        }
    }

    /// <summary>Whose deposit it is, in the manifest and, for the letter, beside it: what the tenant's row says, which nothing changes.</summary>
    private async Task DepositorAsync(DepositRecord row, Manifest manifest, CancellationToken c)
    {
        if (!tenants.TryGetValue(row.Tenant, out var tenant))
        {
            tenant = await audit.Tables.FindAsync(Names.Tenants, "tenant", row.Tenant, c);
            tenants[row.Tenant] = tenant;
        }

        // Tenants from before there were sandboxes say nothing of it.
        if (tenant is not null && manifest.Test != (tenant.TryGetValue("Sandbox", out var sandbox) && sandbox is true))
        {
            audit.Findings.Add("I1", row.Where, "test-differs",
                manifest.Test ? "the deposit says that it is a test, and its tenant is no sandbox"
                    : "the tenant is a sandbox, and its deposit says nothing of a test");
        }

        if (tenant is not null && (tenant["Did"] as string != manifest.Depositor || tenant["Name"] as string != row.DepositorName))
        {
            var first = accused.TryAdd(row.Tenant, true);
            audit.Findings.Add("I1", row.Where, "depositor-differs", "the deposit and its tenant's row name different depositors");
            if (first)
                audit.Findings.Add("I1", RawTables.Where(Names.Tenants, tenant), "depositor-differs",
                    $"the tenant's row and its deposit {row.Id} name different depositors");
        }
    }

    private ulong Value(DepositRecord row)
        => TenantBits(row.Tenant)
            | (row.LetterBlob is { } blob ? Lettered | LetterBits(blob) : 0)
            | (audit.Trust.Authorities.All(a => row.Tokens.ContainsKey(a.Name)) ? Stamped : 0)
            | (row.Index is not null && (row.LetterSize is { } size ? !audit.IsSettled(size) : row is { LetterOnRequest: false, Fault: null }) ? Eager : 0);

    private async Task PlaceAsync(DepositRecord row, Digest digest, CancellationToken c)
    {
        if (row.Index is not { } index)
            return;

        if (index >= log.Tree.Size && (await audit.Tables.HeadAsync(c))?.Size > index)
        {
            audit.Findings.Count("deposits newer than the audit");
        }
        else if (index < 0 || index >= log.Tree.Size || log.Leaves[(int)index] != audit.Prints.Of(digest))
        {
            audit.Findings.Add("I2", row.Where, "leaf-differs", $"entry {index} of the log is not this deposit's manifest");
        }
        else
        {
            lock (gate)
            {
                if (log.Owned[(int)index])
                    audit.Findings.Add("I2", row.Where, "leaf-shared", $"entry {index} belongs to another deposit too");

                log.Owned[(int)index] = true;
            }
        }
    }

    /// <summary>I5: the block that a manifest names as its past is on the chain and older than the deposit.</summary>
    private async Task NotBeforeAsync(DepositRecord row, Manifest manifest, CancellationToken c)
    {
        if (manifest.NotBefore is not { } head)
            return;

        if (head.ChainId != audit.Trust.ChainId)
        {
            audit.Findings.Add("I5", row.Where, "not-before-chain", $"the manifest names a block of chain {head.ChainId}");
        }
        else if (node is not null)
        {
            var time = await node.TimeOfAsync(head, c);
            if (time > manifest.ReceivedAt + Audit.MaxSkew)
            {
                audit.Findings.Add("I5", row.Where, "time-order", "the manifest names a block that is younger than the deposit");
            }
            else if (time is null && head.Block > await node.NewestAsync(c))
            {
                audit.Findings.Add("I5", row.Where, "not-before-beyond", $"the manifest names block {head.Block}, which the chain does not have yet");
            }
            else if (time is null)
            {
                // Reorganised away after the deposit saw it: the manifest still cannot be older, but nobody can look it up.
                audit.Findings.Note("I5", row.Where, "not-before-gone", $"the chain has another block {head.Block} than the one that the manifest names");
            }
        }
    }

    /// <summary>I4: a letter comes after tokens and index, tokens after the index.</summary>
    private async Task OrderAsync(DepositRecord row, CancellationToken c)
    {
        if ((row.LetterBlob is null) != (row.CertifiedAt is null) || (row.LetterBlob is null) != (row.LetterSize is null))
            audit.Findings.Add("I4", row.Where, "letter-row", "letter, its size and its time are written together, and some are missing");

        if (row.LetterBlob is not null)
            audit.AllTokens(row.Where, row.Tokens, "the deposit has a letter");

        if (row.Index is null && (row.LetterBlob is not null || row.Tokens.Count > 0)
            && await audit.Tables.DepositAsync(row.Partition, row.Tenant, row.Id, c) is { Index: null }
            && (row.LetterBlob is not null || !await audit.IsBatchUnderWayAsync(c)))
        {
            // Stamping begins a moment before rows get their index, in the same batch.
            audit.Findings.Add("I4", row.Where, "evidence-early", "the deposit has tokens or a letter, and no index in the log");
        }
    }
}
