namespace Notary.Servers;

/// <summary>A real RFC 3161 authority over HTTP on the loopback interface, with its own root and revocation list, that can be told to misbehave.</summary>
public sealed class TimestampAuthority : IAsyncDisposable
{
    private const string QueryType = "application/timestamp-query";
    private const string ReplyType = "application/timestamp-reply";
    private const int HugeBytes = 100 * 1024 * 1024;
    private const int MaxQueryBytes = 8 * 1024; // an honest query has about 100
    private static readonly TimeSpan SlowBeat = TimeSpan.FromMilliseconds(200);

    private readonly TimestampAuthorityOptions options;
    private TimestampIssuer issuer = null!;
    private readonly WebApplication app;
    private volatile TimestampAuthorityMode mode;
    private volatile byte[] lastQuery = [];
    private long offsetTicks;
    private int requests;

    private TimestampAuthority(TimestampAuthorityOptions options, int port)
    {
        this.options = options;
        RootWithKey = TestCertificates.OpenRoot(options.Folder, options.Name + "-root", options.Name + " Root CA", options.Key);
        Root = X509CertificateLoader.LoadCertificate(RootWithKey.RawData);
        Revocations = new TestRevocations(RootWithKey, options.Folder, options.Name);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(System.Net.IPAddress.Loopback, port);
            k.Limits.MaxRequestBodySize = MaxQueryBytes;
        });
        app = builder.Build();
        app.MapPost("/tsa", context => AnswerAsync(context, Mode));
        Revocations.Map(app, "/crl");
        app.MapPost("/elsewhere", context => AnswerAsync(context, TimestampAuthorityMode.Honest));
    }

    /// <summary>Starts on 127.0.0.1; port 0 takes a free one.</summary>
    public static async Task<TimestampAuthority> StartAsync(TimestampAuthorityOptions? options = null, int port = 0)
    {
        var authority = new TimestampAuthority(options ?? new TimestampAuthorityOptions(), port);
        await authority.app.StartAsync().ConfigureAwait(false);
        authority.OpenCertificate();
        return authority;
    }

    public string Name => options.Name;

    /// <summary>Where queries are posted.</summary>
    public Uri Url => new(new Uri(app.Urls.First()), "/tsa");

    /// <summary>The certificate to pin; without private key.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>The certificate that signs honest tokens; it names <see cref="Revocations"/>' address.</summary>
    public X509Certificate2 Certificate { get; private set; } = null!;

    /// <summary>The root with its private key, to issue and revoke as it would.</summary>
    public X509Certificate2 RootWithKey { get; }

    /// <summary>The root's revocation list.</summary>
    public TestRevocations Revocations { get; }

    public string PolicyOid => options.PolicyOid;

    /// <summary>Takes effect with the next query.</summary>
    public TimestampAuthorityMode Mode
    {
        get => mode;
        set => mode = value;
    }

    /// <summary>Added to the clock, to make an authority whose time is wrong while all else is right.</summary>
    public TimeSpan TimeOffset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref offsetTicks));
        set => Interlocked.Exchange(ref offsetTicks, value.Ticks);
    }

    /// <summary>Queries received so far, in whatever mode.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>The DER of the latest query.</summary>
    public ReadOnlyMemory<byte> LastQuery => lastQuery;

    /// <summary>The answer to a query without HTTP, such as one made by <c>openssl ts -query</c>.</summary>
    public byte[] Answer(byte[] query, TimestampAuthorityMode how = TimestampAuthorityMode.Honest)
    {
        try
        {
            return issuer.Answer(TimestampQuery.Parse(query), options.Clock.GetUtcNow() + TimeOffset, how);
        }
        catch (AsnContentException)
        {
            const int BadDataFormat = 5;
            return TimestampDer.Response(2, text: "not a time-stamp query", failure: BadDataFormat);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync().ConfigureAwait(false);
        Root.Dispose();
        Certificate.Dispose();
        RootWithKey.Dispose();
    }

    /// <summary>Only now is the port known that the certificate names.</summary>
    private void OpenCertificate()
    {
        var crl = new Uri(new Uri(app.Urls.First()), "/crl");
        Certificate = TestCertificates.OpenTimestamper(options.Folder, options.Name + "-tsa", RootWithKey, options.Name + " TSA", options.Key, crl);
        issuer = new TimestampIssuer(options, RootWithKey, Certificate);
    }

    private async Task AnswerAsync(HttpContext context, TimestampAuthorityMode how)
    {
        Interlocked.Increment(ref requests);
        var response = context.Response;
        if (context.Request.ContentType != QueryType)
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        lastQuery = body.ToArray();
        var answer = Answer(lastQuery, how);
        response.ContentType = how == TimestampAuthorityMode.WrongMediaType ? "application/octet-stream" : ReplyType;
        response.StatusCode = how switch
        {
            TimestampAuthorityMode.ServerError => StatusCodes.Status500InternalServerError,
            TimestampAuthorityMode.NotFound => StatusCodes.Status404NotFound,
            TimestampAuthorityMode.Redirect => StatusCodes.Status307TemporaryRedirect,
            _ => StatusCodes.Status200OK,
        };
        try
        {
            await SendAsync(context, how, answer).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client has had enough, as it should.
        }
    }

    private static async Task SendAsync(HttpContext context, TimestampAuthorityMode how, byte[] answer)
    {
        var (response, gone) = (context.Response, context.RequestAborted);
        switch (how)
        {
            case TimestampAuthorityMode.Redirect:
                response.Headers.Location = "/elsewhere";
                return;
            case TimestampAuthorityMode.Silent:
                await Task.Delay(Timeout.InfiniteTimeSpan, gone).ConfigureAwait(false);
                return;
            case TimestampAuthorityMode.Slow:
                response.ContentLength = answer.Length;
                foreach (var one in answer)
                {
                    await response.Body.WriteAsync(new[] { one }, gone).ConfigureAwait(false);
                    await response.Body.FlushAsync(gone).ConfigureAwait(false);
                    await Task.Delay(SlowBeat, gone).ConfigureAwait(false);
                }

                return;
            case TimestampAuthorityMode.Huge or TimestampAuthorityMode.HugeUnannounced:
                response.ContentLength = how == TimestampAuthorityMode.Huge ? HugeBytes : null;
                var piece = RandomNumberGenerator.GetBytes(64 * 1024);
                answer.CopyTo(piece, 0);
                for (var sent = 0; sent < HugeBytes && !gone.IsCancellationRequested; sent += piece.Length)
                    await response.Body.WriteAsync(piece, gone).ConfigureAwait(false);

                return;
            case TimestampAuthorityMode.Broken:
                response.ContentLength = answer.Length;
                await response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2), gone).ConfigureAwait(false);
                await response.Body.FlushAsync(gone).ConfigureAwait(false);
                context.Abort();
                return;
            default:
                var bytes = how switch
                {
                    TimestampAuthorityMode.Garbage => RandomNumberGenerator.GetBytes(answer.Length),
                    TimestampAuthorityMode.Empty => [],
                    TimestampAuthorityMode.Truncated => answer[..(answer.Length / 2)],
                    _ => answer,
                };
                response.ContentLength = bytes.Length;
                await response.Body.WriteAsync(bytes, gone).ConfigureAwait(false);
                return;
        }
    }
}
