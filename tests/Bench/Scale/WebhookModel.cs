namespace Notary.Bench.Scale;

/// <summary>What one process tells, and what one endpoint takes, when there is always more.</summary>
internal static class WebhookModel
{
    /// <summary>Events of a deposit with a letter: logged, time-stamped, anchored, certified.</summary>
    public const int EventsOfDeposit = 4;

    /// <summary>Rows of an event for one endpoint: the event, its time, its delivery.</summary>
    private const int EventRows = 3;

    /// <summary>Rows that the teller reads at once, and moves at once.</summary>
    private const int Page = 500, Moved = 50;

    /// <summary>Actions of a transaction.</summary>
    private const int Actions = 100;

    /// <summary>Deliveries of a lane under way, taken, and recorded at once.</summary>
    private const int AtOnce = 16, Taken = 32, Record = 24;

    private const double Seconds = 120;

    /// <summary>Events a second that the teller's one loop writes down: page by page, tenant by tenant, one request after the other.</summary>
    /// <param name="tenants">Whose rows lie in a page.</param>
    public static double Teller(int tenants)
    {
        var (simulation, shape, times, told) = (new Simulation(1), new Shape(), new Times(), 0L);
        var world = new World(simulation, shape, times);
        simulation.Start(Loop());
        simulation.RunTo(Seconds);
        return Needs.Round(told / Seconds);

        IEnumerable<double> Loop()
        {
            for (var shard = 0; ; shard = (shard + 1) % shape.Partitions)
            {
                yield return world.Table(Call.Pending, shard, 1);
                var groups = Math.Min(tenants, Page);
                for (var tenant = 0; tenant < groups; tenant++)
                {
                    // Which of them are batches, endpoints, the announcement, and the events in transactions.
                    yield return world.Table(Call.Listeners, shard, 1);
                    yield return world.Row(Call.Listeners, 0);
                    yield return world.Row(Call.Listeners, 0);
                    for (var rows = Page / groups * EventRows; rows > 0; rows -= Actions)
                        yield return world.Row(Call.Listeners, 0);
                }

                for (var i = 0; i < Page; i += Moved)
                    yield return world.Table(Call.Listeners, shard, Moved * 2);

                told += Page;
            }
        }
    }

    /// <summary>Events a second that one endpoint takes: sixteen under way, taken and recorded in transactions of its tenant's partition.</summary>
    public static double Lane()
    {
        var (simulation, times, delivered) = (new Simulation(1), new Times(), 0L);
        var partition = new Pipe("tenant's partition", Published.PartitionEntities);
        var (taken, done, flying) = (0, 0, 0);
        IEnumerator<double>? lane = null;
        simulation.Start(Loop());
        simulation.RunTo(Seconds);
        return Needs.Round(delivered / Seconds);

        double Rows(int entities) => partition.Pass(simulation.Now, entities) + simulation.Draw(times.Table);

        IEnumerable<double> Loop()
        {
            while (true)
            {
                if (taken == 0 && flying < AtOnce)
                {
                    yield return Rows(1);
                    yield return Rows(Taken);
                    taken = Taken;
                }

                for (; flying < AtOnce && taken > 0; taken--, flying++)
                    simulation.Start(Fly());

                if (done == 0)
                {
                    lane = simulation.Running;
                    yield return Simulation.Parked;
                }

                // What its sender wrote for as many new events is the same partition's too.
                var some = Math.Min(done, Record);
                yield return Rows(some * (2 + EventRows));
                (done, delivered, flying) = (done - some, delivered + some, flying - some);
            }
        }

        IEnumerable<double> Fly()
        {
            yield return simulation.Now + simulation.Draw(times.Receiver);
            done++;
            if (lane is { } waiting)
            {
                lane = null;
                simulation.Wake(waiting);
            }
        }
    }
}
