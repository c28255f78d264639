namespace Notary.Host.Http;

/// <summary>Hashes what is read through it. Whoever reads to the end learns there, before he keeps anything, that it is not what was announced.</summary>
internal sealed class DigestGuard(Stream body, HashAlgorithmName algorithm, byte[] expected) : ForwardStream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(algorithm);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        hash.AppendData(buffer.Span[..read]);
        return read > 0 || buffer.IsEmpty || hash.GetCurrentHash().AsSpan().SequenceEqual(expected)
            ? read
            : throw new FaultException(Fault.DigestMismatch, $"the body's {algorithm.Name} is not the one that was announced");
    }

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }
}
