using System.Text.Json.Nodes;

namespace Notary.Forensics.VirtualDesktops;

/// <summary>A session's machine in Azure, step by step. Each step may be taken again at any time: names come from the session, and what is there says
/// how far it is.</summary>
internal sealed partial class Machines(ResourceManager arm, ResourceManager graph, AzureDesktopOptions options, string template, TimeProvider clock)
{
    private const string DesktopApi = "api-version=2025-10-10", DeploymentApi = "api-version=2025-04-01", ComputeApi = "api-version=2025-04-01",
        NetworkApi = "api-version=2025-05-01", DiskApi = "api-version=2025-01-02";

    /// <summary>Tag of all that is a session's.</summary>
    private const string Tag = "session";

    private const string DeploymentPrefix = "session-";

    /// <summary>For how long a registration token is made, and how much of that must be left for another machine to start with it.</summary>
    private static readonly TimeSpan TokenLasts = TimeSpan.FromHours(2), TokenLeft = TimeSpan.FromHours(1);

    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";

    private string Sessions => $"subscriptions/{options.SubscriptionId}/resourceGroups/{options.SessionsGroup}";

    private string Pool => $"subscriptions/{options.SubscriptionId}/resourceGroups/{options.PoolGroup}/providers/Microsoft.DesktopVirtualization/hostPools/"
        + options.PoolName;

    private string Deployment(DepositId session) => $"{Sessions}/providers/Microsoft.Resources/deployments/{DeploymentPrefix}{session}";

    private string Host(DepositId session) => $"{Pool}/sessionHosts/{NameOf(session)}";

    /// <summary><c>n</c> and 14 letters and digits of the session's hash: Windows takes 15, and Entra no name twice.</summary>
    public static string NameOf(DepositId session)
    {
        var hash = Digest.Of(Encoding.UTF8.GetBytes(session.ToString())).ToArray();
        return "n" + string.Concat(hash.Take(14).Select(octet => Letters[octet & 31]));
    }

    /// <summary>The state of its deployment; null when there is none. And the code of what made it fail.</summary>
    public async Task<(string? State, string Code, TimeSpan? RetryAfter)> DeploymentAsync(DepositId session, CancellationToken cancel)
    {
        var answer = await arm.SendAsync(HttpMethod.Get, $"{Deployment(session)}?{DeploymentApi}", null, cancel).ConfigureAwait(false);
        var properties = answer.Body["properties"];
        return answer.Found ? ((string?)properties?["provisioningState"] ?? "", ResourceManager.CodeOf(properties?["error"]), answer.RetryAfter)
            : (null, "", null);
    }

    /// <summary>Object id of a user; null for nobody's name.</summary>
    public async Task<string?> UserAsync(string user, CancellationToken cancel)
    {
        var answer = await graph.SendAsync(HttpMethod.Get, $"v1.0/users/{Uri.EscapeDataString(user)}?$select=id", null, cancel).ConfigureAwait(false);
        return answer.Found ? (string?)answer.Body["id"] : null;
    }

    /// <summary>What a machine registers with: the pool's token while it lasts long enough, else a new one.</summary>
    public async Task<string> TokenAsync(CancellationToken cancel)
    {
        for (var made = false; ; made = true)
        {
            var answer = await arm.SendAsync(HttpMethod.Post, $"{Pool}/retrieveRegistrationToken?{DesktopApi}", null, cancel).ConfigureAwait(false);
            if ((string?)answer.Body["token"] is { Length: > 0 } token && DateTimeOffset.TryParse((string?)answer.Body["expirationTime"],
                CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) && until > clock.GetUtcNow() + TokenLeft)
                return token;

            if (made)
                throw new ResourceException("the pool made no registration token");

            var info = new JsonObject
            {
                ["expirationTime"] = (clock.GetUtcNow() + TokenLasts).ToString("O", CultureInfo.InvariantCulture),
                ["registrationTokenOperation"] = "Update",
            };
            var patch = new JsonObject { ["properties"] = new JsonObject { ["registrationInfo"] = info } };
            await arm.SendAsync(HttpMethod.Patch, $"{Pool}?{DesktopApi}", patch, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Begins the deployment.</summary>
    /// <returns>False when another one of that name is at work.</returns>
    public async Task<bool> DeployAsync(DepositId session, string userId, string token, string key, CancellationToken cancel)
    {
        var parameters = new JsonObject();
        foreach (var (name, value) in new (string, JsonNode)[]
        {
            ("tags", new JsonObject { [Tag] = session.ToString() }), ("sessionId", session.ToString()), ("machineName", NameOf(session)),
            ("machineSize", options.MachineSize), ("imageVersionId", options.ImageVersionId), ("subnetId", options.SubnetId),
            ("registrationToken", token), ("logRuleId", options.LogRuleId), ("platformUrl", options.Platform.GetLeftPart(UriPartial.Authority)),
            ("recorderKey", key), ("personId", userId), ("ephemeralDisk", options.EphemeralDisk),
        })
            parameters[name] = new JsonObject { ["value"] = value };

        var body = new JsonObject
        {
            ["properties"] = new JsonObject { ["mode"] = "Incremental", ["template"] = JsonNode.Parse(template), ["parameters"] = parameters },
        };
        var answer = await arm.SendAsync(HttpMethod.Put, $"{Deployment(session)}?{DeploymentApi}", body, cancel).ConfigureAwait(false);
        return answer is { Found: true, Busy: false };
    }

    /// <summary>Whether the pool has it, and people could be sent to it.</summary>
    public async Task<bool> IsAvailableAsync(DepositId session, CancellationToken cancel)
        => (string?)(await arm.SendAsync(HttpMethod.Get, $"{Host(session)}?{DesktopApi}", null, cancel).ConfigureAwait(false)).Body["properties"]?["status"]
            == "Available";

    /// <summary>Makes it the user's.</summary>
    /// <returns>False when the pool is at work on it, or has it no more.</returns>
    public async Task<bool> AssignAsync(DepositId session, string user, CancellationToken cancel)
    {
        var patch = new JsonObject { ["properties"] = new JsonObject { ["assignedUser"] = user, ["allowNewSession"] = true } };
        var answer = await arm.SendAsync(HttpMethod.Patch, $"{Host(session)}?{DesktopApi}", patch, cancel).ConfigureAwait(false);
        return answer is { Found: true, Busy: false };
    }

    /// <summary>Sessions of which anything is there: by tag, and by the names of deployments.</summary>
    public async Task<IReadOnlyList<DepositId>> KnownAsync(CancellationToken cancel)
    {
        var tagged = await arm.ListAsync($"{Sessions}/resources?$filter={Uri.EscapeDataString($"tagName eq '{Tag}'")}&{DeploymentApi}", cancel)
            .ConfigureAwait(false);
        var deployments = await arm.ListAsync($"{Sessions}/providers/Microsoft.Resources/deployments?{DeploymentApi}", cancel).ConfigureAwait(false);
        return
        [
            .. tagged.Select(resource => (string?)resource["tags"]?[Tag])
                .Concat(deployments.Select(deployment => (string?)deployment["name"] ?? "")
                    .Where(name => name.StartsWith(DeploymentPrefix, StringComparison.Ordinal)).Select(name => name[DeploymentPrefix.Length..]))
                .Select(id => id is not null && DepositId.TryParse(id, out var session) ? session : (DepositId?)null).OfType<DepositId>().Distinct(),
        ];
    }
}
