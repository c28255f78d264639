using System.Text.Json;
using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>Gathers from one node what proves an anchor offline, and believes nothing that does not hash to the block's header.</summary>
internal sealed class AnchorProver(ChainOptions options)
{
    /// <summary>Null when the block has gone meanwhile.</summary>
    public async Task<AnchorProof?> ProveAsync(RpcNode node, AnchorRecord record, AnchorStatus.Mined mined, CancellationToken cancel)
    {
        if (await node.BlockByHashAsync(mined.BlockHash, full: true, cancel).ConfigureAwait(false) is not { } block)
        {
            return null;
        }

        var header = NodeJson.Header(block);
        var transactions = block.GetProperty("transactions").EnumerateArray().ToArray();
        var index = Array.FindIndex(transactions, t => NodeJson.Text(t, "hash") == mined.Transaction);
        var receipts = await ReceiptsAsync(node, mined.BlockHash, transactions, cancel).ConfigureAwait(false);
        if (receipts is null || index < 0 || index >= receipts.Count)
        {
            return null;
        }

        var trie = MerklePatriciaTrie.OfList([.. receipts.Select(r => r.Encode())]);
        if (!trie.Root.AsSpan().SequenceEqual(header.ReceiptsRoot))
        {
            throw new NodeDownException($"node {node.Name} tells receipts that its block's header does not cover");
        }

        var contract = options.ContractAddress;
        var key = MerklePatriciaTrie.IndexKey(index);
        var signed = NodeTransactions.Encode(transactions[index]) ?? record.Variants.FirstOrDefault(v => v.Hash == mined.Transaction)?.Bytes
            ?? throw new FaultException(Fault.ChainRefused, "the node does not tell the anchor's transaction whole");
        return new AnchorProof(
            options.ChainId,
            contract.ToLowerHex(),
            record.Size,
            record.Root,
            mined.Transaction,
            signed,
            header.Number,
            mined.BlockHash,
            header.Time,
            header.Encoded,
            index,
            TransactionProof(transactions, header, key),
            trie.Prove(key),
            AnchorObserver.EventIndex(receipts[index], contract, record));
    }

    private static IReadOnlyList<byte[]> TransactionProof(JsonElement[] transactions, BlockHeader header, byte[] key)
    {
        var encoded = transactions.Select(NodeTransactions.Encode).ToArray();
        if (encoded.Contains(null))
        {
            return [];
        }

        var trie = MerklePatriciaTrie.OfList(encoded!);
        return trie.Root.AsSpan().SequenceEqual(header.TransactionsRoot) ? trie.Prove(key) : [];
    }

    private static async Task<IReadOnlyList<Receipt>?> ReceiptsAsync(RpcNode node, string blockHash, JsonElement[] transactions, CancellationToken cancel)
    {
        const int noSuchMethod = -32601;
        try
        {
            var all = await node.CallAsync("eth_getBlockReceipts", [blockHash], cancel).ConfigureAwait(false);
            return all.ValueKind == JsonValueKind.Array ? [.. all.EnumerateArray().Select(NodeJson.Receipt)] : null;
        }
        catch (RpcErrorException e) when (e.Code == noSuchMethod)
        {
            var receipts = new List<Receipt>(transactions.Length);
            foreach (var transaction in transactions)
            {
                if (await node.ReceiptAsync(NodeJson.Text(transaction, "hash"), cancel).ConfigureAwait(false) is not { } receipt)
                {
                    return null;
                }

                receipts.Add(NodeJson.Receipt(receipt));
            }

            return receipts;
        }
    }
}
