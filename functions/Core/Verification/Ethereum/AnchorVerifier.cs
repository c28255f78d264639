namespace Notary.Verification.Ethereum;

/// <summary>
/// Judges an anchor proof from its bytes:
///  1. it is for the chain and contract that are trusted, and for this size and root;
///  2. the header's RLP hashes to the block's hash and says its number and time;
///  3. the receipt is in the header's receipts trie, and succeeded;
///  4. the contract's event in it says this size and root;
///  5. the transaction's bytes hash to its hash, and are signed by the sender the event names, for this chain;
///  6. the transaction is in the header's transactions trie, at the receipt's place.
/// </summary>
public static class AnchorVerifier
{
    /// <summary>Judges without a network: at best <see cref="AnchorOutcome.Consistent"/>, because anyone can make a block header.</summary>
    /// <param name="proof">From the bundle.</param>
    /// <param name="size">The checkpoint's size.</param>
    /// <param name="root">The checkpoint's root.</param>
    /// <param name="chainId">The trusted chain.</param>
    /// <param name="contract">The trusted contract, in any case.</param>
    /// <param name="senders">Who may have sent it; empty for anyone the contract let through.</param>
    public static AnchorCheck Check(AnchorProof proof, long size, Digest root, long chainId, string contract, IReadOnlyList<string>? senders = null)
    {
        try
        {
            return Judge(proof, size, root, chainId, Address.Parse(contract), senders ?? []);
        }
        catch (FaultException fault)
        {
            return Bad(fault.Fault == Fault.SignatureInvalid ? "anchor-signature" : "anchor-malformed", fault.Message);
        }
    }

    /// <summary>Judges with a node's help; asks it only when the proof is consistent. The node is believed about which blocks are canonical and
    /// about nothing else.</summary>
    /// <param name="confirmations">Blocks, the anchor's own among them, that must be there: at least 1.</param>
    /// <param name="http">Its timeout bounds each question.</param>
    /// <inheritdoc cref="Check"/>
    public static async Task<AnchorCheck> CheckOnlineAsync(
        AnchorProof proof, long size, Digest root, long chainId, string contract, int confirmations,
        Uri rpc, HttpClient http, IReadOnlyList<string>? senders = null, CancellationToken cancel = default)
    {
        var offline = Check(proof, size, root, chainId, contract, senders);
        return offline.Outcome == AnchorOutcome.Failed
            ? offline : await AnchorOnline.CheckAsync(offline, proof, confirmations, rpc, http, cancel).ConfigureAwait(false);
    }

    private static AnchorCheck Judge(AnchorProof proof, long size, Digest root, long chainId, Address contract, IReadOnlyList<string> senders)
    {
        // 1
        if (proof.ChainId != chainId || Address.Parse(proof.Contract) != contract)
            return Bad("anchor-wrong-chain",
                $"the proof is for chain {proof.ChainId} and contract {proof.Contract}, not for chain {chainId} and contract {contract.ToLowerHex()}");

        if (proof.Size != size || proof.Root != root)
            return Bad("anchor-wrong-root", "the proof is for another size or root of the log than the checkpoint");

        // 2
        var header = BlockHeader.Decode(proof.Header);
        if (Hex.Of(header.Hash) != proof.BlockHash || header.Number != proof.Block || header.Time != proof.BlockTime)
            return Bad("anchor-block", "the block header does not hash to the block hash, or says another number or time");

        // 3
        var key = TrieProof.IndexKey(proof.TransactionIndex);
        if (TrieProof.Verify(header.ReceiptsRoot, key, proof.ReceiptProof) is not { } encoded)
            return Bad("anchor-receipt", "the receipt is not in the block");

        var receipt = Receipt.Decode(encoded);
        if (!receipt.Succeeded)
            return Bad("anchor-receipt", "the transaction failed");

        // 4
        if (proof.LogIndex >= receipt.Logs.Count
            || receipt.Logs[proof.LogIndex] is var log && (log.Address != contract || !AnchorContract.TryDecodeAnchored(log, out _)))
            return Bad("anchor-event", "the contract's event is not in the receipt");

        AnchorContract.TryDecodeAnchored(receipt.Logs[proof.LogIndex], out var anchored);
        if (anchored!.Size != size || anchored.Root != root)
            return Bad("anchor-event", "the contract's event says another size or root of the log");

        return JudgeTransaction(proof, header, key, anchored, senders);
    }

    private static AnchorCheck JudgeTransaction(AnchorProof proof, BlockHeader header, byte[] key, Anchored anchored, IReadOnlyList<string> senders)
    {
        // 5: a permitted contract may send for a member, so the event's sender need not be the signer unless the call is direct.
        var transaction = SignedTransaction.Decode(proof.Transaction);
        if (Hex.Of(transaction.Hash) != proof.TransactionHash || transaction.ChainId != (ulong)proof.ChainId)
            return Bad("anchor-transaction", "the transaction's bytes do not hash to its hash, or are for another chain");

        if (transaction.To == Address.Parse(proof.Contract) && transaction.Sender != anchored.Sender)
            return Bad("anchor-transaction", "the transaction is not signed by the sender whom the event names");

        if (senders.Count > 0 && !senders.Any(s => Address.TryParse(s, out var permitted) && permitted == anchored.Sender))
            return Bad("anchor-sender", $"{anchored.Sender} is none of the trusted senders");

        // 6
        if (TrieProof.Verify(header.TransactionsRoot, key, proof.TransactionProof) is not { } found || !found.AsSpan().SequenceEqual(proof.Transaction))
            return Bad("anchor-transaction", "the transaction is not in the block at the receipt's place");

        var time = header.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new AnchorCheck(
            AnchorOutcome.Consistent,
            "consistent",
            $"block {header.Number} of {time} commits to the anchor in transaction {proof.TransactionHash}; that the block is on the chain was not checked",
            anchored.Sender);
    }

    private static AnchorCheck Bad(string code, string reason) => new(AnchorOutcome.Failed, code, reason);
}
