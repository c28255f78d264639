namespace Notary.Cli;

/// <summary>What was read of the log.</summary>
/// <param name="Tree">Right edge and tile roots.</param>
/// <param name="Leaves">A print of every entry.</param>
/// <param name="Settled">Entries below this size were all given to rows when the audit began.</param>
internal sealed record LogFacts(EdgeTree Tree, IReadOnlyList<ulong> Leaves, long Settled, Timeline Timeline, bool RootsHold)
{
    /// <summary>Which entries a deposit owns.</summary>
    public BitArray Owned { get; } = new(Leaves.Count);
}

/// <summary>
/// The log from its raw entries, in one walk: entries, checkpoints, anchors and the contract's events are all read in the
/// order of size, so that each is judged when the tree has grown to it and nothing but the tree's edge is kept.
/// </summary>
internal sealed class LogAudit(Audit audit, AnchorAudit anchors)
{
    private readonly LogFiles files = new(audit.Storage);
    private readonly EdgeTree tree = new();
    private readonly List<ulong> leaves = [];
    private readonly Timeline timeline = new();
    private bool rootsHold = true;
    private (long Size, DateTimeOffset? At) last;
    private long largestStamped;
    private readonly List<(ulong Print, ulong Value, bool Old)> unanchored = [];

    public async Task<LogFacts> RunAsync(CancellationToken c)
    {
        // The head before its stage: a stage that is gone by then was applied in full.
        var head = await audit.Tables.HeadAsync(c);
        var applied = head is null || head.Stage.Length == 0 || !await audit.Storage.Container(Names.Staging).GetBlobClient(head.Stage).ExistsAsync(c);
        var published = await PublishedAsync(c);
        if (applied && head is { Size: > 0 } && published < head.Size)
            audit.Findings.Add("I2", "staging/checkpoint", "checkpoint-missing", $"the newest checkpoint, of size {head.Size}, is not published");

        await using var rows = audit.Tables.RangeAsync(Names.Checkpoints, "checkpoint", "0", c).GetAsyncEnumerator(c);
        var next = await NextAsync(rows);
        long settled = 0;
        await anchors.BeginAsync(c);
        await foreach (var entry in EntriesAsync(Math.Max(applied ? head?.Size ?? 0 : 0, published), c))
        {
            tree.Append(entry);
            leaves.Add(audit.Prints.Of(entry));
            await anchors.EventsAsync(tree, c);
            for (; next is { } row && row.Size <= tree.Size; next = await NextAsync(rows))
            {
                await CheckpointAsync(row, c);
                settled = row.Size < (head?.Size ?? 0) ? row.Size : settled;
            }
        }

        audit.Findings.Count("entries", tree.Size);
        await EndAsync(rows, next, c);
        if (head is not null && applied && last.Size < head.Size && tree.Size >= head.Size)
            audit.Findings.Add("I2", "checkpoints/log/head", "checkpoint-unknown", $"the checkpoint of size {head.Size} has no row");

        if (head is { Stage.Length: > 0 } && !applied)
            Stage(head);

        Judged(anchored: false);
        timeline.Seal();
        return new LogFacts(tree, leaves, Math.Min(applied ? head?.Size ?? 0 : settled, tree.Size), timeline, rootsHold);
    }

    /// <summary>What is newer than the walk, and the records about the newest sizes: looked at last, because they only grow.</summary>
    private async Task EndAsync(IAsyncEnumerator<TableEntity> rows, CheckpointRecord? next, CancellationToken c)
    {
        await anchors.EndAsync(tree, c);
        var head = await audit.Tables.HeadAsync(c);
        for (; next is { } row; next = await NextAsync(rows))
        {
            if (row.Size > (head?.Size ?? 0))
                audit.Findings.Add("I2", row.Where, "checkpoint-beyond", "the checkpoint is of a size that the log does not have");
            else
                audit.Findings.Count("checkpoints newer than the audit");
        }

        if (last.Size > 0 || head is { Size: > 0 })
            Head(head ?? new HeadRecord(0, [], null, "", null));

        // Written after the checkpoint's own row, so it may be behind for a moment and never ahead.
        var stamped = await audit.Tables.FindAsync(Names.Checkpoints, "log", "stamped", c) is { } record ? record["Size"] as long? ?? 0 : 0;
        if (stamped > 0 && await audit.Tables.CheckpointAsync(stamped, c) is not { StampedAt: not null })
            audit.Findings.Add("I4", "checkpoints/log/stamped", "state-ahead", $"size {stamped} counts as stamped and its checkpoint is not");
        else if (stamped < largestStamped && !await audit.IsActiveAsync(largestStamped, c))
            audit.Findings.Add("I4", "checkpoints/log/stamped", "state-behind",
                $"size {largestStamped} is stamped, and what counts as stamped ends at {stamped}");
    }

    private void Head(HeadRecord head)
    {
        // A head without row is a swap whose publication is under way; only a head behind the rows is wrong.
        if (head.Size < last.Size || head.Note is not { } note || Judge("checkpoints/log/head", note) is not { } newest || newest.Size != head.Size
            || (newest.Size == tree.Size && tree.Root() != newest.Root))
        {
            audit.Findings.Add("I2", "checkpoints/log/head", "head", "the sequencer's record disagrees with the log");
        }
        else if (Edge(head.Range) != newest.Root)
        {
            audit.Findings.Add("I2", "checkpoints/log/head", "head", "the sequencer's right edge does not give its root");
        }
    }

    private void Stage(HeadRecord head)
    {
        if (audit.IsOld(head.At))
            audit.Findings.Add("I8", $"staging/{head.Stage}", "stage-unfinished",
                "a batch became part of the log long ago and was never given to its deposits");
        else
            audit.Findings.Note("I8", $"staging/{head.Stage}", "batch-under-way", "this batch is part of the log and on its way to the tiles and rows");
    }

    /// <summary>Root of a right edge: subtrees' roots, largest first, folded from the right.</summary>
    private static Digest? Edge(byte[] range)
    {
        if (range.Length == 0 || range.Length % Digest.Size != 0)
            return null;

        var root = range[^Digest.Size..];
        for (var at = range.Length - (2 * Digest.Size); at >= 0; at -= Digest.Size)
            root = Digest.Of([1, .. range.AsSpan(at, Digest.Size), .. root]).ToArray();

        return new Digest(root);
    }

    private async Task<long> PublishedAsync(CancellationToken c)
    {
        try
        {
            var note = (await audit.Storage.Container(Names.Staging).GetBlobClient(Names.CheckpointBlob).DownloadContentAsync(c)).Value.Content.ToString();
            return Judge("staging/checkpoint", note)?.Size ?? 0;
        }
        catch (Azure.RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
    }

    private async IAsyncEnumerable<Digest> EntriesAsync(long size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken c)
    {
        for (long bundle = 0; bundle * LogFiles.Width < size; bundle++)
        {
            audit.Progress.At("entries read", bundle * LogFiles.Width, size);
            var want = (int)Math.Min(LogFiles.Width, size - (bundle * LogFiles.Width));
            if (await files.BundleAsync(bundle, want, c) is not { } found)
            {
                audit.Findings.Add("I2", $"log/{LogFiles.Path("entries", bundle, want)}",
                    "tile-missing", "the entry bundle is missing; what lies behind it was not judged");
                yield break;
            }

            var (path, bytes) = found;
            if (bytes.Length % LogFiles.EntryBytes != 0 || bytes.Length < want * LogFiles.EntryBytes)
            {
                audit.Findings.Add("I2", $"log/{path}", "tile-differs", "the entry bundle is cut or grown");
                want = Math.Min(want, bytes.Length / LogFiles.EntryBytes);
                size = (bundle * LogFiles.Width) + want;
            }

            for (var i = 0; i < want; i++)
            {
                if (bytes[i * LogFiles.EntryBytes] != 0 || bytes[(i * LogFiles.EntryBytes) + 1] != Digest.Size)
                    audit.Findings.Add("I2", $"log/{path}", "tile-differs", $"entry {(bundle * LogFiles.Width) + i} is not of 32 bytes");

                yield return new Digest(bytes.AsSpan((i * LogFiles.EntryBytes) + 2, Digest.Size));
            }
        }
    }

    private static async Task<CheckpointRecord?> NextAsync(IAsyncEnumerator<TableEntity> rows)
        => await rows.MoveNextAsync() ? RawTables.Checkpoint(rows.Current) : null;

    private async Task CheckpointAsync(CheckpointRecord row, CancellationToken c)
    {
        audit.Findings.Count("checkpoints");
        audit.Secrets(row.Where, row.Note);
        if (row.Note is null || Judge(row.Where, row.Note) is not { } checkpoint)
        {
            audit.Findings.Add("I2", row.Where, "checkpoint-row", "the row has no checkpoint that can be read");
            return;
        }

        if (checkpoint.Size != row.Size || row.Root != checkpoint.Root.ToString()
            || row.Size <= last.Size || row.At is null || row.At < last.At - Audit.MaxSkew)
        {
            audit.Findings.Add("I2", row.Where, "checkpoint-row", "size, root or time of the row disagree with its checkpoint or its predecessor");
        }
        else if (tree.Root() != checkpoint.Root)
        {
            rootsHold = false;
            audit.Findings.Add("I2", row.Where, "root-differs", $"the log's entries do not give the signed root of size {checkpoint.Size}");
        }

        last = (Math.Max(last.Size, row.Size), row.At);
        var times = row.Tokens.Select(t => audit.Token(row.Where, t.Key, t.Value, Digest.Of(Encoding.UTF8.GetBytes(row.Note)), row.At)?.GenTime)
            .OfType<DateTimeOffset>().ToList();
        if (row.StampedAt is not null)
        {
            largestStamped = row.Size;
            audit.AllTokens(row.Where, row.Tokens, "the checkpoint counts as stamped");
        }

        unanchored.Add((audit.Prints.Of(RawTables.Size(row.Size)),
            row.StampedAt is null ? 0 : Audit.CheckpointStamped, row.StampedAt is { } at && audit.IsOld(at)));
        var block = await anchors.AnchorAsync(row, times, tree.Root(), c);
        if (block is not null)
            Judged(anchored: true);

        timeline.Add(row.Size, row.At, row.StampedAt is null || times.Count == 0 ? null : times.Min(), block);
    }

    /// <summary>An anchor covers every checkpoint before it: a stamped one has nothing left to do then, and after a lost hub nobody begins it again.</summary>
    private void Judged(bool anchored)
    {
        for (var i = 0; i < unanchored.Count; i++)
        {
            var (print, value, old) = unanchored[i];
            var covered = i < unanchored.Count - 1 && (value & Audit.CheckpointStamped) != 0;
            audit.Checkpoints.Add(print, value | (anchored && (old || covered) ? Audit.CheckpointDone : 0));
        }

        unanchored.Clear();
    }

    private Checkpoint? Judge(string where, string note)
    {
        if (!SignedNote.TryVerify(note, audit.Trust.Origin, audit.Trust.LogKeySpki, out var body))
        {
            audit.Findings.Add("I2", where, "signature", "the checkpoint is not signed by the log's key");
            return null;
        }

        try
        {
            var checkpoint = Checkpoint.Parse(body);
            if (checkpoint.Origin == audit.Trust.Origin)
                return checkpoint;

            audit.Findings.Add("I2", where, "origin", "the checkpoint is of another log");
        }
        catch (FaultException)
        {
            audit.Findings.Add("I2", where, "checkpoint-malformed", "the log's key signed what is no checkpoint");
        }

        return null;
    }
}
