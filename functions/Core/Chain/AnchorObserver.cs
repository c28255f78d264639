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
    /// <summary>The one that takes anchors, then those before it.</summary>
    private readonly IReadOnlyList<Address> contracts = options.Contracts;

    public async Task<AnchorSight> LookAsync(NodeView node, AnchorRecord record)
    {
        // The head first: a block that comes while we read can then only make the depth look smaller than it is.
        var head = (await node.HeadAsync().ConfigureAwait(false)).Number;

        // Any variant may have been the one that was mined; the newest is the likeliest.
        foreach (var variant in record.Variants.Reverse().Concat(record.Former.Reverse()))
        {
            if (await MinedAsync(node, record, variant.Hash, head).ConfigureAwait(false) is { } mined)
                return new AnchorSight.Found(mined);
        }

        // Recorded by another member, or by us before our books were lost: paying again would buy nothing.
        foreach (var contract in contracts)
        {
            if (await RootOfAsync(node, contract, record).ConfigureAwait(false) != record.Root)
                continue;

            foreach (var transaction in await node.EventsAsync(contract, ContractArtifact.EvidenceAnchor.AnchoredTopics(record.Size)).ConfigureAwait(false))
            {
                if (await MinedAsync(node, record, transaction, head).ConfigureAwait(false) is { } mined)
                    return new AnchorSight.Found(mined);
            }
        }

        return new AnchorSight.Absent(
            head,
            await node.NonceAsync(account).ConfigureAwait(false),
            await node.NonceAsync(account, Math.Max(0, head - options.Confirmations + 1)).ConfigureAwait(false),
            (long)ContractArtifact.EvidenceAnchor.Read<ulong>("latest", await AskAsync(node, contracts[0], "latest").ConfigureAwait(false)),
            record.Newest is { } newest && await node.KnowsAsync(newest.Hash).ConfigureAwait(false));
    }

    private async Task<AnchorStatus.Mined?> MinedAsync(NodeView node, AnchorRecord record, string transaction, long head)
    {
        if (await node.ReceiptAsync(transaction).ConfigureAwait(false) is not { } receipt)
            return null;

        // Some nodes go on serving receipts of blocks that were reorganised away.
        var (number, hash) = (Hex.Long(NodeRlp.Text(receipt, "blockNumber")), NodeRlp.Text(receipt, "blockHash"));
        return await node.BlockAsync(number).ConfigureAwait(false) is { } block && block.Hash == hash && EventIn(receipt, contracts, record) is not null
            ? new AnchorStatus.Mined(transaction, number, hash, block.Time, Math.Max(1, head - number + 1))
            : null;
    }

    /// <summary>Whose event of the anchor stands where among the receipt's logs; null when there is none or the transaction failed.</summary>
    public static (Address Contract, int Index)? EventIn(JsonElement receipt, IReadOnlyList<Address> contracts, AnchorRecord record)
    {
        if (Hex.Long(NodeRlp.Text(receipt, "status")) != 1)
            return null;

        foreach (var (index, log) in receipt.GetProperty("logs").EnumerateArray().Index())
        {
            if (ContractArtifact.EvidenceAnchor.Anchored(log) == (record.Size, record.Root)
                && contracts.FirstOrDefault(c => NodeRlp.Text(log, "address") == c.ToLowerHex()) is var contract && contract != default)
                return (contract, index);
        }

        return null;
    }

    private async Task<Digest> RootOfAsync(NodeView node, Address contract, AnchorRecord record)
    {
        var answer = await AskAsync(node, contract, "rootOf", record.Size).ConfigureAwait(false);
        var root = new Digest(ContractArtifact.EvidenceAnchor.Read<byte[]>("rootOf", answer));

        // Whoever was forgotten when an earlier contract was closed can write what he likes there, and stops nobody.
        return root == default || root == record.Root || contract != contracts[0]
            ? root
            : throw new FaultException(Fault.EvidenceInvalid, $"the chain holds another root for size {record.Size}: two histories of one log");
    }

    private static async Task<byte[]> AskAsync(NodeView node, Address contract, string function, params object[] values)
        => await node.CallAsync(contract, ContractArtifact.EvidenceAnchor.Call(function, values)).ConfigureAwait(false) is { Length: >= Digest.Size } answer
            ? answer
            : throw new FaultException(Fault.ChainWrong, $"there is no anchor contract at {contract}");
}
