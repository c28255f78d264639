using System.Collections.Concurrent;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Deposits;

public sealed partial class Uploads
{
    /// <summary>Column of the upload: takes that were begun and did not end, neither well nor with a failure.</summary>
    internal const string BegunColumn = "Begun";

    /// <summary>Column of the upload: takes in a row that brought nothing on within <see cref="LongestTake"/>.</summary>
    internal const string SlowColumn = "Slow";

    /// <summary>Column of the upload: why it was refused, or what the last take ended with.</summary>
    internal const string ReasonColumn = "Reason";

    /// <summary>Takes that may end with the process. The Functions host stops for good after three such ends within half an hour.</summary>
    internal const int MaxBegun = 2;

    /// <summary>Such takes: one may have met a bad hour, three in a row are the upload's size.</summary>
    private const int MaxSlow = 3;

    /// <summary>An upload that ended the process so often is left alone for this long.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>What lies longer than this is told to the operator: nothing takes so long, and nothing waits so long.</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromMinutes(15);

    /// <summary>Overdue uploads that are told.</summary>
    private const int MaxOverdue = 50;

    /// <summary>Refused uploads that are told.</summary>
    private const int MaxRefused = 50;

    /// <summary>An event is given this long before the sweep takes the blob without one.</summary>
    private static readonly TimeSpan EventPatience = TimeSpan.FromMinutes(1);

    /// <summary>Tenants whose uploads one sweep takes at once, each tenant's one after the other: one with many or large ones,
    /// or with some that fail, is in nobody else's way.</summary>
    private const int TenantsAtOnce = 8;

    /// <summary>While some are being taken, the sweep looks for others' so often.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);

    /// <summary>In place of vain tries: it was taken in part.</summary>
    private const int InPart = -1;

    /// <summary>What the sweep has tried in vain: how often, and when to try again. Each instance has its own, and a restart is another try.</summary>
    private readonly ConcurrentDictionary<string, (int Tries, DateTimeOffset Next)> resting = new(StringComparer.Ordinal);

    /// <summary>The sweep begins none that has less than this left, or half of <see cref="LongestTake"/>: it would be cut off before a piece is done.</summary>
    private static readonly TimeSpan ShortestTake = TimeSpan.FromMinutes(1);

    /// <summary>One take, and one sweep; below functionTimeout, so that it ends by itself.</summary>
    internal TimeSpan LongestTake { get; init; } = TimeSpan.FromMinutes(9);

    /// <summary>3. Deposits what was uploaded under a path of the uploads container. Unknown paths and repetitions are harmless.</summary>
    /// <returns>False when the blob stays: nobody was promised it, or it is not to be had now.</returns>
    public async Task<bool> TakeAsync(string path, CancellationToken cancel)
        => await TakeAsync(path, LongestTake, cancel).ConfigureAwait(false) == Taken.Away;

    private async Task<Taken> TakeAsync(string path, TimeSpan longest, CancellationToken cancel)
    {
        if (await FindRowAsync(path, cancel).ConfigureAwait(false) is not { } row)
        {
            logger.LogWarning("an upload that nobody was promised was ignored");
            return Taken.Not;
        }

        var blob = storage.Container(Names.Uploads).GetBlobClient(path);
        var taken = IsDone(row) ? Taken.Away : await TakeAsync(row, blob, longest, cancel).ConfigureAwait(false);
        if (taken == Taken.Away)
            await ClearAsync(blob, cancel).ConfigureAwait(false);

        return taken;
    }

    /// <summary>Uploads that should long have been taken, for the operator.</summary>
    public async Task<IReadOnlyList<OverdueUpload>> OverdueAsync(CancellationToken cancel)
    {
        var found = new List<OverdueUpload>();
        await foreach (var blob in storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: cancel)
            .Where(blob => blob.Properties.LastModified < clock.GetUtcNow() - Overdue).Take(MaxOverdue).ConfigureAwait(false))
        {
            var row = await FindRowAsync(blob.Name, cancel).ConfigureAwait(false);
            if (row is not null && !IsDone(row) && IsAlive(row, Overdue))
                continue;

            found.Add(new OverdueUpload(blob.Name,
                row is null ? "nobody was promised it"
                    : IsDone(row) ? "dealt with, and could not be cleared away"
                    : row.GetInt32(BegunColumn) >= MaxBegun ? "taking it in was begun and never ended; it is left alone for an hour"
                    : row.GetString(ReasonColumn) ?? "not taken in yet"));
        }

        return found;
    }

    /// <summary>The newest uploads that were refused, for the operator.</summary>
    public Task<IReadOnlyList<RefusedUpload>> RefusedAsync(CancellationToken cancel) => refusals.NewestAsync(MaxRefused, cancel);

    /// <summary>Takes uploads whose event is overdue. One that fails rests for a minute, two, four, up to an hour.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        var end = clock.GetUtcNow() + LongestTake;
        do
        {
            var ready = IsTimeTo(end) ? await DueAsync(cancel).ConfigureAwait(false) : [];
            foreach (var due in ready.Where(due => !running.ContainsKey(due.Key)).Take(TenantsAtOnce - running.Count))
                running[due.Key] = TakeAllAsync(due, end, cancel);

            if (running.Count > 0)
                await Task.WhenAny([.. running.Values, Task.Delay(Look, clock, cancel)]).ConfigureAwait(false);

            foreach (var (tenant, task) in running.Where(r => r.Value.IsCompleted).ToList())
            {
                running.Remove(tenant);
                await task.ConfigureAwait(false);
            }
        }
        while (running.Count > 0);
    }

    /// <summary>Whether one that begins now has the time for a piece at least.</summary>
    private bool IsTimeTo(DateTimeOffset end) => clock.GetUtcNow() <= end - (LongestTake / 2 < ShortestTake ? LongestTake / 2 : ShortestTake);

    private async Task<IReadOnlyList<IGrouping<string, string>>> DueAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var there = await storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: cancel).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var gone in resting.Keys.Except(there.Select(blob => blob.Name), StringComparer.Ordinal))
            resting.TryRemove(gone, out _);

        return [.. there.Where(blob => blob.Properties.LastModified < now - EventPatience
                && (!resting.TryGetValue(blob.Name, out var rest) || rest.Next <= now))
            .Select(blob => blob.Name).OrderBy(IsLarge).GroupBy(name => name.Split('/')[0], StringComparer.Ordinal)];
    }

    /// <summary>What was not done within a take comes after what its tenant has besides.</summary>
    private bool IsLarge(string path) => resting.TryGetValue(path, out var rest) && rest.Tries == InPart;

    private async Task TakeAllAsync(IEnumerable<string> paths, DateTimeOffset end, CancellationToken cancel)
    {
        foreach (var path in paths)
        {
            var taken = Taken.Not;
            try
            {
                if (!IsTimeTo(end))
                    return;

                taken = await TakeAsync(path, end - clock.GetUtcNow(), cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                logger.LogError(e, "upload {Path} was not taken in", path);
            }

            switch (taken)
            {
                case Taken.InPart:
                    resting[path] = (InPart, clock.GetUtcNow());
                    break;
                case Taken.Elsewhere:
                    resting[path] = (0, clock.GetUtcNow() + Hold);
                    break;
                case Taken.Not:
                    resting.AddOrUpdate(path, _ => (1, clock.GetUtcNow() + EventPatience),
                        (_, last) => (last.Tries + 1, clock.GetUtcNow() + TimeSpan.FromMinutes(Math.Min(60, Math.Pow(2, last.Tries)))));
                    break;
            }
        }
    }

    private async Task<TableEntity?> FindRowAsync(string path, CancellationToken cancel)
    {
        if (path.Split('/') is not [var tenant, var text] || !DepositId.TryParse(text, out var id))
            return null;

        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant), DepositKeys.Upload(tenant, id), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? found.Value : null;
    }

    private static bool IsDone(TableEntity row) => row.GetString("DepositId") is not null || row.GetString("Fault") is not null;

    /// <summary>Counts before it works, so that what ends the process does so twice and not at each delivery and each sweep.</summary>
    private async Task<Taken> TakeAsync(TableEntity row, BlobClient blob, TimeSpan longest, CancellationToken cancel)
    {
        if (IsAlive(row, Hold))
            return Taken.Elsewhere;

        var begun = row.GetInt32(BegunColumn) ?? 0;
        if (begun >= MaxBegun && clock.GetUtcNow() - row.Timestamp < Rest)
        {
            logger.LogError("upload {Upload} was begun {Count} times and never ended; it is left alone for an hour", blob.Name, begun);
            return Taken.Not;
        }

        var hold = new UploadHold(table, row, clock);
        if (!await hold.BeginAsync(begun + 1, cancel).ConfigureAwait(false))
            return Taken.Elsewhere;

        var outcome = new TableEntity(row.PartitionKey, row.RowKey) { [BegunColumn] = 0 };
        using var limit = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var taken = Taken.Away;
        try
        {
            if (await IntakeAsync(row, blob, hold, either.Token).ConfigureAwait(false) is { } deposit)
                outcome["DepositId"] = deposit.ToString();
            else
                taken = Taken.Not;
        }
        catch (LostHoldException)
        {
            return Taken.Elsewhere;
        }
        catch (FaultException e) when (e.Fault is Fault.DigestMismatch or Fault.Malformed or Fault.UploadUnusable or Fault.TooLarge or Fault.QuotaExceeded)
        {
            Refuse(e.Fault, e.Message);
        }
        catch (Exception) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested && hold.Saved > 0)
        {
            // As far as it came: the next take goes on from there.
            (outcome[SlowColumn], taken) = (0, Taken.InPart);
        }
        catch (Exception) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested
            && longest >= LongestTake / 2 && !hold.IsWaiting && row.GetInt32(SlowColumn) + 1 >= MaxSlow)
        {
            Refuse(Fault.TooLarge, $"taking it in did not get on within {LongestTake.TotalMinutes} minutes, {MaxSlow} times");
        }
        catch (Exception e)
        {
            // It ended, with a failure that may be tried again: not what the count is about. Also at the end of the process, when the token is of no use.
            outcome[ReasonColumn] = e switch
            {
                FaultException fault => fault.Fault.Code(),
                RequestFailedException failed => $"storage: {failed.ErrorCode} ({failed.Status})",
                OperationCanceledException => "it was cut off",
                _ => Fault.Internal.Code(),
            };
            if (limit.IsCancellationRequested && !cancel.IsCancellationRequested && longest >= LongestTake / 2 && !hold.IsWaiting)
                outcome[SlowColumn] = (row.GetInt32(SlowColumn) ?? 0) + 1;

            hold.End(outcome, e is FaultException { Fault: Fault.StorageConflict });
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            await ((Task)MergeAsync(outcome, ETag.All, last.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // Told first: a refusal that stands is not looked at again.
        if (outcome.GetString("Fault") is { } code)
            await refusals.AddAsync(new RefusedUpload(blob.Name, clock.GetUtcNow(), code, outcome.GetString(ReasonColumn)), cancel).ConfigureAwait(false);

        hold.End(outcome, taken == Taken.Away);
        await (taken == Taken.Away ? EndAsync(outcome, row, ETag.All, cancel) : MergeAsync(outcome, ETag.All, cancel)).ConfigureAwait(false);
        return taken;

        void Refuse(Fault fault, string reason)
        {
            (outcome["Fault"], outcome[ReasonColumn]) = (fault.Code(), reason);
            logger.LogWarning("upload {Upload} is refused, {Fault}: {Reason}", blob.Name, fault.Code(), reason);
        }
    }

    /// <summary>With whatever its sender has hung on it.</summary>
    private static async Task ClearAsync(BlobClient blob, CancellationToken cancel)
    {
        try
        {
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: cancel).ConfigureAwait(false);
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel).ConfigureAwait(false);
        }
    }
}
