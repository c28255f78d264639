namespace Notary.Servers;

/// <summary>The app as a process of its own, as the README starts it.</summary>
public sealed class App : IAsyncDisposable
{
    private readonly ChildProcess process;

    private App(ChildProcess process, Uri url)
    {
        this.process = process;
        Url = url;
        Http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(10) };
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>A client of it without credentials.</summary>
    public HttpClient Http { get; }

    public ChildProcess Process => process;

    /// <summary>Starts the app with settings and waits until it listens.</summary>
    /// <param name="environment">Its settings.</param>
    /// <param name="log">Where to append what it says.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="executable">Another build of it; null for this one.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it said.</exception>
    public static async Task<App> StartAsync(
        IReadOnlyDictionary<string, string?> environment, string? log = null, string? executable = null, CancellationToken cancel = default)
    {
        Uri? url = null;
        var process = await ChildProcess.StartAsync(
            new ChildStart(executable ?? Executable("Host", "Notary.Host"))
            {
                Environment = environment,
                Log = log,
                Ready = (child, _) =>
                {
                    if (child.HasExited)
                        throw new InvalidOperationException(
                            $"the app ended at start-up with code {child.ExitCode}: {child.StandardError}{child.StandardOutput}");

                    var line = child.StandardOutput.Split('\n').FirstOrDefault(line => line.StartsWith("listening ", StringComparison.Ordinal));
                    url = line is null ? null : new Uri(line["listening ".Length..].Trim());
                    return Task.FromResult(url is not null);
                },
            },
            cancel);
        return new App(process, url!);
    }

    /// <summary>A client that speaks as a tenant or as the operator.</summary>
    public HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    /// <summary>Waits until it can work, which takes as long as the machine is busy.</summary>
    public async Task ReadyAsync(CancellationToken cancel = default)
    {
        while (true)
        {
            using var answer = await Http.GetAsync(new Uri("readyz", UriKind.Relative), cancel);
            if (answer.IsSuccessStatusCode)
                return;

            if (process.HasExited)
                throw new InvalidOperationException($"the app ended with code {process.ExitCode}: {process.StandardError}{process.StandardOutput}");

            await Task.Delay(50, cancel);
        }
    }

    /// <summary>Creates a tenant and a key for it, once the app's storage is open.</summary>
    public async Task<string> CreateTenantAsync(string operatorKey, string id, string name, CancellationToken cancel = default)
    {
        await ReadyAsync(cancel);
        using var client = Client(operatorKey);
        using var tenant = await client.PostAsync(new Uri("v1/operator/tenants", UriKind.Relative),
            Json(new JsonObject { ["id"] = id, ["name"] = name, ["did"] = $"did:web:notary.local:{id}" }), cancel);
        tenant.EnsureSuccessStatusCode();
        using var key = await client.PostAsync(new Uri($"v1/operator/tenants/{id}/keys", UriKind.Relative), Json([]), cancel);
        key.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await key.Content.ReadAsStringAsync(cancel))!["key"]!;
    }

    /// <summary>A one-time link by which a browser joins a tenant as its owner.</summary>
    public async Task<string> InviteAsync(string operatorKey, string tenant, string address, CancellationToken cancel = default)
    {
        using var client = Client(operatorKey);
        using var invitation = await client.PostAsync(
            new Uri($"v1/operator/tenants/{tenant}/invitations", UriKind.Relative), Json(new JsonObject { ["address"] = address }), cancel);
        invitation.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await invitation.Content.ReadAsStringAsync(cancel))!["url"]!;
    }

    /// <summary>Built output of a room, in the configuration that this process was built in.</summary>
    public static string Executable(string room, string name)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release" : "Debug";
        return Path.Combine(Repository.Root, "functions", "Doors", room, "bin", configuration, "net10.0", name);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await process.DisposeAsync();
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(JsonSerializerOptions.Default), Encoding.UTF8, "application/json");
}
