namespace Notary.Forensics.Agents;

/// <summary>Desktops elsewhere in the table <c>sessions</c>: for each a partition with its row, when it was heard, and what it is told.</summary>
internal sealed class AgentTable(StorageAccount storage)
{
    private const string Text = "Text", Key = "Key", At = "At", Size = "Size", Digest = "Digest", Refused = "Refused";

    /// <summary>Races lost in a row before giving up.</summary>
    private const int MaxAttempts = 10;

    private readonly TableClient table = storage.Table(Names.Sessions);

    public async Task<AgentRow?> FindAsync(DepositId session, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(SessionKeys.Agent(session), SessionKeys.AgentRow, cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? AgentRow.From(found) : null;

    /// <summary>Makes it, unless it is there.</summary>
    public async Task AddAsync(AgentRow row, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(row.ToEntity(), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Begun before.
        }
    }

    /// <returns>The row under its new version; null: another was first, or this one was and the answer was lost.</returns>
    public async Task<AgentRow?> SwapAsync(AgentRow next, CancellationToken cancel)
    {
        try
        {
            var answer = await table.UpdateEntityAsync(next.ToEntity(), next.ETag, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
            return answer.Headers.ETag is { } version ? next with { ETag = version } : null;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return null;
        }
    }

    /// <summary>Tells the agent a line. The same key is the same line.</summary>
    /// <exception cref="FaultException">IdempotencyConflict; SessionState: there are too many.</exception>
    public async Task TellAsync(DepositId session, string? key, string text, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var told = await RowsAsync(session, 0, cancel).ConfigureAwait(false);
            if (key is not null && told.FirstOrDefault(row => row.GetString(Key) == key) is { } first)
                return;

            if (told.Count >= SessionLimits.MaxMarks)
                throw new FaultException(Fault.SessionState, $"a session has at most {SessionLimits.MaxMarks} marks");

            try
            {
                var next = new TableEntity(SessionKeys.Agent(session), SessionKeys.Command(told.Count + 1)) { [Text] = text };
                if (key is not null)
                    next[Key] = key;

                await table.AddEntityAsync(next, cancel).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Another was first, or this one was and the answer was lost: the key tells.
            }
        }

        throw SessionTable.Contested();
    }

    /// <summary>The line that a key stands for; null for none.</summary>
    public async Task<string?> ToldAsync(DepositId session, string key, CancellationToken cancel)
        => (await RowsAsync(session, 0, cancel).ConfigureAwait(false)).FirstOrDefault(row => row.GetString(Key) == key)?.GetString(Text);

    /// <summary>What it was told after a number, in order.</summary>
    public async Task<IReadOnlyList<AgentCommand>> CommandsAsync(DepositId session, long after, CancellationToken cancel)
        => [.. (await RowsAsync(session, after, cancel).ConfigureAwait(false)).Select(row => new AgentCommand(
            long.Parse(row.RowKey.AsSpan(SessionKeys.Commands.Length), NumberStyles.None, CultureInfo.InvariantCulture), row.GetString(Text)!))];

    /// <summary>What the agent did with a file; null: it has not said yet.</summary>
    public async Task<UploadAnswer?> AnswerAsync(DepositId session, string file, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(SessionKeys.Agent(session), SessionKeys.Answer(file), cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? new(found.GetInt64(Size), found.GetString(Digest), found.GetString(Refused)) : null;

    /// <summary>Takes it, unless one is there.</summary>
    public async Task AnswerAsync(DepositId session, string file, UploadAnswer answer, CancellationToken cancel)
    {
        var row = new TableEntity(SessionKeys.Agent(session), SessionKeys.Answer(file));
        if (answer.Refused is { } why)
            row[Refused] = why;
        else
            (row[Size], row[Digest]) = (answer.Size!.Value, answer.Digest!);

        try
        {
            await table.AddEntityAsync(row, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Sent again.
        }
    }

    public Task HeardAsync(DepositId session, DateTimeOffset at, CancellationToken cancel) => table.UpsertEntityAsync(
        new TableEntity(SessionKeys.Agent(session), SessionKeys.AgentSeen) { [At] = at }, TableUpdateMode.Replace, cancel);

    public async Task<DateTimeOffset?> SeenAsync(DepositId session, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(SessionKeys.Agent(session), SessionKeys.AgentSeen, cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? found.GetDateTimeOffset(At) : null;

    /// <summary>Sessions of which anything is there.</summary>
    public async Task<IReadOnlyList<DepositId>> KnownAsync(CancellationToken cancel)
        => await table.QueryAsync($"PartitionKey gt '{SessionKeys.Agents}' and PartitionKey lt 'agent.'", select: ["PartitionKey"], cancel: cancel)
            .Select(row => DepositId.Parse(row.PartitionKey[SessionKeys.Agents.Length..])).Distinct().ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>The agent's own row last: while it is there, the rest is still to be done.</summary>
    public async Task DeleteAsync(DepositId session, CancellationToken cancel)
    {
        var rows = await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {SessionKeys.Agent(session)}"), select: ["PartitionKey", "RowKey"],
            cancel: cancel).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var row in rows.OrderBy(row => row.RowKey == SessionKeys.AgentRow))
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel).ConfigureAwait(false);
    }

    private async Task<List<TableEntity>> RowsAsync(DepositId session, long after, CancellationToken cancel)
        => await table.QueryAsync(SessionKeys.Under(SessionKeys.Agent(session), SessionKeys.Commands, SessionKeys.Command(after)), cancel: cancel)
            .ToListAsync(cancel).ConfigureAwait(false);
}
