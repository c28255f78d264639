namespace Notary.Timestamping;

/// <summary>All configured authorities together: fetches the tokens that are missing and stops when their clocks cannot be trusted.</summary>
/// <remarks>
/// 1. Ask every authority whose token is missing, at once; each answer is verified by its client.
/// 2. Compare: a drift beyond an authority's bound, or two authorities further apart than the bound, stops time. Fail closed:
///    that round's tokens are dropped, since nobody can say which clock was right.
/// 3. While stopped, each call first probes (at most once per interval); only when every authority answers and all agree does stamping resume.
/// Nothing here is durable: after a restart the first round measures afresh. Safe on several threads.
/// </remarks>
public sealed class TimeAuthorities
{
    /// <summary>One authority alone could date evidence as it likes.</summary>
    private const int MinAuthorities = 2;

    private readonly IReadOnlyList<TsaClient> clients;
    private readonly TimeHealthOptions options;
    private readonly TimeProvider clock;
    private readonly TimeWatch watch;

    public TimeAuthorities(IReadOnlyList<TsaClient> clients, TimeHealthOptions options, TimeProvider clock)
    {
        options.Validate();
        RequireIndependence(clients);
        this.clients = clients;
        this.options = options;
        this.clock = clock;
        watch = new TimeWatch([.. clients.Select(c => c.Name)], options, clock);
    }

    /// <summary>The authorities' names, in the order of the configuration.</summary>
    public IReadOnlyList<string> Names => [.. clients.Select(c => c.Name)];

    public TimeHealth Health => watch.Health;

    /// <summary>Fetches a token over <paramref name="imprint"/> from every authority that has none among <paramref name="have"/>.</summary>
    /// <returns>Always an answer; the only exception is the caller's own cancellation.</returns>
    public async Task<StampResult> StampAllAsync(Digest imprint, IReadOnlyList<StampedToken> have, CancellationToken cancel)
    {
        var missing = clients.Where(c => !have.Any(t => t.Authority == c.Name)).ToList();
        if (missing.Count == 0)
            return new StampResult([], [], null, "ok");

        if (!await MayStampAsync(cancel).ConfigureAwait(false))
            return Stopped(missing);

        var (replies, state) = await AskAsync(missing, imprint, cancel).ConfigureAwait(false);
        return state == TimeState.Stopped ? Stopped(missing) : Sort(missing, replies);
    }

    /// <summary>One token from the first authority that grants it, such as for a letter's signature.</summary>
    /// <param name="but">An authority that is not asked.</param>
    /// <exception cref="FaultException">TimeDisagreement while time is stopped, else the gravest of the authorities' failures.</exception>
    public async Task<StampedToken> StampOneAsync(Digest imprint, CancellationToken cancel, string? but = null)
    {
        var failed = Stopped(clients);
        if (await MayStampAsync(cancel).ConfigureAwait(false))
        {
            foreach (var client in clients.Where(c => c.Name != but))
            {
                var (replies, state) = await AskAsync([client], imprint, cancel).ConfigureAwait(false);
                failed = state == TimeState.Stopped ? Stopped([client]) : Sort([client], replies);
                if (failed.Tokens is [var token])
                    return token;

                if (state == TimeState.Stopped)
                    break;
            }
        }

        throw new FaultException(failed.Fault!.Value, failed.Reason);
    }

    /// <summary>Asks every authority for a token over random bytes, which is thrown away, and updates <see cref="Health"/>;
    /// resumes stamping when all agree.</summary>
    public async Task<TimeHealth> ProbeAsync(CancellationToken cancel)
    {
        await AskAsync(clients, new Digest(RandomNumberGenerator.GetBytes(Digest.Size)), cancel).ConfigureAwait(false);
        return watch.Health;
    }

    /// <summary>Probes at start, then whenever time is not Ok, once per interval, until cancelled: an idle platform too shows when time is back.</summary>
    public async Task RunProbesAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(options.ProbeInterval, clock);
        await ProbeAsync(cancel).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false))
        {
            if (watch.Health.State != TimeState.Ok)
                await ProbeAsync(cancel).ConfigureAwait(false);
        }
    }

    private async Task<bool> MayStampAsync(CancellationToken cancel)
    {
        if (watch.Health.State != TimeState.Stopped)
            return true;

        // Many waiting deposits are one probe: whoever finds it due makes it, the others are told "stopped" at once.
        return watch.TryBeginProbe() && (await ProbeAsync(cancel).ConfigureAwait(false)).State != TimeState.Stopped;
    }

    private async Task<(TsaReply[] Replies, TimeState State)> AskAsync(IReadOnlyList<TsaClient> asked, Digest imprint, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var replies = await Task.WhenAll(asked.Select(c => c.StampAsync(imprint, cancel))).ConfigureAwait(false);
        return (replies, watch.Note([.. asked.Zip(replies, (c, r) => (c.Name, r))], begun));
    }

    private StampResult Stopped(IReadOnlyList<TsaClient> missing)
        => new([], [.. missing.Select(c => c.Name)], Fault.TimeDisagreement, watch.Health.Reason);

    private static StampResult Sort(IReadOnlyList<TsaClient> asked, TsaReply[] replies)
    {
        var tokens = replies.OfType<TsaReply.Granted>().Select(g => g.Token).ToList();
        var failures = asked.Zip(replies, (c, r) => (c.Name, Fault: FaultOf(r), Why: TimeWatch.Why(r))).Where(f => f.Fault is not null).ToList();
        if (failures.Count == 0)
            return new StampResult(tokens, [], null, "ok");

        var worst = failures.MaxBy(f => Gravity.IndexOf(f.Fault!.Value));
        return new StampResult(tokens, [.. failures.Select(f => f.Name)], worst.Fault, $"{worst.Name}: {worst.Why}");
    }

    private static readonly List<Fault> Gravity = [Fault.TsaUnreachable, Fault.TsaRefused, Fault.TokenInvalid, Fault.TimeDisagreement];

    private static Fault? FaultOf(TsaReply reply) => reply switch
    {
        TsaReply.Granted => null,
        TsaReply.Unreachable => Fault.TsaUnreachable,
        TsaReply.Refused => Fault.TsaRefused,
        TsaReply.Invalid => Fault.TokenInvalid,
        TsaReply.OffTime => Fault.TimeDisagreement,
        _ => throw new InvalidOperationException($"unhandled {reply.GetType().Name}"),
    };

    private static void RequireIndependence(IReadOnlyList<TsaClient> clients)
    {
        if (clients.Count < MinAuthorities)
            throw new ArgumentException($"trusted time needs at least {MinAuthorities} authorities, not {clients.Count}", nameof(clients));

        if (clients.Select(c => c.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() != clients.Count)
            throw new ArgumentException("two time-stamp authorities have the same name", nameof(clients));

        var roots = clients.SelectMany(c => c.Options.Roots.Select(r => r.Thumbprint).Distinct()).ToList();
        if (roots.Distinct().Count() != roots.Count)
            throw new ArgumentException("two time-stamp authorities share a root, so they are one", nameof(clients));
    }
}
