namespace Notary.Cli.Tests;

/// <summary>A command run in this process, its output taken.</summary>
internal sealed record Run(int Exit, string Output, string Error)
{
    public static Task<Run> AsyncOf(params string[] args) => WithInputAsync("", args);

    public static Task<Run> WithInputAsync(string input, params string[] args) => WithInputAsync(Encoding.UTF8.GetBytes(input), args);

    public static async Task<Run> WithInputAsync(byte[] input, params string[] args)
    {
        using var stdin = new MemoryStream(input);
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await NotaryCommand.RunAsync(args, new Terminal(stdin, output, error), CancellationToken.None);
        return new Run(exit, output.ToString(), error.ToString());
    }
}
