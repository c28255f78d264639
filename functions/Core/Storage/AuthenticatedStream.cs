namespace Notary.Storage;

/// <summary>The decrypting stream, with the SDK's cryptographic failures as our fault.</summary>
internal sealed class AuthenticatedStream(Stream decrypted) : ForwardStream
{
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decrypted.Dispose();

        base.Dispose(disposing);
    }
}
