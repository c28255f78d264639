namespace Notary.Bench.Scale;

/// <summary>Requests to storage, by what they are for.</summary>
internal enum Call
{
    Intake, Original, Pending, Lease, Head, TileRead, Stage, Swap, StageRead, Tile, Note, CheckpointRow, Listeners, Apply, Start, StageGone,
    LetterRead, LetterMerge, LetterBlob, Activity, Key, Block, Commit, Index,
}

/// <summary>The services as resources, and what each request takes of them.</summary>
internal sealed class World
{
    /// <summary>A rate that nobody meets.</summary>
    private const double Unlimited = 1e12;

    private readonly Simulation simulation;
    private readonly Shape shape;
    private readonly Times times;
    private readonly Pipe[] accounts, ingress, partitions, signers;

    public World(Simulation simulation, Shape shape, Times times)
    {
        (this.simulation, this.shape, this.times) = (simulation, shape, times);
        double Rate(double rate) => shape.Limited ? rate : Unlimited;
        accounts = Many(shape.Accounts, i => new Pipe("account's requests", Rate(Published.AccountRequests)));
        ingress = Many(shape.Accounts, i => new Pipe("account's ingress", Rate(Published.AccountIngressMiB)));
        partitions = Many(shape.Partitions, i => new Pipe("table partition", Rate(Published.PartitionEntities), shape.Burst));
        signers = Many(shape.Vaults, i => new Pipe("vault's signatures", Rate(Published.VaultSignatures)));
        Http = new Station("processors for requests", shape.HttpInstances * Published.InstanceCores);
        Durable = new Station("processors for letters", shape.DurableInstances * Published.InstanceCores);
    }

    public Station Http { get; }

    public Station Durable { get; }

    /// <summary>Requests so far, by kind.</summary>
    public long[] Calls { get; } = new long[Enum.GetValues<Call>().Length];

    /// <summary>Entities written, for what they cost.</summary>
    public long Entities { get; private set; }

    /// <summary>Operations of vaults.</summary>
    public long VaultOperations { get; private set; }

    /// <summary>All that can be short.</summary>
    public IEnumerable<Resource> Resources => [.. accounts, .. ingress, .. partitions, .. signers, Http, Durable];

    /// <summary>A table request to a partition of the deposits table: when it is answered.</summary>
    public double Table(Call call, int partition, int entities)
    {
        Entities += entities;
        return partitions[partition].Pass(Account(call, partition), entities) + simulation.Draw(times.Table);
    }

    /// <summary>A table request to a row that is nobody's bottleneck: head, lease, checkpoints, the hub's.</summary>
    public double Row(Call call, int sequencer)
    {
        Entities++;
        return Account(call, sequencer) + simulation.Draw(times.Table);
    }

    /// <summary>A blob written or read.</summary>
    public double Blob(Call call, int place, bool read = false)
        => Account(call, place) + simulation.Draw(read ? times.BlobRead : times.BlobWrite);

    /// <summary>A block of a blob: as long as a write, and the way in.</summary>
    public double Block(Call call, int place, double bytes)
        => ingress[place % shape.Accounts].Pass(Account(call, place), bytes / 1024 / 1024) + simulation.Draw(times.BlobWrite);

    /// <summary>A signature for a letter, or the log's.</summary>
    public double Sign(int vault)
    {
        VaultOperations++;
        return signers[vault % shape.Vaults].Pass(simulation.Now, 1) + simulation.Draw(times.Vault);
    }

    private double Account(Call call, int place)
    {
        Calls[(int)call]++;
        return accounts[place % shape.Accounts].Pass(simulation.Now, 1);
    }

    private static Pipe[] Many(int count, Func<int, Pipe> make) => [.. Enumerable.Range(0, count).Select(make)];
}
