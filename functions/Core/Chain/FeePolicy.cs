namespace Notary.Chain;

/// <summary>A bid: wei per gas.</summary>
internal readonly record struct Bid(BigInteger MaxFee, BigInteger PriorityFee);

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
        var bid = new Bid(BigInteger.Max(fresh.MaxFee, least.MaxFee), BigInteger.Max(fresh.PriorityFee, least.PriorityFee));
        return bid.MaxFee <= options.MaxFeePerGas && bid.PriorityFee <= options.MaxPriorityFeePerGas ? bid : null;
    }

    private static BigInteger Raise(BigInteger fee) => ((fee * BumpNumerator) + BumpDenominator - 1) / BumpDenominator;
}
