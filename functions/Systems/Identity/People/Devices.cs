namespace Notary.Identity.People;

/// <summary>What a browser says it is, for people who look through their own sessions. Nothing is decided by it.</summary>
public static class Devices
{
    // The first that is found counts: most browsers claim to be others too.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    /// <summary>Such as <c>Firefox · Windows</c>, or <c>?</c>.</summary>
    public static string NameOf(HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        string[] known = [.. new[] { Browsers, Systems }.Select(list => list.FirstOrDefault(one => agent.Contains(one.Mark, StringComparison.Ordinal)).Name)
            .OfType<string>()];
        return known.Length > 0 ? string.Join(" · ", known) : "?";
    }
}
