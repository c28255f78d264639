namespace Notary.Lotteries;

/// <summary>Fixes <c>draw.json</c>: deadlines as numbers of blocks, and the beacon. Pure.</summary>
internal static class DrawFreeze
{
    /// <summary>By which part of the time ahead the estimate of a block's time may be wrong: chains keep their pace to a few in a hundred.</summary>
    private const double Drift = 0.05;

    /// <summary>The contract's bound of a block beacon.</summary>
    private const int MaxConfirmations = 128;

    /// <param name="plan">Approved.</param>
    /// <param name="pace">The chain's, now.</param>
    /// <param name="terms">The registry's.</param>
    /// <param name="registry">Its address.</param>
    /// <param name="confirmations">Blocks under which something counts.</param>
    /// <returns>Null when the time for commits has passed, or is within the next blocks.</returns>
    public static (DrawDocument Draw, long CommitDeadline, DateTimeOffset? BeaconAt)? Fix(
        PlanDocument plan, ChainPace pace, DrawTerms terms, Address registry, int confirmations)
    {
        var schedule = plan.Terms.Schedule;
        long BlockAt(DateTimeOffset time) => pace.Head.Block + (long)Math.Ceiling((time - pace.Time).TotalSeconds / pace.SecondsPerBlock);
        var commits = BlockAt(schedule.CommitsUntil);
        var reveals = Math.Max(BlockAt(schedule.RevealsUntil), commits + 1);
        if (commits <= pace.Head.Block)
            return null;

        // The round must come when the last block for reveals is final, by the true time and by the chain's: whoever reveals late must not know it,
        // and whoever reveals in time must not be shut out by it.
        var slack = TimeSpan.FromSeconds((confirmations * pace.SecondsPerBlock) + (Drift * (schedule.RevealsUntil - pace.Time).TotalSeconds));
        var after = schedule.RevealsUntil + terms.Margin + slack;
        var round = RoundFrom(terms, after);
        BeaconPlan beacon = plan.Terms.Beacon == BeaconKind.Drand
            ? new BeaconPlan.Drand(terms.DrandHash, round)
            : new BeaconPlan.Block(pace.Head.ChainId, reveals, Math.Clamp(confirmations, 1, MaxConfirmations));
        var draw = new DrawDocument(
            plan.Id, plan.Terms.Rehearsal, plan.Terms.Rules, plan.List, DrawFormat.Digest, beacon, reveals, pace.Head.ChainId, registry);
        return (draw, commits, beacon is BeaconPlan.Drand ? terms.Genesis + ((round - 1) * terms.Period) : null);
    }

    /// <summary>What is published on chain. A place is kept for the platform too.</summary>
    public static DrawPlan ToChain(DrawDocument draw, long commitDeadline, IEnumerable<Address> parties, Address platform) => new(
        draw.Id,
        draw.Rehearsal ? DrawKind.Rehearsal : DrawKind.Draw,
        draw.Commitment(),
        commitDeadline,
        draw.RevealDeadline,
        draw.Beacon is BeaconPlan.Drand ? BeaconSource.Drand : BeaconSource.Block,
        draw.Beacon switch
        {
            BeaconPlan.Drand drand => drand.Round,
            BeaconPlan.Block block => block.Confirmations,
            var other => throw new InvalidOperationException($"unhandled {other.GetType().Name}"),
        },
        [.. parties.Append(platform).Distinct()]);

    /// <summary>The first round that comes after that time.</summary>
    private static long RoundFrom(DrawTerms terms, DateTimeOffset after)
        => after < terms.Genesis ? 1 : ((after - terms.Genesis).Ticks / terms.Period.Ticks) + 2;
}
