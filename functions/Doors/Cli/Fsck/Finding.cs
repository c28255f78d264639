namespace Notary.Cli;

/// <summary>Something that is not as it must be, or that is worth a look.</summary>
/// <param name="Invariant">I1 to I12, as docs/cli.md lists them.</param>
/// <param name="Where">Table and row, blob, queue and message, or transaction: where to look.</param>
/// <param name="Code">Stable, kebab case (docs/cli.md).</param>
/// <param name="Reason">A sentence.</param>
internal sealed record Finding(string Invariant, string Where, string Code, string Reason);

/// <summary>What an audit counted and found. Safe for several threads.</summary>
internal sealed class Findings
{
    /// <summary>More findings than a person reads; the count goes on.</summary>
    internal const int MaxKept = 10_000;

    /// <summary>Work under way is listed, not searched through.</summary>
    private const int MaxNotes = 1_000;

    private readonly Lock gate = new();
    private readonly List<Finding> kept = [];
    private readonly List<Finding> notes = [];
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public IReadOnlyList<Finding> All => kept;

    /// <summary>Work under way and the like: not wrong, and not part of the verdict.</summary>
    public IReadOnlyList<Finding> Notes => notes;

    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>What could not be judged, in words.</summary>
    public List<string> LeftOut { get; } = [];

    public void Add(string invariant, string where, string code, string reason)
    {
        lock (gate)
        {
            Total++;
            if (kept.Count < MaxKept)
                kept.Add(new Finding(invariant, where, code, reason));
        }
    }

    /// <summary>Counts under <paramref name="code"/> what is under way or odd without being wrong, and names it while there is room.</summary>
    public void Note(string invariant, string where, string code, string reason)
    {
        lock (gate)
        {
            counts[code] = counts.GetValueOrDefault(code) + 1;
            if (notes.Count < MaxNotes)
                notes.Add(new Finding(invariant, where, code, reason));
        }
    }

    public void Count(string what, long by = 1)
    {
        lock (gate)
        {
            counts[what] = counts.GetValueOrDefault(what) + by;
        }
    }
}
