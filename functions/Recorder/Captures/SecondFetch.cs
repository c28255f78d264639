using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Captures;

/// <summary>Asks for a page outside the desktop and its browser: by this process, by its own resolver, by the roots of the package ca-certificates, without
/// cookies; by another way to the site where a proxy is given.</summary>
/// <param name="roots">PEM.</param>
/// <param name="allow">Services that may be asked although they are not on the public network: the desktop's own.</param>
/// <param name="proxy">The other way; null for this machine's.</param>
/// <param name="clock">Ours.</param>
internal sealed class SecondFetch(string roots, IReadOnlyList<IPEndPoint> allow, Uri? proxy, TimeProvider clock)
{
    /// <summary>Redirections that are followed: browsers give up after twenty.</summary>
    private const int MostRedirects = 10;

    /// <summary>Characters of a reason.</summary>
    private const int MostDetail = 300;

    /// <summary>For all of it: a capture waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="page">http or https.</param>
    /// <param name="agent">What the browser calls itself: a site may answer others otherwise.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What was said, and how it ended.</returns>
    public async Task<(IReadOnlyList<Exchange> Exchanges, SecondFetched Ended)> FetchAsync(Uri page, string agent, CancellationToken cancel)
    {
        var exchanges = new List<Exchange>();
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            using var handler = Handler();
            using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = CaptureFormat.MaxBody };
            for (var at = page; exchanges.Count <= MostRedirects;)
            {
                var exchange = await AskAsync(http, at, agent, both.Token);
                exchanges.Add(exchange);
                if (exchange.Status is not (301 or 302 or 303 or 307 or 308) || Field(exchange, "location") is not { } next
                    || !Uri.TryCreate(at, next, out var to))
                    return (exchanges, Ended(exchange));

                if (to.Scheme != Uri.UriSchemeHttp && to.Scheme != Uri.UriSchemeHttps)
                    return (exchanges, Failed(exchange, "it leads to what is neither http nor https"));

                at = to;
            }

            return (exchanges, Failed(exchanges[^1], "it leads on and on"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            var why = patience.IsCancellationRequested ? $"no answer within {Patience.TotalSeconds} s" : e.GetBaseException().Message;
            return (exchanges, new SecondFetched(SecondOutcome.Failed, Archive.Bare(page.AbsoluteUri), 0, Cut(why)));
        }
    }

    private SecondFetched Ended(Exchange exchange)
        => Field(exchange, "content-type")?.Split(';')[0].Trim().ToLowerInvariant() is "text/html" or "application/xhtml+xml"
            ? new(SecondOutcome.Fetched, exchange.Address, exchange.Status, proxy is null ? "directly" : $"by way of {proxy.Authority}")
            : Failed(exchange, "it is no document");

    private static SecondFetched Failed(Exchange exchange, string why) => new(SecondOutcome.Failed, exchange.Address, exchange.Status, why);

    private async Task<Exchange> AskAsync(HttpClient http, Uri at, string agent, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        var now = clock.GetUtcNow();
        using var answer = await http.SendAsync(request, cancel);
        var body = await answer.Content.ReadAsByteArrayAsync(cancel);
        var fields = answer.Headers.Concat(answer.Content.Headers).SelectMany(h => h.Value.Select(value => (h.Key, value))).ToList();
        return new Exchange(Archive.Bare(at.AbsoluteUri), now, "GET", [("User-Agent", agent)], (int)answer.StatusCode, answer.ReasonPhrase ?? "", fields, body);
    }

    private SocketsHttpHandler Handler()
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(roots);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = proxy is not null,
            Proxy = proxy is null ? null : new WebProxy(proxy),
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
    }

    // The page says where to: what is this machine's, its neighbours' or its cloud's is none of the page's, whatever a name says the second time.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancel);
        var given = proxy is not null && host == proxy.Host && port == proxy.Port;
        var open = addresses.Where(a => given || allow.Contains(new IPEndPoint(a, port)) || NetworkSpace.IsPublic(a)).ToArray();
        if (open.Length == 0)
            throw new IOException($"{host} is not on the public network");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string? Field(Exchange exchange, string name)
        => exchange.Answered.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string Cut(string text) => text.Length <= MostDetail ? text : text[..MostDetail];
}
