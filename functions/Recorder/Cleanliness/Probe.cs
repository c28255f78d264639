using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>One look at the desktop.</summary>
/// <param name="Name">Stable: letters print it.</param>
/// <param name="Expected">What a clean desktop shows.</param>
/// <param name="Look">What this one shows.</param>
internal sealed record Probe(string Name, string Expected, Func<CancellationToken, Task<string>> Look)
{
    /// <summary>Characters of what was found that are reported: whoever dirties a desktop chooses its length.</summary>
    private const int MaxFound = 1000;

    /// <summary>Whether what was found is clean. Default: exactly what was expected.</summary>
    public Func<string, bool>? Accept { get; init; }

    /// <summary>Looks. What cannot be seen is unknown, and never clean.</summary>
    public async Task<CleanlinessCheck> RunAsync(CancellationToken cancel)
    {
        try
        {
            var found = await Look(cancel);
            var verdict = Accept?.Invoke(found) ?? found == Expected ? CheckVerdict.Pass : CheckVerdict.Fail;
            return new CleanlinessCheck(Name, Cut(Expected), Cut(found), verdict);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or CryptographicException or JsonException
            or InvalidOperationException or System.Net.Sockets.SocketException or FormatException)
        {
            return new CleanlinessCheck(Name, Cut(Expected), Cut(e.Message), CheckVerdict.Unknown);
        }
    }

    private static string Cut(string text) => text.Length <= MaxFound ? text : text[..MaxFound] + "…";
}
