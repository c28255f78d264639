namespace Notary.Soak;

/// <summary>One line of the output.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Figures">What was counted.</param>
/// <param name="Goal">What it takes.</param>
/// <param name="Met">Whether all of it was reached.</param>
internal sealed record Result(string Name, string Figures, string Goal, bool Met)
{
    public override string ToString() => $"{Name}: {Figures}; goal: {Goal}; {(Met ? "met" : "MISSED")}";
}

/// <summary>What the command line may change, and the seed that makes a run again.</summary>
/// <param name="Seed">Of kill times and malformed requests.</param>
/// <param name="Kills">Of the kills run.</param>
/// <param name="Requests">Of the malformed run.</param>
/// <param name="Clients">Of the uploads run.</param>
/// <param name="MiB">Of each upload.</param>
/// <param name="Items">Of the batches run.</param>
/// <param name="Events">Of the webhooks run.</param>
internal sealed record SoakOptions(
    int Seed, int Kills = 100, int Requests = 200_000, int Clients = 64, int MiB = 256, int Items = 10_000_000, int Events = 10_000)
{
    /// <summary>Of the webhooks run.</summary>
    public int EventKills => Math.Min(Kills, 10);

    private static readonly Stopwatch Clock = Stopwatch.StartNew();

    /// <summary>Tells whoever waits.</summary>
    public static void Say(string text) => Console.Error.WriteLine(Text($"{Clock.Elapsed:hh\\:mm\\:ss} {text}"));

    public static string Text(params FormattableString[] parts)
        => string.Concat(parts.Select(part => part.ToString(CultureInfo.InvariantCulture)));

    /// <exception cref="FormatException">A name or number that there is not.</exception>
    public static (SoakOptions Options, IReadOnlyList<string> Names) Parse(string[] args)
    {
        var options = new SoakOptions(Random.Shared.Next());
        var names = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                names.Add(args[i]);
                continue;
            }

            var name = args[i];
            var value = ++i < args.Length && int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number : throw new FormatException($"{name} needs a number");
            options = name switch
            {
                "--seed" => options with { Seed = value },
                "--kills" => options with { Kills = value },
                "--requests" => options with { Requests = value },
                "--clients" => options with { Clients = value },
                "--mib" => options with { MiB = value },
                "--items" => options with { Items = value },
                "--events" => options with { Events = value },
                _ => throw new FormatException($"there is no option {name}"),
            };
        }

        return (options, names);
    }
}
