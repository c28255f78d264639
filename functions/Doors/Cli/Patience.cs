namespace Notary.Cli;

/// <summary>Tries again what a lost connection or a busy server left undone. Only for requests that are safe to repeat.</summary>
internal sealed class Patience(int retries, TextWriter error)
{
    /// <summary>A server that starts or is restarted is back within the minute that these take.</summary>
    public const int DefaultRetries = 6;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause, also where the server asks for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public async Task<T> TryAsync<T>(Func<Task<T>> attempt, CancellationToken c)
    {
        for (var (tries, pause) = (1, First); ; tries++, pause *= 2)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (tries <= retries && e is HttpRequestException or HttpIOException or BusyException)
            {
                var wait = (e as BusyException)?.After ?? pause;
                wait = wait < Longest ? wait : Longest;
                await error.WriteLineAsync(
                    $"notary: {e.Message.Split('\n')[0].TrimEnd().TrimEnd('.')}; trying again in {wait.TotalSeconds:0.#} s ({tries} of {retries})");
                await Task.Delay(wait, c);
            }
        }
    }
}
