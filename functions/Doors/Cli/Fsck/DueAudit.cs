namespace Notary.Cli;

/// <summary>Letters that are due or watched in one partition: each is a deposit's, and none stays behind its settled anchor (I8).</summary>
internal sealed class DueAudit(Audit audit, DepositAudit deposits, string partition)
{
    public async Task RunAsync(CancellationToken c)
    {
        await foreach (var row in audit.Tables.RangeAsync(Names.Deposits, partition, "l|", c))
        {
            audit.Findings.Count("due letters");
            audit.Secrets(row, Names.Deposits);
            await RowAsync(row, c);
        }
    }

    /// <summary>Says so when nothing takes a deposit to its letter, even now.</summary>
    public static async Task MissingAsync(Audit audit, DepositRecord row, CancellationToken c)
    {
        if (await audit.Tables.DepositAsync(row.Partition, row.Tenant, row.Id, c) is { Fault: null } now
            && (now.LetterSize is not { } size || await audit.Tables.AnchorAsync(size, c) is not { Settled: true })
            && !await audit.Tables.RangeAsync(Names.Deposits, row.Partition, "l|", c, "RowKey")
                .AnyAsync(due => due.RowKey.EndsWith($"|{row.Tenant}|{row.Id}", StringComparison.Ordinal), c))
        {
            audit.Findings.Add("I8", row.Where, "process-missing", "nothing takes this deposit to its letter, or watches over it");
        }
    }

    private async Task RowAsync(TableEntity row, CancellationToken c)
    {
        var where = RawTables.Where(Names.Deposits, row);
        if (row.RowKey.Split('|') is not [_, { Length: 20 } size, var tenant, var id]
            || !size.All(char.IsAsciiDigit) || !DepositId.TryParse(id, out var parsed))
        {
            audit.Findings.Add("I8", where, "row-unknown", "nobody reads such a row");
            return;
        }

        var known = deposits.Ids.Find(audit.Prints.Of(parsed.ToString())) is { } value && deposits.IsTenant(value, tenant);
        if (known)
        {
            deposits.Ids.Set(audit.Prints.Of(parsed.ToString()), DepositAudit.Due);
        }
        else if (await audit.Tables.DepositAsync(partition, tenant, id, c) is null)
        {
            audit.Findings.Add("I8", where, "letter-orphan", "a letter is due for a deposit that is missing");
            return;
        }

        audit.Requested = size == RawTables.Size(0) ? row : audit.Requested;
        if (row["Failed"] is true)
            audit.Findings.Note("I8", where, "letter-failed", "the deposit's evidence did not hold; the letter waits until a person acts");
        else if (audit.IsOld(row.Timestamp) && await audit.Tables.DepositAsync(partition, tenant, id, c) is { LetterSize: { } anchored }
            && await audit.Tables.AnchorAsync(anchored, c) is { Settled: true })
            audit.Findings.Add("I8", where, "letter-leftover", "the letter's anchor has settled, and the row was not cleared away");
    }
}
