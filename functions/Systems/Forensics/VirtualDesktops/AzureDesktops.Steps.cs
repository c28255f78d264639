using Notary.Forensics.Agents;

namespace Notary.Forensics.VirtualDesktops;

/// <summary>From the row to a desktop that its user may enter.</summary>
public sealed partial class AzureDesktops
{
    /// <summary>How soon a deployment is looked at again that says nothing of it.</summary>
    private static readonly TimeSpan Deploying = TimeSpan.FromSeconds(5);

    /// <returns>When to take the next one.</returns>
    private async Task<TimeSpan?> StepAsync(AgentRow row, CancellationToken cancel)
    {
        if (row.Assigned)
            return null;

        try
        {
            return row.Begun ? await AssignAsync(row, cancel).ConfigureAwait(false) : await DeployAsync(row, cancel).ConfigureAwait(false);
        }
        catch (ResourceException e) when (e.Refused)
        {
            return await GiveUpAsync(row, e.Message, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>2. What was asked for and is not there was not taken; what was is never asked for again.</summary>
    private async Task<TimeSpan?> DeployAsync(AgentRow row, CancellationToken cancel)
    {
        var (state, _, later) = await machines.DeploymentAsync(row.Session, cancel).ConfigureAwait(false);
        if (state is not null)
        {
            await agents.Table.SwapAsync(row with { Begun = true }, cancel).ConfigureAwait(false);
            return later;
        }

        if (row.User is not { } user || await machines.UserAsync(user, cancel).ConfigureAwait(false) is not { } userId)
            return await GiveUpAsync(row, "the directory has no such user", cancel).ConfigureAwait(false);

        if (row.Keys.Count >= MaxKeys)
            return await GiveUpAsync(row, "its deployment was asked for too often", cancel).ConfigureAwait(false);

        var token = await machines.TokenAsync(cancel).ConfigureAwait(false);

        // The key first: a machine that starts is never a stranger.
        if (await agents.KeyAsync(row, cancel).ConfigureAwait(false) is not (var key, var keyed))
            return null;

        if (await machines.DeployAsync(row.Session, userId, token, key, cancel).ConfigureAwait(false))
            await agents.Table.SwapAsync(keyed with { Begun = true }, cancel).ConfigureAwait(false);

        return Deploying;
    }

    /// <summary>3.</summary>
    private async Task<TimeSpan?> AssignAsync(AgentRow row, CancellationToken cancel)
    {
        var (state, code, later) = await machines.DeploymentAsync(row.Session, cancel).ConfigureAwait(false);
        if (state is null or "Failed" or "Canceled" or "Canceling")
            return await GiveUpAsync(row, $"its deployment is {state ?? "gone"} {code}", cancel).ConfigureAwait(false);

        if (state != "Succeeded" || !await machines.IsAvailableAsync(row.Session, cancel).ConfigureAwait(false))
            return later;

        if (await machines.AssignAsync(row.Session, row.User!, cancel).ConfigureAwait(false))
            await agents.Table.SwapAsync(row with { Assigned = true }, cancel).ConfigureAwait(false);

        return null;
    }

    private async Task<TimeSpan?> GiveUpAsync(AgentRow row, string why, CancellationToken cancel)
    {
        Log.Given(log, row.Session, why);
        await agents.Recordings.FreezeAsync(row.Session, cancel).ConfigureAwait(false);
        await agents.Table.SwapAsync(row with { Closed = true }, cancel).ConfigureAwait(false);
        return null;
    }
}
