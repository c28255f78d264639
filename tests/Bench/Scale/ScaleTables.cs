namespace Notary.Bench.Scale;

/// <summary>The tables of docs/scale.md, as the model makes them: nothing in them is measured when they are made.</summary>
internal static class ScaleTables
{
    private static readonly double[] Rates = [1, 10, 100, 1_000, 10_000];

    /// <summary>Tables by name.</summary>
    public static IReadOnlyDictionary<string, Func<string>> ByName { get; } = new Dictionary<string, Func<string>>
    {
        ["stops"] = Stops, ["rates"] = AsBuilt, ["ladder"] = Ladder, ["needs"] = Grown, ["batches"] = Batches, ["webhooks"] = Webhooks,
        ["costs"] = Costs, ["leaning"] = Leaning, ["figures"] = Figures,
    };

    /// <summary>All of them.</summary>
    public static string All() => string.Join("\n", ByName.Select(table => $"{table.Key}\n\n{table.Value()}"));

    /// <summary>Where each kind stops today.</summary>
    private static string Stops()
    {
        string Row(string what, Offer offer, double low, double high, double items = 0)
        {
            var most = Needs.Most(offer, new Shape(), low, high);
            var use = DepositModel.Run(offer with { PerSecond = most }, new Shape()).Busiest;
            return Say($"| {what} | {(items > 0 ? Number(most * items) + " items" : Number(most))} | {use.Name}, {use.Use:0%} |");
        }

        return Table("| deposits | most a second | busiest there |",
            Row("digests of 1,000 tenants, letters on request", new Offer(1), 100, 10_000),
            Row("digests of one tenant", new Offer(1, Tenants: 1), 50, 2_000),
            Row("digests, letters at once", new Offer(1, Letter: true), 20, 1_000),
            Row("files of 4 KiB, letters on request", new Offer(1, File: true), 100, 10_000),
            Row("batches of 1,000", new Offer(1, Items: 1_000), 10, 2_000, 1_000),
            Row("batches of 1,000,000", new Offer(1, Items: 1_000_000), 1, 200, 1_000_000));
    }

    private static string AsBuilt() => Table(
        "| digests a second | through the log | receipt, p50 and p99 | in the log, p50 and p99 | busiest |", [.. Rates.Select(rate =>
    {
        var run = DepositModel.Run(new Offer(rate), new Shape());
        return Say($"| {Number(rate)} | {(run.KeepsUp ? "all" : "falls behind")} | {Wait(run.Ack, run.KeepsUp)} | {Wait(run.Log, run.KeepsUp)} | ")
            + Say($"{run.Busiest.Name}, {run.Busiest.Use:0%} |");
    })]);

    private static string Ladder()
    {
        string Row(string what, Shape shape) => Say($"| {what} | {Number(Needs.Most(new Offer(1), shape, 200, 40_000))} |");
        Shape Many(int sequencers, int partitions) => new() { Sequencers = sequencers, Partitions = partitions, Spread = partitions };
        return Table("| change, each with those before | digests a second |",
            Row("as built", new Shape()),
            Row("rows by deposit over 16 partitions, no longer by tenant", new Shape { Spread = 16 }),
            Row("2 sequencers", Many(2, 16)),
            Row("4 sequencers, 32 partitions", Many(4, 32)),
            Row("8 sequencers, 64 partitions", Many(8, 64)),
            Row("8 sequencers, 64 partitions, 2 accounts", Many(8, 64) with { Accounts = 2 }));
    }

    private static string Grown() => Table(
        "| a second | partitions | sequencers | accounts | vaults (subscriptions) | instances: requests, letters "
            + "| receipt p50, p99 | log p50, p99 | letter p50, p99 |",
        [.. new (string What, Func<double, Offer> Offer)[]
        {
            ("digests", rate => new Offer(rate)), ("digests, letters at once", rate => new Offer(rate, Letter: true)),
            ("files", rate => new Offer(rate, File: true)),
        }.SelectMany(kind => Rates.Select(rate =>
        {
            var (shape, run) = Needs.For(kind.Offer(rate));
            var subscriptions = (shape.Vaults + Published.VaultsOfSubscription - 1) / Published.VaultsOfSubscription;
            return Say($"| {Number(rate)} {kind.What} | {shape.Partitions} | {shape.Sequencers} | {shape.Accounts} | {shape.Vaults} ({subscriptions}) | ")
                + Say($"{shape.HttpInstances}, {(run.Letter.P50 > 0 ? shape.DurableInstances : 0)} | {Wait(run.Ack)} | {Wait(run.Log)} | ")
                + (run.Letter.P50 > 0 ? Wait(run.Letter) + " |" : "– |");
        }))]);

    private static string Batches() => Table(
        "| items a second | in batches of | batches a second | accounts | partitions | instances | receipt p50, p99 | busiest |",
        [.. new (double Items, int Each)[]
        {
            (1_000, 1_000), (10_000, 1_000), (100_000, 1_000), (1_000_000, 1_000), (1_000_000, 10_000), (1_000_000, 100_000), (1_000_000, 1_000_000),
        }.Select(row =>
        {
            var (shape, run) = Needs.For(new Offer(row.Items / row.Each, Items: row.Each));
            return Say($"| {Number(row.Items)} | {Number(row.Each)} | {Number(row.Items / row.Each)} | {shape.Accounts} | {shape.Partitions} | ")
                + Say($"{shape.HttpInstances} | {Wait(run.Ack)} | {run.Busiest.Name}, {run.Busiest.Use:0%} |");
        })]);

    private static string Webhooks()
    {
        string Row(string what, double events) => Say($"| {what} | {Number(events)} | {Number(Math.Floor(events / WebhookModel.EventsOfDeposit))} |");
        return Table("| the limit | events a second | deposits a second, four events each |",
            Row("the teller, one tenant's deposits in a page", WebhookModel.Teller(1)),
            Row("the teller, ten tenants' in a page", WebhookModel.Teller(10)),
            Row("the teller, a hundred tenants' in a page", WebhookModel.Teller(100)),
            Row("the teller, each row another tenant's", WebhookModel.Teller(1_000)),
            Row("one endpoint: sixteen under way", WebhookModel.Lane()));
    }

    private static string Costs()
    {
        string Row(string what, Offer offer)
        {
            var cost = Cost.Of(offer);
            return $"| {what} | {Dollars(cost.Tables)} | {Dollars(cost.Blobs)} | {Dollars(cost.Vault)} | {Dollars(cost.Compute)} | {Dollars(cost.Once)} | "
                + $"{Dollars(cost.MonthlyStorage)} |";
        }

        return Table("| a million | tables | blobs | vault | compute | together | kept, a month |",
            Row("digests, 100 a second", new Offer(100)),
            Row("digests, letters at once", new Offer(100, Letter: true)),
            Row("files of 4 KiB", new Offer(100, File: true)),
            Row("files of 4 KiB, letters at once", new Offer(100, File: true, Letter: true)),
            Row("items in batches of 1,000", new Offer(10, Items: 1_000)),
            Row("items in batches of 1,000,000", new Offer(1, Items: 1_000_000)));
    }

    private static string Leaning()
    {
        var usual = new Times();
        string Row(string what, Shape shape, Times times)
            => Say($"| {what} | {Number(Needs.Most(new Offer(1), shape, 100, 20_000, times))} |");
        Times Slower(double by) => usual with
        {
            Table = usual.Table.Times(by), BlobRead = usual.BlobRead.Times(by), BlobWrite = usual.BlobWrite.Times(by), Vault = usual.Vault.Times(by),
        };
        return Table("| assumption | digests a second |",
            Row("as above", new Shape(), usual),
            Row("a partition forgives a second's worth after a pause", new Shape { Burst = 1 }, usual),
            Row("requests take half as long", new Shape(), Slower(0.5)),
            Row("requests take twice as long", new Shape(), Slower(2)));
    }

    private static string Figures()
    {
        var times = new Times();
        return Table("| figure | value | where from |",
            Say($"| entities of a table partition | {Number(Published.PartitionEntities)} a second | published |"),
            Say($"| requests of an account | {Number(Published.AccountRequests)} a second | published |"),
            Say($"| into an account | {Number(Needs.Round(Published.AccountIngressMiB))} MiB a second | published |"),
            Say($"| EC signatures of a vault, hardware keys | {Number(Published.VaultSignatures)} a second | published |"),
            Say($"| RSA-3072 unwraps of a vault, hardware keys: originals read | {Number(Published.VaultUnwraps)} a second | published |"),
            Say($"| vaults' worth of a subscription in a region | {Published.VaultsOfSubscription} | published |"),
            Say($"| activities that one orchestration begins | {Number(Published.FanOut)} a second | published |"),
            Say($"| instances of an app | {Number(Published.Instances)}, of {Published.InstanceCores} processors | published |"),
            Say($"| table request, p50 and p99 | {Wait(times.Table)} | assumed |"),
            Say($"| blob written | {Wait(times.BlobWrite)} | assumed |"),
            Say($"| blob read | {Wait(times.BlobRead)} | assumed |"),
            Say($"| signature | {Wait(times.Vault)} | assumed |"),
            Say($"| token of an authority | {Wait(times.Stamp)} | assumed |"),
            Say($"| webhook's receiver | {Wait(times.Receiver)} | assumed |"),
            Say($"| block of the chain | {times.Block} s, 3 confirmations | assumed |"),
            Say($"| processor time of a digest | {times.Digest * 1e3:0.0} ms | measured |"),
            Say($"| of a file of 4 KiB | {times.File * 1e3:0.0} ms | measured |"),
            Say($"| of a letter | {times.Letter * 1e3:0.0} ms | measured |"),
            Say($"| of an item of a batch | {times.Item * 1e6:0.0} µs | measured |"));
    }

    private static string Table(string head, params ReadOnlySpan<string> rows)
        => $"{head}\n{string.Concat(head.Where(c => c == '|').Skip(1).Select(_ => "|---"))}|\n{string.Join('\n', rows)}\n";

    private static string Wait(Latency latency) => Wait(new Spread(latency.Median, latency.P99));

    private static string Wait(Spread spread, bool steady = true) => steady ? $"{Time(spread.P50)}, {Time(spread.P99)}" : "grows";

    private static string Time(double seconds)
        => seconds < 1 ? Say($"{seconds * 1000:0} ms") : seconds < 10 ? Say($"{seconds:0.0} s") : Say($"{seconds:0} s");

    private static string Dollars(double value) => value >= 10 ? Say($"${value:0}") : value >= 0.1 ? Say($"${value:0.00}") : Say($"${value:0.0000}");

    private static string Number(double value) => Say($"{value:#,0}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
