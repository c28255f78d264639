namespace Notary.Cli;

/// <summary>Tells on standard error how far a command has come, at most one line a second. Safe for several threads.</summary>
internal sealed class Progress(TextWriter error, string command = "fsck")
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private long saidAt = Stopwatch.GetTimestamp();

    /// <summary>A line of its own.</summary>
    public void Say(string text)
    {
        lock (gate)
        {
            error.WriteLine($"{command}: {text}");
            saidAt = Stopwatch.GetTimestamp();
        }
    }

    /// <param name="total">0 when nobody knows.</param>
    public void At(string what, long done, long total)
    {
        lock (gate)
        {
            if (Stopwatch.GetElapsedTime(saidAt) >= Between)
                Say($"{what}: {done}{(total > 0 ? $" of {total}" : "")}");
        }
    }

    /// <summary>The same for whoever only counts.</summary>
    public IProgress<long> Counting(string what, long total) => new Counter(done => At(what, done, total));

    /// <summary>Unlike <see cref="Progress{T}"/> at once, on the thread that counts.</summary>
    private sealed class Counter(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
