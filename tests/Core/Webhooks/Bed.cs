using System.Diagnostics;

namespace Notary.Webhooks.Tests;

/// <summary>A clock that a test sets ahead: a week passes at once, and pauses of a second are a second.</summary>
internal sealed class SetClock : TimeProvider
{
    private TimeSpan ahead;

    public void Advance(TimeSpan by) => ahead += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}

/// <summary>Webhooks of one storage account, as one app instance has them, delivering until it is disposed.</summary>
internal sealed class Bed : IAsyncDisposable
{
    public const string Tenant = "tenant-a";

    private readonly CancellationTokenSource end = new();
    private readonly Task loop;
    private readonly Sender sender;

    private Bed(StorageAccount storage, TimeProvider clock, Func<double> random)
    {
        (Storage, sender) = (storage, new Sender(allowLoopback: true, clock));
        Sink = new EventSink(storage, new Uri("http://127.0.0.1"), Bell, clock);
        Desk = new EndpointDesk(storage, Shared.Wrap, new Listeners(storage, clock), Sink, true, clock);
        loop = new Deliveries(storage, Shared.Wrap, Sink, sender, Bell, clock, NullLogger<Deliveries>.Instance) { Random = random }.RunLoopAsync(end.Token);
    }

    public StorageAccount Storage { get; }

    public WebhookBell Bell { get; } = new();

    public EventSink Sink { get; }

    public EndpointDesk Desk { get; }

    public static async Task<Bed> StartAsync(CancellationToken cancel, TimeProvider? clock = null, Func<double>? random = null)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount()) });
        await storage.Table(Names.Webhooks).CreateIfNotExistsAsync(cancel);
        return new Bed(storage, clock ?? TimeProvider.System, random ?? Random.Shared.NextDouble);
    }

    /// <summary>An endpoint at the receiver, which knows its secret.</summary>
    public async Task<EndpointView> EndpointAsync(string kind, string name, params string[] types)
    {
        var made = await Desk.CreateAsync(Tenant, Shared.Receiver.Endpoint(kind, name).AbsoluteUri, name, types,
            RandomNumberGenerator.GetBytes(32), DateTimeOffset.UnixEpoch.AddYears(56), default);
        await Shared.Receiver.KnowAsync(name, made.Secret);
        return (await Desk.FindAsync(Tenant, made.Endpoint, default))!;
    }

    public static NewEvent Logged(int n) => new(EventTypes.DepositLogged, $"deposit-{n}", DateTimeOffset.UnixEpoch.AddYears(56).AddSeconds(n), "",
        new Dictionary<string, object> { ["id"] = $"deposit-{n}", ["state"] = "Logged", ["index"] = n });

    public async Task<IReadOnlyList<AttemptView>> AttemptsAsync(string endpoint)
    {
        var all = new List<AttemptView>();
        for (string? continuation = null; ;)
        {
            var page = await Desk.AttemptsAsync(Tenant, endpoint, WebhookLimits.MaxPage, continuation, default);
            all.AddRange(page.Items);
            if ((continuation = page.Continuation) is null)
                return all;
        }
    }

    /// <summary>Waits for a state, as long as a busy machine may take.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> good, string what, CancellationToken cancel)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            var seen = await look();
            if (good(seen))
                return seen;

            Assert.IsLessThan(TimeSpan.FromMinutes(4), Stopwatch.GetElapsedTime(start), what);
            await Task.Delay(50, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await ((Task)loop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        sender.Dispose();
        Bell.Dispose();
        end.Dispose();
    }
}
