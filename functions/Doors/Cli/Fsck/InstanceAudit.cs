namespace Notary.Cli;

/// <summary>The task hub as it lies in storage: every orchestration is about something, and whatever has work left has one that goes on or stands
/// visibly (I4, I8, I10).</summary>
internal sealed class InstanceAudit(Audit audit)
{
    /// <summary>Set beside a checkpoint whose instance was seen.</summary>
    private const ulong Seen = 1ul << 32;

    private const string Checkpoint = "checkpoint-";
    private const string Draw = "draw-";
    private const string Letters = "letters-requested";
    private const string Session = "forensics-";

    private long seen;
    private long stamped;

    public async Task RunAsync(CancellationToken c)
    {
        audit.Checkpoints.Seal();
        try
        {
            await Parallel.ForEachAsync(audit.Tables.AllAsync(Names.TaskHubInstances, c),
                Audit.Parallel(c), async (row, token) => await InstanceAsync(row, token));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            audit.Findings.Add("I8", Names.TaskHubInstances, "task-hub-missing", "there is no task hub: nothing goes on by itself");
            return;
        }

        await MissingAsync("checkpoint", audit.Checkpoints.Where(0, Seen | Audit.CheckpointDone), c);
        await MissingAsync("anchor", audit.Anchors.Where(0, Audit.AnchorSettled), c);
        if (audit.Requested is { } requested && !IsLive(await audit.Tables.FindAsync(Names.TaskHubInstances, Letters, "", c))
            && await audit.Tables.FindAsync(Names.Deposits, requested.PartitionKey, requested.RowKey, c) is not null)
        {
            audit.Findings.Add("I8", RawTables.Where(Names.Deposits, requested), "process-missing", "no process takes on the letters that were asked for");
        }
    }

    private async Task InstanceAsync(TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("orchestrations");
        audit.Progress.At("orchestrations", Interlocked.Increment(ref seen), 0);
        audit.Secrets(row, Names.TaskHubInstances);
        var (id, status) = (row.PartitionKey, row["RuntimeStatus"] as string ?? "");
        var where = RawTables.Where(Names.TaskHubInstances, row);
        if (status is "Failed" or "Suspended" or "Terminated" || IsParked(row["CustomStatus"] as string))
            audit.Findings.Note("I8", where, $"process-{(status is "Running" or "Pending" ? "parked" : status.ToLowerInvariant())}",
                "the process stands until a person acts");

        if (id == Letters)
            return;

        if (id.StartsWith(Draw, StringComparison.Ordinal))
        {
            // A draw's instance has the name of its partition.
            if (await audit.Tables.FindAsync(Names.Draws, id, "draw", c) is not { } draw)
                audit.Findings.Add("I8", where, "process-orphan", "the process is about a draw that is missing");
            else if (status == "Completed" && LotteryRow.Read(draw) is { Step: not "end" })
                audit.Findings.Add("I4", where, "state-ahead", "the process has ended, and its draw has not");

            return;
        }

        if (id.StartsWith(Session, StringComparison.Ordinal))
        {
            if (!audit.Sessions.TryGetValue(id[Session.Length..], out var over))
                audit.Findings.Add("I8", where, "process-orphan", "the process is about a session that is missing");
            else if (status == "Completed" && !over)
                audit.Findings.Add("I4", where, "state-ahead", "the process has ended, and its session has not");

            return;
        }

        if (!id.StartsWith(Checkpoint, StringComparison.Ordinal)
            || !long.TryParse(id[Checkpoint.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || id[Checkpoint.Length..] != RawTables.Size(size))
        {
            audit.Findings.Add("I8", where, "process-orphan", "the process is about no size of the log, no draw and no session");
            return;
        }

        if (status != "Terminated")
            audit.Checkpoints.Set(audit.Prints.Of(RawTables.Size(size)), Seen);

        // The rows after the instance: they only go forward.
        if (await audit.Tables.CheckpointAsync(size, c) is not { } checkpoint)
            audit.Findings.Add("I8", where, "process-orphan", "the process is about a checkpoint that is missing");
        else if (status == "Completed" && (checkpoint.StampedAt is null || !await IsTakenOnAsync(size, c)))
            audit.Findings.Add("I4", where, "state-ahead",
                $"the process has ended, and its checkpoint is not {(checkpoint.StampedAt is null ? "stamped" : "settled on the chain")}");
    }

    /// <summary>Settled, or left to a newer stamped checkpoint.</summary>
    private async Task<bool> IsTakenOnAsync(long size, CancellationToken c)
    {
        if (await audit.Tables.AnchorAsync(size, c) is { } anchor)
            return anchor.Settled;

        if (stamped <= size && await audit.Tables.FindAsync(Names.Checkpoints, "log", "stamped", c) is { } row)
            stamped = row["Size"] as long? ?? 0;

        return stamped > size;
    }

    /// <summary>Names checkpoints or anchors without the orchestration that takes them on.</summary>
    private async Task MissingAsync(string partition, HashSet<ulong> missing, CancellationToken c)
    {
        if (missing.Count == 0)
            return;

        await foreach (var row in audit.Tables.RangeAsync(Names.Checkpoints, partition, "0", c, "At"))
        {
            if (missing.Contains(audit.Prints.Of(row.RowKey))
                && await audit.Tables.FindAsync(Names.TaskHubInstances, Checkpoint + row.RowKey, "", c) is var found
                && (found is null || (partition == "anchor" && !IsLive(found)
                    && await audit.Tables.AnchorAsync(long.Parse(row.RowKey, CultureInfo.InvariantCulture), c) is not { Settled: true })))
            {
                audit.Findings.Add("I8", RawTables.Where(Names.Checkpoints, row), "process-missing", "no process takes this on");
            }
        }
    }

    /// <summary>Goes on, or stands until a person acts.</summary>
    private static bool IsLive(TableEntity? instance) => instance?["RuntimeStatus"] is "Pending" or "Running" or "Suspended" or "ContinuedAsNew";

    private static bool IsParked(string? status)
    {
        try
        {
            using var json = JsonDocument.Parse(status ?? "null");
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("parked", out var parked) && parked.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
