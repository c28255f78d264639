using System.Numerics;
using Nethereum.Model;
using Nethereum.Signer;

namespace Notary.Cli;

/// <summary>What became of a call.</summary>
/// <param name="Block">The block it is in.</param>
/// <param name="Transaction">Its hash.</param>
/// <param name="Refused">A sentence when the contract would not have it.</param>
/// <param name="Receipt">Undefined when it was not sent.</param>
internal sealed record Sent(long Block, string Transaction, string? Refused, JsonElement Receipt);

/// <summary>Sends a call signed here, by a party of a draw or a member, and waits until it is in a block.</summary>
/// <param name="node">Takes it.</param>
/// <param name="key">Signs.</param>
/// <param name="chainId">The chain's.</param>
/// <param name="contract">Whom it calls; null to create one.</param>
/// <param name="explain">A refusal's data in words; null for what is no error of the contract's.</param>
internal sealed class PartySender(ChainNode node, EthECKey key, long chainId, Address? contract, Func<string, string?> explain)
{
    /// <summary>Between two looks for the receipt.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <summary>Twice the base fee survives six full blocks in a row.</summary>
    private const int Headroom = 2;

    public Address Account { get; } = Address.Parse(key.GetPublicAddress().ToLowerInvariant());

    /// <exception cref="CliException">It could not be sent, or is in no block in time.</exception>
    public async Task<Sent> SendAsync(byte[] data, TimeSpan patience, CancellationToken cancel)
    {
        var call = new JsonObject { ["from"] = Account.ToLowerHex(), ["data"] = Hex.Of(data) };
        if (contract is { } called)
            call["to"] = called.ToLowerHex();

        long gas;
        try
        {
            gas = ChainNode.Number(await node.AskAsync("eth_estimateGas", [call], cancel));
        }
        catch (NodeRefusedException e) when (e.Revert is { } revert && explain(revert) is { } sentence)
        {
            return new Sent(0, "", sentence, default);
        }

        var transaction = Hex.Of(await SignAsync(data, gas, cancel));
        var hash = ChainNode.TextOf(await node.AskAsync("eth_sendRawTransaction", [transaction], cancel));
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var receipt = await node.AskAsync("eth_getTransactionReceipt", [hash], cancel);
            if (receipt.ValueKind == JsonValueKind.Object && ChainNode.Text(receipt, "blockNumber") is not null)
            {
                var block = ChainNode.Number(receipt.GetProperty("blockNumber"));
                return new Sent(block, hash, ChainNode.Text(receipt, "status") == "0x1" ? null : "the contract refused it in the block", receipt);
            }

            if (Stopwatch.GetElapsedTime(started) > patience)
                throw new CliException($"transaction {hash} is sent and in no block yet; look for it before you try again");

            await Task.Delay(Between, cancel);
        }
    }

    private async Task<byte[]> SignAsync(byte[] data, long gas, CancellationToken cancel)
    {
        var nonce = ChainNode.Number(await node.AskAsync("eth_getTransactionCount", [Account.ToLowerHex(), "pending"], cancel));
        var head = await node.AskAsync("eth_getBlockByNumber", ["latest", false], cancel);

        // Half as much again: a party more before this one changes what the call costs.
        var limit = (BigInteger)gas * 3 / 2;
        if (head.ValueKind == JsonValueKind.Object && ChainNode.Text(head, "baseFeePerGas") is { } fee)
        {
            var tip = await TipAsync(cancel);
            var transaction = new Transaction1559(chainId, nonce, tip, (Hex.Number(fee) * Headroom) + tip, limit, contract?.ToLowerHex(), 0, Hex.Of(data), []);
            return Convert.FromHexString(new Transaction1559Signer().SignTransaction(key, transaction));
        }

        var price = Hex.Number(ChainNode.TextOf(await node.AskAsync("eth_gasPrice", [], cancel)));
        return Convert.FromHexString(new LegacyTransactionSigner().SignTransaction(
            key.GetPrivateKeyAsBytes(), chainId, contract?.ToLowerHex() ?? "", 0, nonce, price, limit, Hex.Of(data)));
    }

    private async Task<BigInteger> TipAsync(CancellationToken cancel)
    {
        try
        {
            return BigInteger.Max(Hex.Number(ChainNode.TextOf(await node.AskAsync("eth_maxPriorityFeePerGas", [], cancel))), BigInteger.One);
        }
        catch (NodeRefusedException)
        {
            return BigInteger.One; // Not every node has that method; a consortium's takes any bid.
        }
    }
}
