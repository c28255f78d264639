namespace Notary.Servers;

/// <summary>The command line of <c>scripts/run</c>.</summary>
internal sealed record RunArguments(bool Fresh, bool Desktops, string? Once, string? Out)
{
    public const string Usage = "usage: scripts/run [--fresh] [--desktops] [--once FILE --out DIR]";

    /// <summary>Reads it; the error is one sentence.</summary>
    public static (RunArguments? Arguments, string? Error) Parse(string[] args)
    {
        var (fresh, desktops, once, output) = (false, false, (string?)null, (string?)null);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--fresh":
                    fresh = true;
                    break;
                case "--desktops":
                    desktops = true;
                    break;
                case "--once" when i + 1 < args.Length:
                    once = args[++i];
                    break;
                case "--out" when i + 1 < args.Length:
                    output = args[++i];
                    break;
                default:
                    return (null, $"'{args[i]}' is not understood; {Usage}");
            }
        }

        if (once is null != output is null)
            return (null, $"--once and --out go together; {Usage}");

        return once is not null && !File.Exists(once) ? (null, $"there is no file '{once}'") : (new RunArguments(fresh, desktops, once, output), null);
    }
}
