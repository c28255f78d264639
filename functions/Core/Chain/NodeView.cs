using System.Text.Json.Nodes;
using Nethereum.Hex.HexConvertors.Extensions;
using Nethereum.RPC;
using Nethereum.RPC.Eth;
using Nethereum.RPC.Eth.DTOs;

namespace Notary.Chain;

/// <summary>What one node is asked during one piece of work, under that work's token.</summary>
internal sealed class NodeView(RpcNode node, CancellationToken cancel)
{
    private const int NoSuchMethod = -32601;

    private IEthApiService? eth;

    public string Name => node.Name;

    private NodeClient Client => new(node, cancel);

    private IEthApiService Eth => eth ??= new EthApiService(Client);

    public async Task<NodeBlock> HeadAsync()
        => await BlockAsync("eth_getBlockByNumber", "latest", false).ConfigureAwait(false) ?? throw new NodeDownException($"node {Name} has no newest block");

    /// <summary>The canonical block of that number; null above the head.</summary>
    public Task<NodeBlock?> BlockAsync(long number) => BlockAsync("eth_getBlockByNumber", Hex.Quantity(number), false);

    /// <summary>With its transactions; null when unknown.</summary>
    public Task<NodeBlock?> WholeBlockAsync(string hash) => BlockAsync("eth_getBlockByHash", hash, true);

    /// <param name="block">Null for the head.</param>
    public async Task<long> NonceAsync(Address account, long? block = null)
        => (long)(await Eth.Transactions.GetTransactionCount.SendRequestAsync(
            account.ToLowerHex(), block is { } number ? new BlockParameter((ulong)number) : BlockParameter.CreateLatest()).ConfigureAwait(false)).Value;

    public async Task<byte[]> CallAsync(Address contract, byte[] data)
        => Hex.Bytes(await Eth.Transactions.Call.SendRequestAsync(
            new CallInput(Hex.Of(data), contract.ToLowerHex()), BlockParameter.CreateLatest()).ConfigureAwait(false));

    /// <summary>Asks the contract as it stood after that block (EIP-1898), so that several answers are of one moment.</summary>
    public async Task<byte[]> CallAsync(Address contract, byte[] data, string blockHash)
        => Hex.Bytes(RpcNode.Text(await AskAsync("eth_call", new JsonObject { ["to"] = contract.ToLowerHex(), ["data"] = Hex.Of(data) },
            new JsonObject { ["blockHash"] = blockHash }).ConfigureAwait(false)));

    /// <summary>The contract's logs with these topics, null standing for any, in canonical blocks of these numbers, in order.</summary>
    public async Task<IReadOnlyList<JsonElement>> LogsAsync(Address contract, string?[] topics, long from, long to)
    {
        var logs = await AskAsync("eth_getLogs", new JsonObject
        {
            ["address"] = contract.ToLowerHex(),
            ["fromBlock"] = Hex.Quantity(from),
            ["toBlock"] = Hex.Quantity(to),
            ["topics"] = new JsonArray([.. topics.Select(topic => (JsonNode?)topic)]),
        }).ConfigureAwait(false);
        return logs.ValueKind == JsonValueKind.Array ? [.. logs.EnumerateArray()] : throw new NodeDownException($"node {Name} answered no logs");
    }

    public async Task<byte[]> CodeAsync(Address contract)
        => Hex.Bytes(await Eth.GetCode.SendRequestAsync(contract.ToLowerHex(), BlockParameter.CreateLatest()).ConfigureAwait(false));

    public async Task<long> EstimateGasAsync(Address from, Address? to, byte[] data)
        => (long)(await Eth.Transactions.EstimateGas.SendRequestAsync(
            new CallInput(Hex.Of(data), to?.ToLowerHex()) { From = from.ToLowerHex() }).ConfigureAwait(false)).Value;

    public async Task<FeeQuote> FeesAsync()
    {
        // What is bid is capped: a head that lies about its fee need not be told from one that does not.
        var head = await AskAsync("eth_getBlockByNumber", "latest", false).ConfigureAwait(false);
        if (head.ValueKind != JsonValueKind.Object)
            throw new NodeDownException($"node {Name} has no newest block");

        if (!head.TryGetProperty("baseFeePerGas", out var fee) || fee.ValueKind != JsonValueKind.String)
            return new FeeQuote(0, await GasPriceAsync().ConfigureAwait(false), Legacy: true);

        var baseFee = Hex.Number(RpcNode.Text(fee));
        try
        {
            return new FeeQuote(baseFee, (await new EthMaxPriorityFeePerGas(Client).SendRequestAsync().ConfigureAwait(false)).Value);
        }
        catch (RpcErrorException e) when (e.Code == NoSuchMethod)
        {
            // Not part of every maker's interface; the gas price is base fee and tip.
            return new FeeQuote(baseFee, BigInteger.Max(await GasPriceAsync().ConfigureAwait(false) - baseFee, 0));
        }
    }

    /// <summary>The receipt, or null while the transaction is in no block this node takes for canonical.</summary>
    public async Task<JsonElement?> ReceiptAsync(string transaction)
        => await AskAsync("eth_getTransactionReceipt", transaction).ConfigureAwait(false) is { ValueKind: JsonValueKind.Object } receipt ? receipt : null;

    /// <summary>All receipts of a block in order; null when the node does not have it any more.</summary>
    public async Task<IReadOnlyList<JsonElement>?> ReceiptsAsync(NodeBlock block)
    {
        try
        {
            var all = await AskAsync("eth_getBlockReceipts", block.Hash).ConfigureAwait(false);
            return all.ValueKind == JsonValueKind.Array ? [.. all.EnumerateArray()] : null;
        }
        catch (RpcErrorException e) when (e.Code == NoSuchMethod)
        {
            var receipts = new List<JsonElement>();
            foreach (var transaction in block.Transactions)
                receipts.Add(await ReceiptAsync(NodeRlp.Text(transaction, "hash")).ConfigureAwait(false) ?? default);

            return receipts.TrueForAll(receipt => receipt.ValueKind == JsonValueKind.Object) ? receipts : null;
        }
    }

    /// <summary>Whether the node knows the transaction, in a block or in its pool.</summary>
    public async Task<bool> KnowsAsync(string transaction)
        => (await AskAsync("eth_getTransactionByHash", transaction).ConfigureAwait(false)).ValueKind == JsonValueKind.Object;

    /// <summary>Transactions in canonical blocks in which the contract emitted an event with these topics.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(Address contract, string[] topics)
    {
        var filter = new NewFilterInput
        {
            Address = [contract.ToLowerHex()],
            FromBlock = BlockParameter.CreateEarliest(),
            ToBlock = BlockParameter.CreateLatest(),
            Topics = [.. topics],
        };
        return [.. (await Eth.Filters.GetLogs.SendRequestAsync(filter).ConfigureAwait(false)).Select(log => log.TransactionHash)];
    }

    public async Task<SendAnswer> BroadcastAsync(byte[] signed)
    {
        try
        {
            await Eth.Transactions.SendRawTransaction.SendRequestAsync(signed.ToHex(prefix: true)).ConfigureAwait(false);
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
        bool Says(params string[] texts) => Array.Exists(texts, text => message.Contains(text, StringComparison.OrdinalIgnoreCase));
        return Says("already known", "already imported", "known transaction", "already in mempool") ? SendOutcome.Accepted
            : Says("nonce too low", "nonce is too low", "already mined") ? SendOutcome.NonceTooLow
            : (Says("replacement") && Says("underpriced")) || Says("replacement fee too low", "gas price too low to replace") ? SendOutcome.Underpriced
            : Says("underpriced", "less than block base fee", "max fee per gas less", "fee too low", "feecap") ? SendOutcome.FeeTooLow
            : SendOutcome.Refused;
    }

    private async Task<NodeBlock?> BlockAsync(string method, string which, bool whole)
        => await AskAsync(method, which, whole).ConfigureAwait(false) is { ValueKind: JsonValueKind.Object } block ? NodeBlock.Read(block) : null;

    private async Task<BigInteger> GasPriceAsync() => (await Eth.GasPrice.SendRequestAsync().ConfigureAwait(false)).Value;

    private Task<JsonElement> AskAsync(string method, params JsonNode[] parameters) => node.AskAsync(method, new JsonArray(parameters), cancel);
}
