using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>The questions one node is asked.</summary>
internal static class NodeQuestions
{
    // One block back is enough to learn the next one's base fee.
    private const string FeeBlocks = "0x1";

    public static async Task<BlockHeader> HeadAsync(this RpcNode node, CancellationToken cancel)
        => await BlockByTagAsync(node, "latest", cancel).ConfigureAwait(false) ?? throw new NodeDownException($"node {node.Name} has no newest block");

    public static Task<BlockHeader?> BlockAsync(this RpcNode node, long number, CancellationToken cancel) => BlockByTagAsync(node, Hex.Quantity(number), cancel);

    /// <summary>Null when unknown. With <paramref name="full"/> its transactions come whole.</summary>
    public static async Task<JsonElement?> BlockByHashAsync(this RpcNode node, string hash, bool full, CancellationToken cancel)
        => await node.CallAsync("eth_getBlockByHash", [hash, full], cancel).ConfigureAwait(false) is { ValueKind: JsonValueKind.Object } block ? block : null;

    /// <param name="block">Null for the head.</param>
    public static async Task<long> NonceAsync(this RpcNode node, Address account, long? block, CancellationToken cancel)
        => Hex.Long(RpcNode.Text(await node.CallAsync("eth_getTransactionCount", [Hex.Of(account.ToArray()), block is { } number ? Hex.Quantity(number) : "latest"], cancel).ConfigureAwait(false)));

    public static async Task<byte[]> CallAsync(this RpcNode node, Address contract, byte[] data, CancellationToken cancel)
        => Hex.Bytes(RpcNode.Text(await node.CallAsync("eth_call", [Call(null, contract, data), "latest"], cancel).ConfigureAwait(false)));

    public static async Task<byte[]> CodeAsync(this RpcNode node, Address contract, CancellationToken cancel)
        => Hex.Bytes(RpcNode.Text(await node.CallAsync("eth_getCode", [Hex.Of(contract.ToArray()), "latest"], cancel).ConfigureAwait(false)));

    public static async Task<long> EstimateGasAsync(this RpcNode node, Address from, Address? to, byte[] data, CancellationToken cancel)
        => Hex.Long(RpcNode.Text(await node.CallAsync("eth_estimateGas", [Call(from, to, data)], cancel).ConfigureAwait(false)));

    public static async Task<FeeQuote> FeesAsync(this RpcNode node, CancellationToken cancel)
    {
        var history = await node.CallAsync("eth_feeHistory", [FeeBlocks, "latest", new JsonArray()], cancel).ConfigureAwait(false);
        var next = history.ValueKind == JsonValueKind.Object && history.TryGetProperty("baseFeePerGas", out var fees) && fees.ValueKind == JsonValueKind.Array && fees.GetArrayLength() > 0
            ? Hex.Number(fees[fees.GetArrayLength() - 1].GetString())
            : throw new NodeDownException($"node {node.Name} tells no base fee");
        return new FeeQuote(next, Hex.Number(RpcNode.Text(await node.CallAsync("eth_maxPriorityFeePerGas", [], cancel).ConfigureAwait(false))));
    }

    /// <summary>The receipt, or null while the transaction is in no block this node takes for canonical.</summary>
    public static async Task<JsonElement?> ReceiptAsync(this RpcNode node, string transaction, CancellationToken cancel)
        => await node.CallAsync("eth_getTransactionReceipt", [transaction], cancel).ConfigureAwait(false) is { ValueKind: JsonValueKind.Object } receipt ? receipt : null;

    /// <summary>Whether the node knows the transaction, in a block or in its pool.</summary>
    public static async Task<bool> KnowsAsync(this RpcNode node, string transaction, CancellationToken cancel)
        => (await node.CallAsync("eth_getTransactionByHash", [transaction], cancel).ConfigureAwait(false)).ValueKind == JsonValueKind.Object;

    /// <summary>Transactions in canonical blocks in which the contract emitted Anchored for that size.</summary>
    public static async Task<IReadOnlyList<string>> AnchorTransactionsAsync(this RpcNode node, Address contract, long size, CancellationToken cancel)
    {
        var filter = new JsonObject
        {
            ["address"] = Hex.Of(contract.ToArray()),
            ["fromBlock"] = "0x0",
            ["toBlock"] = "latest",
            ["topics"] = new JsonArray(Hex.Of(AnchorContract.AnchoredTopic), Hex.Of(AnchorContract.SizeTopic(size))),
        };
        var logs = await node.CallAsync("eth_getLogs", [filter], cancel).ConfigureAwait(false);
        return logs.ValueKind == JsonValueKind.Array ? [.. logs.EnumerateArray().Select(l => NodeJson.Text(l, "transactionHash"))] : [];
    }

    public static async Task<SendAnswer> BroadcastAsync(this RpcNode node, byte[] signed, CancellationToken cancel)
    {
        try
        {
            await node.CallAsync("eth_sendRawTransaction", [Hex.Of(signed)], cancel).ConfigureAwait(false);
            return new SendAnswer(SendOutcome.Accepted, "accepted");
        }
        catch (RpcErrorException e)
        {
            return new SendAnswer(Classify(e.Message), e.Message);
        }
    }

    // Nodes agree on no codes, but geth's words are spoken, with small changes, by nearly all of them.
    internal static SendOutcome Classify(string message)
    {
        bool Says(string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
        return Says("already known") || Says("already imported") || Says("known transaction") || Says("already in mempool") ? SendOutcome.Accepted
            : Says("nonce too low") || Says("nonce is too low") || Says("already mined") ? SendOutcome.NonceTooLow
            : Says("replacement") && Says("underpriced") || Says("replacement fee too low") || Says("gas price too low to replace") ? SendOutcome.Underpriced
            : Says("underpriced") || Says("less than block base fee") || Says("max fee per gas less") || Says("fee too low") || Says("feecap") ? SendOutcome.FeeTooLow
            : SendOutcome.Refused;
    }

    private static async Task<BlockHeader?> BlockByTagAsync(RpcNode node, string tag, CancellationToken cancel)
        => await node.CallAsync("eth_getBlockByNumber", [tag, false], cancel).ConfigureAwait(false) is { ValueKind: JsonValueKind.Object } block ? NodeJson.Header(block) : null;

    private static JsonObject Call(Address? from, Address? to, byte[] data)
    {
        var call = new JsonObject { ["data"] = Hex.Of(data) };
        if (from is { } sender)
        {
            call["from"] = Hex.Of(sender.ToArray());
        }

        if (to is { } contract)
        {
            call["to"] = Hex.Of(contract.ToArray());
        }

        return call;
    }
}
