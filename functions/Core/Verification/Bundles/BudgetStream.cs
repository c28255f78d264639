namespace Notary.Verification;

/// <summary>A seekable stream of which only so many bytes may be read before <see cref="Lift"/>. Does not own the stream.</summary>
internal sealed class BudgetStream(Stream whole, long budget) : Stream
{
    private long left = budget;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => whole.Length;

    public override long Position { get => whole.Position; set => whole.Position = value; }

    /// <summary>From here on everything may be read.</summary>
    public void Lift() => left = long.MaxValue;

    /// <exception cref="InvalidDataException">The budget is spent.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = whole.Read(buffer, offset, count);
        return (left -= read) >= 0 ? read : throw new InvalidDataException("more was to be read than may be");
    }

    public override long Seek(long offset, SeekOrigin origin) => whole.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
