using Notary.Forensics.Desktops;

namespace Notary.Forensics;

/// <summary>
/// Takes a session on: its row says what state it is in, a step does its work and replaces the row under the version that it read.
///  1. A desktop is begun; it records itself, and measures its cleanliness.
///  2. The measurement's head is deposited. Only then is the user's input connected.
///  3. While it runs the chain's newest head is deposited again and again.
///  4. It closes: by its user, by a deadline, or because its recorder has gone.
///  5. Every head is put beside the recording with its proof and time-stamps: sealed.
///  6. The package is deposited.
/// </summary>
/// <remarks>
/// Every step may be taken by several at once and again at any time: deposits have keys of their own, files are written once, and one write decides.
/// A head is written down before it is deposited, so that each names the one before it whatever breaks off in between.
/// </remarks>
public sealed partial class SessionWork
{
    /// <summary>Steps of one call: a whole session has ten.</summary>
    private const int MaxSteps = 32;

    private readonly SessionTable table;
    private readonly IDesktopProvider desktops;
    private readonly DepositService deposits;
    private readonly SessionLetters letters;
    private readonly SessionSettings settings;
    private readonly TimeProvider clock;

    /// <param name="storage">The account with table <c>sessions</c>.</param>
    /// <param name="desktops">Where desktops come from.</param>
    /// <param name="deposits">Takes heads and packages, for the session's owner.</param>
    /// <param name="letters">Issues remote forensics letters.</param>
    /// <param name="settings">The deployment's.</param>
    /// <param name="clock">Our clock.</param>
    public SessionWork(
        StorageAccount storage, IDesktopProvider desktops, DepositService deposits, SessionLetters letters, SessionSettings settings, TimeProvider clock)
        => (table, this.desktops, this.deposits, this.letters, this.settings, this.clock)
            = (new SessionTable(storage), desktops, deposits, letters, settings, clock);

    /// <summary>Takes the steps that can be taken now.</summary>
    /// <exception cref="FaultException">What stands in the way for now.</exception>
    public async Task<SessionStep> AdvanceAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            // Announced and not made: its race was lost.
            if (await table.FindAsync(tenant, id, cancel).ConfigureAwait(false) is not { } row)
                return new SessionStep { At = Journey<SessionPlace>.End };

            if (row.Over)
            {
                if (!await desktops.ForgetAsync(id, cancel).ConfigureAwait(false))
                    return Wait("its desktop's removal", row, clock.GetUtcNow() + settings.Poll) with { At = row.State.ToString() };

                await table.DeactivateAsync(id, cancel).ConfigureAwait(false);
                return new SessionStep { At = Journey<SessionPlace>.End };
            }

            var found = row.IsLive ? await HoldAsync(row, cancel).ConfigureAwait(false)
                : row.Deposit is { } deposit ? await LetterAsync(row, DepositId.Parse(deposit), cancel).ConfigureAwait(false)
                : row.Sealed ? await PackAsync(row, cancel).ConfigureAwait(false) : await SealAsync(row, cancel).ConfigureAwait(false);
            if (found.Until is not null || !found.Taken)
                return found with { At = row.State.ToString() };
        }

        return new SessionStep();
    }

    /// <summary>1 to 4.</summary>
    private async Task<SessionStep> HoldAsync(SessionRow row, CancellationToken cancel)
    {
        if (row.State == SessionState.Requested)
            return await GoAsync(row, SessionState.Provisioning, cancel).ConfigureAwait(false);

        if (row is { State: SessionState.Provisioning, Ending: null })
            await desktops.BeginAsync(new DesktopOrder(row.SessionId, new Uri(row.Page), row.User), cancel).ConfigureAwait(false);

        var look = await desktops.LookAsync(row.SessionId, cancel).ConfigureAwait(false);
        if (look.Newest is { } newest && newest.Link + 1 > row.Links)
            row = row with { Links = newest.Link + 1 };

        if (look.Spoilt)
        {
            // A recorder that writes anything else is none; what it sealed before stays.
            await desktops.EndAsync(row.SessionId, cancel).ConfigureAwait(false);
            return await EndedAsync(row with { Why = "chain-malformed" }, look, cancel).ConfigureAwait(false);
        }

        if (look is { Measured: not null, Clean: false })
            return await RefuseAsync(row, look, cancel).ConfigureAwait(false);

        if (!look.Running)
            return await EndedAsync(row, look, cancel).ConfigureAwait(false);

        if (IsDue(row, look))
            return await LogAsync(row, look.Newest!, cancel).ConfigureAwait(false);

        return row.State switch
        {
            SessionState.Closing => await ClosingAsync(row, cancel).ConfigureAwait(false),
            _ when row.Ending is not null => await GoAsync(row, SessionState.Closing, cancel).ConfigureAwait(false),
            SessionState.Provisioning when look.Newest is not null => await GoAsync(row, SessionState.Measuring, cancel).ConfigureAwait(false),
            SessionState.Provisioning or SessionState.Measuring => await PreparingAsync(row, look, cancel).ConfigureAwait(false),
            SessionState.Ready when look.Touched is not null => await GoAsync(row, SessionState.Active, cancel).ConfigureAwait(false),
            SessionState.Ready => await UsedAsync(row, row.Since + settings.Waiting, CloseReason.Idle, cancel).ConfigureAwait(false),
            _ => await UsedAsync(row, (look.Touched ?? row.Since) + settings.Idle, CloseReason.Idle, cancel).ConfigureAwait(false),
        };
    }

    /// <summary>Until its input is connected.</summary>
    private async Task<SessionStep> PreparingAsync(SessionRow row, DesktopLook look, CancellationToken cancel)
    {
        if (look.Connected)
            return await GoAsync(row with { ReadyAt = clock.GetUtcNow() }, SessionState.Ready, cancel).ConfigureAwait(false);

        var until = row.Since + settings.Provisioning;
        if (clock.GetUtcNow() >= until)
            return await GoAsync(row with { Ending = CloseReason.Aborted, Why = "provisioned-late" }, SessionState.Closing, cancel).ConfigureAwait(false);

        // Acknowledged: what was measured stands in the log's queue, which nothing takes it from again.
        if (look.Measured <= row.Head?.Link)
            await desktops.ConnectAsync(row.SessionId, cancel).ConfigureAwait(false);

        return Wait(row.State == SessionState.Provisioning ? "a desktop" : "its measurement", row, until);
    }

    /// <summary>While it may be used.</summary>
    private async Task<SessionStep> UsedAsync(SessionRow row, DateTimeOffset until, CloseReason late, CancellationToken cancel)
    {
        var longest = row.ReadyAt!.Value + settings.Longest;
        if (longest < until)
            (until, late) = (longest, CloseReason.Longest);

        return clock.GetUtcNow() < until ? Wait("its user", row, until)
            : await GoAsync(row with { Ending = late }, SessionState.Closing, cancel).ConfigureAwait(false);
    }

    private async Task<SessionStep> ClosingAsync(SessionRow row, CancellationToken cancel)
    {
        if (clock.GetUtcNow() >= row.Since + settings.Closing)
            await desktops.EndAsync(row.SessionId, cancel).ConfigureAwait(false);
        else
            await desktops.CloseAsync(row.SessionId, row.Ending!.Value, cancel).ConfigureAwait(false);

        return Wait("its end", row, row.Since + settings.Closing);
    }

    /// <summary>4. Its recorder has gone; a chain that closes was not broken off, unless it gave up unasked, as it does when this app has gone.</summary>
    private Task<SessionStep> EndedAsync(SessionRow row, DesktopLook look, CancellationToken cancel)
    {
        if (look.Newest is null)
            return EndAsync(row with { Why = row.Why ?? (row.Ending is null ? "desktop-lost" : "nothing-recorded"), Over = true }, SessionState.Broken, cancel);

        if (row.Why is null && look.Closed is { } closed && closed != CloseReason.Broken && (closed == row.Ending || closed != CloseReason.Aborted))
            return SealAsync(row with { State = SessionState.Closing, Ending = closed }, cancel);

        return EndAsync(row with { Why = row.Why ?? "desktop-lost" }, SessionState.Broken, cancel);
    }

    private async Task<SessionStep> RefuseAsync(SessionRow row, DesktopLook look, CancellationToken cancel)
    {
        // Asked first: an agent that is killed leaves more behind.
        var until = row.Since + settings.Provisioning;
        if (look.Running && clock.GetUtcNow() < until)
        {
            await desktops.CloseAsync(row.SessionId, CloseReason.Aborted, cancel).ConfigureAwait(false);
            return Wait("its end", row, until);
        }

        await desktops.EndAsync(row.SessionId, cancel).ConfigureAwait(false);
        var report = CleanlinessReport.Parse(await desktops.RecordingOf(row.SessionId)
            .ReadAsync(ForensicsFormat.Cleanliness, ForensicsFormat.MaxCleanliness, cancel).ConfigureAwait(false));
        FailedCheck[] failed = [.. report.Checks.Where(c => c.Verdict != CheckVerdict.Pass).Take(SessionLimits.MaxChecks)
            .Select(c => new FailedCheck(c.Name, c.Expected, c.Found))];
        return await EndAsync(row with { Checks = failed, Over = true }, SessionState.Refused, cancel).ConfigureAwait(false);
    }

    /// <summary>Without a desktop from here on: another one may run in its place.</summary>
    private async Task<SessionStep> EndAsync(SessionRow row, SessionState state, CancellationToken cancel)
    {
        var free = await table.FreeAsync(row, cancel).ConfigureAwait(false);
        await table.SwapAsync(row with { State = state, Since = clock.GetUtcNow() }, free, cancel).ConfigureAwait(false);
        return new SessionStep();
    }

    /// <summary>A lost race is seen by whoever reads the row next.</summary>
    private async Task<SessionStep> GoAsync(SessionRow row, SessionState state, CancellationToken cancel)
    {
        await table.SwapAsync(row with { State = state, Since = clock.GetUtcNow() }, [], cancel).ConfigureAwait(false);
        return new SessionStep();
    }

    /// <summary>Until then, or the next look, or the next head.</summary>
    private SessionStep Wait(string what, SessionRow row, DateTimeOffset until)
    {
        var next = clock.GetUtcNow() + settings.Poll;
        var head = row.HeadAt + settings.HeadEvery;
        return new SessionStep { Waiting = what, Until = new[] { until, next, head ?? next }.Min() };
    }
}
