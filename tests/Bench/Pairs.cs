namespace Notary.Bench;

/// <summary>Measures two sides in turn, and each of them first every other time, so that a machine that drifts moves both.</summary>
internal static class Pairs
{
    /// <summary>Pairs of a benchmark: a median of fewer says little.</summary>
    public const int Count = 5;

    /// <param name="name">As printed.</param>
    /// <param name="peerName">Against what, and what its side leaves out.</param>
    /// <param name="goal">The least median; 0 for none.</param>
    /// <param name="unit">Unit for the printed rates.</param>
    /// <param name="ours">One run; answers units of work a second, having checked its own answers.</param>
    /// <param name="peer">The same for the peer.</param>
    /// <param name="inside">What is inside our side.</param>
    /// <param name="warm">False when both sides are warm already.</param>
    public static async Task<Ratio> MeasureAsync(
        string name, string peerName, double goal, string unit, Func<Task<double>> ours, Func<Task<double>> peer, string inside = "", bool warm = true)
    {
        if (warm)
        {
            await ours();
            await peer();
        }

        var (a, b) = (new double[Count], new double[Count]);
        for (var i = 0; i < Count; i++)
        {
            if (i % 2 == 0)
            {
                a[i] = await ours();
                b[i] = await peer();
            }
            else
            {
                b[i] = await peer();
                a[i] = await ours();
            }

            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: pair {i + 1} of {Count}, {a[i] / b[i]:0.00}x"));
        }

        var figures = string.Create(CultureInfo.InvariantCulture, $"medians {Median(a):#,0.##} and {Median(b):#,0.##} {unit}");
        return new Ratio(name, peerName, goal, [.. a.Zip(b, (x, y) => x / y)], inside.Length == 0 ? figures : $"{figures}; {inside}");
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
