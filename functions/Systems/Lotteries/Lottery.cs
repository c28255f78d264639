namespace Notary.Lotteries;

/// <summary>
/// A draw's life as far as people decide it.
///  1. The organiser writes a draft: terms and list, changed freely.
///  2. He submits it; a rehearsal is published by that, a draw when two notaries have approved plan and list.
///  3. Whoever reads it may object; the organiser answers.
///  4. Notaries approve what goes on chain, and the result. All else is the orchestration's.
/// </summary>
/// <remarks>Every change is one transaction under the version that was read; a lost race reads and decides again.</remarks>
public sealed partial class Lottery : IDisposable
{
    private readonly DrawTable table;
    private readonly DrawFiles files;
    private readonly ListCache lists;
    private readonly DrawSecrets secrets;
    private readonly Address publisher;
    private readonly LotterySettings settings;
    private readonly DrawStarter starter;
    private readonly Signers signers;
    private readonly ChainLooks looks;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim imports = new(LotteryLimits.ImportsAtOnce);

    /// <param name="storage">The account with table and container <c>draws</c>.</param>
    /// <param name="vault">Wraps the secrets of lists.</param>
    /// <param name="publisher">The account that will publish on chain: a draw's id begins with it.</param>
    /// <param name="registry">Where it will.</param>
    /// <param name="settings">The deployment's.</param>
    /// <param name="starter">Starts and wakes orchestrations.</param>
    /// <param name="signers">Keys of notaries.</param>
    /// <param name="clock">Our clock.</param>
    public Lottery(
        StorageAccount storage, VaultKeyEncryption vault, Address publisher, DrawRegistry registry, LotterySettings settings, DrawStarter starter,
        Signers signers, TimeProvider clock)
    {
        (table, files, secrets) = (new DrawTable(storage), new DrawFiles(storage), new DrawSecrets(vault));
        lists = new ListCache(files);
        looks = new ChainLooks(registry, settings.ChainId, new DrawMargin(registry), clock);
        (this.publisher, this.settings, this.starter, this.signers, this.clock) = (publisher, settings, starter, signers, clock);
    }

    /// <summary>Makes a draft.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="actor">Who writes it; he will not approve it.</param>
    /// <param name="terms">Checked here.</param>
    /// <param name="idempotencyKey">The same key and terms give the same draw.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">Malformed; IdempotencyConflict.</exception>
    public async Task<DrawView> CreateAsync(Tenant tenant, string actor, PlanTerms terms, string? idempotencyKey, CancellationToken cancel)
    {
        Check(tenant, terms);
        var (now, bytes) = (clock.GetUtcNow(), terms.ToBytes());
        var row = new DrawRow
        {
            Id = DrawPlan.NewId(publisher).ToString(),
            Tenant = tenant.Id,
            Organiser = tenant.Name,
            Did = tenant.Did,
            Sandbox = tenant.Sandbox ? true : null,
            Terms = bytes,
            CreatedAt = now,
            UpdatedAt = now,
            Preparers = [actor],
        };
        var fingerprint = Digest.Of(bytes).ToString();
        if (await table.InsertAsync(row, idempotencyKey, fingerprint, cancel).ConfigureAwait(false) is not { } first)
            return await ViewAsync(tenant, row.DrawId, cancel).ConfigureAwait(false);

        if (first.Fingerprint != fingerprint)
            throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another draw");

        // An earlier try was cut off between its key and its row; or the draft was there and is deleted, then it comes anew under its id.
        if (await table.FindAsync(first.Id, cancel).ConfigureAwait(false) is null)
            await table.ReviveAsync(row with { Id = first.Id.ToString(), CreatedAt = first.CreatedAt }, cancel).ConfigureAwait(false);

        return await ViewAsync(tenant, first.Id, cancel).ConfigureAwait(false);
    }

    /// <summary>A sandbox tenant holds no draws that decide anything.</summary>
    private static void Check(Tenant tenant, PlanTerms terms)
    {
        terms.Check();
        if (tenant.Sandbox && !terms.Rehearsal)
            throw new FaultException(Fault.SandboxTenant, "a sandbox tenant holds rehearsals alone");
    }

    /// <summary>Replaces a draft's terms. Takes back what was submitted, and the list where its groups are others.</summary>
    /// <exception cref="FaultException">NotFound; DrawState: it is no draft; Malformed.</exception>
    public async Task<DrawView> ChangeAsync(Tenant tenant, Digest id, string actor, PlanTerms terms, CancellationToken cancel)
    {
        Check(tenant, terms);
        StoredList? dropped = null;
        await EditAsync(tenant, id, actor, row =>
        {
            var keeps = row.List is null || row.Plan.Rules.Groups.SequenceEqual(terms.Rules.Groups);
            dropped = keeps ? null : row.List;
            return row with { Terms = terms.ToBytes(), List = keeps ? row.List : null };
        }, cancel).ConfigureAwait(false);
        if (dropped is not null)
            await files.DeleteAsync(dropped.File, cancel).ConfigureAwait(false);

        return await ViewAsync(tenant, id, cancel).ConfigureAwait(false);
    }

    /// <summary>Deletes a draft and its list.</summary>
    /// <exception cref="FaultException">NotFound; DrawState.</exception>
    public async Task DeleteAsync(Tenant tenant, Digest id, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            if (await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) is not { } row)
            {
                // A write whose answer was lost has deleted it.
                if (attempt > 0)
                    return;

                throw NotFound();
            }

            DemandDraft(row);
            if (!await table.DeleteAsync(row, cancel).ConfigureAwait(false))
                continue;

            await files.SweepAsync(row with { List = null }, cancel).ConfigureAwait(false);
            return;
        }

        throw Contested();
    }

    /// <summary>Fixes the draft for the notaries; publishes a rehearsal. Submitting twice is submitting once.</summary>
    /// <exception cref="FaultException">NotFound; DrawState: no draft, or without a list; DrawLate: its times have passed or are too close.</exception>
    public async Task<DrawView> SubmitAsync(Tenant tenant, Digest id, string actor, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
            if (row is { State: DrawState.Draft, SubmittedAt: not null } or { State: not DrawState.Draft, SubmittedAt: not null, Plan.Rehearsal: true })
            {
                // Pointed to also by whoever comes again because an answer was lost.
                if (row.State == DrawState.Draft)
                    await table.PointSubmittedAsync(id, cancel).ConfigureAwait(false);

                return await FoundAsync(row, cancel).ConfigureAwait(false);
            }

            DemandDraft(row);
            if (row.List is null)
                throw new FaultException(Fault.DrawState, "the draw has no list yet");

            var now = clock.GetUtcNow();
            DemandTimes(row.Plan.Schedule, now);
            var next = Touch(row with { SubmittedAt = now, Preparers = Prepared(row, actor) });
            if (!(row.Plan.Rehearsal
                ? await PublishAsync(next, [], cancel).ConfigureAwait(false) : await table.SwapAsync(next, [], cancel).ConfigureAwait(false)))
                continue;

            if (!row.Plan.Rehearsal)
                await table.PointSubmittedAsync(id, cancel).ConfigureAwait(false);

            return await ViewAsync(tenant, id, cancel).ConfigureAwait(false);
        }

        throw Contested();
    }

    /// <summary>Ends a draw without a result, for ever and for everybody to see.</summary>
    /// <exception cref="FaultException">NotFound; DrawState: a draft, aborted already for another reason, or its result is decided; Malformed.</exception>
    public async Task<DrawView> AbortAsync(Tenant tenant, Digest id, string reason, CancellationToken cancel)
    {
        await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        await AbortAsync(id, reason, cancel).ConfigureAwait(false);
        return await ViewAsync(tenant, id, cancel).ConfigureAwait(false);
    }

    /// <summary>The same by the office.</summary>
    /// <exception cref="FaultException">As the other.</exception>
    public async Task AbortAsync(Digest id, string reason, CancellationToken cancel)
    {
        Texts.Demand(reason, 1, LotteryLimits.MaxReason, "a reason");
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await table.FindAsync(id, cancel).ConfigureAwait(false) ?? throw NotFound();
            if (row.Aborted?.Reason == reason)
                return;

            if (row.State == DrawState.Draft || Steps.IsDecided(row.Step))
                throw new FaultException(Fault.DrawState, "a draft is deleted, and a draw whose result is decided is not aborted");

            if (await table.SwapAsync(Aborting(row, reason, clock), [], cancel).ConfigureAwait(false))
            {
                await starter.WakeAsync(id, cancel).ConfigureAwait(false);
                return;
            }
        }

        throw Contested();
    }

    public void Dispose()
    {
        imports.Dispose();
        lists.Dispose();
    }

    /// <summary>The row of a draw that ends here. What is left to do about it on chain follows from the step it was at.</summary>
    internal static DrawRow Aborting(DrawRow row, string reason, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var onChain = Steps.MayBeOnChain(row.Step);
        return row with
        {
            State = DrawState.Aborted,
            Step = Steps.Abort,
            Aborted = new Abortion(now, reason, row.State, onChain ? null : false),
            UpdatedAt = now,
            Version = row.Version + 1,
        };
    }

    private async Task EditAsync(Tenant tenant, Digest id, string actor, Func<DrawRow, DrawRow> change, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
            DemandDraft(row);
            var next = Touch(change(row) with { SubmittedAt = null, Preparers = Prepared(row, actor) });
            var approvals = row.SubmittedAt is null ? [] : await table.UnderAsync(id, DrawKeys.Approvals, cancel).ConfigureAwait(false);
            if (await table.SwapAsync(next, approvals.Select(a => new TableTransactionAction(TableTransactionActionType.Delete, a, a.ETag)), cancel)
                .ConfigureAwait(false))
                return;
        }

        throw Contested();
    }

    /// <summary>Draft → published, with what decides that. From here on an orchestration must be at work.</summary>
    private async Task<bool> PublishAsync(DrawRow row, IEnumerable<TableTransactionAction> also, CancellationToken cancel)
    {
        var next = row with { State = DrawState.Published, Step = Steps.Freeze, PublishedAt = clock.GetUtcNow() };
        next = next with { Files = new Dictionary<string, StoredFile> { [FileNames.Plan] = await files.WriteAsync(row.DrawId, next.Document!.ToBytes(), cancel)
            .ConfigureAwait(false), [FileNames.List] = row.List!.File } };
        await table.ActivateAsync(row.DrawId, cancel).ConfigureAwait(false);
        if (!await table.SwapAsync(next, also, cancel).ConfigureAwait(false))
            return false;

        await table.ListPublishedAsync(next, cancel).ConfigureAwait(false);
        await starter.WakeAsync(row.DrawId, cancel).ConfigureAwait(false);
        return true;
    }

    private void DemandTimes(DrawSchedule schedule, DateTimeOffset now)
    {
        if (schedule.ObjectionsUntil <= now)
            throw new FaultException(Fault.DrawLate, "the time for objections has passed already: change the schedule");

        if (schedule.CommitsUntil - schedule.ObjectionsUntil < settings.LeastPhase || schedule.RevealsUntil - schedule.CommitsUntil < settings.LeastPhase)
            throw new FaultException(Fault.DrawLate, $"between two of the schedule's times there are at least {settings.LeastPhase.TotalSeconds:0} seconds");

        if (schedule.RevealsUntil - now > LotteryLimits.MaxAhead)
            throw new FaultException(Fault.DrawLate, $"a draw ends within {LotteryLimits.MaxAhead.TotalDays:0} days");
    }

    private DrawRow Touch(DrawRow row) => row with { UpdatedAt = clock.GetUtcNow(), Version = row.Version + 1 };

    private static IReadOnlyList<string> Prepared(DrawRow row, string actor)
        => row.Preparers.Contains(actor) ? row.Preparers
            : row.Preparers.Count < LotteryLimits.MaxPreparers ? [.. row.Preparers, actor]
            : throw new FaultException(Fault.Conflict, $"at most {LotteryLimits.MaxPreparers} callers prepare one draw");

    private async Task<DrawRow> DemandAsync(Tenant tenant, Digest id, CancellationToken cancel)
        => await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) ?? throw NotFound();

    private static void DemandDraft(DrawRow row)
    {
        if (row.State != DrawState.Draft)
            throw new FaultException(Fault.DrawState, "the draw is no draft any more");
    }

    private static FaultException NotFound() => new(Fault.NotFound, "there is no such draw");

    private static FaultException Contested() => new(Fault.StorageConflict, "others were faster; try again");
}
