namespace Notary.Chain.Explorer;

/// <summary>Reads a transaction as a node tells it, and finds whether the block's header says the same.</summary>
internal static class TransactionReader
{
    /// <summary>Transactions of a block beyond which a transaction's place in it is not proved: the proof costs all of them.</summary>
    private const int MaxProved = 2_000;

    public static async Task<bool> IsProvedAsync(NodeView node, NodeBlock block, int index, JsonElement receipt)
    {
        var all = block.Transactions;
        if (all.Length > MaxProved || await node.ReceiptsAsync(block).ConfigureAwait(false) is not { } receipts || receipts.Count != all.Length)
            return false;

        var bytes = all.Select(NodeRlp.Transaction).ToList();
        return !bytes.Contains(null) && Signer(bytes[index]!) is not null
            && NodeRlp.Receipt(receipt).AsSpan().SequenceEqual(NodeRlp.Receipt(receipts[index]))
            && AnchorProver.Prove(bytes!, block.TransactionsRoot, index) is not null
            && AnchorProver.Prove([.. receipts.Select(NodeRlp.Receipt)], block.ReceiptsRoot, index) is not null;
    }

    public static TransactionLine Line(KnownContracts known, JsonElement transaction)
    {
        // What was signed says who signed it; a node's word counts for types that cannot be read.
        var signed = NodeRlp.Transaction(transaction);
        var from = (signed is null ? null : Signer(signed)) ?? Address.Parse(NodeRlp.Text(transaction, "from"));
        var to = AddressOf(transaction, "to");
        return new TransactionLine(NodeRlp.Text(transaction, "hash"), from.ToString(), to,
            known.Call(to is null ? null : Address.Parse(to), Hex.Bytes(NodeRlp.Text(transaction, "input"))));
    }

    private static Address? Signer(byte[] signed)
    {
        try
        {
            return Address.Parse(Nethereum.Signer.TransactionVerificationAndRecovery.GetSenderAddress(Hex.Of(signed)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null; // The library's exceptions are of any kind for bytes that are no transaction's.
        }
    }

    public static string? AddressOf(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Address.Parse(value.GetString()).ToString() : null;

    public static string Shown(byte[] data) => Hex.Of(data.AsSpan(0, Math.Min(data.Length, ChainExplorer.MaxData)));
}
