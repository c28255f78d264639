using Mode = Notary.Servers.TimestampAuthorityMode;

namespace Notary.Timestamping.Tests;

/// <summary>Authorities that go wrong in every way, one after another and both at once, delay a deposit and never corrupt it.</summary>
[TestClass]
public sealed class FailingInSequenceTests
{
    [TestMethod]
    public async Task What_is_stored_after_every_kind_of_failure_is_one_good_token_of_each()
    {
        // Short enough for Silent and Slow, long enough for the busy machine that honest answers come from.
        await using var both = await Authorities.StartAsync(timeout: TimeSpan.FromMilliseconds(1500));
        var bad = Enum.GetValues<Mode>().Where(m => m is not (Mode.Honest or Mode.Replay)).ToArray();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        random.Shuffle(bad);
        for (var i = 0; i < bad.Length; i++)
        {
            var what = $"seed {seed}, {bad[i]}";
            var imprint = Digest.Of(BitConverter.GetBytes(i));
            var stored = new List<StampedToken>();

            (both.First.Mode, both.Second.Mode) = (bad[i], bad[(i + 1) % bad.Length]); // both wrong
            await RoundAsync(both, imprint, stored);
            Assert.IsEmpty(stored, what);

            both.Second.Mode = Mode.Honest; // one wrong
            await RoundAsync(both, imprint, stored);
            Assert.IsTrue(stored.TrueForAll(t => t.Authority == "second"), what);

            both.First.Mode = Mode.Honest; // all well: done within a few rounds, whatever state time was in
            for (var round = 0; round < 50 && stored.Count < 2; round++)
            {
                await RoundAsync(both, imprint, stored);
                await Task.Delay(20);
            }

            CollectionAssert.AreEquivalent(new[] { "first", "second" }, stored.Select(t => t.Authority).ToArray(), what);
            foreach (var token in stored)
            {
                var authority = token.Authority == "first" ? both.First : both.Second;
                Assert.IsTrue(new TokenVerifier([authority.Root], authority.PolicyOid).Check(token.Token, imprint).Ok, what);
            }
        }
    }

    private static async Task RoundAsync(Authorities both, Digest imprint, List<StampedToken> stored)
        => stored.AddRange((await both.Time.StampAllAsync(imprint, stored, CancellationToken.None)).Tokens);
}
