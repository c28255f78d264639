using System.Net;
using System.Net.Http.Headers;
using Notary.Verification;

namespace Notary.Timestamping;

/// <summary>Speaks RFC 3161 over HTTP (§3.4) to one authority and hands on only tokens that passed every check.</summary>
/// <param name="http">Shared; best made by <see cref="CreateHttpClient"/>. One that follows redirects is noticed and its answer refused.</param>
public sealed class TsaClient
{
    private const string QueryType = "application/timestamp-query";
    private const string ReplyType = "application/timestamp-reply";

    private readonly HttpClient http;
    private readonly TsaOptions options;
    private readonly TimeProvider clock;
    private readonly TokenVerifier verifier;

    public TsaClient(HttpClient http, TsaOptions options, TimeProvider clock)
    {
        options.Validate();
        this.http = http;
        this.options = options;
        this.clock = clock;
        verifier = new TokenVerifier(options.Roots, options.PolicyOid);
    }

    /// <summary>The authority's name.</summary>
    public string Name => options.Name;

    internal TsaOptions Options => options;

    /// <summary>A client without redirects, cookies or decompression, none of which RFC 3161 knows, and with bounded headers.</summary>
    public static HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 16, // KiB
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // an authority that moves is found again
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each exchange has its own, by our clock
    };

    /// <summary>Asks for one token over <paramref name="imprint"/> (SHA-256 of the data).</summary>
    /// <returns>Always an answer; the only exception is the caller's own cancellation.</returns>
    public async Task<TsaReply> StampAsync(Digest imprint, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        var query = TimeStampQuery.Create(imprint, options.PolicyOid);
        var sent = clock.GetUtcNow();
        var ticks = clock.GetTimestamp();
        try
        {
            var (body, failure) = await ExchangeAsync(query.Der, both.Token).ConfigureAwait(false);
            var elapsed = clock.GetElapsedTime(ticks); // both clocks are read before judging, whose time is no drift
            return failure ?? Judge(body, imprint, query.Nonce, sent, clock.GetUtcNow(), elapsed);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new TsaReply.Unreachable($"no complete answer within {options.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new TsaReply.Unreachable(
                e is HttpRequestException { HttpRequestError: var error } ? $"the exchange failed: {error}" : "the connection broke");
        }
    }

    private async Task<(byte[] Body, TsaReply? Failure)> ExchangeAsync(byte[] query, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(query) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(QueryType);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ReplyType));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);

        if (response.RequestMessage?.RequestUri != options.Url)
            return ([], new TsaReply.Refused("the answer came from another address, after a redirect"));

        if (response.StatusCode != HttpStatusCode.OK)
        {
            var status = (int)response.StatusCode;
            var later = status >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
            return ([], later ? new TsaReply.Unreachable($"HTTP status {status}") : new TsaReply.Refused($"HTTP status {status}"));
        }

        if (!ReplyType.Equals(response.Content.Headers.ContentType?.MediaType, StringComparison.OrdinalIgnoreCase))
            return ([], new TsaReply.Invalid("media-type", $"the answer's media type is not {ReplyType}"));

        var body = await ReadBoundedAsync(response.Content, cancel).ConfigureAwait(false);
        return body is null
            ? ([], new TsaReply.Invalid(TokenCodes.TooLarge, $"the answer is longer than {options.MaxReplyBytes} bytes"))
            : (body, null);
    }

    /// <summary>Reads up to the bound and one byte more; never trusts the announced length alone.</summary>
    private async Task<byte[]?> ReadBoundedAsync(HttpContent content, CancellationToken cancel)
    {
        if (content.Headers.ContentLength > options.MaxReplyBytes)
            return null;

        var buffer = new byte[options.MaxReplyBytes + 1];
        using var stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return read > options.MaxReplyBytes ? null : buffer[..read];
    }

    private TsaReply Judge(byte[] body, Digest imprint, byte[] nonce, DateTimeOffset sent, DateTimeOffset received, TimeSpan elapsed)
    {
        if (!TokenResponse.TryParse(body, out var response, out var why))
            return new TsaReply.Invalid(TokenCodes.Malformed, why);

        if (!response.IsGranted)
            return new TsaReply.Refused(response.Describe());

        if (response.Token is not { } token)
            return new TsaReply.Invalid(TokenCodes.TokenMissing, "granted, but no token came with it");

        var check = verifier.Check(token, imprint, nonce);
        if (!check.Ok)
            return new TsaReply.Invalid(check.Code, check.Reason);

        if (check.BeyondOpenSsl is { } beyond)
            return new TsaReply.Invalid(TokenCodes.Recipe, $"the token has {beyond}, which stock tools do not verify");

        var genTime = check.GenTime!.Value;

        // Seen from both ends: our own clock may have been set while we waited, which only the monotonic one notices.
        var fromStart = Drift(genTime, sent, elapsed);
        var fromEnd = Drift(genTime, received - elapsed, elapsed);
        var drift = fromStart.Duration() > fromEnd.Duration() ? fromStart : fromEnd;
        return drift.Duration() > options.MaxSkew
            ? new TsaReply.OffTime(drift, $"genTime is {Describe(drift)} our clock, more than {options.MaxSkew.TotalSeconds:0.#} s")
            : new TsaReply.Granted(new StampedToken(Name, token.ToArray(), genTime), drift);
    }

    /// <summary>How far genTime lies outside the exchange. Authorities may cut genTime to the whole second, so up to a second early is none.</summary>
    private static TimeSpan Drift(DateTimeOffset genTime, DateTimeOffset sent, TimeSpan elapsed)
    {
        var earliest = sent - TimeSpan.FromSeconds(1);
        var latest = sent + elapsed;
        return genTime < earliest ? genTime - earliest : genTime > latest ? genTime - latest : TimeSpan.Zero;
    }

    internal static string Describe(TimeSpan drift) => $"{drift.Duration().TotalSeconds:0.#} s {(drift < TimeSpan.Zero ? "behind" : "ahead of")}";
}
