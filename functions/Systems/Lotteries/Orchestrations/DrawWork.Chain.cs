namespace Notary.Lotteries;

/// <content>What is done on chain. It counts when it is deep enough.</content>
public sealed partial class DrawWork
{
    /// <summary>Between two looks at what must still stand on chain: time enough before any deadline to send it again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>4.</summary>
    private async Task<DrawStep> PublishAsync(DrawRow row, CancellationToken cancel)
    {
        var sending = await sender.SendAsync(await PublicationAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        if (IsDeep(sending))
        {
            var chain = (await looks.ReadAsync(row.DrawId, cancel).ConfigureAwait(false))?.View;
            return await GoAsync(row with { State = DrawState.Committed, Chain = chain ?? row.Chain }, Steps.Commit, cancel).ConfigureAwait(false);
        }

        // The chain was slower than its publication: nothing of the draw stands there.
        return sending is DrawSending.Refused { Error: "BadPlan" }
            ? await EndAsync(row, "published-late", cancel).ConfigureAwait(false) : Pending(sending);
    }

    /// <summary>5. A secret is in the row before anything of it is on chain.</summary>
    private async Task<DrawStep> CommitAsync(DrawRow row, CancellationToken cancel)
    {
        if (row.Party is null)
        {
            var fresh = secrets.Wrap(RandomNumberGenerator.GetBytes(Digest.Size), cancel);
            return await GoAsync(row with { Party = fresh }, Steps.Commit, cancel).ConfigureAwait(false);
        }

        var sending = await sender.SendAsync(await OwnCommitAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);

        // Too late: the others' secrets and the beacon decide without the platform's, as they would without any other party's.
        return IsDeep(sending) || await IsOverAsync(row, sending, cancel).ConfigureAwait(false)
            ? await GoAsync(row, Steps.Commits, cancel).ConfigureAwait(false) : Pending(sending);
    }

    private async Task<DrawStep> CommitsAsync(DrawRow row, CancellationToken cancel)
    {
        var (draw, view) = await DemandAsync(row, cancel).ConfigureAwait(false);
        if (draw.Head.Block >= row.Frozen!.CommitDeadline || view.Closed)
            return await GoAsync(row with { State = DrawState.Revealing, Chain = view }, Steps.Reveal, cancel).ConfigureAwait(false);

        if (draw.Parties.Any(p => p.Account == sender.Account))
            return Watch(row, "commits", WhenAt(view, row.Frozen.CommitDeadline));

        // A reorganisation has taken the platform's own: the same one again.
        await sender.SendAsync(await OwnCommitAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return Wait("commits", clock.GetUtcNow() + settings.Poll);
    }

    private async Task<DrawStep> RevealAsync(DrawRow row, CancellationToken cancel)
    {
        var sending = await sender.SendAsync(await OwnRevealAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return IsDeep(sending) || await IsOverAsync(row, sending, cancel).ConfigureAwait(false)
            ? await GoAsync(row, Steps.Seed, cancel).ConfigureAwait(false) : Pending(sending);
    }

    /// <summary>6. Anybody may fix the seed; it counts when it was seen so many blocks ago and is still the same.</summary>
    private async Task<DrawStep> SeedAsync(DrawRow row, CancellationToken cancel)
    {
        var (draw, view) = await DemandAsync(row, cancel).ConfigureAwait(false);
        if (draw.Stage == DrawStage.Published)
            return await FixAsync(row, draw, view, cancel).ConfigureAwait(false);

        var seed = draw.Seed?.ToString() ?? throw new FaultException(Fault.EvidenceInvalid, "the draw on chain has no seed and is not open");
        if (row.Seed?.Seed != seed)
            return await GoAsync(row with { Seed = new SeedSeen(draw.Head.Block, seed), Chain = view }, Steps.Seed, cancel).ConfigureAwait(false);

        if (draw.Head.Block - row.Seed.Block + 1 < settings.Confirmations)
            return Wait("seed", WhenAt(view, row.Seed.Block + settings.Confirmations - 1));

        var reveals = new DrawReveals([.. draw.Parties.Select(p => new DrawCommit(p.Account, p.Commitment, p.Secret))],
            draw.Source == BeaconSource.Drand ? BeaconKind.Drand : BeaconKind.Block, draw.Beacon!.Value);
        if (reveals.Seed(Digest.Parse(row.Frozen!.Commitment)).ToString() != seed)
            throw new FaultException(Fault.EvidenceInvalid, "the seed on chain is not that of its reveals and its beacon");

        var file = await files.WriteAsync(row.DrawId, reveals.ToBytes(), cancel).ConfigureAwait(false);
        var signature = await SignatureAsync(draw, cancel).ConfigureAwait(false);
        return await GoAsync(With(row, FileNames.Reveals, file) with { Chain = view, Signature = signature }, Steps.Draw, cancel).ConfigureAwait(false);
    }

    /// <summary>The signature of the draw's round. The contract has verified the one whose digest the beacon is, and there is no other.</summary>
    private async Task<string?> SignatureAsync(DrawOnChain draw, CancellationToken cancel)
    {
        if (draw.Source != BeaconSource.Drand)
            return null;

        try
        {
            return await drand.RoundAsync(draw.Number, cancel).ConfigureAwait(false) is { } round && round.Randomness == draw.Beacon
                ? Convert.ToHexStringLower(round.Signature) : null;
        }
        catch (FaultException e) when (e.Fault == Fault.BeaconUnreachable)
        {
            // A courtesy: no result waits for it. It is asked for again when the result stands on chain.
            return null;
        }
    }

    private async Task<DrawStep> FixAsync(DrawRow row, DrawOnChain draw, ChainView view, CancellationToken cancel)
    {
        if (row.Seed is not null)
            return await GoAsync(row with { Seed = null }, Steps.Seed, cancel).ConfigureAwait(false);

        if (view.Closed)
            return await SendSeedAsync(row, draw, view, cancel).ConfigureAwait(false);

        if (!draw.Parties.Any(p => p.Account == sender.Account && p.Secret is null))
            return Watch(row, "reveals", WhenAt(view, draw.RevealDeadline));

        // A reorganisation has taken the platform's own.
        await sender.SendAsync(await OwnRevealAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return Wait("reveals", clock.GetUtcNow() + settings.Poll);
    }

    /// <summary>When the beacon is there.</summary>
    private async Task<DrawStep> SendSeedAsync(DrawRow row, DrawOnChain draw, ChainView view, CancellationToken cancel)
    {
        if (draw.BeaconBlock is { } block && draw.Head.Block < block)
            return Wait("beacon", WhenAt(view, block));

        var round = draw.Source == BeaconSource.Drand ? await drand.RoundAsync(draw.Number, cancel).ConfigureAwait(false) : null;
        if (draw.Source == BeaconSource.Drand && round is null)
            return Wait("beacon", Later(row.Frozen!.BeaconAt ?? default, clock.GetUtcNow() + settings.Poll));

        var call = round is null ? DrawCall.FixSeed(row.DrawId) : DrawCall.FixSeed(row.DrawId, round);
        return await sender.SendAsync(call, cancel).ConfigureAwait(false) switch
        {
            DrawSending.Refused { Error: "BeaconLost" } when !Steps.IsDecided(row.Step) => await EndAsync(row, "beacon-lost", cancel).ConfigureAwait(false),
            DrawSending.Mined => new DrawStep(),
            DrawSending.Refused { Error: "WrongState" } => new DrawStep(),
            DrawSending.Refused { Error: "TooEarly" } => Wait("beacon", clock.GetUtcNow() + settings.Poll),
            var sending => Pending(sending),
        };
    }

    /// <summary>9.</summary>
    private async Task<DrawStep> FinishAsync(DrawRow row, CancellationToken cancel)
    {
        if (await StandsAsync(row, cancel).ConfigureAwait(false) is { } missing)
            return missing;

        var (draw, view) = await DemandAsync(row, cancel).ConfigureAwait(false);
        var signature = row.Signature ?? await SignatureAsync(draw, cancel).ConfigureAwait(false);
        return await GoAsync(row with { Chain = view, Signature = signature }, Steps.ResultDeposit, cancel).ConfigureAwait(false);
    }

    /// <summary>Null when the result is on chain, deep enough and under the seed that it was computed from; else what there is to wait for. What a
    /// reorganisation has taken back, the seed perhaps, is sent again.</summary>
    private async Task<DrawStep?> StandsAsync(DrawRow row, CancellationToken cancel)
    {
        var (draw, view) = await DemandAsync(row, cancel).ConfigureAwait(false);
        if (draw.Stage == DrawStage.Published)
            return await SendSeedAsync(row, draw, view, cancel).ConfigureAwait(false);

        if (draw.Seed?.ToString() != row.Seed!.Seed)
            throw new FaultException(Fault.EvidenceInvalid, "a reorganisation beyond the confirmations has changed the seed");

        var sending = await sender.SendAsync(DrawCall.Finish(row.DrawId, Digest.Parse(row.Result!)), cancel).ConfigureAwait(false);
        return sending is DrawSending.Refused { Error: "WrongState" } && draw.Outcome?.ToString() != row.Result
            ? throw new FaultException(Fault.EvidenceInvalid, "the draw on chain has ended otherwise") : IsDeep(sending) ? null : Pending(sending);
    }

    /// <summary>Says on chain that the draw has ended, where it may stand there: also a publication that was on its way is followed to its end first.</summary>
    private async Task<DrawStep> AbortAsync(DrawRow row, CancellationToken cancel)
    {
        if (row.Aborted!.Known is null)
        {
            if (row.Aborted.During == DrawState.Published
                && await sender.SendAsync(await PublicationAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false) is var publishing
                && publishing is not DrawSending.Refused { Error: "BadPlan" or "WrongState" } && !IsDeep(publishing))
                return Pending(publishing);

            // A reason may be told again and again: its digest binds it to this one.
            if (await looks.ReadAsync(row.DrawId, cancel).ConfigureAwait(false) is not null)
            {
                var reason = Digest.Of(Encoding.UTF8.GetBytes(row.Aborted.Reason));
                var sending = await sender.SendAsync(DrawCall.Abort(row.DrawId, reason), cancel).ConfigureAwait(false);
                if (!IsDeep(sending))
                    return Pending(sending);
            }

            var after = await looks.ReadAsync(row.DrawId, cancel).ConfigureAwait(false);
            row = row with { Aborted = row.Aborted with { Known = after?.Draw.Known ?? false }, Chain = after?.View ?? row.Chain };
        }

        return await GoAsync(row, Steps.End, cancel).ConfigureAwait(false);
    }

    private async Task<DrawCall> OwnCommitAsync(DrawRow row, CancellationToken cancel)
        => DrawCall.Commit(row.DrawId, sender.Account, await secrets.UnwrapAsync(row.Party!, cancel).ConfigureAwait(false));

    private async Task<DrawCall> OwnRevealAsync(DrawRow row, CancellationToken cancel)
        => DrawCall.Reveal(row.DrawId, await secrets.UnwrapAsync(row.Party!, cancel).ConfigureAwait(false));

    private async Task<DrawCall> PublicationAsync(DrawRow row, CancellationToken cancel)
        => DrawCall.Publish(DrawFreeze.ToChain(
            await DocumentAsync(row, cancel).ConfigureAwait(false), row.Frozen!.CommitDeadline, row.Plan.Parties, sender.Account));

    /// <summary>Whether the contract takes no such call of this account any more.</summary>
    private async Task<bool> IsOverAsync(DrawRow row, DrawSending sending, CancellationToken cancel)
    {
        if (sending is not DrawSending.Refused { Error: "TooLate" or "NoPlace" or "NotAParty" or "WrongState" })
            return false;

        // The same is said of a draw that a reorganisation has taken away.
        await DemandAsync(row, cancel).ConfigureAwait(false);
        return true;
    }

    private async Task<(DrawOnChain Draw, ChainView View)> DemandAsync(DrawRow row, CancellationToken cancel)
    {
        if (await looks.ReadAsync(row.DrawId, cancel).ConfigureAwait(false) is { } found)
            return found;

        await sender.SendAsync(await PublicationAsync(row, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        throw new FaultException(Fault.Reorganised, "the draw is not on chain now; its publication is sent again");
    }

    private bool IsDeep(DrawSending sending) => sending is DrawSending.Mined mined && mined.Depth >= settings.Confirmations;

    private DrawStep Pending(DrawSending sending) => sending is DrawSending.Refused refused
        ? new DrawStep { Code = Fault.ChainRefused.Code(), Why = refused.Why }
        : Wait("confirmations", clock.GetUtcNow() + settings.Poll);

    /// <summary>Waits while what is on chain may still be taken back: each time twice as long, as the newest blocks are the likeliest to go.</summary>
    private DrawStep Watch(DrawRow row, string what, DateTimeOffset until)
    {
        var now = clock.GetUtcNow();
        var pause = TimeSpan.FromTicks(Math.Clamp((now - row.UpdatedAt).Ticks, settings.Poll.Ticks, LongestPause.Ticks));
        return Wait(what, until < now + pause ? until : now + pause);
    }

    /// <summary>About when the chain has that block; not before the next look.</summary>
    private DateTimeOffset WhenAt(ChainView view, long block)
        => Later(view.HeadAt + TimeSpan.FromSeconds((block - view.Head) * view.SecondsPerBlock), clock.GetUtcNow() + settings.Poll);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
