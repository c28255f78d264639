namespace Notary.Cli;

/// <summary>Something that is not as it must be.</summary>
/// <param name="Invariant">I1 to I11, as the audit's documentation lists them (docs/cli.md).</param>
/// <param name="Where">Table and row, blob, or block: where to look.</param>
/// <param name="Code">Stable, kebab case.</param>
/// <param name="Reason">A sentence.</param>
internal sealed record Finding(string Invariant, string Where, string Code, string Reason);

/// <summary>What an audit counted and found. Safe for several threads.</summary>
internal sealed class Findings
{
    /// <summary>More findings than a person reads; the count goes on.</summary>
    private const int MaxKept = 10_000;

    private readonly Lock gate = new();
    private readonly List<Finding> kept = [];
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public IReadOnlyList<Finding> All => kept;

    public IReadOnlyDictionary<string, long> Counts => counts;

    public void Add(string invariant, string where, string code, string reason)
    {
        lock (gate)
        {
            Total++;
            if (kept.Count < MaxKept)
            {
                kept.Add(new Finding(invariant, where, code, reason));
            }
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
