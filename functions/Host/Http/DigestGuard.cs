using System.Security.Cryptography;
using Notary.Evidence;

namespace Notary.Host.Http;

/// <summary>Hashes what is read through it. Whoever reads to the end learns there, before he keeps anything, that it is not what was announced.</summary>
internal sealed class DigestGuard(Stream body, HashAlgorithmName algorithm, byte[] expected) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(algorithm);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        hash.AppendData(buffer.Span[..read]);
        return read > 0 || buffer.IsEmpty || hash.GetCurrentHash().AsSpan().SequenceEqual(expected)
            ? read
            : throw new FaultException(Fault.DigestMismatch, $"the body's {algorithm.Name} is not the one that was announced");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Kestrel's body cannot be read synchronously, so nobody does.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }
}
