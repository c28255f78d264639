using System.Text.Json.Nodes;

namespace Notary.Lotteries;

/// <summary>
/// Takes a draw on: its row names the step that comes next, a step does its work and replaces the row under the version that it read.
///  1. freeze: when objections are over and answered, fix draw.json. 2. two notaries approve it. 3. deposit it, and wait for its time-stamps.
///  4. publish it on chain; from here on it is committed. 5. the platform commits, and reveals when the commits are over.
///  6. seed: fixed on chain and deep. 7. draw. 8. two notaries approve the result. 9. finish on chain, deposit, bundle: certified.
/// Whoever aborts, or a deadline that is missed, leads to the step abort, which says so on chain where the draw may stand there.
/// </summary>
/// <remarks>
/// Every step may be taken by several at once and again at any time: what it does outside is done once by its own key (an idempotency key, a record of
/// the sender's) or under a name of its own, and only one replaces the row. What stands on chain counts when it is deep enough; a step that looks
/// again finds what a reorganisation has taken away.
/// </remarks>
public sealed partial class DrawWork
{
    private readonly DrawTable table;
    private readonly DrawFiles files;
    private readonly DrawSecrets secrets;
    private readonly ChainLooks looks;
    private readonly DrawMargin margin;
    private readonly DrawSender sender;
    private readonly DrawRegistry registry;
    private readonly DrandClient drand;
    private readonly DepositService deposits;
    private readonly DrawCertifier certifier;
    private readonly LotterySettings settings;
    private readonly TimeProvider clock;

    /// <param name="storage">The account with table and container <c>draws</c>.</param>
    /// <param name="vault">Wraps the platform's own secrets.</param>
    /// <param name="sender">The platform's account.</param>
    /// <param name="registry">The same that it sends to.</param>
    /// <param name="drand">Rounds of the registry's chain.</param>
    /// <param name="deposits">Where draw.json and result.json are deposited, for the organiser.</param>
    /// <param name="certifier">Issues the certificate.</param>
    /// <param name="settings">The deployment's.</param>
    /// <param name="clock">Our clock.</param>
    public DrawWork(
        StorageAccount storage, VaultKeyEncryption vault, DrawSender sender, DrawRegistry registry, DrandClient drand, DepositService deposits,
        DrawCertifier certifier, LotterySettings settings, TimeProvider clock)
    {
        (table, files, secrets, margin) = (new DrawTable(storage), new DrawFiles(storage), new DrawSecrets(vault), new DrawMargin(registry));
        looks = new ChainLooks(registry, settings.ChainId, margin, clock);
        (this.sender, this.registry, this.drand, this.deposits, this.certifier, this.settings, this.clock)
            = (sender, registry, drand, deposits, certifier, settings, clock);
    }

    /// <summary>Steps of one call: a whole draw has fifteen.</summary>
    private const int MaxSteps = 32;

    /// <summary>Takes the steps that can be taken now.</summary>
    /// <exception cref="FaultException">What stands in the way for now.</exception>
    public async Task<DrawStep> AdvanceAsync(Digest id, CancellationToken cancel)
    {
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            // A draft that an orchestration was started for lost its race to be published.
            if (await table.FindAsync(id, cancel).ConfigureAwait(false) is not { Step.Length: > 0 } row)
                return new DrawStep { At = Steps.End };

            if (row.Step == Steps.End)
            {
                // Not before: what another worker has written by now its row may name in a moment.
                await files.SweepAsync(row, cancel).ConfigureAwait(false);
                await table.DeactivateAsync(id, ETag.All, cancel).ConfigureAwait(false);
                return new DrawStep { At = Steps.End };
            }

            var found = await TakeAsync(row, cancel).ConfigureAwait(false);
            if (found.Until is not null || !found.Taken)
                return found with { At = row.Step };
        }

        return new DrawStep();
    }

    private Task<DrawStep> TakeAsync(DrawRow row, CancellationToken cancel) => row.Step switch
    {
        Steps.Freeze => FreezeAsync(row, cancel),
        Steps.CommitApprovals => ApprovedAsync(row, ApprovalStep.Commit, row.Frozen!.Commitment, Steps.Deposit, cancel),
        Steps.Deposit => DepositAsync(row, FileNames.Draw, cancel),
        Steps.Stamped => StampedAsync(row, cancel),
        Steps.Publish => PublishAsync(row, cancel),
        Steps.Commit => CommitAsync(row, cancel),
        Steps.Commits => CommitsAsync(row, cancel),
        Steps.Reveal => RevealAsync(row, cancel),
        Steps.Seed => SeedAsync(row, cancel),
        Steps.Draw => DrawAsync(row, cancel),
        Steps.ResultApprovals => ApprovedAsync(row, ApprovalStep.Result, row.Result!, Steps.Finish, cancel),
        Steps.Finish => FinishAsync(row, cancel),
        Steps.ResultDeposit => DepositAsync(row, FileNames.Result, cancel),
        Steps.Bundle => BundleAsync(row, cancel),
        Steps.Abort => AbortAsync(row, cancel),
        _ => throw new FaultException(Fault.EvidenceInvalid, $"a draw has no step {row.Step}"),
    };

    /// <summary>1.</summary>
    private async Task<DrawStep> FreezeAsync(DrawRow row, CancellationToken cancel)
    {
        await table.ListPublishedAsync(row, cancel).ConfigureAwait(false);
        var (now, plan) = (clock.GetUtcNow(), row.Document!);
        var schedule = plan.Terms.Schedule;
        if (now >= schedule.CommitsUntil)
            return await EndAsync(row, row.Answered < row.Objections ? "objections-unanswered" : "froze-late", cancel).ConfigureAwait(false);

        if (now < schedule.ObjectionsUntil)
            return Wait("objections", schedule.ObjectionsUntil);

        if (row.Answered < row.Objections)
            return Wait("answers", schedule.CommitsUntil);

        var pace = await registry.PaceAsync(cancel).ConfigureAwait(false);
        var terms = await margin.TermsAsync(cancel).ConfigureAwait(false);
        if (DrawFreeze.Fix(plan, pace, terms, registry.Contract, settings.Confirmations) is not var (draw, commits, beaconAt))
            return await EndAsync(row, "froze-late", cancel).ConfigureAwait(false);

        var bytes = draw.ToBytes();
        var file = await files.WriteAsync(row.DrawId, bytes, cancel).ConfigureAwait(false);
        var frozen = new Frozen(draw.Commitment().ToString(), commits, draw.RevealDeadline, JsonNode.Parse(bytes)!["beacon"]!.ToJsonString(), beaconAt);
        return await GoAsync(With(row, FileNames.Draw, file) with { Frozen = frozen }, plan.Terms.Rehearsal ? Steps.Deposit : Steps.CommitApprovals, cancel)
            .ConfigureAwait(false);
    }

    /// <summary>2 and 8. A result waits as long as it takes: it is known already, and silence must not undo it.</summary>
    private async Task<DrawStep> ApprovedAsync(DrawRow row, ApprovalStep step, string digest, string then, CancellationToken cancel)
    {
        var approvals = new DrawApprovals(row.DrawId, settings.PublicUrl.Host,
            await Lottery.ReadApprovalsAsync(table, row.DrawId, cancel).ConfigureAwait(false));
        if (approvals.IsApproved(step, Digest.Parse(digest)))
            return await GoAsync(row, then, cancel).ConfigureAwait(false);

        var until = step == ApprovalStep.Commit ? row.Plan.Schedule.CommitsUntil : DateTimeOffset.MaxValue;
        return clock.GetUtcNow() < until ? Wait("approvals", until) : await EndAsync(row, "approvals-late", cancel).ConfigureAwait(false);
    }

    /// <summary>3 and 9. The key makes it one deposit, whoever comes again.</summary>
    private async Task<DrawStep> DepositAsync(DrawRow row, string name, CancellationToken cancel)
    {
        var options = new DepositOptions(name, FileNames.MediaType(name), new Dictionary<string, string> { ["draw"] = row.Id }, null,
            $"notary-draw-{row.Id}-{name}", null, LetterOnRequest: false);
        using var body = new MemoryStream(await files.ReadAsync(row.Files[name], cancel).ConfigureAwait(false), writable: false);
        var receipt = await deposits.DepositFileAsync(Organiser(row), options, body, cancel).ConfigureAwait(false);
        var followed = new FollowedDeposit(receipt.Id.ToString(), DepositState.Received);
        return name == FileNames.Draw
            ? await GoAsync(row with { CommitmentDeposit = followed }, Steps.Stamped, cancel).ConfigureAwait(false)
            : await GoAsync(row with { ResultDeposit = followed }, Steps.Bundle, cancel).ConfigureAwait(false);
    }

    private async Task<DrawStep> StampedAsync(DrawRow row, CancellationToken cancel)
    {
        var followed = await FollowAsync(row, row.CommitmentDeposit!, cancel).ConfigureAwait(false);
        if (followed.State is DepositState.Timestamped or DepositState.Anchored or DepositState.Certified)
            return await GoAsync(row with { CommitmentDeposit = followed }, Steps.Publish, cancel).ConfigureAwait(false);

        return clock.GetUtcNow() < row.Plan.Schedule.CommitsUntil
            ? Wait("time-stamps", clock.GetUtcNow() + settings.Poll) : await EndAsync(row, "stamps-late", cancel).ConfigureAwait(false);
    }

    /// <summary>7. Rounds are told as they come; the result counts with the row that names it.</summary>
    private async Task<DrawStep> DrawAsync(DrawRow row, CancellationToken cancel)
    {
        var draw = await DocumentAsync(row, cancel).ConfigureAwait(false);
        var reveals = DrawReveals.Parse(await files.ReadAsync(row.Files[FileNames.Reveals], cancel).ConfigureAwait(false));
        PublicList list;
        await using (var stream = await files.OpenAsync(row.List!.File, 0, null, cancel).ConfigureAwait(false))
            list = await PublicListReader.ReadAsync(stream, draw.Rules, null, cancel).ConfigureAwait(false);

        var rounds = System.Threading.Channels.Channel.CreateUnbounded<RoundView>();
        var telling = TellAsync(row, rounds.Reader, cancel);
        DrawResult? result = null;
        StoredFile winners;
        try
        {
            winners = await files.WriteAsync(row.DrawId, async output => result = await DrawResult.DrawAsync(draw, list, reveals, output,
                round => rounds.Writer.TryWrite(View(round)), null, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
        finally
        {
            rounds.Writer.Complete();
        }

        // Null: somebody else has changed the draw, such as by aborting it.
        if (await telling.ConfigureAwait(false) is not { } told)
            return new DrawStep();

        var bytes = result!.ToBytes();
        told = With(With(told, FileNames.Winners, winners), FileNames.Result, await files.WriteAsync(row.DrawId, bytes, cancel).ConfigureAwait(false));
        return await GoAsync(told with { State = DrawState.Drawn, Result = Digest.Of(bytes).ToString() },
            draw.Rehearsal ? Steps.Finish : Steps.ResultApprovals, cancel).ConfigureAwait(false);
    }

    private async Task<DrawRow?> TellAsync(DrawRow row, System.Threading.Channels.ChannelReader<RoundView> rounds, CancellationToken cancel)
    {
        row = row with { Rounds = [] };
        await foreach (var round in rounds.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            row = Touched(row with { Rounds = [.. row.Rounds, round] });
            if (!await table.SwapAsync(row, [], cancel).ConfigureAwait(false)
                || await table.FindAsync(row.DrawId, cancel).ConfigureAwait(false) is not { } again || again.Version != row.Version)
                return null;

            row = again;
        }

        return row;
    }

    private static RoundView View(DrawnRound round) => new(round.Round, round.Eligible, round.Tickets, round.Winners.Count, round.Reserves.Count,
        Last(round.Winners), Last(round.Reserves));

    private static string? Last(IReadOnlyList<Placed> all) => all.Count == 0 ? null : all[^1].Number.ToString("x32", CultureInfo.InvariantCulture);

    private async Task<DrawDocument> DocumentAsync(DrawRow row, CancellationToken cancel)
        => DrawDocument.Parse(await files.ReadAsync(row.Files[FileNames.Draw], cancel).ConfigureAwait(false));

    private async Task<FollowedDeposit> FollowAsync(DrawRow row, FollowedDeposit followed, CancellationToken cancel)
    {
        var view = await deposits.FindAsync(Organiser(row), DepositId.Parse(followed.Id), cancel).ConfigureAwait(false)
            ?? throw new FaultException(Fault.EvidenceInvalid, $"deposit {followed.Id} of a draw is gone");
        return view.State == DepositState.Failed
            ? throw new FaultException(Fault.EvidenceInvalid, $"deposit {followed.Id} of a draw has failed: {view.Fault}")
            : followed with { State = view.State };
    }

    private static Tenant Organiser(DrawRow row) => new(row.Tenant, row.Organiser, row.Did, row.Sandbox == true);

    private static DrawRow With(DrawRow row, string name, StoredFile file)
        => row with { Files = new Dictionary<string, StoredFile>(row.Files) { [name] = file } };

    private DrawRow Touched(DrawRow row) => row with { UpdatedAt = clock.GetUtcNow(), Version = row.Version + 1 };

    /// <summary>The next step. A lost race is seen by whoever reads the row next.</summary>
    private async Task<DrawStep> GoAsync(DrawRow row, string step, CancellationToken cancel)
    {
        await table.SwapAsync(Touched(row with { Step = step }), [], cancel).ConfigureAwait(false);
        return new DrawStep();
    }

    /// <summary>A deadline was missed: the draw ends by itself.</summary>
    private async Task<DrawStep> EndAsync(DrawRow row, string code, CancellationToken cancel)
    {
        await table.SwapAsync(Lottery.Aborting(row, code, clock), [], cancel).ConfigureAwait(false);
        return new DrawStep();
    }

    private static DrawStep Wait(string what, DateTimeOffset until) => new() { Waiting = what, Until = until };
}
