using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Notary.Orchestration;

/// <summary>Does not ask an empty queue again and again: the framework looks every 50 ms at first, at the price of half of a deposit's storage calls.
/// And does not let it put a message away for long.</summary>
/// <remarks>
/// A look reaches the queue when this process has sent something that is visible by now, when the look before found
/// something, or when <see cref="TaskHub.IdlePoll"/> has passed, which finds what other processes sent or a dead one left.
/// Any other look is answered here: there is nothing.
/// The framework puts back what it cannot use yet, such as an answer that came before its question was written down, for 2 to the power of how often
/// it was read, up to ten minutes. Our messages are hidden for seconds only (<see cref="TaskHub.Visibility"/>), so on a busy machine they are read often.
/// </remarks>
internal sealed class PatientLooks(TimeProvider clock) : HttpPipelinePolicy
{
    private const string Messages = "/messages";

    private readonly ConcurrentDictionary<string, Looks> queues = new(StringComparer.Ordinal);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        => ProcessAsync(message, pipeline, isAsync: false).AsTask().GetAwaiter().GetResult();

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        => ProcessAsync(message, pipeline, isAsync: true);

    private async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline, bool isAsync)
    {
        var (path, method) = (message.Request.Uri.Path, message.Request.Method);
        var at = path.IndexOf(Messages, StringComparison.Ordinal);
        var queue = at < 0 ? null : queues.GetOrAdd(path[..at], _ => new Looks());
        var look = queue is not null && method == RequestMethod.Get;
        if (queue is not null && method == RequestMethod.Put && Hidden(message.Request.Uri.Query) is var hidden && hidden > TaskHub.Visibility)
            message.Request.Uri.Query = message.Request.Uri.Query.Replace(For(hidden), For(TaskHub.PutBack), StringComparison.Ordinal);

        if (look && !queue!.IsDue(clock.GetUtcNow()))
        {
            message.Response = new NothingThere { ClientRequestId = message.Request.ClientRequestId };
            return;
        }

        var found = true;
        try
        {
            if (isAsync)
                await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
            else
                ProcessNext(message, pipeline);

            found = !look || message.Response.Status != 200 || message.Response.Content.ToMemory().Span.IndexOf("<QueueMessage>"u8) >= 0;
        }
        finally
        {
            // What is sent or hidden anew is there then, whatever became of the answer.
            if (look)
                queue!.Looked(found ? clock.GetUtcNow() : clock.GetUtcNow() + TaskHub.IdlePoll);
            else if (method == RequestMethod.Post || method == RequestMethod.Put)
                queue?.Expect(clock.GetUtcNow() + Hidden(message.Request.Uri.Query));
        }
    }

    private const string Name = "visibilitytimeout=";

    private static string For(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Name}{(int)time.TotalSeconds}");

    private static TimeSpan Hidden(string query)
    {
        var at = query.IndexOf(Name, StringComparison.Ordinal);
        var digits = at < 0 ? "" : query[(at + Name.Length)..].Split('&')[0];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
    }

    /// <summary>When a queue is worth a look.</summary>
    private sealed class Looks
    {
        private readonly SortedSet<DateTimeOffset> expected = [];
        private DateTimeOffset next = DateTimeOffset.MinValue;

        /// <summary>Whether to look now; then nothing that is visible by now is expected any more.</summary>
        public bool IsDue(DateTimeOffset now)
        {
            lock (expected)
                return next <= now | expected.RemoveWhere(at => at <= now) > 0;
        }

        public void Looked(DateTimeOffset again)
        {
            lock (expected)
                next = again;
        }

        public void Expect(DateTimeOffset at)
        {
            lock (expected)
                expected.Add(at);
        }
    }

    /// <summary>A queue's answer when it is empty.</summary>
    private sealed class NothingThere : Response
    {
        public override int Status => 200;

        public override string ReasonPhrase => "OK";

        public override Stream? ContentStream { get; set; } = new MemoryStream("<QueueMessagesList />"u8.ToArray());

        public override string ClientRequestId { get; set; } = "";

        // Read after its message is disposed of, like any answer that was buffered.
        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

        protected override bool TryGetHeader(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            value = null;
            return false;
        }

        protected override bool TryGetHeaderValues(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = null;
            return false;
        }
    }
}
