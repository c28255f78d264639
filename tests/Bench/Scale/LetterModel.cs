namespace Notary.Bench.Scale;

/// <summary>From the log to the letter: one anchor at a time, then its letters in chunks, as the checkpoint's orchestration does it.</summary>
internal sealed class LetterModel(Simulation simulation, World world, Times times, Action<Waiting> certified)
{
    /// <summary>Letters of one activity, and those of it in work at once.</summary>
    public const int Chunk = 60, AtOnce = 8;

    /// <summary>Deposits of one transaction that names letters or tokens.</summary>
    public const int MergeRows = 20;

    /// <summary>Tokens of a letter: the manifest's by two authorities, the signature's, the archive's.</summary>
    public const int Tokens = 4;

    /// <summary>Seconds between two anchors at least.</summary>
    public const double AnchorInterval = 10;

    /// <summary>Blocks on top of an anchor's, its own included, until it is final.</summary>
    public const int Confirmations = 3;

    /// <summary>Storage requests of an activity in the hub.</summary>
    private const int HubCalls = 8;

    private readonly List<Waiting> due = [];
    private IEnumerator<double>? idle;
    private int chunks;

    /// <summary>A deposit is in the log.</summary>
    public void Add(Waiting deposit)
    {
        due.Add(deposit);
        if (idle is { } process)
        {
            idle = null;
            simulation.Wake(process);
        }
    }

    /// <summary>One anchor after the other.</summary>
    public IEnumerable<double> Run()
    {
        for (var last = double.NegativeInfinity; ;)
        {
            if (due.Count == 0)
            {
                idle = simulation.Running;
                yield return Simulation.Parked;
            }

            yield return simulation.Now + simulation.Draw(times.Stamp);
            yield return last + AnchorInterval;
            last = simulation.Now;
            List<Waiting> anchored = [.. due];
            due.Clear();

            // Somewhere between two blocks, and then the confirmations on top of it.
            yield return simulation.Now + (times.Block * (simulation.Choose(100) / 100.0)) + (times.Block * (Confirmations - 1));
            simulation.Start(Issue(anchored));
        }
    }

    private IEnumerable<double> Issue(List<Waiting> anchored)
    {
        var fanOut = new Pipe("fan-out of one orchestration", Published.FanOut);
        foreach (var chunk in anchored.Where(one => one.Letter).GroupBy(one => one.Partition).SelectMany(shard => shard.Chunk(Chunk)))
        {
            var begin = fanOut.Pass(simulation.Now, 1);
            if (begin > simulation.Now)
                yield return begin;

            simulation.Start(Issue(chunk, chunks++));
        }
    }

    private IEnumerable<double> Issue(Waiting[] chunk, int number)
    {
        for (var i = 0; i < HubCalls; i++)
            yield return world.Row(Call.Activity, 0);

        var partition = chunk[0].Partition;
        yield return world.Table(Call.LetterRead, partition, 1);
        yield return world.Table(Call.LetterRead, partition, 1);
        var next = 0;
        var lanes = Math.Min(AtOnce, chunk.Length);
        var join = new Join(simulation, lanes);
        for (var lane = 0; lane < lanes; lane++)
            simulation.Start(Lane());

        yield return join.Wait();
        foreach (var some in chunk.Chunk(MergeRows))
            yield return world.Table(Call.LetterMerge, partition, some.Length);

        foreach (var deposit in chunk)
            certified(deposit);

        IEnumerable<double> Lane()
        {
            for (var i = next++; i < chunk.Length; i = next++)
            {
                // The manifest's tokens by both authorities side by side, then the signature, its own token and the archive's.
                yield return simulation.Now + Math.Max(simulation.Draw(times.Stamp), simulation.Draw(times.Stamp));
                yield return world.Sign(number);
                yield return simulation.Now + simulation.Draw(times.Stamp) + simulation.Draw(times.Stamp);
                yield return world.Durable.Serve(simulation.Now, times.Letter);
                yield return world.Blob(Call.LetterBlob, partition);
            }

            join.Done();
        }
    }
}
