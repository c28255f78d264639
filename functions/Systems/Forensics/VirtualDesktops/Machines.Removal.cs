using System.Text.Json.Nodes;

namespace Notary.Forensics.VirtualDesktops;

/// <summary>
/// Takes a session's machine down, from whatever is there of it:
///  1. a deployment at work is cancelled, since it would go on making things;
///  2. nobody new comes in, who is in is logged off, and the pool forgets the machine;
///  3. the machine, whose disk and interface go with it; those that a failed deployment left, by name;
///  4. the pool again, in case the machine registered in between;
///  5. the device object, so that no name in the directory is of a machine that is gone; last the deployment, by which it is found.
/// </summary>
internal sealed partial class Machines
{
    private static readonly string[] Ended = ["Succeeded", "Failed", "Canceled"];

    /// <returns>Whether nothing is left, and when to look again if something is.</returns>
    public async Task<(bool Gone, TimeSpan? RetryAfter)> RemoveAsync(DepositId session, CancellationToken cancel)
    {
        // 1
        var (state, _, later) = await DeploymentAsync(session, cancel).ConfigureAwait(false);
        if (state is not null && !Ended.Contains(state))
        {
            if (state != "Canceling")
                await arm.SendAsync(HttpMethod.Post, $"{Deployment(session)}/cancel?{DeploymentApi}", null, cancel).ConfigureAwait(false);

            return (false, later);
        }

        // 2
        if (await ExpelAsync(session, cancel).ConfigureAwait(false) is { Gone: false } expelled)
            return expelled;

        // 3
        var compute = $"{Sessions}/providers/Microsoft.Compute";
        foreach (var resource in new[]
        {
            $"{compute}/virtualMachines/{NameOf(session)}?forceDeletion=true&{ComputeApi}", $"{compute}/disks/{NameOf(session)}-os?{DiskApi}",
            $"{Sessions}/providers/Microsoft.Network/networkInterfaces/{NameOf(session)}-nic?{NetworkApi}",
        })
        {
            if (await DeleteAsync(resource, cancel).ConfigureAwait(false) is { Gone: false } deleted)
                return deleted;
        }

        // 4
        if (await ExpelAsync(session, cancel).ConfigureAwait(false) is { Gone: false } again)
            return again;

        // 5
        var filter = Uri.EscapeDataString($"displayName eq '{NameOf(session)}'");
        foreach (var device in await graph.ListAsync($"v1.0/devices?$filter={filter}&$select=id", cancel).ConfigureAwait(false))
            await graph.SendAsync(HttpMethod.Delete, $"v1.0/devices/{(string?)device["id"]}", null, cancel).ConfigureAwait(false);

        return state is null ? (true, null) : await DeleteAsync($"{Deployment(session)}?{DeploymentApi}", cancel).ConfigureAwait(false);
    }

    /// <summary>2 and 4.</summary>
    private async Task<(bool Gone, TimeSpan? RetryAfter)> ExpelAsync(DepositId session, CancellationToken cancel)
    {
        var host = await arm.SendAsync(HttpMethod.Get, $"{Host(session)}?{DesktopApi}", null, cancel).ConfigureAwait(false);
        if (!host.Found)
            return (true, null);

        if ((bool?)host.Body["properties"]?["allowNewSession"] != false)
        {
            var drain = new JsonObject { ["properties"] = new JsonObject { ["allowNewSession"] = false } };
            await arm.SendAsync(HttpMethod.Patch, $"{Host(session)}?force=true&{DesktopApi}", drain, cancel).ConfigureAwait(false);
        }

        foreach (var user in await arm.ListAsync($"{Host(session)}/userSessions?{DesktopApi}", cancel).ConfigureAwait(false))
        {
            // Its name is POOL/HOST/NUMBER.
            var number = ((string?)user["name"])?.Split('/')[^1] ?? "";
            await arm.SendAsync(HttpMethod.Delete, $"{Host(session)}/userSessions/{Uri.EscapeDataString(number)}?force=true&{DesktopApi}", null, cancel)
                .ConfigureAwait(false);
        }

        return await DeleteAsync($"{Host(session)}?force=true&{DesktopApi}", cancel).ConfigureAwait(false);
    }

    /// <summary>A deletion that was begun is not begun again; one that failed is.</summary>
    private async Task<(bool Gone, TimeSpan? RetryAfter)> DeleteAsync(string resource, CancellationToken cancel)
    {
        var there = await arm.SendAsync(HttpMethod.Get, resource, null, cancel).ConfigureAwait(false);
        if (!there.Found)
            return (true, null);

        if ((string?)there.Body["properties"]?["provisioningState"] == "Deleting")
            return (false, there.RetryAfter);

        var answer = await arm.SendAsync(HttpMethod.Delete, resource, null, cancel).ConfigureAwait(false);
        return (answer.Status is 200 or 204 or 404, answer.RetryAfter);
    }
}
