using System.Globalization;

namespace Notary.Bench;

/// <summary>One benchmark's result: ratios of pairs measured in turn, A B A B, in this run.</summary>
internal sealed record Result(string Name, string Peer, double Goal, IReadOnlyList<double> Ratios, string Figures)
{
    public double Median => Ratios.Order().ElementAt(Ratios.Count / 2);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-34} {Median,8:0.00}x  (min {Ratios.Min():0.00}, max {Ratios.Max():0.00}, {Ratios.Count} pairs)  goal >= {Goal:0.##}x {(Median >= Goal ? "met" : "MISSED")}  against {Peer}; {Figures}");
}

/// <summary>Measures two sides in turn, so that a machine that drifts moves both.</summary>
internal static class Pairs
{
    /// <summary>Pairs of a benchmark: a median of fewer says little.</summary>
    public const int Count = 5;

    /// <param name="ours">One run; answers units of work a second, having checked its own answers.</param>
    /// <param name="peer">The same for the peer.</param>
    /// <param name="unit">Unit for the printed rates.</param>
    public static async Task<Result> MeasureAsync(string name, string peerName, double goal, string unit, Func<Task<double>> ours, Func<Task<double>> peer)
    {
        await ours();
        await peer();
        var (a, b) = (new List<double>(), new List<double>());
        for (var i = 0; i < Count; i++)
        {
            a.Add(await ours());
            b.Add(await peer());
        }

        return new Result(name, peerName, goal, [.. a.Zip(b, (x, y) => x / y)], string.Create(CultureInfo.InvariantCulture, $"medians {Median(a):#,0.##} and {Median(b):#,0.##} {unit}"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
