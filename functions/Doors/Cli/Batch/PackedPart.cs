using System.IO.Compression;
using System.Net;

namespace Notary.Cli;

/// <summary>A part of a source as a request's body, packed while it is sent.</summary>
internal sealed class PackedPart : HttpContent
{
    private const int CopyBytes = 1 << 20;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly BatchSource source;
    private readonly BatchPart part;
    private readonly TextWriter error;

    public PackedPart(BatchSource source, BatchPart part, TextWriter error)
    {
        (this.source, this.part, this.error) = (source, part, error);
        Headers.ContentType = new MediaTypeHeaderValue(Evidence.Batches.BatchFormat.MediaType);
        Headers.ContentEncoding.Add("gzip");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var file = source.Open();
        file.Position = part.Offset;
        await using var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        var (buffer, left, said) = (new byte[CopyBytes], part.Length, Stopwatch.GetTimestamp());
        while (left > 0)
        {
            var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
            if (read == 0)
                throw new IOException("the list became shorter while it was sent");

            await gzip.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
            if (Stopwatch.GetElapsedTime(said) > Between)
            {
                said = Stopwatch.GetTimestamp();
                await error.WriteLineAsync($"sent {part.Length - left} of {part.Length} bytes");
            }
        }
    }
}
