namespace Notary.Bench.Scale;

/// <summary>What takes time and processors: measured where the name says so, else assumed, since nothing of this has met Azure.</summary>
internal sealed record Times
{
    /// <summary>One table request. Assumed, as is each latency: a zone-redundant account seen from the same region.</summary>
    public Latency Table { get; init; } = new(0.010, 0.050);

    /// <summary>One blob written.</summary>
    public Latency BlobWrite { get; init; } = new(0.020, 0.100);

    /// <summary>One blob read.</summary>
    public Latency BlobRead { get; init; } = new(0.012, 0.060);

    /// <summary>One operation of the vault's hardware.</summary>
    public Latency Vault { get; init; } = new(0.030, 0.150);

    /// <summary>One token of an authority.</summary>
    public Latency Stamp { get; init; } = new(0.200, 1.000);

    /// <summary>Seconds between two blocks of the consortium chain.</summary>
    public double Block { get; init; } = 2;

    /// <summary>One webhook, from connection to answer.</summary>
    public Latency Receiver { get; init; } = new(0.100, 0.500);

    /// <summary>Processor seconds of the app for one digest deposit, from request to receipt and its share of the log. Measured.</summary>
    public double Digest { get; init; } = Measured.Digest;

    /// <summary>The same for a file of 4 KiB. Measured.</summary>
    public double File { get; init; } = Measured.File;

    /// <summary>Processor seconds for one letter: tokens judged, rendered, signed, archived, the bundle judged. Measured.</summary>
    public double Letter { get; init; } = Measured.Letter;

    /// <summary>Processor seconds for one item of a batch. Measured.</summary>
    public double Item { get; init; } = Measured.Item;
}

/// <summary>Figures of the machine that the documents speak of: two cores of a shared machine, .NET 10, Azurite. <c>scripts/bench scale</c> measures them
/// anew and says how far off they are.</summary>
internal static class Measured
{
    /// <summary>See <see cref="Times.Digest"/>.</summary>
    public const double Digest = 0.0010;

    /// <summary>See <see cref="Times.File"/>.</summary>
    public const double File = 0.0035;

    /// <summary>See <see cref="Times.Letter"/>.</summary>
    public const double Letter = 0.035;

    /// <summary>See <see cref="Times.Item"/>.</summary>
    public const double Item = 5e-6;

    /// <summary>Bytes of an item's line, as <c>scripts/bench bulk</c> sends them: a bare digest and a reference.</summary>
    public const double LineBytes = 190;

    /// <summary>Bytes of an item in the tree: hashes of all levels, and its share of the offsets.</summary>
    public const double TreeBytes = 64.5;

    /// <summary>Bytes of an item in both indexes.</summary>
    public const double IndexBytes = 64;

    /// <summary>Bytes of a file that is deposited.</summary>
    public const int FileBytes = 4096;

    /// <summary>Bytes of a letter, archived.</summary>
    public const double LetterBytes = 120_000;

    /// <summary>Bytes of a deposit's rows: manifest, tokens, index, key.</summary>
    public const double RowBytes = 2_500;
}

/// <summary>How many there are of what can be more than one.</summary>
internal sealed record Shape
{
    /// <summary>Partitions of the deposits table: as built, sixteen (<c>DepositKeys.Shards</c>).</summary>
    public int Partitions { get; init; } = 16;

    /// <summary>Partitions that one tenant's rows are spread over: as built, one.</summary>
    public int Spread { get; init; } = 1;

    /// <summary>Sequencers, each with a log of its own: as built, one.</summary>
    public int Sequencers { get; init; } = 1;

    /// <summary>Storage accounts that partitions, originals and letters are spread over: as built, one.</summary>
    public int Accounts { get; init; } = 1;

    /// <summary>Vaults that sign letters: as built, one.</summary>
    public int Vaults { get; init; } = 1;

    /// <summary>Instances that take requests; those of both kinds are at most as many as infra/params/prod.bicepparam lets there be, 100.</summary>
    public int HttpInstances { get; init; } = 50;

    /// <summary>Instances that issue letters.</summary>
    public int DurableInstances { get; init; } = 50;

    /// <summary>Deposits of one batch of the log: <c>DepositsSettings.MaxBatch</c>.</summary>
    public int MaxBatch { get; init; } = 4096;

    /// <summary>Blobs and transactions that a sequencer has under way at once: as built, sixteen.</summary>
    public int AtOnce { get; init; } = 16;

    /// <summary>Seconds' worth of entities that a partition forgives after a pause.</summary>
    public double Burst { get; init; }

    /// <summary>Whether services hold callers to what they publish. Not on one machine.</summary>
    public bool Limited { get; init; } = true;

}

/// <summary>Who deposits what, and how often.</summary>
/// <param name="PerSecond">Deposits a second, by chance.</param>
/// <param name="File">Files of 4 KiB, else digests.</param>
/// <param name="Letter">Each wants its letter at once.</param>
/// <param name="Tenants">They come from so many, evenly.</param>
/// <param name="Items">Each is a batch of so many; 0 for no batches.</param>
internal sealed record Offer(double PerSecond, bool File = false, bool Letter = false, int Tenants = 1000, int Items = 0)
{
    /// <summary>Processor seconds of its intake, and of what is done for it besides letters.</summary>
    public double Processor(Times times) => Items > 0 ? times.Digest + (Items * times.Item) : File ? times.File : times.Digest;
}
