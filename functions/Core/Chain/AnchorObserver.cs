using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>What one node shows of an anchor.</summary>
internal abstract record AnchorSight
{
    private AnchorSight()
    {
    }

    /// <summary>In a canonical block with its event.</summary>
    public sealed record Found(AnchorStatus.Mined Mined) : AnchorSight;

    /// <summary>In no canonical block.</summary>
    /// <param name="Head">The newest block's number.</param>
    /// <param name="Nonce">The account's next nonce at the head.</param>
    /// <param name="ConfirmedNonce">The same under the configured confirmations.</param>
    /// <param name="LatestSize">The contract's largest size.</param>
    /// <param name="NewestKnown">The node has the newest variant in its pool.</param>
    public sealed record Absent(long Head, long Nonce, long ConfirmedNonce, long LatestSize, bool NewestKnown) : AnchorSight;
}

/// <summary>Looks for an anchor through one node's eyes.</summary>
internal sealed class AnchorObserver(ChainOptions options, Address account)
{
    private readonly Address contract = options.ContractAddress;

    public async Task<AnchorSight> LookAsync(RpcNode node, AnchorRecord record, CancellationToken cancel)
    {
        // The head first: a block that comes while we read can then only make the depth look smaller than it is.
        var head = (await node.HeadAsync(cancel).ConfigureAwait(false)).Number;

        // Any variant may have been the one that was mined; the newest is the likeliest.
        foreach (var variant in record.Variants.Reverse())
        {
            if (await MinedAsync(node, record, variant.Hash, head, cancel).ConfigureAwait(false) is { } mined)
            {
                return new AnchorSight.Found(mined);
            }
        }

        // Recorded by another member, or by us before our books were lost: paying again would buy nothing.
        var root = await RootOfAsync(node, record, cancel).ConfigureAwait(false);
        if (root == record.Root)
        {
            foreach (var transaction in await node.AnchorTransactionsAsync(contract, record.Size, cancel).ConfigureAwait(false))
            {
                if (await MinedAsync(node, record, transaction, head, cancel).ConfigureAwait(false) is { } mined)
                {
                    return new AnchorSight.Found(mined);
                }
            }
        }

        var (latest, _) = AnchorContract.DecodeLatest(await node.CallAsync(contract, AnchorContract.EncodeLatest(), cancel).ConfigureAwait(false));
        return new AnchorSight.Absent(
            head,
            await node.NonceAsync(account, null, cancel).ConfigureAwait(false),
            await node.NonceAsync(account, Math.Max(0, head - options.Confirmations + 1), cancel).ConfigureAwait(false),
            latest,
            record.Newest is { } newest && await node.KnowsAsync(newest.Hash, cancel).ConfigureAwait(false));
    }

    private async Task<AnchorStatus.Mined?> MinedAsync(RpcNode node, AnchorRecord record, string transaction, long head, CancellationToken cancel)
    {
        if (await node.ReceiptAsync(transaction, cancel).ConfigureAwait(false) is not { } receipt)
        {
            return null;
        }

        // Some nodes go on serving receipts of blocks that were reorganised away.
        var number = Hex.Long(NodeJson.Text(receipt, "blockNumber"));
        var hash = NodeJson.Text(receipt, "blockHash");
        return await node.BlockAsync(number, cancel).ConfigureAwait(false) is { } block && Hex.Of(block.Hash) == hash && EventIndex(NodeJson.Receipt(receipt), contract, record) >= 0
            ? new AnchorStatus.Mined(transaction, number, hash, block.Time, Math.Max(1, head - number + 1))
            : null;
    }

    /// <summary>Where among the receipt's logs the anchor's event stands; -1 when it is not there or the transaction failed.</summary>
    public static int EventIndex(Receipt receipt, Address contract, AnchorRecord record)
        => receipt.Succeeded
            ? receipt.Logs.ToList().FindIndex(log => log.Address == contract && AnchorContract.TryDecodeAnchored(log, out var anchored) && anchored!.Size == record.Size && anchored.Root == record.Root)
            : -1;

    private async Task<Digest> RootOfAsync(RpcNode node, AnchorRecord record, CancellationToken cancel)
    {
        var answer = await node.CallAsync(contract, AnchorContract.EncodeRootOf(record.Size), cancel).ConfigureAwait(false);
        if (answer.Length != Digest.Size)
        {
            throw new FaultException(Fault.ChainWrong, $"there is no anchor contract at {contract}");
        }

        var root = new Digest(answer);
        return root == default || root == record.Root
            ? root
            : throw new FaultException(Fault.EvidenceInvalid, $"the chain holds another root for size {record.Size}: two histories of one log");
    }
}
