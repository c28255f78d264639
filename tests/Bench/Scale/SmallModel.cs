namespace Notary.Bench.Scale;

/// <summary>One machine with everything on it, by what was measured there when one client was at work.</summary>
/// <param name="Client">Processor seconds of a client for one deposit.</param>
/// <param name="App">Processor seconds of the app.</param>
/// <param name="Storage">Processor seconds of the table server, which has one thread.</param>
/// <param name="Other">Seconds in which nobody's processor works.</param>
/// <param name="Cores">Processors.</param>
internal sealed record Machine(double Client, double App, double Storage, double Other, int Cores = 2);

/// <summary>What a small run came to.</summary>
/// <param name="PerSecond">Acknowledged.</param>
/// <param name="Ack">Median seconds to the receipt.</param>
/// <param name="Log">Median seconds to the log.</param>
internal sealed record SmallOutcome(double PerSecond, double Ack, double Log, IReadOnlyDictionary<Call, long> Calls, long VaultOperations);

/// <summary>The same model in the small, as it can be run for real: some clients, each with one deposit at a time, no service at its limit.</summary>
internal static class SmallModel
{
    /// <summary>Seconds after which one looks again whether the log has looked.</summary>
    private const double Glance = 0.05;

    /// <summary>Longer than any small run.</summary>
    private const double Forever = 600;

    /// <param name="offer">What; not how often.</param>
    /// <param name="count">How many.</param>
    /// <param name="clients">At once.</param>
    /// <param name="times">Of requests that nobody competes for.</param>
    /// <param name="machine">Whose processors they share; null for as many as it takes.</param>
    /// <param name="size">Entries that the log has.</param>
    /// <param name="held">The second half comes after the log's first look, which is answered when all are there.</param>
    public static SmallOutcome Run(Offer offer, int count, int clients, Times times, Machine? machine = null, long size = 0, bool held = false)
    {
        var simulation = new Simulation(1);
        var world = new World(simulation, new Shape { Limited = false }, times);
        var (cores, table) = (new Station("processors", machine?.Cores ?? 1), new Station("table server", 1));
        var (acks, logs, left, last) = (new List<double>(), new List<double>(), count, 0.0);
        var sequencer = new SequencerModel(simulation, world, new Shape(), 0, one => logs.Add(simulation.Now - one.ArrivedAt))
        {
            Size = size,
            HeldFor = held ? count : 0,
        };
        simulation.Start(sequencer.Run());
        for (var client = 0; client < clients; client++)
            simulation.Start(Client());

        simulation.RunTo(Forever);
        return new SmallOutcome(count / last, Spread.Of(acks).P50, Spread.Of(logs).P50,
            Enum.GetValues<Call>().ToDictionary(call => call, call => world.Calls[(int)call]), world.VaultOperations);

        IEnumerable<double> Client()
        {
            while (left-- > 0)
            {
                while (held && left < count / 2 && !sequencer.Looked)
                    yield return simulation.Now + Glance;

                var at = simulation.Now;
                if (machine is not null)
                {
                    yield return cores.Serve(simulation.Now, machine.Client + machine.App);
                    yield return Math.Max(table.Serve(simulation.Now, machine.Storage), cores.Serve(simulation.Now, machine.Storage));
                    yield return simulation.Now + machine.Other;
                }

                if (offer.Items > 0)
                {
                    yield return world.Table(Call.Key, 0, 1);
                    foreach (var step in BatchModel.Take(simulation, world, times, offer.Items, 0))
                        yield return step;
                }

                if (offer.File)
                    yield return world.Blob(Call.Original, 0);

                var written = world.Table(Call.Intake, 0, 1);
                if (machine is null)
                    yield return written;

                acks.Add(simulation.Now - at);
                last = simulation.Now;
                sequencer.Add(new Waiting(at, 0, false));
                if (offer.Items > 0)
                    simulation.Start(BatchModel.Index(world, 0, 0));
            }
        }
    }
}
