using System.Collections.Concurrent;
using Notary.Letters;

namespace Notary.Deposits;

/// <summary>Letters in chunks: tokens over the manifests while the chain is waited for, then verify everything, render, sign, archive, judge, keep.</summary>
/// <remarks>A letter is named by the deposit's row only after a stranger's verifier has passed the whole bundle around it.</remarks>
public sealed class LetterWork(
    StorageAccount storage, TimeAuthorities authorities, EvidenceFiles files, PublicLog log,
    LetterSigner signer, LetterArchiving archiving, BundleVerifier verifier, Telling telling, TimeProvider clock, ILogger<LetterWork> logger)
{
    /// <summary>Deposits of one chunk: one read, one transaction or two, some seconds of work.</summary>
    private const int Chunk = 60;

    /// <summary>Due letters one plan tells apart; what is beyond is found by the next look.</summary>
    private const int MaxPlanned = 20_000;

    /// <summary>Letters in work at once in one chunk: most of their time they wait for authority, vault and storage.</summary>
    private const int Parallelism = 8;

    // Tokens are no state.
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    private readonly LetterTable letters = new(storage);
    private readonly CheckpointTable checkpoints = new(storage);

    // Of the anchor asked for last: neither its beginning nor where its deposits are ever changes.
    private volatile Known? known;

    private sealed record Known(long Size, IReadOnlyList<(string Shard, string From, string To)> Shards);

    /// <summary>Gets the manifests' tokens while something else is waited for, and no longer.</summary>
    internal async Task<T> StampWhileAsync<T>(long size, Task<T> waited, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var stamping = StampAsync(size, over.Token);
        try
        {
            return await waited.ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await stamping.ConfigureAwait(false);
        }
    }

    /// <summary>Issues the letters of an anchor: of one range, or of the first, naming the others.</summary>
    internal async Task<LetterStep> IssueAsync(LetterTask task, CancellationToken cancel)
    {
        if (task.Range is { } range)
        {
            var due = await letters.DueAsync(range.Shard, range.First, range.Last + "!", Chunk, cancel).ConfigureAwait(false);
            await IssueAsync(range.Shard, due, task.Again, cancel).ConfigureAwait(false);
            return new LetterStep();
        }

        var plan = await PlanAsync(task.Size, cancel).ConfigureAwait(false);
        if (plan.Count > 0)
            await IssueAsync(plan[0].Range.Shard, plan[0].Due, task.Again, cancel).ConfigureAwait(false);

        return new LetterStep { Rest = [.. plan.Skip(1).Select(chunk => chunk.Range)] };
    }

    /// <summary>Issues what was asked for one by one, and lets go what has settled.</summary>
    internal async Task<LetterStep> IssueRequestedAsync(CancellationToken cancel)
    {
        var (left, issued) = (0, 0);
        var settled = new ConcurrentDictionary<long, bool>();
        foreach (var shard in Enumerable.Range(0, DepositKeys.Shards).Select(DepositKeys.Shard))
        {
            var due = await letters.DueAsync(shard, DepositKeys.LettersFrom(0), DepositKeys.LettersFrom(1), MaxPlanned, cancel).ConfigureAwait(false);
            foreach (var chunk in due.Chunk(Chunk))
            {
                issued += await IssueAsync(shard, chunk, again: false, cancel).ConfigureAwait(false);
                var done = new List<DueLetter>();
                foreach (var (letter, row) in await letters.DepositsAsync(shard, chunk, cancel).ConfigureAwait(false))
                {
                    if (row.LetterSize is { } size && (settled.TryGetValue(size, out var is_) ? is_
                        : settled[size] = await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false) is { Settled: true }))
                        done.Add(letter);
                }

                await letters.DropAsync(shard, done, cancel).ConfigureAwait(false);
                left += chunk.Length - done.Count;
            }
        }

        return new LetterStep { Left = left, Issued = issued };
    }

    /// <summary>Lets go the letters of an anchor that has settled. Returns how many deposits failed; theirs stay.</summary>
    internal async Task<int> ReleaseAsync(long size, CancellationToken cancel)
    {
        var failed = 0;
        foreach (var (shard, from, to) in await ShardsAsync(size, cancel).ConfigureAwait(false))
        {
            while (await letters.DueAsync(shard, from, to, MaxPlanned, cancel).ConfigureAwait(false) is { Count: > 0 } due && due.Any(letter => !letter.Failed))
                await letters.DropAsync(shard, due.Where(letter => !letter.Failed), cancel).ConfigureAwait(false);

            failed += (await letters.DueAsync(shard, from, to, MaxPlanned, cancel).ConfigureAwait(false)).Count;
        }

        return failed;
    }

    private async Task StampAsync(long size, CancellationToken cancel)
    {
        try
        {
            foreach (var (range, due) in await PlanAsync(size, cancel).ConfigureAwait(false))
            {
                var changes = new ConcurrentBag<(DueLetter, IReadOnlyDictionary<string, object>)>();
                try
                {
                    var deposits = await letters.DepositsAsync(range.Shard, due, cancel).ConfigureAwait(false);
                    await Parallel.ForEachAsync(deposits, Bounded(cancel), async (deposit, token) =>
                    {
                        var stamped = await Stamps.CompleteAsync(authorities, deposit.Row.Leaf, deposit.Row.Tokens, token).ConfigureAwait(false);
                        if (stamped.Tokens.Count > 0)
                            changes.Add((deposit.Due, Stamps.Columns(stamped)));
                    }).ConfigureAwait(false);
                }
                finally
                {
                    // What the authorities gave is kept, also when the wait is over.
                    await letters.MergeAsync(range.Shard, changes, Nobody, default, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or Azure.RequestFailedException)
        {
            // Whatever is still missing is asked for again when the letter is issued.
        }
    }

    /// <summary>The due letters of an anchor, in chunks.</summary>
    private async Task<IReadOnlyList<(LetterRange Range, IReadOnlyList<DueLetter> Due)>> PlanAsync(long size, CancellationToken cancel)
    {
        var plan = new List<(LetterRange, IReadOnlyList<DueLetter>)>();
        foreach (var (shard, from, to) in await ShardsAsync(size, cancel).ConfigureAwait(false))
        {
            var due = await letters.DueAsync(shard, from, to, MaxPlanned, cancel).ConfigureAwait(false);
            plan.AddRange(due.Chunk(Chunk).Select(chunk => (new LetterRange(shard, chunk[0].RowKey, chunk[^1].RowKey), (IReadOnlyList<DueLetter>)chunk)));
        }

        return plan;
    }

    /// <summary>The shards that the checkpoints of an anchor have deposits in, each with the bounds of its due letters.</summary>
    private async Task<IReadOnlyList<(string Shard, string From, string To)>> ShardsAsync(long size, CancellationToken cancel)
    {
        if (known is { } same && same.Size == size)
            return same.Shards;

        var from = await checkpoints.AnchorFromAsync(size, cancel).ConfigureAwait(false);
        var mask = await checkpoints.ShardsAsync(from, size, cancel).ConfigureAwait(false);
        var shards = Enumerable.Range(0, DepositKeys.Shards).Where(shard => (mask & (1 << shard)) != 0)
            .Select(shard => (DepositKeys.Shard(shard), DepositKeys.LettersFrom(from + 1), DepositKeys.LettersFrom(size + 1))).ToList();
        known = new(size, shards);
        return shards;
    }

    /// <summary>Returns how many letters were issued.</summary>
    /// <exception cref="FaultException">What stood in the way of some; the others are issued.</exception>
    private async Task<int> IssueAsync(string shard, IReadOnlyList<DueLetter> due, bool again, CancellationToken cancel)
    {
        var deposits = await letters.DepositsAsync(shard, due, cancel).ConfigureAwait(false);
        var changes = new ConcurrentBag<(DueLetter, IReadOnlyDictionary<string, object>)>();
        using var cover = new CoverCache(checkpoints, log);
        FaultException? hindered = null;
        var issued = 0;
        await Parallel.ForEachAsync(deposits.Where(d => d.Row.Fault is null || again).OrderBy(d => d.Row.Index), Bounded(cancel), async (deposit, token) =>
        {
            // The request's own id, so that one search of the logs follows a deposit from its request to its letter.
            using var scope = logger.BeginScope("{CorrelationId} {DepositId}", deposit.Due.CorrelationId ?? "none", deposit.Row.Id);
            using var span = DepositWorkDoor.Source.StartActivity("letter")?.SetTag("notary.correlation_id", deposit.Due.CorrelationId);
            var columns = new Dictionary<string, object>();
            try
            {
                if (await IssueOneAsync(deposit.Row, cover, columns, token).ConfigureAwait(false))
                    Interlocked.Increment(ref issued);
            }
            catch (FaultException e) when (e.Fault == Fault.EvidenceInvalid)
            {
                columns["Fault"] = e.Fault.Code();
                LetterLog.Refused(logger, deposit.Row.Id.ToString(), deposit.Due.Tenant, e.Message);
            }
            catch (FaultException e)
            {
                hindered = e;
            }

            if (columns.Count > 0)
                changes.Add((deposit.Due, columns));
        }).ConfigureAwait(false);
        await letters.MergeAsync(shard, changes, await telling.NowAsync(cancel).ConfigureAwait(false), clock.GetUtcNow(), cancel).ConfigureAwait(false);
        if (!changes.IsEmpty)
            telling.Ring(changes.Aggregate(0, (mask, change) => mask | DepositKeys.ShardBit(change.Item1.Tenant)));

        return hindered is null ? issued : throw hindered;
    }

    private async Task<bool> IssueOneAsync(DepositRow row, CoverCache cover, Dictionary<string, object> columns, CancellationToken cancel)
    {
        var stamped = await Stamps.CompleteAsync(authorities, row.Leaf, row.Tokens, cancel).ConfigureAwait(false);
        foreach (var (column, token) in Stamps.Columns(stamped))
            columns[column] = token;

        if (!stamped.Complete)
            throw new FaultException(stamped.Fault!.Value, stamped.Reason);

        var whole = row with
        {
            Tokens = row.Tokens.Concat(stamped.Tokens.Select(t => KeyValuePair.Create(t.Authority, t.Token)))
            .ToDictionary(StringComparer.Ordinal)
        };
        if (await files.FindProvenAsync(whole, cover, cancel).ConfigureAwait(false) is not { } proven)
            return false;

        // The blob's name holds the block, so a letter that is in force is never overwritten by one about another block.
        var name = Names.LetterBlob(row.Id, proven.Anchor.BlockHash);
        if (row.LetterBlob == name && row.Fault is null)
            return false;

        var signed = await signer.SignAsync(LetterRenderer.Render(files.Facts(proven)), cancel).ConfigureAwait(false);
        var letter = await archiving.ArchiveAsync(signed, files.TokenChains(proven), cancel).ConfigureAwait(false);
        if (await JudgeAsync(files.Bundle(proven, letter, []), cancel).ConfigureAwait(false) is { } failed)
            throw new FaultException(Fault.EvidenceInvalid, $"{failed.Rung}: {failed.Reason}");

        await storage.Container(Names.Letters).GetBlobClient(name)
            .UploadAsync(new BinaryData(letter),
                new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/pdf" } }, cancel).ConfigureAwait(false);
        (columns["CertifiedAt"], columns["LetterBlob"], columns["LetterSize"]) = (clock.GetUtcNow(), name, proven.Anchor.Size);
        if (row.Fault is not null)
            columns["Fault"] = "";

        logger.LogInformation("letter issued about index {Index} under block {Block}", proven.Proof.Index, proven.Anchor.BlockHash);
        return true;
    }

    /// <summary>Judges the very bytes that a stranger would be given; the first failure, if there is one.</summary>
    private async Task<Verdict?> JudgeAsync(BundleContents contents, CancellationToken cancel)
    {
        using var bundle = new MemoryStream();
        await BundleWriter.WriteAsync(bundle, contents, cancel).ConfigureAwait(false);
        bundle.Position = 0;
        var report = await verifier.VerifyAsync(bundle, new BundleQuestion { Clock = clock }, cancel).ConfigureAwait(false);
        return report.Verdicts.FirstOrDefault(verdict => verdict.Mark == Mark.Fail);
    }

    private static ParallelOptions Bounded(CancellationToken cancel) => new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancel };
}
