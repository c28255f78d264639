namespace Notary.Lotteries;

/// <summary>A notary, as the office's sign-in knows him.</summary>
/// <param name="Subject">Stable.</param>
/// <param name="Name">As it is shown.</param>
public sealed record DrawNotary(string Subject, string Name);

/// <summary>What a notary's authenticator is asked.</summary>
/// <param name="Step">Of what.</param>
/// <param name="Digest">Of what he approves.</param>
/// <param name="Challenge">32 bytes.</param>
/// <param name="RpId">The relying party.</param>
/// <param name="Credentials">Ids of the keys that he may answer with.</param>
public sealed record ApprovalRequest(string Step, string Digest, Digest Challenge, string RpId, IReadOnlyList<byte[]> Credentials);

/// <summary>What a notary's authenticator answered.</summary>
/// <param name="Credential">Which key.</param>
/// <param name="AuthenticatorData">As it gave it.</param>
/// <param name="ClientData">As the browser gave it.</param>
/// <param name="Signature">DER.</param>
public sealed record ApprovalAnswer(byte[] Credential, byte[] AuthenticatorData, byte[] ClientData, byte[] Signature);

/// <content>Two notaries approve each step with keys of their own. An approval is of one digest, so whatever is changed afterwards is not approved.</content>
public sealed partial class Lottery
{
    private const string Approval = "Approval";

    /// <summary>What there is to approve now; null when nothing is.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<ApprovalRequest?> ToApproveAsync(Digest id, DrawNotary notary, CancellationToken cancel)
    {
        var row = await table.FindAsync(id, cancel).ConfigureAwait(false) ?? throw NotFound();
        if (Open(row) is not var (step, digest))
            return null;

        var keys = await signers.ListAsync(notary.Subject, cancel).ConfigureAwait(false);
        return new ApprovalRequest(DrawApproval.Word(step), digest.ToString(), DrawApproval.Challenge(id, step, digest, notary.Subject), RpId,
            [.. keys.Select(k => k.CredentialId)]);
    }

    /// <summary>Takes a notary's approval; the second one of a plan publishes it, the second of anything else sends the orchestration on.</summary>
    /// <param name="id">Of which draw.</param>
    /// <param name="notary">Who.</param>
    /// <param name="digest">What he has seen: another than there is to approve now is refused.</param>
    /// <param name="answer">His authenticator's.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">NotFound; DrawState: nothing is to be approved; DrawLate; Conflict: another digest, or he has approved it;
    /// Forbidden: he has prepared it, or the answer does not hold.</exception>
    public async Task ApproveAsync(Digest id, DrawNotary notary, string digest, ApprovalAnswer answer, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await table.FindAsync(id, cancel).ConfigureAwait(false) ?? throw NotFound();
            var there = await ApprovalsAsync(id, cancel).ConfigureAwait(false);
            if (attempt > 0 && there.Any(a => a.Notary == notary.Subject && a.Signature.AsSpan().SequenceEqual(answer.Signature)))
                return;

            var approval = await JudgeAsync(row, there, notary, digest, answer, cancel).ConfigureAwait(false);
            var entity = new TableEntity(DrawKeys.Partition(id), DrawKeys.Approval(DrawApproval.Word(approval.Step), notary.Subject))
            {
                [Approval] = new DrawApprovals(id, RpId, [approval]).ToBytes(),
            };
            var complete = new DrawApprovals(id, RpId, [.. there, approval]).IsApproved(approval.Step, approval.Digest);
            TableTransactionAction[] also = [new(TableTransactionActionType.UpsertReplace, entity)];
            var next = Touch(row);
            var written = complete && approval.Step == ApprovalStep.Publish
                ? await PublishAsync(next, also, cancel).ConfigureAwait(false) : await table.SwapAsync(next, also, cancel).ConfigureAwait(false);
            if (!written)
                continue;

            if (complete && approval.Step != ApprovalStep.Publish)
                await starter.WakeAsync(id, cancel).ConfigureAwait(false);

            return;
        }

        throw Contested();
    }

    private string RpId => settings.PublicUrl.Host;

    private static (ApprovalStep Step, Digest Digest)? Open(DrawRow row) => row switch
    {
        { Plan.Rehearsal: true } => null,
        { State: DrawState.Draft, SubmittedAt: not null, Document: { } plan } => (ApprovalStep.Publish, plan.ToDigest()),
        { Step: Steps.CommitApprovals, Frozen: { } frozen } => (ApprovalStep.Commit, Digest.Parse(frozen.Commitment)),
        { Step: Steps.ResultApprovals, Result: { } result } => (ApprovalStep.Result, Digest.Parse(result)),
        _ => null,
    };

    private async Task<DrawApproval> JudgeAsync(
        DrawRow row, IReadOnlyList<DrawApproval> there, DrawNotary notary, string digest, ApprovalAnswer answer, CancellationToken cancel)
    {
        if (Open(row) is not var (step, expected))
            throw new FaultException(Fault.DrawState, "there is nothing to approve");

        if (digest != expected.ToString())
            throw new FaultException(Fault.Conflict, "what there is to approve is not what you have seen: look again");

        var until = step == ApprovalStep.Publish ? row.Plan.Schedule.ObjectionsUntil : row.Plan.Schedule.CommitsUntil;
        if (step != ApprovalStep.Result && clock.GetUtcNow() >= until)
            throw new FaultException(Fault.DrawLate, "the time for that approval is over");

        if (row.Preparers.Contains(notary.Subject))
            throw new FaultException(Fault.Forbidden, "whoever has prepared a draw does not approve it");

        if (there.Any(a => a.Step == step && a.Digest == expected && a.Notary == notary.Subject))
            throw new FaultException(Fault.Conflict, "you have approved it already: another notary is needed");

        var key = (await signers.ListAsync(notary.Subject, cancel).ConfigureAwait(false))
            .FirstOrDefault(k => k.CredentialId.AsSpan().SequenceEqual(answer.Credential))
            ?? throw new FaultException(Fault.Forbidden, "the key is none of yours");
        var at = clock.GetUtcNow();
        var approval = new DrawApproval(step, expected, notary.Subject, notary.Name, at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond)), key.Spki,
            answer.AuthenticatorData, answer.ClientData, answer.Signature);
        return approval.Holds(row.DrawId, RpId) ? approval : throw new FaultException(Fault.Forbidden, "the key's answer does not hold");
    }

    private async Task<IReadOnlyList<DrawApproval>> ApprovalsAsync(Digest id, CancellationToken cancel)
        => await ReadApprovalsAsync(table, id, cancel).ConfigureAwait(false);

    internal static async Task<IReadOnlyList<DrawApproval>> ReadApprovalsAsync(DrawTable table, Digest id, CancellationToken cancel)
        => [.. (await table.UnderAsync(id, DrawKeys.Approvals, cancel).ConfigureAwait(false))
            .SelectMany(row => DrawApprovals.Parse(row.GetBinary(Approval)).Approvals)];
}
