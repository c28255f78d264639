namespace Notary.Identity.People;

/// <summary>Where a sign-in leads back to: a path of ours, never another site's address that somebody has put into a link.</summary>
public static class ReturnPath
{
    /// <summary>Characters of a path with its query: an authorization request has some hundred.</summary>
    private const int MaxLength = 4096;

    // Any base will do that no path can lead away from without being seen.
    private static readonly Uri Here = new("https://here.invalid");

    /// <summary>The path with its query, or <paramref name="otherwise"/> when it is none of ours.</summary>
    public static string Of(string? text, string otherwise = "/account")
    {
        // Browsers take '\' for '/', drop tabs and line ends, and read "//" as another host: none of these is in a path that we made.
        return text is { Length: > 0 and <= MaxLength } && text[0] == '/' && text is not ['/', '/' or '\\', ..]
            && !text.Any(c => c is <= ' ' or '\\' or > '~')
            && Uri.TryCreate(Here, text, out var there) && there.GetLeftPart(UriPartial.Authority) == Here.GetLeftPart(UriPartial.Authority)
            ? text : otherwise;
    }
}
