namespace Notary.Evidence.Ethereum;

/// <summary>Checks that a value stands at a key under a Merkle-Patricia root, from the nodes on the way.</summary>
public static class TrieProof
{
    // Keys here are rlp(index), at most 18 nibbles; even account keys have only 64. A longer proof is an attack on time.
    private const int MaxNodes = 65;

    /// <summary>The key of the item at <paramref name="index"/> of a block, in its tries of transactions and of receipts.</summary>
    public static byte[] IndexKey(int index) => Rlp.Encode(RlpItem.Of(index));

    /// <summary>The value shown at <paramref name="key"/>, or null when the proof shows none: a wrong hash, a path that leaves it,
    /// a node nobody needs.</summary>
    public static byte[]? Verify(ReadOnlySpan<byte> root, byte[] key, IReadOnlyList<byte[]> proof)
    {
        if (proof.Count is 0 or > MaxNodes)
            return null;

        try
        {
            return Walk(root, TriePath.Nibbles(key), proof);
        }
        catch (FaultException fault) when (fault.Fault == Fault.Malformed)
        {
            return null;
        }
    }

    private static byte[]? Walk(ReadOnlySpan<byte> root, Span<byte> path, IReadOnlyList<byte[]> proof)
    {
        var used = 0;
        var node = Open(root, proof, ref used);
        while (node is { IsList: true })
        {
            if (ValueAt(node, path) is { } value)
                return used == proof.Count ? value : null;

            // Below 32 bytes a node stands in its parent as it is, else by its hash.
            var pointer = Step(node, ref path);
            node = pointer is null || pointer.IsList ? pointer : Open(pointer.Bytes.Span, proof, ref used);
        }

        return null;
    }

    private static RlpItem? Open(ReadOnlySpan<byte> hash, IReadOnlyList<byte[]> proof, ref int used)
        => used < proof.Count && hash.SequenceEqual(Keccak256.Hash(proof[used])) ? Rlp.Decode(proof[used++]) : null;

    private static byte[]? ValueAt(RlpItem node, ReadOnlySpan<byte> path)
    {
        if (node.Items.Count == 17)
            return path.IsEmpty && !node.Items[16].Bytes.IsEmpty ? node.Items[16].Bytes.ToArray() : null;

        return node.Items.Count == 2 && TriePath.Unpack(node.Items[0].Bytes.Span, out var leaf) is { } own && leaf && path.SequenceEqual(own)
            ? node.Items[1].Bytes.ToArray()
            : null;
    }

    // Every step shortens the path, so a walk ends.
    private static RlpItem? Step(RlpItem node, ref Span<byte> path)
    {
        if (node.Items.Count == 17 && !path.IsEmpty)
        {
            var child = node.Items[path[0]];
            path = path[1..];
            return child;
        }

        if (node.Items.Count == 2 && TriePath.Unpack(node.Items[0].Bytes.Span, out var leaf) is { Length: > 0 } own && !leaf && path.StartsWith(own))
        {
            path = path[own.Length..];
            return node.Items[1];
        }

        return null;
    }
}
