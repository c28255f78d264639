using System.Net;
using System.Text.RegularExpressions;
using Azure.Data.Tables;

namespace Notary.Bench;

/// <summary>A tenant's list of deposits at every depth, against the bare query for the same rows, straight to the same Azurite.</summary>
internal static partial class ListBench
{
    private const int PageRows = 50;
    private const double MostMilliseconds = 40;

    /// <summary>1.3 times the bare query's time.</summary>
    private const double LeastShare = 1 / 1.3;

    /// <summary>Pages of one measured run, evenly over the whole depth.</summary>
    private const int PagesEach = 40;

    /// <summary>Shrinks the list, for a trial; the figures that count are of 100,000.</summary>
    private static readonly int Deposits
        = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_CONSOLE_DEPOSITS") ?? "100000", CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<Figure>> RunAsync(ConsoleSite site)
    {
        using var client = site.Client();
        var before = (await WalkAsync(client)).Sum(page => page.Ids.Count);
        await FillAsync(site);
        var pages = await WalkAsync(client);
        if (pages.Sum(page => page.Ids.Count) is var listed && listed != before + Deposits)
            throw new InvalidOperationException($"{listed} of {before + Deposits} deposits are listed");

        var chosen = Enumerable.Range(0, PagesEach).Select(i => pages[i * (pages.Count - 1) / (PagesEach - 1)]).ToList();
        var table = site.Storage.Table(Names.Deposits);
        var (times, bare) = (new List<double>(), new List<double>());
        var ratio = await Pairs.MeasureAsync(
            "list page", "one query for the same rows by the same table client straight to the same Azurite", LeastShare, "pages/s",
            async () =>
            {
                var clock = Stopwatch.StartNew();
                foreach (var page in chosen)
                {
                    var one = Stopwatch.StartNew();
                    var (shown, _) = await ReadAsync(client, page.Link);
                    times.Add(one.Elapsed.TotalMilliseconds);
                    if (!shown.SequenceEqual(page.Ids))
                        throw new InvalidOperationException("the page shows other deposits than before");
                }

                return chosen.Count / clock.Elapsed.TotalSeconds;
            },
            async () =>
            {
                var clock = Stopwatch.StartNew();
                foreach (var page in chosen)
                {
                    var one = Stopwatch.StartNew();
                    if (await BareAsync(table, page.Ids) != page.Ids.Count)
                        throw new InvalidOperationException("the bare query finds other rows");

                    bare.Add(one.Elapsed.TotalMilliseconds);
                }

                return chosen.Count / clock.Elapsed.TotalSeconds;
            },
            $"{PageRows} of {Deposits:#,0} deposits as a page, {PagesEach} depths; {ConsoleSite.Busy}");
        times.Sort();
        bare.Sort();
        return
        [
            ratio,
            new Ceiling("list page, median", times[times.Count / 2], "ms", MostMilliseconds,
                $"from request to whole answer over loopback; the bare query alone {bare[bare.Count / 2]:0.0} ms; {ConsoleSite.Busy}"),
            new Ceiling("list page, 95 of 100", times[times.Count * 95 / 100], "ms", double.PositiveInfinity, $"largest {times[^1]:0.0} ms"),
        ];
    }

    /// <summary>Rows as intake and sequencer leave them, come unevenly over two years.</summary>
    private static async Task FillAsync(ConsoleSite site)
    {
        var table = site.Storage.Table(Names.Deposits);
        var (random, time) = (new Random(1), TimeProvider.System.GetUtcNow().AddYears(-2));
        var each = TimeSpan.FromDays(700) / Deposits;
        var written = 0;
        var all = Enumerable.Range(0, Deposits).Select(i => (i, Time: time += each * random.NextDouble() * 2));
        foreach (var batch in all.Chunk(TableRows.MaxTransactionActions / 2))
        {
            await table.SubmitTransactionAsync(batch.SelectMany(one => Rows.Logged(ConsoleSite.Tenant, one.Time, one.i)));
            if ((written += batch.Length) % 10_000 < batch.Length)
                await Console.Error.WriteLineAsync($"list: {written:#,0} of {Deposits:#,0} deposits");
        }
    }

    /// <summary>From the first page to the last, as a reader goes.</summary>
    private static async Task<IReadOnlyList<(string Link, IReadOnlyList<string> Ids)>> WalkAsync(HttpClient client)
    {
        var pages = new List<(string, IReadOnlyList<string>)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var link = "/deposits"; link is not null;)
        {
            var (ids, next) = await ReadAsync(client, link);
            if ((ids.Count == 0 && next is not null) || !ids.All(seen.Add))
                throw new InvalidOperationException($"page {pages.Count + 1}, {link}: {(ids.Count == 0 ? "nothing is listed" : "a deposit is listed twice")}");

            pages.Add((link, ids));
            link = next;
        }

        return pages;
    }

    private static async Task<(IReadOnlyList<string> Ids, string? Next)> ReadAsync(HttpClient client, string link)
    {
        var text = await client.GetStringAsync(new Uri(link, UriKind.Relative));
        return ([.. Deposit().Matches(text).Select(m => m.Groups[1].Value).Distinct()],
            Next().Match(text) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : null);
    }

    private static async Task<int> BareAsync(TableClient table, IReadOnlyList<string> ids)
    {
        var (from, to) = (DepositKeys.Deposit(ConsoleSite.Tenant, DepositId.Parse(ids[^1])), DepositKeys.Deposit(ConsoleSite.Tenant, DepositId.Parse(ids[0])));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {DepositKeys.Shard(ConsoleSite.Tenant)} and RowKey ge {from} and RowKey le {to}");
        return await table.QueryAsync<TableEntity>(filter).CountAsync();
    }

    [GeneratedRegex("href=\"/deposits/([0-9a-f-]{36})\"")]
    private static partial Regex Deposit();

    [GeneratedRegex("href=\"([^\"]*)\" rel=\"next\"")]
    private static partial Regex Next();
}
