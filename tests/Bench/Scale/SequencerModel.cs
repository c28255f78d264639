namespace Notary.Bench.Scale;

/// <summary>One that waits for the log, and then for its letter.</summary>
internal sealed record Waiting(double ArrivedAt, int Partition, bool Letter);

/// <summary>The single writer of a log, request by request as <c>Sequencer</c> makes them: lease, head, gather, stage, swap, publish, apply, start.</summary>
internal sealed class SequencerModel(Simulation simulation, World world, Shape shape, int number, Action<Waiting> logged)
{
    /// <summary>Deposits that one table transaction gives their index: 100 actions, three each.</summary>
    public static int ApplyRows => 33;

    /// <summary>Rows of a page of a query.</summary>
    public const int PageRows = 1000;

    /// <summary>Hashes of a full tile.</summary>
    public static int Tile => 256;

    /// <summary>Seconds in which deposits are collected, and after which a lease is renewed.</summary>
    public const double BatchInterval = 0.5, HalfLease = 2.5;

    /// <summary>Seconds for which those with webhooks are remembered.</summary>
    public const double Remember = 2;

    /// <summary>Seconds after which others get their turn.</summary>
    private const double Turn = 1;

    /// <summary>A lease that somebody may have had: never.</summary>
    private const double Free = double.NegativeInfinity;

    private readonly Dictionary<int, Queue<Waiting>> waiting = [];
    private readonly HashSet<int> dirty = [];
    private IEnumerator<double>? idle;
    private bool again;
    private double held = Free, renewed, listenersAt = Free;

    /// <summary>Entries of its log.</summary>
    public long Size { get; set; }

    /// <summary>Holds the first look until so many wait, as a run that is to make one batch does.</summary>
    public int HeldFor { get; init; }

    /// <summary>It has asked for deposits that wait.</summary>
    public bool Looked { get; private set; }

    /// <summary>Batches so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Deposits in the largest of them.</summary>
    public int Largest { get; private set; }

    /// <summary>Those that wait.</summary>
    public int Backlog => waiting.Values.Sum(queue => queue.Count);

    /// <summary>An acknowledged deposit.</summary>
    public void Add(Waiting deposit)
    {
        if (!waiting.TryGetValue(deposit.Partition, out var queue))
            waiting[deposit.Partition] = queue = new Queue<Waiting>();

        queue.Enqueue(deposit);
        dirty.Add(deposit.Partition);
        Nudge();
    }

    /// <summary>Its loop.</summary>
    public IEnumerable<double> Run()
    {
        while (true)
        {
            if (!again)
            {
                idle = simulation.Running;
                yield return Simulation.Parked;
            }

            again = false;
            yield return simulation.Now + BatchInterval;
            List<int> shards = [.. dirty.Order()];
            dirty.Clear();

            // 1.
            if (held == Free)
            {
                yield return world.Row(Call.Lease, number);
                held = renewed = simulation.Now;
                yield return world.Row(Call.Lease, number);
            }
            else if (simulation.Now - renewed >= HalfLease)
            {
                renewed = simulation.Now;
                yield return world.Row(Call.Lease, number);
            }

            yield return world.Row(Call.Head, number);

            // 3.
            var batch = new List<Waiting>();
            foreach (var shard in shards)
            {
                for (var more = batch.Count < shape.MaxBatch; more;)
                {
                    yield return world.Table(Call.Pending, shard, 1);
                    for (Looked = true; Backlog < HeldFor && Batches == 0;)
                        yield return simulation.Now + BatchInterval;

                    var queue = waiting[shard];
                    for (var page = Math.Min(PageRows, shape.MaxBatch - batch.Count); page > 0 && queue.TryDequeue(out var next); page--)
                        batch.Add(next);

                    more = queue.Count > 0 && batch.Count < shape.MaxBatch;
                }
            }

            if (batch.Count == 0)
            {
                held = Free;
                yield return world.Row(Call.Lease, number);
                continue;
            }

            if (batch.Count >= shape.MaxBatch)
                dirty.UnionWith(shards);

            again = true;
            foreach (var step in Advance(batch))
                yield return step;
        }
    }

    private IEnumerable<double> Advance(List<Waiting> batch)
    {
        // 4.
        for (var reads = Reads(Size, batch.Count); reads > 0; reads--)
            yield return world.Blob(Call.TileRead, number, read: true);

        yield return world.Sign(number);
        yield return world.Blob(Call.Stage, number);

        // 5. The stage is read back by whoever applies it.
        yield return world.Row(Call.Swap, number);
        yield return world.Blob(Call.StageRead, number, read: true);

        // 6.
        foreach (var step in AtOnceEach(Files(Size, batch.Count), _ => world.Blob(Call.Tile, number)))
            yield return step;

        Size += batch.Count;
        yield return world.Blob(Call.Note, number, read: true);
        yield return world.Blob(Call.Note, number);

        // 7.
        yield return world.Row(Call.CheckpointRow, number);
        if (simulation.Now - listenersAt >= Remember)
        {
            listenersAt = simulation.Now;
            yield return world.Row(Call.Listeners, number);
        }

        var transactions = batch.GroupBy(one => one.Partition).SelectMany(shard => shard.Chunk(ApplyRows).Index())
            .OrderBy(chunk => chunk.Index).Select(chunk => chunk.Item).ToList();
        foreach (var step in AtOnceEach(transactions.Count, i => world.Table(
            Call.Apply, transactions[i][0].Partition, transactions[i].Sum(one => one.Letter ? 3 : 2))))
            yield return step;

        Batches++;
        Largest = Math.Max(Largest, batch.Count);
        batch.ForEach(logged);

        // 8. Instance looked for and written, and a message.
        for (var i = 0; i < 3; i++)
            yield return world.Row(Call.Start, number);

        yield return world.Blob(Call.StageGone, number);
        if (simulation.Now - held > Turn)
        {
            held = Free;
            yield return world.Row(Call.Lease, number);
        }
    }

    private IEnumerable<double> AtOnceEach(int count, Func<int, double> request)
    {
        var next = 0;
        var lanes = Math.Min(shape.AtOnce, count);
        var join = new Join(simulation, lanes);
        for (var lane = 0; lane < lanes; lane++)
            simulation.Start(Lane());

        if (lanes > 0)
            yield return join.Wait();

        IEnumerable<double> Lane()
        {
            while (next < count)
                yield return request(next++);

            join.Done();
        }
    }

    /// <summary>Files by which a log grows: bundles of entries, and tiles of each level.</summary>
    public static int Files(long size, int more)
    {
        var files = Span(size, more);
        for (long old = size, fresh = more; fresh > 0;)
        {
            files += Span(old, fresh);
            (old, fresh) = (old / Tile, ((old + fresh) / Tile) - (old / Tile));
        }

        return (int)files;
    }

    /// <summary>What is read to go on from a partial tile: the bundle, and the tile of each level that grows.</summary>
    public static int Reads(long size, int more)
    {
        var reads = size % Tile > 0 ? 1 : 0;
        for (long old = size, fresh = more; fresh > 0; (old, fresh) = (old / Tile, ((old + fresh) / Tile) - (old / Tile)))
            reads += old % Tile > 0 ? 1 : 0;

        return reads;
    }

    private static long Span(long old, long fresh) => ((old + fresh + Tile - 1) / Tile) - (old / Tile);

    private void Nudge()
    {
        again = true;
        if (idle is { } process)
        {
            idle = null;
            simulation.Wake(process);
        }
    }
}
