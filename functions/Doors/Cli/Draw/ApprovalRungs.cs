using System.Buffers.Text;

namespace Notary.Cli;

/// <summary>Two different notaries have approved each step.</summary>
/// <param name="report">Takes the judgements.</param>
/// <param name="notaries">Keys of the office's notaries; null when nobody brought any.</param>
internal sealed class ApprovalRungs(DrawReport report, IReadOnlyList<byte[]>? notaries)
{
    private const string Rung = "approvals";

    /// <summary>Keys of an office; more is no list of notaries.</summary>
    private const int MaxKeys = 10_000;

    /// <summary>Reads one key a line, base64url of its SubjectPublicKeyInfo, perhaps with words behind it.</summary>
    /// <exception cref="CliException">A line is none.</exception>
    public static async Task<IReadOnlyList<byte[]>> ReadKeysAsync(string path, CancellationToken cancel)
    {
        var keys = new List<byte[]>();
        using var lines = new StreamReader(Terminal.Open(path));
        for (var number = 1; await lines.ReadLineAsync(cancel) is { } line; number++)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;

            var key = new byte[DrawApproval.KeyBytes];
            var word = line.Split(' ', 2)[0];
            if (keys.Count == MaxKeys || Base64Url.GetMaxDecodedLength(word.Length) > key.Length + 2 || !Base64Url.IsValid(word, out var length)
                || length != key.Length)
            {
                throw new CliException($"line {number} of {path} is not a P-256 key in base64url");
            }

            keys.Add(Base64Url.DecodeFromChars(word));
        }

        return keys;
    }

    /// <param name="plan">SHA-256 of plan.json; null when it cannot be read.</param>
    /// <param name="result">Likewise of result.json.</param>
    public void Judge(DrawApprovals all, DrawDocument draw, Digest? plan, Digest? result)
    {
        if (all.DrawId != draw.Id)
            report.Fail(Rung, DrawFiles.Approvals, "draw-differs", $"is of another draw, {all.DrawId}");

        // One that does not hold says that somebody tampered, also where enough others do.
        Step(all, ApprovalStep.Publish, plan, DrawFiles.Plan);
        Step(all, ApprovalStep.Commit, draw.Commitment(), DrawFiles.Draw);
        Step(all, ApprovalStep.Result, result, DrawFiles.Result);
    }

    /// <summary>Whose keys they are.</summary>
    /// <param name="all">The approvals.</param>
    /// <param name="certified">Whether the office has signed that these notaries have approved.</param>
    public void Notaries(DrawApprovals all, bool certified)
    {
        if (notaries is null && certified)
            report.Pass(Rung, "notaries", "the office's certificate names them; --notaries would compare their keys");
        else if (notaries is null)
            report.Unknown(Rung, "notaries", "not-given",
                "that the keys are those of notaries of the office was taken as given; --notaries names a list of theirs");
        else if (all.Approvals.FirstOrDefault(a => !notaries.Any(n => n.AsSpan().SequenceEqual(a.Key))) is { } stranger)
            report.Fail(Rung, "notaries", "notary-unknown", $"the key of {Who(stranger)} is not among those that were given");
        else
            report.Pass(Rung, "notaries", "all keys are among those that were given");
    }

    private void Step(DrawApprovals all, ApprovalStep step, Digest? digest, string file)
    {
        var subject = $"{DrawApproval.Word(step)} {file}";
        if (digest is not { } right)
        {
            report.Fail(Rung, subject, "missing", $"there is no {file} that could be approved");
            return;
        }

        var holding = all.Of(step, right);
        foreach (var wrong in all.Approvals.Where(a => a.Step == step).Except(holding))
            report.Fail(Rung, subject, "approval-invalid", $"that of {Who(wrong)} does not hold, or is of something else");

        report.Judge(Rung, subject, all.IsApproved(step, right), $"approved by {string.Join(" and ", holding.Select(Who))}, each with a key of his own",
            "approval-missing", "was not approved by two different notaries with two different keys");
    }

    private static string Who(DrawApproval a) => $"{a.Name} ({a.Notary})";
}
