namespace Notary.Servers;

/// <summary>The office's own OpenID provider, with which its staff signs in: npm's oidc-provider on loopback. Of its six people one has no role.</summary>
public sealed class OidcProvider : IAsyncDisposable
{
    /// <summary>What it knows the app as.</summary>
    public const string ClientId = "notary";

    private readonly ChildProcess process;
    private readonly string tickets;

    private OidcProvider(ChildProcess process, Uri issuer, string secret, string tickets)
        => (this.process, Issuer, ClientSecret, this.tickets) = (process, issuer, secret, tickets);

    public Uri Issuer { get; }

    public string ClientSecret { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="publicUrl">Where browsers see the app: its callback is registered.</param>
    /// <param name="port">Loopback port; 0 picks a free one.</param>
    /// <param name="secret">The client's secret.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<OidcProvider> StartAsync(Uri publicUrl, int port = 0, string? secret = null, CancellationToken cancel = default)
    {
        var (chosen, shared) = (port == 0 ? ChildProcess.FreePort() : port, secret ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        var tickets = Directory.CreateTempSubdirectory("notary-tickets-").FullName;
        var process = await ChildProcess.StartAsync(
            new ChildStart("node", Path.Combine(Repository.Root, "tests", "Servers", "oidc-provider.mjs"),
                $"{chosen}", shared, new Uri(publicUrl, "/sign-in/staff/callback").ToString(), tickets)
            {
                Ready = (child, _) => Task.FromResult(child.StandardOutput.Contains("listening ", StringComparison.Ordinal)),
            },
            cancel);
        return new OidcProvider(process, new Uri($"http://127.0.0.1:{chosen}"), shared, tickets);
    }

    /// <summary>The app's settings.</summary>
    public void Configure(IDictionary<string, string?> environment)
    {
        environment["Notary__Staff__Issuer"] = Issuer.GetLeftPart(UriPartial.Authority);
        environment["Notary__Staff__ClientId"] = ClientId;
        environment["Notary__Staff__ClientSecret"] = ClientSecret;
    }

    /// <summary>A link that signs a browser in as one of the staff, once.</summary>
    /// <param name="account">clerk, notary, notary2, auditor, operator or cook.</param>
    public async Task<Uri> LinkAsync(string account, CancellationToken cancel = default)
    {
        var ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(Path.Combine(tickets, ticket), account, cancel);
        return new Uri(Issuer, $"/as/{ticket}");
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        Directory.Delete(tickets, recursive: true);
    }
}
