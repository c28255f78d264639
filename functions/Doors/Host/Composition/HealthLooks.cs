using Notary.Host.Api;
using Notary.Identity.Provider;
using Notary.Pages.Public;
using Notary.Pages.Watching;

namespace Notary.Host.Composition;

/// <summary>Looks at the platform: once a minute for the history, and for the staff's page.</summary>
internal sealed class HealthLooks(
    Rooms rooms, HealthWatch watch, TimeAuthorities authorities, HealthHistory history, PulseReader pulse, NewestCheckpoint newest, CheckpointLoads loads,
    ProcessLooks processes, LoginDoor login, StorageAccount storage, TimeProvider clock) : IDisposable
{
    /// <summary>How often a dependency is looked at for the history.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // A page costs some thirty small queries; however many look at it, it is made anew this often.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    // A part that takes longer is not shown: the page is for the day on which something is down.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    // An authority is asked when there is something to stamp: an older answer says nothing about now.
    private static readonly TimeSpan AnswerLasts = TimeSpan.FromHours(1);

    private const int MaxOutages = 100;

    private readonly SemaphoreSlim one = new(1, 1);
    private OfficeHealth? known;
    private long knownAt;

    /// <summary>The minute's look; while <paramref name="work"/> lasts longer, again each minute.</summary>
    public async Task WatchAsync(Task work, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        do
        {
            await history.AddAsync(Readings(await watch.NowAsync(cancel)), cancel);
        }
        while (await Task.WhenAny(work, Task.Delay(Every, clock, over.Token)) != work);

        await over.CancelAsync();
    }

    /// <summary>Everything that can be read just now.</summary>
    public async Task<OfficeHealth> NowAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (known is null || clock.GetElapsedTime(knownAt) > Remembered)
                (known, knownAt) = (await ReadAsync(cancel), clock.GetTimestamp());

            return known;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<OfficeHealth> ReadAsync(CancellationToken cancel)
    {
        var states = Readings(await watch.NowAsync(cancel));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(Patience);
        Task<T?> Try<T>(Func<CancellationToken, Task<T>> read) => TryAsync(read, bound.Token, cancel);
        var past = Try(async token => new Past(await history.ReadAsync(token)));
        var beat = Try(pulse.ReadAsync);
        var log = newest.NowAsync(cancel);
        var anchor = Try(loads.NewestAnchorAsync);
        var list = Try(token => processes.ListAsync(null, null, null, token));
        var uploads = rooms.IsOpen ? (await rooms.OpenAsync(cancel)).Uploads : null;
        var overdue = uploads is null ? null : await Try(uploads.OverdueAsync);
        var refused = uploads is null ? null : await Try(uploads.RefusedAsync);
        var keys = login.Centre is { } centre ? await Try(centre.SigningKeysAsync) : [];
        var (now, known) = (clock.GetUtcNow(), await past);
        var waits = await list;
        return new OfficeHealth(now, rooms.IsOpen, [.. states.Select(state => View(state, known, now))],
            [.. known is null ? [] : known.Outages(now).Take(MaxOutages)], known is not null && known.Outages(now).Skip(MaxOutages).Any(), await beat,
            (await log).Newest?.WrittenAt, await anchor is { } a ? new AnchorAge(a.Size, a.At, a.Final) : null, waits?.Waiting.Count,
            waits?.WaitingCut ?? false, overdue?.Count, refused?.Count, storage.ClockOffset,
            keys is null ? null : [.. keys.Select(key => new LoginKeyView(key.Version, key.SeenAt, key.Signs))]);
    }

    /// <summary>The dependencies as they are asked, and each authority as it last answered.</summary>
    private IReadOnlyList<HealthReading> Readings(IReadOnlyList<DependencyState> states)
        => [.. states.Select(state => new HealthReading(state.Name, state.Ok ? HealthState.Up : HealthState.Down, state.Ok ? "" : state.Detail)),
            .. authorities.Health.Authorities.Select(a => new HealthReading($"time/{a.Name}",
                a.LastAsked is not { } asked || clock.GetUtcNow() - asked > AnswerLasts ? HealthState.Unknown : a.Ok ? HealthState.Up : HealthState.Down,
                a.Ok ? "" : a.Reason))];

    private DependencyView View(HealthReading now, Past? past, DateTimeOffset at)
    {
        var authority = authorities.Health.Authorities.FirstOrDefault(a => $"time/{a.Name}" == now.Name);
        return new DependencyView(now.Name, now.State, now.Reason,
            past?.Record?.States.GetValueOrDefault(now.Name) is { } since && since.State == now.State ? since.Since : null,
            Strip(past, now.Name, at - TimeSpan.FromDays(1), at), Strip(past, now.Name, at - HealthHistory.Shown, at), authority?.Drift, authority?.LastAsked);
    }

    private static HealthStrip Strip(Past? past, string name, DateTimeOffset from, DateTimeOffset at)
        => past?.Record?.Strip(name, past.Ended, past.Known, from, at)
            ?? new HealthStrip(from, at, [new Outage(name, HealthState.Unknown, from, at, "")]);

    private static async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken bound, CancellationToken cancel)
    {
        try
        {
            return await read(bound).WaitAsync(bound);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // Which dependency it is stands above it on the page.
            return default;
        }
    }

    private sealed record Past(HealthRecord? Record, IReadOnlyList<Outage> Ended, DateTimeOffset Known)
    {
        public Past((HealthRecord? Record, IReadOnlyList<Outage> Ended, DateTimeOffset Known) read)
            : this(read.Record, read.Ended, read.Known)
        {
        }

        /// <summary>What was down or looked at by nobody, newest first; what still is comes first.</summary>
        public IEnumerable<Outage> Outages(DateTimeOffset now)
            => (Record?.States ?? new Dictionary<string, HealthSince>()).Where(state => state.Value.State == HealthState.Down)
                .Select(state => new Outage(state.Key, HealthState.Down, state.Value.Since, now, state.Value.Reason))
                .Concat(Ended.Where(outage => outage.State == HealthState.Down || outage.Name == Outage.Everything));
    }
}
