namespace Notary.Cli;

/// <summary>What was deposited about a draw, judged by the verification room as any deposit.</summary>
internal sealed class DepositedRungs : IDisposable
{
    private readonly DrawFiles files;
    private readonly DrawReport report;
    private readonly BundleVerifier verifier;
    private readonly BundleQuestion question;

    /// <param name="files">Of the draw.</param>
    /// <param name="report">Takes the judgements.</param>
    /// <param name="question">What the auditor brings.</param>
    /// <param name="http">Asks his node.</param>
    /// <param name="chainId">The draw's chain: his node is asked for anchors where they are on that chain.</param>
    public DepositedRungs(DrawFiles files, DrawReport report, AuditQuestion question, HttpClient http, long chainId)
    {
        (this.files, this.report) = (files, report);
        verifier = new BundleVerifier(question.Trust);
        var rpc = question.Trust is { } trust && trust.ChainId != chainId ? null : question.Rpc;
        this.question = new BundleQuestion(null, rpc, http, question.Confirmations, question.AcceptOwnTrust) { Lists = question.Lists };
    }

    /// <param name="rung">Of the draw's ladder.</param>
    /// <param name="zip">The deposit's evidence.</param>
    /// <param name="digest">Of what must have been deposited.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<BundleReport> JudgeAsync(string rung, string zip, Digest digest, CancellationToken cancel)
    {
        BundleReport found;
        await using (var evidence = await files.EvidenceAsync(zip, cancel))
        {
            found = await verifier.VerifyAsync(evidence, question, cancel);
        }

        foreach (var v in found.Verdicts.Where(v => v.Mark != Mark.Pass || v.Code == BundleCodes.OwnTrust))
        {
            var subject = $"{zip}: {v.Rung.ToString().ToLowerInvariant()} {v.Subject}";
            if (v.Mark == Mark.Fail)
                report.Fail(rung, subject, v.Code, v.Reason);
            else if (v.Mark == Mark.Warn)
                report.Warn(rung, subject, v.Code, v.Reason);
            else
                report.Unknown(rung, subject, v.Code, v.Reason);
        }

        if (found.Outcome != Outcome.Failed)
            report.Pass(rung, zip, $"deposit {found.Id}: {found.Verdicts.Count(v => v.Mark == Mark.Pass)} judgements passed");

        var items = found.Manifest?.Items ?? [];
        report.Judge(rung, zip, items.Any(i => i.Sha256 == digest), $"what was deposited has the digest {digest}", "deposit-differs",
            $"nothing with the digest {digest} was deposited");
        foreach (var item in items.Where(i => i.Sha256 != digest && files.Names.Contains(i.Name)))
        {
            await using var file = files.Read(item.Name);
            var here = new Digest(await SHA256.HashDataAsync(file, cancel));
            report.Judge(rung, $"{zip}: {item.Name}", item.Sha256 == here, "was deposited with it", "deposit-differs",
                "is not what was deposited under this name");
        }

        return found;
    }

    public void Dispose() => verifier.Dispose();
}
