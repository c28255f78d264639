using Nethereum.Model;
using Nethereum.RLP;

namespace Notary.Chain;

/// <summary>A bid: wei per gas.</summary>
/// <param name="Legacy">For a chain without EIP-1559: both are the gas price.</param>
internal readonly record struct Bid(BigInteger MaxFee, BigInteger PriorityFee, bool Legacy = false)
{
    /// <summary>The transaction that makes the bid.</summary>
    /// <param name="to">Null creates a contract.</param>
    public Nethereum.Model.SignedTransaction Transaction(BigInteger chainId, BigInteger nonce, BigInteger gas, string? to, byte[] data)
        => Legacy
            ? new LegacyTransactionChainId(to, 0, nonce, MaxFee, gas, Hex.Of(data), chainId)
            : new Transaction1559(chainId, nonce, PriorityFee, MaxFee, gas, to, 0, Hex.Of(data), []);

    /// <summary>What a transaction bids, and the gas it may use.</summary>
    public static (Bid Bid, BigInteger Gas) Of(byte[] signed) => TransactionFactory.CreateTransaction(signed) switch
    {
        Transaction1559 t => (new Bid(t.MaxFeePerGas ?? 0, t.MaxPriorityFeePerGas ?? 0), t.GasLimit ?? 0),
        LegacyTransactionChainId t when t.GasPrice.ToBigIntegerFromRLPDecoded() is var price
            => (new Bid(price, price, Legacy: true), t.GasLimit.ToBigIntegerFromRLPDecoded()),
        var other => throw new InvalidOperationException($"no anchor is sent as {other.GetType().Name}"),
    };
}

/// <summary>What to bid at first and how to outbid oneself (EIP-1559).</summary>
internal static class FeePolicy
{
    // Twice the base fee survives six full blocks in a row (each raises it by an eighth).
    private const int BaseFeeHeadroom = 2;

    // Nodes replace a pooled transaction only for 10 % (geth) or 12.5 % (Nethermind, Erigon) more in both fees.
    private const int BumpNumerator = 9;
    private const int BumpDenominator = 8;

    // How high a stranger bids for the same nonce a node does not say; doubling finds out in a few steps.
    private const int ContestFactor = 2;

    /// <summary>The first bid, within the caps.</summary>
    public static Bid First(FeeQuote quote, ChainOptions options)
    {
        if (quote.Legacy)
        {
            // A consortium may take work for nothing.
            var price = BigInteger.Min(quote.PriorityFee, options.MaxFeePerGas);
            return new Bid(price, price, Legacy: true);
        }

        var tip = BigInteger.Min(BigInteger.Max(quote.PriorityFee, BigInteger.One), options.MaxPriorityFeePerGas);
        var max = BigInteger.Min((BaseFeeHeadroom * quote.BaseFee) + tip, options.MaxFeePerGas);
        return new Bid(max, BigInteger.Min(tip, max));
    }

    /// <summary>The least bid that replaces <paramref name="old"/>, more when the chain asks for more; null when the caps forbid it.</summary>
    /// <param name="contested">A transaction that is not ours holds the nonce: go up faster.</param>
    public static Bid? Next(Bid old, FeeQuote quote, ChainOptions options, bool contested)
    {
        var fresh = First(quote, options);
        var least = contested ? new Bid(old.MaxFee * ContestFactor, old.PriorityFee * ContestFactor) : new Bid(Raise(old.MaxFee), Raise(old.PriorityFee));
        var bid = fresh with { MaxFee = BigInteger.Max(fresh.MaxFee, least.MaxFee), PriorityFee = BigInteger.Max(fresh.PriorityFee, least.PriorityFee) };
        return bid.MaxFee <= options.MaxFeePerGas && (bid.Legacy || bid.PriorityFee <= options.MaxPriorityFeePerGas) ? bid : null;
    }

    private static BigInteger Raise(BigInteger fee) => ((fee * BumpNumerator) + BumpDenominator - 1) / BumpDenominator;
}
