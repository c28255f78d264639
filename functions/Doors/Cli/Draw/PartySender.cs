using System.Numerics;
using Nethereum.Model;
using Nethereum.Signer;

namespace Notary.Cli;

/// <summary>Sends a party's call of the registry, signed here, and waits until it is in a block.</summary>
internal sealed class PartySender(ChainNode node, EthECKey key, long chainId, Address registry)
{
    /// <summary>Between two looks for the receipt.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <summary>Twice the base fee survives six full blocks in a row.</summary>
    private const int Headroom = 2;

    /// <summary>Bytes of a selector in hexadecimal with its 0x.</summary>
    private const int SelectorLength = 10;

    private static readonly Dictionary<string, string> Errors = new (string Error, string Sentence)[]
    {
        ("WrongState(uint8)", "the draw takes neither commits nor reveals any more, or is not published"),
        ("TooEarly()", "reveals are taken only after the commit deadline's block"),
        ("TooLate()", "the deadline is over"),
        ("NoPlace()", "all places are taken or kept"),
        ("CommittedAlready()", "this account has committed already"),
        ("RevealedAlready()", "this account has revealed already"),
        ("NotAParty()", "this account has not committed"),
        ("NoMatch()", "the secret is not the one committed to"),
    }.ToDictionary(e => "0x" + Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes(e.Error))[..4]), e => e.Sentence, StringComparer.Ordinal);

    public Address Account { get; } = Address.Parse(key.GetPublicAddress().ToLowerInvariant());

    /// <returns>The block in which it is, and the transaction; or a sentence when the contract would not have it.</returns>
    /// <exception cref="CliException">It could not be sent, or is in no block in time.</exception>
    public async Task<(long Block, string Transaction, string? Refused)> SendAsync(byte[] data, TimeSpan patience, CancellationToken cancel)
    {
        var call = new JsonObject { ["from"] = Account.ToLowerHex(), ["to"] = registry.ToLowerHex(), ["data"] = Hex.Of(data) };
        long gas;
        try
        {
            gas = ChainNode.Number(await node.AskAsync("eth_estimateGas", [call], cancel));
        }
        catch (NodeRefusedException e) when (e.Revert is { Length: >= SelectorLength } revert && Errors.TryGetValue(revert[..SelectorLength], out var sentence))
        {
            return (0, "", sentence);
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
                return ChainNode.Text(receipt, "status") == "0x1" ? (block, hash, null) : (block, hash, "the contract refused it in the block");
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
            var transaction = new Transaction1559(chainId, nonce, tip, (Hex.Number(fee) * Headroom) + tip, limit, registry.ToLowerHex(), 0, Hex.Of(data), []);
            return Convert.FromHexString(new Transaction1559Signer().SignTransaction(key, transaction));
        }

        var price = Hex.Number(ChainNode.TextOf(await node.AskAsync("eth_gasPrice", [], cancel)));
        return Convert.FromHexString(new LegacyTransactionSigner().SignTransaction(
            key.GetPrivateKeyAsBytes(), chainId, registry.ToLowerHex(), 0, nonce, price, limit, Hex.Of(data)));
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
