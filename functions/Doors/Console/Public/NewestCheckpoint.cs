namespace Notary.Pages.Public;

/// <summary>The log's newest checkpoint as the first page shows it.</summary>
/// <param name="WrittenAt">By storage's clock; authorities' times stand in the evidence.</param>
public sealed record CheckpointView(string Origin, long Size, string Root, DateTimeOffset WrittenAt);

/// <summary>What could be learnt of the log just now.</summary>
/// <param name="Reachable">Whether storage answered.</param>
/// <param name="Newest">Null while the log has no entry, or when it is not known.</param>
public sealed record LogNews(bool Reachable, CheckpointView? Newest);

/// <summary>Asks storage for the newest checkpoint at most once a second, however many ask for the page.</summary>
public sealed class NewestCheckpoint(PublicLog log, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    // A page is no use to a reader who waits: past this it says that the log did not answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim one = new(1, 1);
    private LogNews? known;
    private long knownAt;

    public async Task<LogNews> NowAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (known is null || clock.GetElapsedTime(knownAt) > Remembered)
            {
                known = await ReadAsync(cancel);
                knownAt = clock.GetTimestamp();
            }

            return known;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<LogNews> ReadAsync(CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            if (await log.ReadAsync("checkpoint", either.Token) is not { } file)
                return new LogNews(Reachable: true, null);

            var note = Encoding.UTF8.GetString(file.Bytes);
            var checkpoint = Checkpoint.Parse(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
            return new LogNews(Reachable: true,
                new CheckpointView(checkpoint.Origin, checkpoint.Size, checkpoint.Root.ToString(), file.WrittenAt ?? clock.GetUtcNow()));
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // Whatever it is: health and logs say it where it is somebody's business.
            return new LogNews(Reachable: false, null);
        }
    }
}
