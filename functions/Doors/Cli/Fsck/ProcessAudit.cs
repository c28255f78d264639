using System.Globalization;
using System.Text.Json;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Cli;

/// <summary>Every process: its history, that something wakes it, and that the evidence is what its step says (I4, I8, I10).</summary>
internal sealed class ProcessAudit(Audit audit, DepositAudit deposits)
{
    /// <summary>Set beside a checkpoint or anchor whose process was seen.</summary>
    private const ulong Processed = 1ul << 32;

    private static readonly string[] Members = ["tenant", "correlationId"];

    private long seen;

    public async Task RunAsync(CancellationToken c)
    {
        audit.Checkpoints.Seal();
        audit.Anchors.Seal();
        for (var shard = 0; shard < RawTables.ProcessShards; shard++)
        {
            await ShardAsync($"s{shard.ToString(CultureInfo.InvariantCulture)}", c);
        }

        await MissingAsync("checkpoint", audit.Checkpoints.Where(0, Processed | Audit.CheckpointDone), c);
        await MissingAsync("anchor", audit.Anchors.Where(Audit.AnchorFinal, Processed | Audit.AnchorSettled), c);
    }

    private async Task ShardAsync(string partition, CancellationToken c)
    {
        var due = new PrintSet();
        await foreach (var row in audit.Tables.RangeAsync(Names.Processes, partition, "d~", c))
        {
            due.Add(audit.Prints.Of(row.RowKey));
        }

        due.Seal();
        await Parallel.ForEachAsync(audit.Tables.RangeAsync(Names.Processes, partition, "i~", c), Audit.Parallel(c), async (row, token) =>
        {
            audit.Findings.Count("processes");
            audit.Progress.At("processes", Interlocked.Increment(ref seen), 0);
            audit.Secrets(row, Names.Processes);
            if (ProcessRecord.Read(row) is { } process)
            {
                await ProcessAsync(process, due, token);
            }
            else
            {
                audit.Findings.Add("I10", RawTables.Where(Names.Processes, row), "process-malformed", "the process or its history cannot be read");
            }
        });

        if (due.Unmarked() is { Count: > 0 } orphans)
        {
            await OrphansAsync(partition, orphans, c);
        }
    }

    private async Task ProcessAsync(ProcessRecord process, PrintSet due, CancellationToken c)
    {
        foreach (var (invariant, code, reason) in HistoryAudit.Judge(process))
        {
            audit.Findings.Add(invariant, process.Where, code, reason);
        }

        if (process.DueRow is { } row && !due.Mark(audit.Prints.Of(row)))
        {
            await AsleepAsync(process, c);
        }

        if (process.Status is "Failed" or "Suspended")
        {
            var code = process.Parked ? "process-parked" : process.Status == "Failed" ? "process-failed" : "process-suspended";
            audit.Findings.Note("I8", process.Where, code, $"the process stands at {process.Step} until a person acts");
        }

        var allowed = process.Kind == "certificate" ? Members : [];
        if (HistoryAudit.IsKnown(process.Kind) && new[] { process.State, process.Input }.SelectMany(s => s.EnumerateObject()).Any(m => !allowed.Contains(m.Name)))
        {
            audit.Findings.Add("I10", process.Where, "state-unknown", "the process's state holds what no step of its kind keeps");
        }

        await (process.Kind switch
        {
            "certificate" => CertificateAsync(process, c),
            "checkpoint" or "anchor" => SizeAsync(process, c),
            _ => Task.CompletedTask,
        });
    }

    private async Task CertificateAsync(ProcessRecord process, CancellationToken c)
    {
        var print = audit.Prints.Of(process.Id);
        deposits.Ids.Set(print, DepositAudit.Processed);
        var value = deposits.Ids.Find(print);
        var (stamped, issued) = (process.Step != "stamp", process.Step == "settle" || process.Status == "Completed");
        if (value is { } known && (!stamped || (known & DepositAudit.Stamped) != 0) && (!issued || (known & DepositAudit.Lettered) != 0))
        {
            if (!stamped && (known & DepositAudit.Lettered) != 0)
            {
                audit.Findings.Add("I4", process.Where, "state-behind", "the process has still to stamp a deposit that has its letter");
            }

            return;
        }

        // The row was read before the process: look again.
        var tenant = process.State.TryGetProperty("tenant", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";
        if (await audit.Tables.DepositAsync(RawTables.Shard(tenant), tenant, process.Id, c) is not { } row)
        {
            audit.Findings.Add("I8", process.Where, "process-orphan", "the process is about a deposit that is missing");
        }
        else if (stamped && audit.Trust.Authorities.Any(a => !row.Tokens.ContainsKey(a.Name)))
        {
            audit.Findings.Add("I4", process.Where, "state-ahead", $"the process is at {process.Step}, and its deposit lacks a token");
        }
        else if (issued && row.LetterBlob is null)
        {
            audit.Findings.Add("I4", process.Where, "state-ahead", $"the process is {process.Status} at {process.Step}, and its deposit has no letter");
        }
    }

    private async Task SizeAsync(ProcessRecord process, CancellationToken c)
    {
        var (print, completed) = (audit.Prints.Of(process.Id), process.Status == "Completed");
        if (!long.TryParse(process.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || process.Id != RawTables.Size(size))
        {
            audit.Findings.Add("I8", process.Where, "process-orphan", "the process is about no size of the log");
        }
        else if (process.Kind == "checkpoint")
        {
            audit.Checkpoints.Set(print, Processed);
            var stamped = process.Step != "stamp";
            if ((audit.Checkpoints.Find(print) is not { } value || (stamped && (value & Audit.CheckpointStamped) == 0))
                && await audit.Tables.CheckpointAsync(size, c) is var row && (row is null || (stamped && row.StampedAt is null)))
            {
                audit.Findings.Add(row is null ? "I8" : "I4", process.Where, row is null ? "process-orphan" : "state-ahead", row is null ? "the process is about a checkpoint that is missing" : $"the process is at {process.Step}, and its checkpoint is not stamped");
            }
        }
        else
        {
            audit.Anchors.Set(print, Processed);
            var wanted = completed ? Audit.AnchorFinal | Audit.AnchorSettled : 0;
            if ((completed || process.Step == "settle") && (audit.Anchors.Find(print) is not { } value || (value & wanted) != wanted)
                && await audit.Tables.AnchorAsync(size, c) is var row && (row is null || (completed && row is not { Final: true, Settled: true })))
            {
                audit.Findings.Add("I4", process.Where, "state-ahead", $"the process is {process.Status} at {process.Step}, and its anchor is not");
            }
        }
    }

    /// <summary>An active process without its row in the due index, unless it has moved on since.</summary>
    private async Task AsleepAsync(ProcessRecord process, CancellationToken c)
    {
        if (await ReadAsync(process.Kind, process.Id, c) is { DueRow: { } due } && await audit.Tables.FindAsync(Names.Processes, ProcessRecord.Shard(process.Kind, process.Id), due, c) is null
            && (await ReadAsync(process.Kind, process.Id, c))?.DueRow == due)
        {
            audit.Findings.Add("I8", process.Where, "process-asleep", "the process is active and nothing will wake it up");
        }
    }

    private async Task OrphansAsync(string partition, HashSet<ulong> orphans, CancellationToken c)
    {
        await foreach (var row in audit.Tables.RangeAsync(Names.Processes, partition, "d~", c))
        {
            if (orphans.Contains(audit.Prints.Of(row.RowKey))
                && (row.RowKey.Split('~') is not [_, _, var kind, var id] || ((await ReadAsync(kind, id, c))?.DueRow != row.RowKey && await audit.Tables.FindAsync(Names.Processes, partition, row.RowKey, c) is not null)))
            {
                audit.Findings.Add("I8", RawTables.Where(Names.Processes, row), "due-orphan", "this wakes up no process");
            }
        }
    }

    /// <summary>Names checkpoints or anchors without the process that takes them on.</summary>
    private async Task MissingAsync(string kind, HashSet<ulong> missing, CancellationToken c)
    {
        if (missing.Count == 0)
        {
            return;
        }

        await foreach (var row in audit.Tables.RangeAsync(Names.Checkpoints, kind, "0", c, "At"))
        {
            if (missing.Contains(audit.Prints.Of(row.RowKey)))
            {
                await MissingAsync(RawTables.Where(Names.Checkpoints, row), kind, row.RowKey, c);
            }
        }
    }

    /// <summary>Says so when a process that must be there is not, even now.</summary>
    public async Task MissingAsync(string where, string kind, string id, CancellationToken c)
    {
        if (await audit.Tables.FindAsync(Names.Processes, ProcessRecord.Shard(kind, id), $"i~{kind}~{id}", c) is null)
        {
            audit.Findings.Add("I8", where, "process-missing", $"no {kind} process takes this on");
        }
    }

    private async Task<ProcessRecord?> ReadAsync(string kind, string id, CancellationToken c)
        => await audit.Tables.FindAsync(Names.Processes, ProcessRecord.Shard(kind, id), $"i~{kind}~{id}", c) is { } row ? ProcessRecord.Read(row) : null;
}
