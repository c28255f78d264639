using System.Security.Cryptography;
using Notary.Evidence;

namespace Notary.Storage;

/// <summary>The decrypting stream, with the SDK's cryptographic failures as our fault.</summary>
internal sealed class AuthenticatedStream(Stream decrypted) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A tag that does not fit, a region cut short, an algorithm or envelope that is not ours.</summary>
    public static bool IsTampering(Exception failure)
        => failure is CryptographicException or NotSupportedException or FormatException or System.Text.Json.JsonException;

    public static FaultException Tampered(Exception cause)
        => new(Fault.EvidenceInvalid, "the stored original was changed or cannot be decrypted", cause);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await decrypted.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (IsTampering(failure))
        {
            throw Tampered(failure);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancellationToken))
        {
            throw StorageFailure.ToFault(failure);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
        => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decrypted.Dispose();
        }

        base.Dispose(disposing);
    }
}
