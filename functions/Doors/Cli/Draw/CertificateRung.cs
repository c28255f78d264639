using Notary.Verification.Certificates;
using Notary.Verification.Letters;

namespace Notary.Cli;

/// <summary>The office's certificate is signed, unchanged, and says what the other files prove.</summary>
internal sealed class CertificateRung(DrawReport report, AuditQuestion question)
{
    private const string Rung = "certificate";

    /// <param name="commitment">The deposit of draw.json.</param>
    /// <param name="outcome">The deposit of result.json.</param>
    /// <returns>Whether the office has signed that these notaries have approved this draw.</returns>
    public bool Judge(
        byte[] pdf, DrawDocument draw, PlanDocument? plan, DrawReveals? reveals, DrawResult? result, DrawApprovals? approvals,
        DepositId? commitment, DepositId? outcome)
    {
        const string Subject = DrawFiles.Certificate;
        if (question.Trust is not { } trust)
        {
            report.Unknown(Rung, Subject, "trust-missing", "whose signature it has cannot be judged without --trust");
            return false;
        }

        var check = new LetterVerifier(trust.LetterRoots, trust.Authorities, trust.Issuer)
            .CheckCertificate(pdf, out var facts, [.. question.Lists.Select(l => l.Der)]);
        if (facts is null)
        {
            report.Fail(Rung, Subject, check.Code, check.Reason);
            return false;
        }

        report.Pass(Rung, Subject, $"{facts.Number}, signed by {check.Signer}");
        var same = reveals is not null && result is not null && plan is not null && facts.IsOf(draw, result, reveals) && facts.Plan == plan.ToDigest()
            && facts.Title == plan.Terms.Title && facts.CommitmentDeposit == commitment?.ToString() && facts.ResultDeposit == outcome?.ToString()
            && (draw.Beacon is not BeaconPlan.Drand d || d.ChainHash != question.Drand.Hash
                || (question.Drand.TryTimeOf(d.Round, out var at) && facts.BeaconAt == at));
        report.Judge(Rung, "draw", same, "title, plan, draw, parties, result and deposits are those of the other files", "certificate-differs",
            "title, plan, draw, parties, result or deposits are not those of the other files");
        var said = Words(approvals?.Approvals.Select(a => new CertificateApproval(DrawApproval.Word(a.Step), a.Name, a.At)) ?? []);
        var named = said.SequenceEqual(Words(facts.Approvals));
        report.Judge(Rung, "approvals", named,
            draw.Rehearsal ? "it names no notary, as of a rehearsal" : "it names the notaries who have approved, and when", "certificate-differs",
            "the approvals that it names are not those of approvals.json");
        return same && named;
    }

    private static IEnumerable<string> Words(IEnumerable<CertificateApproval> all)
        => all.Select(a => $"{a.Step} {a.At.UtcTicks} {a.Notary}").Order(StringComparer.Ordinal);
}
