namespace Notary.Evidence.Tests;

[TestClass]
public sealed class DepositIdTests
{
    [TestMethod]
    public void ASeriesCountsUpInOneMillisecondAndStaysUuid7()
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 1000; i++)
        {
            var first = DepositId.NewSeries(TimeProvider.System);
            Assert.AreEqual(first, first.Plus(0));
            var (near, far) = (first.Plus(1), first.Plus(9_999));
            Assert.AreEqual(far, near.Plus(9_998));
            Assert.IsTrue(first < near && near < far);
            Assert.AreEqual(far, DepositId.Parse(far.ToString()));
            Assert.AreEqual(first.Time, far.Time);
            Assert.IsLessThan(TimeSpan.FromMinutes(1), first.Time - now);
            Assert.IsTrue(far.ToString()[19] is '8' or '9' or 'a' or 'b', "the variant of RFC 9562");
        }
    }

    /// <summary>The example of RFC 9562 A.6.</summary>
    [TestMethod]
    public void TimeAndOrderAreThoseOfRfc9562()
    {
        var id = DepositId.Parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        Assert.AreEqual(new DateTimeOffset(2022, 2, 22, 19, 22, 22, TimeSpan.Zero), id.Time);
        var (same, next) = (id.Plus(0), id.Plus(1));
        Assert.AreEqual("True False True False", $"{id < next} {id < same} {next > id} {same > id}");
        Assert.AreEqual("True True False", $"{id <= same} {id <= next} {next <= id}");
        Assert.AreEqual("True True False", $"{id >= same} {next >= id} {id >= next}");
    }

    [TestMethod]
    [DataRow("019ab0c4-6f5b-7d3e-8a11-0123456789ab", true)]
    [DataRow("019ab0c4-6f5b-7d3e-ba11-0123456789ab", true)]
    [DataRow("019ab0c4-6f5b-7d3e-7a11-0123456789ab", false)]
    [DataRow("019ab0c4-6f5b-7d3e-ca11-0123456789ab", false)]
    [DataRow("019ab0c4-6f5b-7d3e-fa11-0123456789ab", false)]
    [DataRow("019ab0c4-6f5b-4d3e-8a11-0123456789ab", false)]
    [DataRow("019AB0C4-6f5b-7d3e-8a11-0123456789ab", false)]
    public void OnlyVersion7InTheVariantOfRfc9562IsAnId(string text, bool expected) => Assert.AreEqual(expected, DepositId.TryParse(text, out _));
}
