namespace Notary.Deposits.Tests;

/// <summary>Pages from the newest backwards hold every deposit once, in order, however unevenly they came.</summary>
[TestClass]
public sealed class NewestFirstTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("none")]
    [DataRow("one")]
    [DataRow("a page")]
    [DataRow("evenly")]
    [DataRow("in bursts")]
    [DataRow("one millisecond")]
    [DataRow("old burst, then seldom")]
    [DataRow("ahead of the clock")]
    public async Task EveryDepositOnceNewestFirst(string manner)
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var ids = Ids(manner);
        await bed.FillAsync(Bed.TenantA.Id, ids, Cancel);
        await bed.FillAsync("tenant-0", Ids("one"), Cancel);
        await bed.FillAsync("tenant-z", Ids("one"), Cancel);
        var newest = new NewestFirst(new DepositTable(bed.Storage), new FixedClock(Now));
        var expected = ids.OrderDescending().ToList();
        foreach (var limit in (int[])[1, 7, 100])
        {
            // Every page of a small limit would be slow with many.
            var wanted = expected.Take(limit * 60).ToList();
            var (seen, place) = (new List<DepositId>(), (NewestPlace?)null);
            do
            {
                (var rows, place) = await newest.ReadAsync(Bed.TenantA.Id, null, NewestPlace.Read(place?.ToString()), limit, Cancel);
                Assert.IsTrue(rows.Count == limit || place is null, "a page is full or the last");
                seen.AddRange(rows.Select(row => row.Id));
            }
            while (place is not null && seen.Count < wanted.Count);

            CollectionAssert.AreEqual(wanted, seen.Take(wanted.Count).ToList());
            Assert.AreEqual(seen.Count == expected.Count, place is null, "the last page says that it is");
        }
    }

    /// <summary>The page looked at most: one query, and right whatever came since it was looked at last.</summary>
    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(30, 1)]
    [DataRow(70, int.MaxValue)]
    [DataRow(1000, int.MaxValue)]
    public async Task TheFirstPageOnceMore(int came, int mostQueries)
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var ids = Ids("evenly");
        await bed.FillAsync(Bed.TenantA.Id, ids, Cancel);
        var newest = new NewestFirst(new DepositTable(bed.Storage), new FixedClock(Now));
        await newest.ReadAsync(Bed.TenantA.Id, null, null, 50, Cancel);
        List<DepositId> more = [.. Enumerable.Range(1, came).Select(i => DepositId.New(new FixedClock(Now.AddSeconds(i))))];
        await bed.FillAsync(Bed.TenantA.Id, more, Cancel);

        var calls = CallCount.Begin();
        var (rows, place) = await newest.ReadAsync(Bed.TenantA.Id, null, null, 50, Cancel);
        var queries = calls[0];
        var (next, _) = await newest.ReadAsync(Bed.TenantA.Id, null, place, 50, Cancel);
        CollectionAssert.AreEqual(ids.Concat(more).OrderDescending().Take(100).ToList(), rows.Concat(next).Select(row => row.Id).ToList());
        Assert.IsTrue(queries >= 1 && queries <= mostQueries, $"{queries} queries");
    }

    [TestMethod]
    public async Task TimesBoundIt()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var ids = Ids("evenly");
        await bed.FillAsync(Bed.TenantA.Id, ids, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var (since, until) = (Now.AddDays(-2), Now.AddDays(-1));
        var (seen, continuation) = (new List<string>(), (string?)null);
        do
        {
            var page = await service.NewestAsync(Bed.TenantA, since, until, 10, continuation, Cancel);
            seen.AddRange(page.Items.Select(item => item.Id));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        CollectionAssert.AreEqual(ids.Where(id => id.Time >= since && id.Time < until).OrderDescending().Select(id => id.ToString()).ToList(), seen);
        Assert.IsNotEmpty(seen);
    }

    [TestMethod]
    public async Task TextIsFoundInNamesAndNotes()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        async Task<string> AddAsync(string name, string note)
        {
            var options = Bed.Options() with { Notes = new Dictionary<string, string> { ["contractNo"] = note } };
            return (await service.DepositDigestsAsync(Bed.TenantA, options, [Bed.Item(1) with { Name = name }], Cancel)).Id.ToString();
        }

        var contract = await AddAsync("合同 Résumé.pdf", "A-17");
        var other = await AddAsync("Invoice.pdf", "b-18");
        async Task<string> FindAsync(Tenant tenant, string text)
            => string.Join(' ', (await service.SearchAsync(tenant, text, null, null, null, Cancel)).Items.Select(item => item.Id));

        Assert.AreEqual(contract, await FindAsync(Bed.TenantA, "合同"));
        Assert.AreEqual(contract, await FindAsync(Bed.TenantA, "re\u0301sume\u0301"), "composed or not");
        Assert.AreEqual(other, await FindAsync(Bed.TenantA, "B-18"), "in a note, in either case");
        Assert.AreEqual($"{other} {contract}", await FindAsync(Bed.TenantA, ".PDF"));
        Assert.AreEqual("", await FindAsync(Bed.TenantA, "nothing"));
        Assert.AreEqual("", await FindAsync(Bed.TenantB, "合同"), "another's deposit is not there");
    }

    [TestMethod]
    [DataRow("x")]
    [DataRow("0193")]
    [DataRow("00000000000000000000000000000000" + "00000000000000000000000000000000")]
    public async Task ContinuationsAreOurs(string continuation)
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var refused = await Assert.ThrowsExactlyAsync<FaultException>(
            () => bed.Service(sequencer).NewestAsync(Bed.TenantA, null, null, 10, continuation, Cancel));
        Assert.AreEqual(Fault.Malformed, refused.Fault);
    }

    private static List<DepositId> Ids(string manner)
    {
        static DepositId At(DateTimeOffset time) => DepositId.New(new FixedClock(time));
        static IEnumerable<DepositId> Series(DateTimeOffset time, int count)
        {
            var first = DepositId.NewSeries(new FixedClock(time));
            return Enumerable.Range(0, count).Select(first.Plus);
        }

        return manner switch
        {
            "none" => [],
            "one" => [At(Now.AddYears(-3))],
            "a page" => [.. Enumerable.Range(0, 100).Select(i => At(Now.AddHours(-i)))],
            "evenly" => [.. Enumerable.Range(0, 900).Select(i => At(Now.AddMinutes(-i * 10)))],
            "in bursts" => [.. Enumerable.Range(0, 40).SelectMany(i => Series(Now.AddDays(-i * i), i * 2)), At(Now.AddYears(-20))],
            "one millisecond" => [.. Series(Now.AddMinutes(-3), 1500)],
            "old burst, then seldom" => [.. Series(Now.AddYears(-2), 700), .. Enumerable.Range(1, 25).Select(i => At(Now.AddDays(-i * 20)))],
            "ahead of the clock" => [.. Series(Now.AddSeconds(30), 10), .. Series(Now.AddDays(-1), 10)],
            _ => throw new ArgumentOutOfRangeException(nameof(manner), manner, "unknown"),
        };
    }
}
