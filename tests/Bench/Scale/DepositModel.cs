namespace Notary.Bench.Scale;

/// <summary>What a run came to.</summary>
/// <param name="KeepsUp">Whoever comes late waits no longer than whoever came early.</param>
/// <param name="Ack">Seconds from request to receipt.</param>
/// <param name="Log">Seconds from request to the log.</param>
/// <param name="Letter">Seconds from request to the letter.</param>
/// <param name="Busiest">The resource with the least left, and how much of it was taken.</param>
/// <param name="Calls">Requests to storage, by <see cref="Call"/>.</param>
/// <param name="Largest">Deposits of the largest batch of a log.</param>
internal sealed record Outcome(bool KeepsUp, Spread Ack, Spread Log, Spread Letter, (string Name, double Use) Busiest,
    long[] Calls, int Deposits, double Entities, double VaultOperations, int Largest);

/// <summary>Median and 99th percentile.</summary>
internal readonly record struct Spread(double P50, double P99)
{
    public static Spread Of(IEnumerable<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return sorted.Count == 0 ? default : new(sorted[sorted.Count / 2], sorted[(int)(sorted.Count * 0.99)]);
    }
}

/// <summary>Deposits on their way, from requests that come by chance to the letter.</summary>
internal static class DepositModel
{
    /// <summary>Rows of one intake: deposit, place in the queue, index by digest.</summary>
    public const int IntakeRows = 3;

    /// <summary>Deposits of a run at most, and the seconds that one lasts at least and at most.</summary>
    private const double MostDeposits = 150_000, Shortest = 24, Longest = 120;

    /// <summary>Seconds that are waited for those under way after the last came.</summary>
    private const double Drain = 10, DrainLetters = 45;

    /// <summary>Quarters of a run; the first fills the pipes.</summary>
    private const int Quarters = 4;

    /// <summary>A wait that grows by more, as a factor and in seconds, from the second quarter to the last, is a queue that grows.</summary>
    private const double Growth = 1.2, GrowthSeconds = 0.4;

    /// <summary>Deposits of which less than this came through in time were not kept up with.</summary>
    private const double Through = 0.99;

    /// <summary>Runs it.</summary>
    public static Outcome Run(Offer offer, Shape shape, Times? given = null, int seed = 1)
    {
        var times = given ?? new Times();
        var simulation = new Simulation(seed);
        var world = new World(simulation, shape, times);
        var end = Math.Clamp(MostDeposits / offer.PerSecond, Shortest, Longest) * (offer.Letter ? 2 : 1);
        var (acks, logs, letters) = (new Stage(end), new Stage(end), new Stage(end));
        var letter = new LetterModel(simulation, world, times, one => letters.Done(one.ArrivedAt, simulation.Now));
        var sequencers = Enumerable.Range(0, shape.Sequencers).Select(number => new SequencerModel(simulation, world, shape, number, one =>
        {
            logs.Done(one.ArrivedAt, simulation.Now);
            if (one.Letter)
                letter.Add(one);
        })).ToList();
        foreach (var sequencer in sequencers)
            simulation.Start(sequencer.Run());

        if (offer.Letter)
            simulation.Start(letter.Run());

        // A tenant's name is hashed: some partitions have more tenants than others.
        var home = Enumerable.Range(0, offer.Tenants).Select(_ => simulation.Choose(shape.Partitions)).ToArray();
        var came = new int[Quarters];
        simulation.Start(Arrivals());
        simulation.RunTo(end / Quarters);
        var before = world.Resources.ToDictionary(resource => resource, resource => resource.Busy);
        simulation.RunTo(end);
        var busiest = world.Resources.Select(resource => (resource.Name, (resource.Busy - before[resource]) / resource.Width / (end - (end / Quarters))))
            .MaxBy(use => use.Item2);
        simulation.RunTo(end + (offer.Letter ? DrainLetters : Drain));
        return new Outcome(KeepsUp(offer.Letter ? letters : logs, came), acks.Spread(), logs.Spread(), letters.Spread(), busiest,
            world.Calls, came.Sum(), world.Entities, world.VaultOperations, sequencers.Max(one => one.Largest));

        IEnumerable<double> Arrivals()
        {
            for (var number = 0; ; number++)
            {
                yield return simulation.Now + simulation.NextArrival(offer.PerSecond);
                if (simulation.Now >= end)
                    yield break;

                came[(int)(simulation.Now / end * Quarters)]++;
                var partition = (home[simulation.Choose(offer.Tenants)] + simulation.Choose(shape.Spread)) % shape.Partitions;
                simulation.Start(One(number, partition));
            }
        }

        IEnumerable<double> One(int number, int partition)
        {
            var at = simulation.Now;
            if (offer.Items > 0)
            {
                yield return world.Table(Call.Key, partition, 1);
                foreach (var step in BatchModel.Take(simulation, world, times, offer.Items, number))
                    yield return step;
            }
            else
            {
                yield return world.Http.Serve(at, offer.Processor(times));
            }

            // Its data key is wrapped here, by the public half of the vault's: no request.
            if (offer.File)
                yield return world.Blob(Call.Original, number);

            yield return world.Table(Call.Intake, partition, offer.Items > 0 ? BatchModel.IntakeRows : IntakeRows);
            acks.Done(at, simulation.Now);
            sequencers[partition % shape.Sequencers].Add(new Waiting(at, partition, offer.Letter));
            if (offer.Items > 0)
                simulation.Start(BatchModel.Index(world, partition, number));
        }
    }

    private static bool KeepsUp(Stage stage, int[] came)
        => Enumerable.Range(1, Quarters - 1).All(quarter => stage.Of(quarter).Count >= came[quarter] * Through)
            && Scale.Spread.Of(stage.Of(1)) is var early && Scale.Spread.Of(stage.Of(Quarters - 1)) is var late
            && late.P50 <= (early.P50 * Growth) + GrowthSeconds && late.P99 <= (early.P99 * Growth) + (2 * GrowthSeconds);

    /// <summary>Who came through a stage, by the quarter of the run in which he came.</summary>
    private sealed class Stage(double end)
    {
        private readonly List<double>[] quarters = [.. Enumerable.Range(0, Quarters).Select(_ => new List<double>())];

        public void Done(double since, double now) => quarters[(int)(since / end * Quarters)].Add(now - since);

        public List<double> Of(int quarter) => quarters[quarter];

        public Spread Spread() => Scale.Spread.Of(quarters.Skip(1).SelectMany(quarter => quarter));
    }
}
