namespace Notary.Storage;

/// <summary>Bytes that were read ahead, then the rest. Leaves the rest open.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> head = head;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (head.IsEmpty)
            return rest.ReadAsync(buffer, cancellationToken);

        var count = Math.Min(buffer.Length, head.Length);
        head[..count].CopyTo(buffer);
        head = head[count..];
        return ValueTask.FromResult(count);
    }
}
