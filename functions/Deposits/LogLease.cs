using Azure;
using Notary.Storage;

namespace Notary.Deposits;

/// <summary>Keeps two sequencers from doing the same work. It only saves effort: what keeps the log whole is the head's ETag.</summary>
/// <remarks>A table row and not a blob lease: those last 15 s at least, which is how long a killed sequencer would hold everyone up.</remarks>
internal sealed class LogLease(TableClient table, TimeSpan duration, TimeProvider clock)
{
    private readonly string owner = Guid.NewGuid().ToString("N");
    private ETag held;
    private DateTimeOffset until;

    /// <summary>Takes the lease or extends it. False while another sequencer holds it.</summary>
    public async Task<bool> AcquireAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (held != default && now < until - (duration / 2))
        {
            return true;
        }

        var mine = new TableEntity(DepositKeys.LogPartition, DepositKeys.Lease) { ["Owner"] = owner, ["Until"] = now + duration };
        try
        {
            if (held == default)
            {
                var found = await table.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Lease, cancel: cancel).ConfigureAwait(false);
                if (!found.HasValue)
                {
                    await table.AddEntityAsync(mine, cancel).ConfigureAwait(false);
                    found = await table.GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Lease, cancel: cancel).ConfigureAwait(false);
                }

                if (found.Value!.GetString("Owner") != owner && found.Value.GetDateTimeOffset("Until") > now)
                {
                    return false;
                }

                held = found.Value.ETag;
            }

            var response = await table.UpdateEntityAsync(mine, held, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
            (held, until) = (response.Headers.ETag ?? default, now + duration);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            held = default;
            return false;
        }
    }

    /// <summary>Lets the next sequencer in at once.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        if (held == default)
        {
            return;
        }

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
