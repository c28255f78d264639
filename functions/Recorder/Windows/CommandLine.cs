namespace Notary.Recorder.Windows;

/// <summary>One line of arguments, as programs by Microsoft's C library take it apart again.</summary>
internal static class CommandLine
{
    public static string Of(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    // Backslashes count only before a quote: they are doubled there, and the quote gets one more.
    private static string Quoted(string argument)
    {
        var text = new StringBuilder("\"");
        var slashes = 0;
        foreach (var letter in argument)
        {
            if (letter == '"')
                text.Append('\\', slashes + 1);

            slashes = letter == '\\' ? slashes + 1 : 0;
            text.Append(letter);
        }

        return text.Append('\\', slashes).Append('"').ToString();
    }
}
