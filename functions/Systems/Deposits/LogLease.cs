namespace Notary.Deposits;

/// <summary>Keeps two sequencers from doing the same work. It only saves effort: what keeps the log whole is the head's ETag.</summary>
/// <remarks>
/// A table row and not a blob lease: those last 15 s at least, which is how long a killed sequencer would hold everyone up.
/// The holder's clock may be an hour ahead, so a lease also ends when it has not changed for its duration by our own count.
/// </remarks>
internal sealed class LogLease(TableClient table, TimeSpan duration, TimeProvider clock)
{
    private readonly string owner = Guid.NewGuid().ToString("N");
    private ETag held;
    private long heldAt;
    private long takenAt;
    private ETag others;
    private long othersSeenAt;

    /// <summary>Since when, without a break, the lease is ours; nothing while it is not.</summary>
    public TimeSpan HeldFor => held == default ? TimeSpan.Zero : clock.GetElapsedTime(takenAt);

    /// <summary>Takes the lease or extends it. False while another sequencer holds it.</summary>
    public async Task<bool> AcquireAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (held != default && clock.GetElapsedTime(heldAt) < duration / 2)
            return true;

        var known = held;
        var mine = new TableEntity(DepositKeys.LogPartition, DepositKeys.Lease) { ["Owner"] = owner, ["Until"] = now + duration };
        try
        {
            if (known == default)
            {
                var found = await table.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Lease, cancel: cancel).ConfigureAwait(false);
                if (!found.HasValue)
                {
                    await table.AddEntityAsync(mine, cancel).ConfigureAwait(false);
                    found = await table.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Lease, cancel: cancel).ConfigureAwait(false);
                }

                if (found.Value!.GetString("Owner") != owner && found.Value.GetDateTimeOffset("Until") > now && IsAlive(found.Value.ETag))
                    return false;

                known = found.Value.ETag;
            }

            // Counted from before the call: an answer that takes long must not lengthen what we believe to hold.
            var begun = clock.GetTimestamp();
            takenAt = held == default ? begun : takenAt;
            var response = await table.UpdateEntityAsync(mine, known, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
            (held, heldAt) = (response.Headers.ETag ?? default, begun);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            held = default;
            return false;
        }
    }

    /// <summary>Whether another's lease has changed within its duration.</summary>
    private bool IsAlive(ETag lease)
    {
        if (lease != others)
            (others, othersSeenAt) = (lease, clock.GetTimestamp());

        return clock.GetElapsedTime(othersSeenAt) < duration;
    }

    /// <summary>Lets the next sequencer in at once.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        if (held == default)
            return;

        var free = new TableEntity(DepositKeys.LogPartition, DepositKeys.Lease) { ["Owner"] = "", ["Until"] = DateTimeOffset.UnixEpoch };
        try
        {
            await table.UpdateEntityAsync(free, held, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
        }

        held = default;
    }
}
