using Notary.Pages.Draws;

namespace Notary.Pages.Tests;

/// <summary>Any page of a table of winners is found, however long it is, by little of it.</summary>
[TestClass]
public sealed class WinnerFileTests
{
    /// <summary>Winners and reserves of each round; the third has none.</summary>
    private static readonly (int Winners, int Reserves)[] Rounds = [(40_000, 7_000), (3, 0), (0, 0), (1, 20_000)];

    private static readonly byte[] Csv = Encoding.UTF8.GetBytes("round,place,rank,position,handle,ticket,number,group,weight,name\n"
        + string.Concat(Rounds.SelectMany((r, i) => Enumerable.Range(1, r.Winners + r.Reserves).Select(n => Line(i + 1, r.Winners, n)))));

    [TestMethod]
    public async Task EachPageIsThereAndTakesLittleReading()
    {
        Assert.IsGreaterThan(8_000_000, Csv.Length);
        var random = new Random(7);
        foreach (var (i, (winners, reserves)) in Rounds.Index())
        {
            var all = winners + reserves;
            long[] some = [1, 2, winners, winners + 1, all - 40, all, all + 1, .. Many(random, all)];
            foreach (var from in some.Where(f => f > 0))
            {
                var (file, read) = Open();
                var rows = await file.ReadAsync(i + 1, from > winners, from > winners ? from - winners : from, 100, default);
                var expected = Enumerable.Range(0, (int)Math.Clamp(all - from + 1, 0, 100)).Select(n => (int)from + n)
                    .Select(n => (i + 1, n > winners, (long)(n > winners ? n - winners : n), $"{n}*"));
                CollectionAssert.AreEqual(expected.ToList(), rows.Select(r => (r.Round, r.Reserve, r.Rank, r.Name)).ToList(), $"round {i + 1} from {from}");
                Assert.IsLessThan(200_000, read(), "bytes that were read");
            }
        }
    }

    [TestMethod]
    public async Task TheFirstPlacesOfEachRoundAreThere()
    {
        var rows = await Open().File.FirstAsync(Rounds.Length, 20, default);
        CollectionAssert.AreEqual(new[] { (1, 20), (2, 3), (4, 20) }, rows.GroupBy(r => r.Round).Select(g => (g.Key, g.Count())).ToArray());
        Assert.AreEqual("1*", rows[0].Name);
        Assert.AreEqual((4, false, 1L), (rows[23].Round, rows[23].Reserve, rows[23].Rank));
    }

    private static IEnumerable<long> Many(Random random, int most) => Enumerable.Range(0, most > 100 ? 200 : 0).Select(_ => (long)random.Next(1, most));

    private static (WinnerFile File, Func<long> Read) Open()
    {
        var read = 0L;
        return (new WinnerFile(Csv.Length, (offset, length, _) =>
        {
            Interlocked.Add(ref read, length);
            return Task.FromResult<Stream>(new MemoryStream(Csv, (int)offset, (int)length));
        }), () => read);
    }

    private static string Line(int round, int winners, int place)
        => $"{round},{(place > winners ? "reserve" : "winner")},{(place > winners ? place - winners : place)},{place},"
            + $"{new string('a', 64)},1,{new string('b', 32)},第{round}类,1,{place}*\n";
}
