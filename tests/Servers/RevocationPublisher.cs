namespace Notary.Servers;

/// <summary>A certification authority's door on the loopback interface: <c>GET /crl</c> gives its revocation list.</summary>
public sealed class RevocationPublisher : IAsyncDisposable
{
    private readonly WebApplication app;

    private RevocationPublisher(TestRevocations revocations, int port)
    {
        Revocations = revocations;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        app = builder.Build();
        revocations.Map(app, "/crl");
    }

    public TestRevocations Revocations { get; }

    /// <summary>What certificates name as their distribution point.</summary>
    public Uri Url => new(new Uri(app.Urls.First()), "/crl");

    /// <summary>Starts on 127.0.0.1; port 0 takes a free one.</summary>
    public static async Task<RevocationPublisher> StartAsync(TestRevocations revocations, int port = 0)
    {
        var publisher = new RevocationPublisher(revocations, port);
        await publisher.app.StartAsync().ConfigureAwait(false);
        return publisher;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
