namespace Notary.Audit.Tests;

/// <summary>What an auditor asks the trail.</summary>
[TestClass]
public sealed class ReaderTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static TrailReader reader = null!;

    /// <summary>Ten days of thirty entries, one an hour or so; every seventh is p2's.</summary>
    [ClassInitialize]
    public static async Task WriteAsync(TestContext _)
    {
        var storage = await Shared.AccountAsync();
        var writer = new TrailWriter(storage, TimeProvider.System);
        foreach (var ten in Enumerable.Range(0, 300).Chunk(100))
            await Task.WhenAll(ten.Select(n => writer.WriteAsync(Shared.Look($"{n}", Start.AddMinutes(n * 48), n % 7 == 0 ? "p2" : "p1"))));

        reader = new TrailReader(storage);
    }

    [TestMethod]
    public async Task AllOfItNewestFirstByPages()
        => CollectionAssert.AreEqual(Words(Enumerable.Range(0, 300).Reverse()), await AllAsync(null, null, null));

    [TestMethod]
    public async Task OneDayAlone()
    {
        CollectionAssert.AreEqual(Words(Enumerable.Range(90, 30).Reverse()), await AllAsync(null, Start.AddDays(3), Start.AddDays(4)));
        CollectionAssert.AreEqual(Words(Enumerable.Range(0, 30).Reverse()), await AllAsync(null, null, Start.AddDays(1)));
        CollectionAssert.AreEqual(Words(Enumerable.Range(270, 30).Reverse()), await AllAsync(null, Start.AddDays(9), null));
        Assert.IsEmpty(await AllAsync(null, Start.AddDays(11), null));
        Assert.IsEmpty(await AllAsync(null, null, Start));
    }

    [TestMethod]
    public async Task OnePersonAlone()
    {
        CollectionAssert.AreEqual(Words(Enumerable.Range(0, 300).Where(n => n % 7 == 0).Reverse()), await AllAsync("p2", null, null));
        CollectionAssert.AreEqual(Words(Enumerable.Range(90, 30).Where(n => n % 7 == 0).Reverse()), await AllAsync("p2", Start.AddDays(3), Start.AddDays(4)));
        Assert.IsEmpty(await AllAsync("p3' or Who ne '", null, null));
    }

    [TestMethod]
    public async Task AnExportGoesForward()
        => CollectionAssert.AreEqual(Words(Enumerable.Range(30, 60)),
            await reader.OldestAsync(Start.AddDays(1), Start.AddDays(3), default).Select(e => e.Event.Sought["q"]).ToListAsync());

    [TestMethod]
    public async Task NothingIsRecordedYet()
    {
        var empty = new TrailReader(await Shared.AccountAsync());
        Assert.IsNull(await empty.HeadAsync(default));
        var page = await empty.NewestAsync(null, Start, Start.AddDays(1), null, default);
        Assert.IsEmpty(page.Items);
        Assert.IsNull(page.Before);
        Assert.AreEqual(0, await empty.OldestAsync(null, null, default).CountAsync());
    }

    private static async Task<List<string>> AllAsync(string? who, DateTimeOffset? since, DateTimeOffset? until)
    {
        var found = new List<string>();
        long? before = null;
        do
        {
            var page = await reader.NewestAsync(who, since, until, before, default);
            Assert.IsLessThanOrEqualTo(TrailReader.PageSize, page.Items.Count);
            found.AddRange(page.Items.Select(e => e.Event.Sought["q"]));
            before = page.Before;
        }
        while (before is not null);
        return found;
    }

    private static List<string> Words(IEnumerable<int> numbers) => [.. numbers.Select(n => $"{n}")];
}
