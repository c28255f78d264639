namespace Notary.Chain.Tests;

[TestClass]
public sealed class FeePolicyTests
{
    private static readonly ChainOptions Options = new() { MaxFeePerGas = 1_000_000, MaxPriorityFeePerGas = 50_000 };

    [TestMethod]
    public void A_first_bid_stays_within_the_caps_and_never_tips_more_than_it_bids()
    {
        foreach (var quote in Quotes())
        {
            var bid = FeePolicy.First(quote, Options);
            Assert.IsTrue(bid.MaxFee <= Options.MaxFeePerGas && bid.PriorityFee <= Options.MaxPriorityFeePerGas
                && bid.PriorityFee <= bid.MaxFee && bid.PriorityFee.Sign > 0, $"{quote} {bid}");
        }
    }

    [TestMethod]
    public void A_higher_bid_replaces_under_every_nodes_rule_or_is_not_made()
    {
        foreach (var quote in Quotes())
        {
            foreach (var contested in new[] { false, true })
            {
                for (var bid = FeePolicy.First(quote, Options); FeePolicy.Next(bid, quote, Options, contested) is { } next; bid = next)
                {
                    Assert.IsTrue(next.MaxFee * 1000 >= bid.MaxFee * 1125 && next.PriorityFee * 1000 >= bid.PriorityFee * 1125);
                    Assert.IsTrue(next.MaxFee <= Options.MaxFeePerGas && next.PriorityFee <= Options.MaxPriorityFeePerGas);
                }
            }
        }
    }

    [TestMethod]
    [DataRow(nameof(ChainOptions.RpcUrls))]
    [DataRow(nameof(ChainOptions.ChainId))]
    [DataRow(nameof(ChainOptions.Contract))]
    [DataRow(nameof(ChainOptions.Confirmations))]
    [DataRow(nameof(ChainOptions.SettleDepth))]
    [DataRow(nameof(ChainOptions.RequestTimeout))]
    [DataRow(nameof(ChainOptions.MaxFeePerGas))]
    [DataRow(nameof(ChainOptions.MaxPriorityFeePerGas))]
    [DataRow(nameof(ChainOptions.BumpAfterBlocks))]
    public void A_bad_setting_is_named(string setting)
    {
        var options = new ChainOptions { RpcUrls = [new Uri("http://127.0.0.1:1/")], ChainId = 1, Contract = "0x" + new string('1', 40) };
        options.Validate();
        var property = typeof(ChainOptions).GetProperty(setting)!;
        property.SetValue(options, property.PropertyType == typeof(string)
            ? "x" : property.PropertyType == typeof(Uri[]) ? Array.Empty<Uri>() : Activator.CreateInstance(property.PropertyType));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(options.Validate).Message, "Chain:" + setting);
    }

    private static IEnumerable<FeeQuote> Quotes()
    {
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
            yield return new FeeQuote(new BigInteger(Math.Pow(10, random.NextDouble() * 7)), new BigInteger(Math.Pow(10, random.NextDouble() * 6)) - 1);
    }
}
