using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Notary.Host.Http;

/// <summary>What a request may cost before anybody knows who sent it.</summary>
internal static class RequestBounds
{
    /// <summary>Bytes of all headers together that we serve; beyond it 431 with a code.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    // Kestrel's own bound answers without a body, so it stands above ours and only stops floods.
    private const int KestrelHeaderBytes = 64 * 1024;
    private const int MaxHeaders = 100;

    // Percent-encoded notes of 8 KiB triple; the rest is path.
    private const int MaxRequestLineBytes = 32 * 1024;

    // Above what any JSON route takes (StrictJson.MaxBodyBytes), so that a body somewhat too large is read off the wire
    // and its sender reads the 413 instead of a reset. File routes lift it.
    private const long KestrelBodyBytes = 32 * 1024 * 1024;

    // Slow-loris: a client that says nothing for this long holds a connection for nothing.
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(130);

    // Read ahead for each connection, also while an upload waits for its turn: half of Kestrel's default.
    private const long ReadAheadBytes = 512 * 1024;

    // 240 bytes a second is a 2400-baud modem; below it the other side is stalling on purpose or gone.
    private static readonly MinDataRate MinBodyRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));

    // An answer counts as taken when the kernel took it, some MiB of it, and what was taken fast is credit for later: at
    // Kestrel's 240 bytes a second a client that never reads would keep its connection for hours, at this rate for minutes.
    // Still half of what networks leave to a phone whose quota is used up.
    private static readonly MinDataRate MinAnswerRate = new(bytesPerSecond: 8 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    public static void Apply(KestrelServerOptions kestrel, int maxConnections)
    {
        kestrel.AddServerHeader = false;

        // Kestrel's own reader refuses a header that is not UTF-8 without saying which. This one puts U+FFFD, and DemandHeaders says it.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.UTF8;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = KestrelBodyBytes;
        limits.MaxRequestHeadersTotalSize = KestrelHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.MaxRequestBufferSize = ReadAheadBytes;
        limits.KeepAliveTimeout = KeepAlive;
        limits.MinRequestBodyDataRate = MinBodyRate;
        limits.MinResponseDataRate = MinAnswerRate;
        limits.MaxConcurrentConnections = maxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
    }

    /// <exception cref="FaultException">HeadersTooLarge; Malformed when one is not UTF-8.</exception>
    public static void DemandHeaders(HttpRequest request)
    {
        var (total, broken) = (0, (string?)null);
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values)
            {
                total += name.Length + (value?.Length ?? 0) + 4;
                broken = value?.Contains('\uFFFD', StringComparison.Ordinal) == true ? name : broken;
            }
        }

        if (total > MaxHeaderBytes)
            throw new FaultException(Fault.HeadersTooLarge, $"the headers may have {MaxHeaderBytes} bytes together");

        if (broken is not null)
            throw new FaultException(Fault.Malformed, $"the header {broken} is not UTF-8, or has U+FFFD in it, which stands for what was not");
    }
}
