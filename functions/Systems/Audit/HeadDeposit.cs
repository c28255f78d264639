namespace Notary.Audit;

/// <summary>
/// Deposits the trail's head, once a day (UTC), as what any depositor deposits: a digest.
///  1. The newest head that was deposited says how far that has come; nothing else is remembered.
///  2. The trail's head of now, whose digest is the newest entry's hash; the deposit continues the one before.
/// </summary>
/// <remarks>
/// Whoever owns the storage can then still cut the trail's end or write it anew, but not without contradicting what the log,
/// the authorities and the chain say. The idempotency key is the day: of several instances one deposits.
/// </remarks>
public sealed class HeadDeposit(StorageAccount storage, TimeProvider clock)
{
    /// <summary>The office's own tenant, whose deposits are heads of the trail and nothing else.</summary>
    public const string TenantId = "office-trail";

    /// <summary>Note of a head's deposit: the number of the entry.</summary>
    public const string NumberNote = "number";

    private const string DayNote = "day";
    private const string MediaType = "application/json";
    private const string DayForm = "yyyy-MM-dd";

    /// <summary>With nothing to deposit, how long until it looks again.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    private readonly TrailTable table = new(storage);
    private string? done;
    private long? restedAt;

    /// <summary>Deposits today's head if nobody has. Safe to repeat and to run twice at once.</summary>
    /// <returns>Whether this call did.</returns>
    public async Task<bool> RunAsync(Tenant office, DepositService deposits, CancellationToken cancel)
    {
        var day = clock.GetUtcNow().UtcDateTime.ToString(DayForm, CultureInfo.InvariantCulture);
        if (done == day || (restedAt is { } at && clock.GetElapsedTime(at) < Rest))
            return false;

        // 1.
        var last = (await deposits.NewestAsync(office, null, null, 1, null, cancel).ConfigureAwait(false)).Items is [var newest] ? newest : null;
        if (last?.Notes.GetValueOrDefault(DayNote) == day)
        {
            done = day;
            return false;
        }

        // 2.
        if (await table.HeadAsync(cancel).ConfigureAwait(false) is not { } head || Number(head) == last?.Notes.GetValueOrDefault(NumberNote))
        {
            restedAt = clock.GetTimestamp();
            return false;
        }

        var notes = new Dictionary<string, string> { [DayNote] = day, [NumberNote] = Number(head) };
        Digest? previous = last is null ? null : Digest.Parse(last.ManifestDigest);
        var options = new DepositOptions(null, null, notes, previous, $"trail-{day}", null, LetterOnRequest: true);
        var item = new DigestItem($"trail-{Number(head)}.json", head.Bytes.Length, MediaType, head.Hash);
        var mine = false;
        try
        {
            mine = !(await deposits.DepositDigestsAsync(office, options, [item], cancel).ConfigureAwait(false)).Replayed;
        }
        catch (FaultException e) when (e.Fault == Fault.IdempotencyConflict)
        {
            // Another instance has deposited the head of its own moment: one a day is enough.
        }

        (done, restedAt) = (day, null);
        return mine;
    }

    private static string Number(TrailEntry entry) => entry.Number.ToString(CultureInfo.InvariantCulture);
}
