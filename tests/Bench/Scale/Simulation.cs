namespace Notary.Bench.Scale;

/// <summary>A clock of events. Processes are iterators that yield the time at which they go on.</summary>
/// <remarks>The same seed makes the same run: ties go by the order in which events were made, and every draw comes from one generator.</remarks>
internal sealed class Simulation(int seed)
{
    private readonly PriorityQueue<IEnumerator<double>, (double At, long Order)> events = new();
    private readonly Random random = new(seed);
    private long order;

    /// <summary>Seconds since the beginning.</summary>
    public double Now { get; private set; }

    /// <summary>Yielded by a process that is woken by somebody else.</summary>
    public const double Parked = double.PositiveInfinity;

    /// <summary>Begins a process.</summary>
    public void Start(IEnumerable<double> process) => Wake(process.GetEnumerator());

    /// <summary>Lets a parked process go on now.</summary>
    public void Wake(IEnumerator<double> process) => events.Enqueue(process, (Now, order++));

    /// <summary>Runs what is due until a time.</summary>
    public void RunTo(double end)
    {
        while (events.TryPeek(out var process, out var due) && due.At <= end)
        {
            events.Dequeue();
            Now = due.At;
            Running = process;
            if (process.MoveNext() && process.Current is var next && !double.IsPositiveInfinity(next))
                events.Enqueue(process, (Math.Max(next, Now), order++));
        }

        Now = end;
    }

    /// <summary>The process that is running: what it hands to those who will wake it.</summary>
    public IEnumerator<double> Running { get; private set; } = null!;

    /// <summary>Seconds to the next of events that come by chance, so many a second.</summary>
    public double NextArrival(double perSecond) => -Math.Log(1 - random.NextDouble()) / perSecond;

    /// <summary>A duration with a long tail: log-normal, by its median and its 99th percentile.</summary>
    public double Draw(Latency latency)
        => latency.P99 <= latency.Median ? latency.Median : latency.Median * Math.Exp(Normal() * Math.Log(latency.P99 / latency.Median) / NormalP99);

    /// <summary>A whole number below a bound.</summary>
    public int Choose(int below) => random.Next(below);

    /// <summary>The 99th percentile of the standard normal distribution.</summary>
    private const double NormalP99 = 2.3263;

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>How long one call takes when nobody else calls, in seconds.</summary>
/// <param name="Median">Half of them take no longer.</param>
/// <param name="P99">Ninety-nine of a hundred take no longer.</param>
internal readonly record struct Latency(double Median, double P99)
{
    /// <summary>So many times as long.</summary>
    public Latency Times(double by) => new(Median * by, P99 * by);
}

/// <summary>Something that takes only so much at once, first come, first served.</summary>
internal abstract class Resource(string name)
{
    /// <summary>As tables name it.</summary>
    public string Name { get; } = name;

    /// <summary>Seconds of work taken so far; of a resource of several servers, of all together.</summary>
    public double Busy { get; protected set; }

    /// <summary>Seconds of work it can do in a second.</summary>
    public abstract double Width { get; }
}

/// <summary>A published rate: so many units a second, one after the other. A caller above it waits; the service would answer 503 or 429 and be asked
/// again, which comes to the same throughput and is worse for whoever waits.</summary>
/// <param name="name">As tables name it.</param>
/// <param name="unitsPerSecond">The rate.</param>
/// <param name="burst">Seconds' worth of units that may come at once after a pause; no page says how many a service forgives.</param>
internal sealed class Pipe(string name, double unitsPerSecond, double burst = 0) : Resource(name)
{
    private double free = double.NegativeInfinity;

    public override double Width => 1;

    /// <summary>When units that come now are through. Calls come in the order of time.</summary>
    public double Pass(double now, double units)
    {
        Busy += units / unitsPerSecond;
        free = Math.Max(free, now - burst) + (units / unitsPerSecond);
        return Math.Max(free, now);
    }
}

/// <summary>So many servers, each with one job at a time: processors, slots.</summary>
internal sealed class Station : Resource
{
    private readonly PriorityQueue<int, double> free = new();
    private readonly int servers;

    public Station(string name, int servers) : base(name)
    {
        this.servers = servers;
        for (var i = 0; i < servers; i++)
            free.Enqueue(i, 0);
    }

    public override double Width => servers;

    /// <summary>When a job that comes now and takes so long is done.</summary>
    public double Serve(double now, double seconds)
    {
        Busy += seconds;
        free.TryPeek(out var server, out var at);
        var done = Math.Max(now, at) + seconds;
        free.DequeueEnqueue(server, done);
        return done;
    }
}

/// <summary>Waits for processes that were begun together.</summary>
internal sealed class Join(Simulation simulation, int count)
{
    private IEnumerator<double>? waiter;
    private int left = count;

    /// <summary>One of them is done.</summary>
    public void Done()
    {
        if (--left == 0 && waiter is not null)
            simulation.Wake(waiter);
    }

    /// <summary>What the waiting process yields.</summary>
    public double Wait()
    {
        if (left == 0)
            return simulation.Now;

        waiter = simulation.Running;
        return Simulation.Parked;
    }
}
