namespace Notary.Host.Access;

/// <summary>An answer's body that lets nothing out, not even the status line, before something is done; and nothing ever when that fails.</summary>
internal sealed class HeldBody(Stream inner, Func<Task> before) : Stream
{
    private Task? opening;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether nothing goes out any more.</summary>
    public bool IsShut => opening is { IsFaulted: true };

    /// <summary>Opens it, once; what failed fails again.</summary>
    public Task OpenAsync() => opening ??= before();

    /// <summary>Lets nothing out for good.</summary>
    public void Shut(Exception why) => opening = Task.FromException(why);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await OpenAsync();
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await OpenAsync();
        await inner.FlushAsync(cancellationToken);
    }

    // As at Kestrel, whose body takes nothing synchronous either.
    public override void Write(byte[] buffer, int offset, int count) => throw new InvalidOperationException("write asynchronously");

    public override void Flush() => throw new InvalidOperationException("flush asynchronously");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
