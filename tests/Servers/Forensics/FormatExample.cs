using System.Text.RegularExpressions;

namespace Notary.Servers.Forensics;

/// <summary>The example of docs/forensics-format.md.</summary>
public static partial class FormatExample
{
    /// <param name="document">The text of docs/forensics-format.md.</param>
    public static SortedDictionary<string, byte[]> Files(string document)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (Match file in Block().Matches(document))
        {
            var (name, how, text) = (file.Groups["file"].Value, file.Groups["how"].Value, file.Groups["text"].Value);
            files[name] = how switch
            {
                ", in base64" => Convert.FromBase64String(text),
                "" => Encoding.UTF8.GetBytes(text),
                _ => Encoding.UTF8.GetBytes(text.Replace("\n", "", StringComparison.Ordinal)),
            };
        }

        return files;
    }

    /// <summary>The table of figures after the example.</summary>
    public static Dictionary<string, string> Figures(string document)
        => Figure().Matches(document).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);

    [GeneratedRegex(@"^`(?<file>[a-z0-9/.-]+)`(?<how>[^\n]*):\n\n```text\n(?<text>.*?\n)```\n",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| (?<name>[a-z0-9 ]+) \| `(?<value>[0-9a-f]{64})` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Figure();
}
