namespace Notary.Bench.Scale;

/// <summary>A batch of items: read, hashed, and written in blocks while it is read; then one row.</summary>
internal static class BatchModel
{
    /// <summary>Rows of its transaction: deposit, place in the queue, index by digest, key, directory, what is to be indexed.</summary>
    public const int IntakeRows = 6;

    /// <summary>Bytes of a block.</summary>
    public const double BlockBytes = 4 * 1024 * 1024;

    /// <summary>Batches that an instance takes at once.</summary>
    public const int AtOnce = 4;

    /// <summary>Blocks of a blob of so many bytes.</summary>
    public static int Blocks(double bytes) => (int)Math.Ceiling(bytes / BlockBytes);

    /// <summary>Requests to storage of one batch besides its rows': blocks, commits, index.</summary>
    public static int Requests(int items) => Blocks(items * Measured.LineBytes) + Blocks(items * Measured.TreeBytes) + 2 + 5;

    /// <summary>About how long one takes by itself.</summary>
    public static double Seconds(Times times, int items)
        => (items * times.Item) + ((Blocks(items * Measured.LineBytes) + 3) * times.BlobWrite.Median);

    /// <summary>One is read, hashed and written, a block under way while the next is filled.</summary>
    public static IEnumerable<double> Take(Simulation simulation, World world, Times times, int items, int number)
    {
        var (lines, tree) = (items * Measured.LineBytes, items * Measured.TreeBytes);
        var blocks = Blocks(lines);
        var underWay = simulation.Now;
        for (var i = 0; i < blocks; i++)
        {
            yield return world.Http.Serve(simulation.Now, (items * times.Item / blocks) + (i == 0 ? times.Digest : 0));
            if (underWay > simulation.Now)
                yield return underWay;

            underWay = world.Block(Call.Block, number, Math.Min(BlockBytes, lines - (i * BlockBytes)));
        }

        for (var i = 0; i < Blocks(tree); i++)
            yield return world.Block(Call.Block, number, Math.Min(BlockBytes, tree - (i * BlockBytes)));

        if (underWay > simulation.Now)
            yield return underWay;

        yield return world.Blob(Call.Commit, number);
        yield return world.Blob(Call.Commit, number);
    }

    /// <summary>Afterwards its index: two more blobs, and the row that says so. Its processor time is in that of the items.</summary>
    public static IEnumerable<double> Index(World world, int partition, int number)
    {
        yield return world.Table(Call.Index, partition, 1);
        yield return world.Blob(Call.Index, number, read: true);
        yield return world.Blob(Call.Index, number);
        yield return world.Blob(Call.Index, number);
        yield return world.Table(Call.Index, partition, 2);
    }
}
