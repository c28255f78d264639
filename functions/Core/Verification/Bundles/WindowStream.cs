namespace Notary.Verification;

/// <summary>A part of a seekable stream, read forwards. Does not own the stream.</summary>
internal sealed class WindowStream(Stream whole, long offset, long length) : Stream
{
    private long at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => at; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int start, int count)
    {
        whole.Position = offset + at;
        var read = whole.Read(buffer, start, (int)Math.Min(count, length - at));
        at += read;
        return read;
    }

    // The base class would hand each read to another thread.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        whole.Position = offset + at;
        var read = await whole.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - at)], cancellationToken);
        at += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long to, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}
