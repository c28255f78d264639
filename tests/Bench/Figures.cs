namespace Notary.Bench;

/// <summary>One line of the output, and whether its goal is met.</summary>
internal abstract record Figure(string Name)
{
    public abstract bool Met { get; }

    protected string Verdict => Met ? "met" : "MISSED";

    public static string Say(params FormattableString[] parts)
        => string.Concat(parts.Select(part => part.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>Ratios of pairs measured in turn in this run.</summary>
/// <param name="Goal">The least median; 0 for a figure without a goal.</param>
/// <param name="Figures">What the ratios are made of, and what is inside each side.</param>
internal sealed record Ratio(string Name, string Peer, double Goal, IReadOnlyList<double> Ratios, string Figures) : Figure(Name)
{
    public double Median => Ratios.Order().ElementAt(Ratios.Count / 2);

    public override bool Met => Median >= Goal;

    public override string ToString() => Say(
        $"{Name,-30} {Median,8:0.00}x  (min {Ratios.Min():0.00}, max {Ratios.Max():0.00}, ",
        $"{Ratios.Count} pairs)  {(Goal > 0 ? Say($"goal >= {Goal:0.##}x {Verdict}") : "no goal")}  against {Peer}; {Figures}");
}

/// <summary>Something that must not exceed a bound; an infinite one is no goal.</summary>
internal sealed record Ceiling(string Name, double Value, string Unit, double Goal, string Figures) : Figure(Name)
{
    public override bool Met => Value <= Goal;

    public override string ToString()
        => Say($"{Name,-30} {Value,8:0.00} {Unit}  {(double.IsFinite(Goal) ? Say($"goal <= {Goal:0.##} {Verdict}") : "no goal")}  {Figures}");
}

/// <summary>Something that must reach a bound.</summary>
internal sealed record Least(string Name, double Value, string Unit, double Goal, string Figures) : Figure(Name)
{
    public override bool Met => Value >= Goal;

    public override string ToString() => Say($"{Name,-30} {Value,8:0.00} {Unit}  goal >= {Goal:0.##} {Verdict}  {Figures}");
}
