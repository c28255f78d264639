namespace Notary.Cli;

/// <summary>A file that tells, once in a while, how much of it was read: an upload of an hour must not look dead.</summary>
internal sealed class ReadProgress(FileStream file, TextWriter error) : Stream
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private long saidAt = Stopwatch.GetTimestamp();

    public override bool CanRead => true;

    public override bool CanSeek => file.CanSeek;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => file.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await file.ReadAsync(buffer, cancellationToken);
        if (Stopwatch.GetElapsedTime(saidAt) > Between)
        {
            saidAt = Stopwatch.GetTimestamp();
            await error.WriteLineAsync($"sent {file.Position} of {file.Length} bytes");
        }

        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
