using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Notary.Webhooks;

/// <summary>What came of one attempt.</summary>
internal sealed record Sent(DateTimeOffset At, TimeSpan Took, string? Address, int? Status, string Outcome, byte[] Answer, TimeSpan? RetryAfter)
{
    /// <summary>The one good outcome.</summary>
    public const string Delivered = "delivered";

    /// <summary>The process ended while it was under way: nobody knows what came of it.</summary>
    public const string CutOff = "cut-off";

    public bool Good => Outcome == Delivered;

    public bool Gone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>
/// Sends to addresses that strangers chose.
///  1. The name is resolved once for a connection.
///  2. Every address it has is judged: one that is forbidden forbids the name.
///  3. One of those very addresses is dialled. No proxy, no redirect, nothing asked of the resolver again.
///  4. Five seconds for all that and TLS, fifteen in all; at most 64 KiB of answer.
/// </summary>
public sealed class Sender : IDisposable
{
    /// <summary>What is asked for an outcome: short, since it is public (docs/partners.md).</summary>
    private const string Refused = "address-forbidden", NoName = "name-unknown", NoConnection = "connection-failed", NoTls = "tls-failed",
        TooLong = "timed-out", TooMuch = "answer-too-large", Redirect = "redirected", NotGood = "refused", Broken = "connection-lost";

    /// <summary>A connection is used again so long: a name that moves is followed within it.</summary>
    private static readonly TimeSpan Reuse = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    private readonly bool allowLoopback;
    private readonly TimeProvider clock;
    private readonly HttpClient http;
    private readonly ConcurrentDictionary<string, string> dialled = new(StringComparer.Ordinal);

    /// <summary>Hosts whose last address is remembered, for attempts that go by a connection that is there.</summary>
    private const int MaxDialled = 10_000;

    /// <param name="allowLoopback">Local runs only: http, and this machine's own addresses.</param>
    /// <param name="clock">For durations and limits.</param>
    public Sender(bool allowLoopback, TimeProvider clock)
    {
        (this.allowLoopback, this.clock) = (allowLoopback, clock);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = WebhookLimits.ConnectTimeout,
            MaxResponseHeadersLength = WebhookLimits.MaxAnswerHeadersKiB,
            PooledConnectionLifetime = Reuse,
            PooledConnectionIdleTimeout = Idle,
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Notary.Serverless", "1"));
    }

    /// <summary>Sends one event, signed at this moment.</summary>
    internal async Task<Sent> SendAsync(Uri url, string id, byte[] body, IReadOnlyList<byte[]> secrets, CancellationToken cancel)
    {
        var (at, start) = (clock.GetUtcNow(), clock.GetTimestamp());
        using var late = new CancellationTokenSource(WebhookLimits.TotalTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json") { CharSet = "utf-8" };
        var seconds = at.ToUnixTimeSeconds();
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secrets, id, seconds, body));
        var answer = new MemoryStream();
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            var whole = await ReadAsync(response.Content, answer, either.Token).ConfigureAwait(false);
            var outcome = status is >= 200 and < 300 ? whole ? Sent.Delivered : TooMuch : status is >= 300 and < 400 ? Redirect : NotGood;
            return Result(status, outcome, RetryAfter(response.Headers.RetryAfter, at));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Result(null, TooLong, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Result(null, Explain(e), null);
        }

        Sent Result(int? status, string outcome, TimeSpan? retryAfter) => new(at, clock.GetElapsedTime(start),
            dialled.GetValueOrDefault(url.Authority), status, outcome, answer.ToArray()[..(int)Math.Min(answer.Length, WebhookLimits.KeptAnswer)], retryAfter);
    }

    public void Dispose() => http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        // 1
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var authority = context.InitialRequestMessage.RequestUri!.Authority;
        dialled.TryRemove(authority, out _);
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new UndialledException(NoName, e);
        }

        // 2
        if (addresses.Length == 0)
            throw new UndialledException(NoName);

        if (!addresses.All(address => AddressRules.MayDial(address, allowLoopback)))
            throw new UndialledException(Refused);

        // 3
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            var socket = new Socket(real.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (dialled.Count >= MaxDialled)
                    dialled.Clear();

                dialled[authority] = new IPEndPoint(real, port).ToString();
                await socket.ConnectAsync(real, port, cancel).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new UndialledException(NoConnection, last);
    }

    /// <summary>Reads an answer up to the limit; false when it goes on.</summary>
    private static async Task<bool> ReadAsync(HttpContent content, MemoryStream answer, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var chunk = new byte[4096];
        for (int read; (read = await stream.ReadAsync(chunk, cancel).ConfigureAwait(false)) > 0;)
        {
            answer.Write(chunk, 0, read);
            if (answer.Length > WebhookLimits.MaxAnswer)
                return false;
        }

        return true;
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
        => header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > now => date - now,
            _ => null,
        };

    private static string Explain(Exception e) => e switch
    {
        HttpRequestException { InnerException: UndialledException undialled } => undialled.Outcome,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => NoTls,
        HttpRequestException { InnerException: TaskCanceledException or TimeoutException } => TooLong,
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => TooMuch,
        _ => Broken,
    };

    private sealed class UndialledException(string outcome, Exception? cause = null) : IOException("not dialled", cause)
    {
        public string Outcome => outcome;
    }
}
