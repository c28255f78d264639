using Notary.Letters;
using Notary.Verification.Certificates;
using Notary.Verification.Letters;

namespace Notary.Lotteries;

/// <summary>Issues the certificates of draws: signed and archived as letters are, and judged as a stranger would before anybody gets one.</summary>
/// <param name="signer">Of letters.</param>
/// <param name="archiving">Of letters.</param>
/// <param name="verifier">Under the office's own trust roots.</param>
/// <param name="office">Who certifies.</param>
/// <param name="parties">Who else stands behind it.</param>
/// <param name="clock">Our clock.</param>
public sealed class DrawCertifier(
    LetterSigner signer, LetterArchiving archiving, LetterVerifier verifier, LetterOffice office, LetterParties parties, TimeProvider clock)
{
    /// <summary>The certificate of a draw; null where its rules are too long for one.</summary>
    /// <param name="row">With the result decided.</param>
    /// <param name="publicUrl">The platform's address.</param>
    /// <param name="draw">draw.json.</param>
    /// <param name="reveals">reveals.json.</param>
    /// <param name="result">result.json.</param>
    /// <param name="approvals">None of a rehearsal.</param>
    /// <param name="index">Where the result's deposit is in the log.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">Vault or authorities cannot be had; EvidenceInvalid: what was made is not what a verifier accepts.</exception>
    internal async Task<byte[]?> IssueAsync(
        DrawRow row, Uri publicUrl, DrawDocument draw, DrawReveals reveals, DrawResult result, IReadOnlyList<DrawApproval> approvals, long index,
        CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var facts = new CertificateFacts(
            CertificateFacts.NumberOf(now, parties.ShortName, index),
            office,
            parties,
            row.Plan.Title,
            row.Organiser,
            draw,
            result,
            row.Document!.ToDigest(),
            row.Frozen!.BeaconAt,
            [.. reveals.Commits.Select(c => new CertificateParty(c.Party.ToLowerHex(), c.Secret is not null))],
            [.. approvals.OrderBy(a => a.At).Select(a => new CertificateApproval(DrawApproval.Word(a.Step), a.Name, a.At))],
            row.CommitmentDeposit!.Id,
            row.ResultDeposit!.Id,
            new Uri(publicUrl, $"draws/{row.Id}"),
            now);
        if (facts.ToJson().Length > CertificateFacts.MaxBytes)
            return null;

        var signed = await signer.SignAsync(LetterRenderer.Render(facts), cancel).ConfigureAwait(false);
        var archived = await archiving.ArchiveCertificateAsync(signed, cancel).ConfigureAwait(false);
        return verifier.CheckCertificate(archived, out _) is { Ok: false } check ? throw new FaultException(Fault.EvidenceInvalid, check.Reason) : archived;
    }
}
