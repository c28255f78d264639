using Nethereum.Hex.HexConvertors.Extensions;
using Nethereum.Merkle.Patricia;
using Nethereum.RLP;

namespace Notary.Chain;

/// <summary>Gathers from one node what proves an anchor offline, and believes nothing that does not hash to the block's header.</summary>
internal sealed class AnchorProver(ChainOptions options)
{
    /// <summary>Null when the block has gone meanwhile.</summary>
    public async Task<AnchorProof?> ProveAsync(NodeView node, AnchorRecord record, AnchorStatus.Mined mined)
    {
        if (await node.WholeBlockAsync(mined.BlockHash).ConfigureAwait(false) is not { } block)
            return null;

        var transactions = block.Transactions;
        var index = Array.FindIndex(transactions, t => NodeRlp.Text(t, "hash") == mined.Transaction);
        if (index < 0 || await node.ReceiptsAsync(block).ConfigureAwait(false) is not { } receipts || index >= receipts.Count)
            return null;

        if (AnchorObserver.EventIn(receipts[index], options.Contracts, record) is not (var contract, var logIndex))
            return null;

        var encoded = transactions.Select(NodeRlp.Transaction).ToArray();
        encoded[index] ??= record.Variants.Concat(record.Former).FirstOrDefault(v => v.Hash == mined.Transaction)?.Bytes;
        if (encoded.Contains(null))
            throw new FaultException(Fault.ChainRefused, $"node {node.Name} does not tell all transactions of block {block.Number} whole, "
                + "so that the anchor's place among them cannot be proved");

        return new AnchorProof(
            options.ChainId,
            contract.ToLowerHex(),
            record.Size,
            record.Root,
            mined.Transaction,
            encoded[index]!,
            block.Number,
            block.Hash,
            block.Time,
            block.Header,
            index,
            Prove(encoded!, block.TransactionsRoot, index)
                ?? throw new NodeDownException($"node {node.Name} tells transactions that its block's header does not cover"),
            Prove([.. receipts.Select(NodeRlp.Receipt)], block.ReceiptsRoot, index)
                ?? throw new NodeDownException($"node {node.Name} tells receipts that its block's header does not cover"),
            logIndex);
    }

    /// <summary>The nodes from the root to the item at <paramref name="index"/>; null when the items do not have this root.</summary>
    internal static IReadOnlyList<byte[]>? Prove(IReadOnlyList<byte[]> items, string root, int index)
    {
        static byte[] Key(int index) => RLP.EncodeElement(index.ToBytesForRLPEncoding());
        var trie = new PatriciaTrie();
        for (var i = 0; i < items.Count; i++)
            trie.Put(Key(i), items[i]);

        // Put in on the way down and never taken out, so the dictionary gives them back in this order.
        return trie.Root.GetHash().ToHex(prefix: true) == root ? [.. trie.GenerateProof(Key(index)).Storage.Values] : null;
    }
}
