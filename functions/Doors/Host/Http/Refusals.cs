using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Notary.Host.Http;

/// <summary>Gives Kestrel's own refusals a problem for a body: what is not HTTP at all never reaches the middleware.</summary>
/// <remarks>
/// Kestrel offers no hook for them, so this stands behind it on the connection. While the app is at work on a request
/// nothing is looked at: what it writes then may be anybody's file. Otherwise a short head of an error without content
/// and without the correlation id, which <see cref="ProblemMiddleware"/> puts on each of ours, is a refusal. Nothing is
/// copied: the head is looked at in the memory where Kestrel has just written it.
/// </remarks>
internal static class Refusals
{
    /// <summary>Status line and headers of a refusal are far shorter; a longer write is content.</summary>
    private const int MaxHead = 512;

    /// <summary>Head and problem together; Kestrel's memory comes in pieces of 4 KiB.</summary>
    private const int MaxAnswer = 1024;

    private static ReadOnlySpan<byte> Start => "HTTP/1.1 "u8;

    private static ReadOnlySpan<byte> NoContent => "Content-Length: 0\r\n"u8;

    public static void Explain(IConnectionBuilder connections)
        => connections.Use(next => connection =>
        {
            var writer = new Writer(connection.Transport.Output);
            connection.Items[typeof(Refusals)] = writer;
            connection.Transport = new Transport(connection.Transport.Input, writer);
            return next(connection);
        });

    /// <summary>Says whether the app is at work on a request of this connection.</summary>
    public static void Pause(HttpContext http, bool appAtWork)
    {
        if (http.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(typeof(Refusals), out var writer) == true)
            ((Writer)writer!).Paused = appAtWork;
    }

    /// <summary>The refusal's whole answer, or null when the bytes are no refusal.</summary>
    internal static byte[]? Answer(ReadOnlySpan<byte> head)
    {
        if (head.Length > MaxHead || !head.StartsWith(Start) || !head.EndsWith("\r\n\r\n"u8) || head[Start.Length] is not ((byte)'4' or (byte)'5')
            || head.IndexOf(NoContent) < 0 || head.IndexOf(Encoding.ASCII.GetBytes($"\r\n{CorrelationId.Header}:")) >= 0)
        {
            return null;
        }

        var status = int.Parse(head.Slice(Start.Length, 3), System.Globalization.CultureInfo.InvariantCulture);
        var correlation = Guid.NewGuid().ToString("N");
        var problem = new Problem("about:blank", ReasonPhrases.GetReasonPhrase(status), status, FaultStatus.Of(status).Code(),
            "the request is not well-formed HTTP or beyond the server's bounds", correlation, null);
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, StrictJson.Options);
        var text = Encoding.ASCII.GetString(head).Replace(
            Encoding.ASCII.GetString(NoContent),
            string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"Content-Length: {body.Length}\r\nContent-Type: {Problem.MediaType}\r\n{CorrelationId.Header}: {correlation}\r\n"),
            StringComparison.Ordinal);
        return [.. Encoding.ASCII.GetBytes(text), .. body];
    }

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    private sealed class Writer(PipeWriter inner) : PipeWriter
    {
        private Memory<byte> given;

        public bool Paused { get; set; }

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => given = inner.GetMemory(Math.Max(sizeHint, MaxAnswer));

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (!Paused && Answer(given.Span[..Math.Min(bytes, given.Length)]) is { } answer && answer.Length <= given.Length)
            {
                answer.CopyTo(given);
                bytes = answer.Length;
            }

            given = default;
            inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
            => inner.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
