namespace Notary.Evidence.Ethereum;

/// <summary>The Merkle-Patricia trie (Ethereum yellow paper, appendix D), built once over all its entries; proofs are checked by <see cref="TrieProof"/>.</summary>
public sealed class MerklePatriciaTrie
{
    private readonly Node root;

    private MerklePatriciaTrie(Node root)
    {
        this.root = root;
        Root = Keccak256.Hash(root.Encoded);
    }

    /// <summary>The root: 32 bytes.</summary>
    public byte[] Root { get; }

    /// <summary>Builds the trie over entries with distinct keys and non-empty values, in any order.</summary>
    public static MerklePatriciaTrie Of(IEnumerable<(byte[] Key, byte[] Value)> entries)
    {
        var sorted = entries.Select(e => new Entry(TriePath.Nibbles(e.Key), e.Value)).ToArray();
        Array.Sort(sorted, (a, b) => a.Path.AsSpan().SequenceCompareTo(b.Path));
        return new MerklePatriciaTrie(Build(sorted, 0));
    }

    /// <summary>The trie of a block's receipts or transactions: key rlp(index), value the item's encoding.</summary>
    public static MerklePatriciaTrie OfList(IReadOnlyList<byte[]> values) => Of(values.Select((value, index) => (IndexKey(index), value)));

    /// <summary>The key of the item at <paramref name="index"/> of a block.</summary>
    public static byte[] IndexKey(int index) => Rlp.Encode(RlpItem.Of(index));

    /// <summary>The encoded nodes from the root to where the key ends; those that stand inside their parent are not repeated.</summary>
    public IReadOnlyList<byte[]> Prove(byte[] key)
    {
        var nodes = new List<byte[]> { root.Encoded };
        var path = TriePath.Nibbles(key).AsSpan();
        for (var node = root; node.Next(ref path) is { } child; node = child)
        {
            if (!child.IsInline)
            {
                nodes.Add(child.Encoded);
            }
        }

        return nodes;
    }

    private readonly record struct Entry(byte[] Path, byte[] Value);

    // shared: the extension's nibbles; empty for a branch, whose children are chosen by nibble. A leaf has no children.
    private sealed class Node(RlpItem item, byte[] shared, IReadOnlyList<Node?> children)
    {
        public byte[] Encoded { get; } = Rlp.Encode(item);

        public bool IsInline => Encoded.Length < Keccak256.Size;

        // What stands for this node in its parent.
        public RlpItem Reference => IsInline ? item : RlpItem.Of(Keccak256.Hash(Encoded));

        public Node? Next(ref Span<byte> path)
        {
            var isBranch = shared.Length == 0;
            if (children.Count == 0 || !path.StartsWith(shared) || (isBranch && path.IsEmpty))
            {
                return null;
            }

            var next = isBranch ? children[path[0]] : children[0];
            path = path[(isBranch ? 1 : shared.Length)..];
            return next;
        }
    }

    private static Node Build(ReadOnlySpan<Entry> entries, int depth)
    {
        if (entries.IsEmpty)
        {
            return new Node(RlpItem.Of(ReadOnlyMemory<byte>.Empty), [], []);
        }

        var first = entries[0].Path.AsSpan(depth);
        if (entries.Length == 1)
        {
            return new Node(RlpItem.List(RlpItem.Of(TriePath.Pack(first, leaf: true)), RlpItem.Of(entries[0].Value)), [], []);
        }

        // Sorted, so what the first and the last have in common, all have.
        var shared = first.CommonPrefixLength(entries[^1].Path.AsSpan(depth));
        if (shared == 0)
        {
            return Branch(entries, depth);
        }

        var child = Build(entries, depth + shared);
        return new Node(RlpItem.List(RlpItem.Of(TriePath.Pack(first[..shared], leaf: false)), child.Reference), first[..shared].ToArray(), [child]);
    }

    private static Node Branch(ReadOnlySpan<Entry> entries, int depth)
    {
        var children = new Node?[16];
        var slots = new RlpItem[17];
        // An entry that ends here sorts first.
        var own = entries[0].Path.Length == depth;
        slots[16] = RlpItem.Of(own ? entries[0].Value : []);
        var at = own ? 1 : 0;
        for (var nibble = 0; nibble < 16; nibble++)
        {
            var from = at;
            while (at < entries.Length && entries[at].Path[depth] == nibble)
            {
                at++;
            }

            var child = Build(entries[from..at], depth + 1);
            children[nibble] = from == at ? null : child;
            slots[nibble] = child.Reference;
        }

        return new Node(RlpItem.List(slots), [], children);
    }
}
