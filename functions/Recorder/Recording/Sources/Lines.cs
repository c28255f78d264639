using System.Runtime.CompilerServices;

namespace Notary.Recorder.Recording.Sources;

/// <summary>Programs that print a line whenever something happens.</summary>
internal static class Lines
{
    /// <summary>Runs one until cancelled, or until nobody asks for more.</summary>
    /// <exception cref="IOException">It ended by itself.</exception>
    public static async IAsyncEnumerable<string> OfAsync(
        string program, string[] arguments, IReadOnlyDictionary<string, string> environment, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var process = await Child.StartAsync(program, arguments, environment);
        var complaint = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
                yield return line;

            throw new IOException($"{program} ended: {Child.LastLine(await complaint)}");
        }
        finally
        {
            Child.Kill(process);
        }
    }

    /// <summary>A text that others chose, within a bound and valid Unicode.</summary>
    public static string Bounded(string text, int most)
        => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > most ? text[..most] : text));
}
