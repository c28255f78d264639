using System.Text.RegularExpressions;

namespace Notary.Evidence;

/// <summary>Decentralised identifiers, by which depositors are named (W3C DID Core, section 3.1).</summary>
public static partial class Did
{
    /// <summary>Whether this is a DID of at most <see cref="Manifest.MaxDepositorBytes"/> characters, all of which are ASCII.</summary>
    public static bool IsValid(string? text) => text is { Length: <= Manifest.MaxDepositorBytes } && Syntax().IsMatch(text);

    [GeneratedRegex("^did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-]\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Syntax();
}
