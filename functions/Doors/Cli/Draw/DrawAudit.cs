using Notary.Evidence.Drand;

namespace Notary.Cli;

/// <summary>What an auditor brings.</summary>
/// <param name="Trust">His own trust file; null to fall back on each deposit's.</param>
/// <param name="AcceptOwnTrust">He accepts that.</param>
/// <param name="Notaries">The keys of the office's notaries; null when he has none.</param>
/// <param name="Spec">The specification that was published with the draw; null for this program's.</param>
/// <param name="Rehearsal">He means a rehearsal.</param>
/// <param name="Rpc">A node of the draw's chain; null to ask none.</param>
/// <param name="Confirmations">Blocks under which the draw must stand there.</param>
/// <param name="Drand">The drand chain that he knows.</param>
internal sealed record AuditQuestion(
    TrustRoots? Trust, bool AcceptOwnTrust, IReadOnlyList<byte[]>? Notaries, string? Spec, bool Rehearsal, Uri? Rpc, int Confirmations, DrandChain Drand)
{
    /// <summary>His own revocation lists, newer than those in the bundle, each with its name.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Der)> Lists { get; init; } = [];
}

/// <summary>Judges all that a draw's bundle claims, from its files, what the auditor brings, and the chain where he names a node.</summary>
/// <remarks>
/// 1. What the draw is: files, kind, specification. 2. What was published before: plan, list. 3. Who approved. 4. What was deposited before any
/// randomness. 5. Where the randomness comes from: reveals, chain, beacon. 6. What follows from it: every winner, the result.
/// 7. What was deposited of it. 8. What the office has certified.
/// </remarks>
internal sealed class DrawAudit(DrawFiles files, AuditQuestion question, HttpClient http, Terminal terminal)
{
    private static readonly string[] Required =
    [
        DrawFiles.Plan, DrawFiles.Draw, DrawFiles.Public, DrawFiles.Reveals, DrawFiles.Result, DrawFiles.Winners,
        DrawFiles.CommitmentEvidence, DrawFiles.ResultEvidence,
    ];

    private readonly DrawReport report = new();

    private Recomputing? recomputing;

    public bool IsRehearsal { get; private set; }

    /// <summary>A line for each round.</summary>
    public IReadOnlyList<string> Rounds => recomputing?.Rounds ?? [];

    public JsonObject Digests => recomputing?.Digests ?? [];

    public async Task<DrawReport> RunAsync(CancellationToken cancel)
    {
        // 1.
        recomputing = new Recomputing(files, report, terminal, output: null);
        if (await ReadAsync("draw", DrawFiles.Draw, b => DrawDocument.Parse(b), cancel) is not { } draw)
            return report;

        IsRehearsal = draw.Rehearsal;
        Members(draw);
        Kind(draw);
        recomputing.Draw(draw);
        await recomputing.SpecAsync(draw, question.Spec, cancel);

        // 2.
        var plan = await ReadAsync("plan", DrawFiles.Plan, b => PlanDocument.Parse(b), cancel);
        if (plan is not null)
            Plan(draw, plan);

        var list = await TryAsync("list", DrawFiles.Public, () => recomputing.ListAsync(draw, null, cancel));

        // 3.
        var result = await ReadAsync("result", DrawFiles.Result, b => DrawResult.Parse(b), cancel);
        var approvals = draw.Rehearsal ? null : await ReadAsync("approvals", DrawFiles.Approvals, b => DrawApprovals.Parse(b), cancel);
        var approving = new ApprovalRungs(report, question.Notaries);
        if (approvals is not null)
            approving.Judge(approvals, draw, plan?.ToDigest(), result?.ToDigest());

        // 4.
        using var deposits = new DepositedRungs(files, report, question, http, draw.ChainId);
        var before = await TryAsync("commitment", DrawFiles.CommitmentEvidence,
            () => deposits.JudgeAsync("commitment", DrawFiles.CommitmentEvidence, draw.Commitment(), cancel));
        if (before is not null)
            Before(draw, plan, before);

        // 5.
        var reveals = await ReadAsync("reveals", DrawFiles.Reveals, b => DrawReveals.Parse(b), cancel);
        if (reveals is not null)
        {
            recomputing.Reveals(draw, reveals);
            if (question.Rpc is null)
                recomputing.NotAsked(draw, reveals);
            else if (recomputing.HasPlannedBeacon(draw, reveals, out var beacon))
                await new ChainRungs(report, question, http).JudgeAsync(draw, reveals, result?.ToDigest(), beacon, cancel);
        }

        // 6.
        if (reveals is not null && list?.Commitment() == draw.List)
            await TryAsync("winners", DrawFiles.Winners, async () => await recomputing.DrawAsync(draw, list, reveals, cancel));
        else
            report.Unknown("winners", DrawFiles.Winners, "not-recomputed", "cannot be recomputed without the list and the reveals of the draw");

        // 7.
        var after = result is null ? null : await TryAsync("result", DrawFiles.ResultEvidence,
            () => deposits.JudgeAsync("result", DrawFiles.ResultEvidence, result.ToDigest(), cancel));

        // 8.
        var certified = false;
        if (files.Has(DrawFiles.Certificate))
            await TryAsync("certificate", DrawFiles.Certificate, async () => certified = new CertificateRung(report, question).Judge(
                await files.BytesAsync(DrawFiles.Certificate, cancel), draw, plan, reveals, result, approvals, before?.Id, after?.Id));

        if (approvals is not null)
            approving.Notaries(approvals, certified);

        return report;
    }

    private void Members(DrawDocument draw)
    {
        var names = files.Names;
        string[] required = draw.Rehearsal ? Required : [.. Required, DrawFiles.Approvals];
        foreach (var missing in required.Except(names))
            report.Fail("files", missing, "missing", "is missing");

        foreach (var name in names.Except([.. required, DrawFiles.Certificate]))
            report.Fail("files", name, "unknown-member",
                draw.Rehearsal && name == DrawFiles.Approvals ? "nobody approves a rehearsal" : "no draw has such a file");

        foreach (var twice in names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
            report.Fail("files", twice.Key, "member-twice", "is there twice");

        if (!report.Failed)
            report.Pass("files", "names", $"all {names.Count} files of a {draw.Kind} are there, and no other");
    }

    private void Kind(DrawDocument draw)
    {
        if (draw.Rehearsal == question.Rehearsal)
            report.Pass("kind", DrawFiles.Draw, draw.Rehearsal ? "a REHEARSAL (演练): it decides nothing and is no draw" : "a draw");
        else if (draw.Rehearsal)
            report.Fail("kind", DrawFiles.Draw, "rehearsal", "this is a REHEARSAL (演练), NOT A DRAW: it decides nothing; --rehearsal judges it as one");
        else
            report.Fail("kind", DrawFiles.Draw, "no-rehearsal", "this is a draw, and a rehearsal was asked for");
    }

    private void Plan(DrawDocument draw, PlanDocument plan)
    {
        var terms = plan.Terms;
        report.Judge("plan", DrawFiles.Plan,
            plan.Id == draw.Id && terms.Rehearsal == draw.Rehearsal && plan.List == draw.List
            && (terms.Beacon == BeaconKind.Drand) == (draw.Beacon is BeaconPlan.Drand)
            && terms.Rules.ToBytes().AsSpan().SequenceEqual(draw.Rules.ToBytes()),
            $"kind, rules, list and beacon are those that were published as “{terms.Title}”", "plan-differs",
            "kind, rules, list or beacon are not those of draw.json");
    }

    // Whoever deposits a description later could have chosen it by the outcome.
    private void Before(DrawDocument draw, PlanDocument? plan, BundleReport evidence)
    {
        if (Bound(draw, plan) is not (var bound, var what) || evidence.Stamps.Count == 0)
        {
            report.Unknown("commitment", "time", "time-unjudged", "there is no time-stamp that holds, or nothing says when the randomness came");
            return;
        }

        var stamped = evidence.Stamps.GroupBy(s => s.Authority).Max(authority => authority.Min(s => s.Latest));
        report.Judge("commitment", "time", stamped < bound, $"every authority had stamped it by {Text(stamped)}, before {what} at {Text(bound)}",
            "stamped-late", $"an authority stamped it only at {Text(stamped)}, and {what} came at {Text(bound)}");
    }

    private (DateTimeOffset Bound, string What)? Bound(DrawDocument draw, PlanDocument? plan)
    {
        if (draw.Beacon is BeaconPlan.Drand { Round: > 0 } d && d.ChainHash == question.Drand.Hash && question.Drand.TryTimeOf(d.Round, out var time))
            return (time, $"round {d.Round}");

        return plan is null ? null : (plan.Terms.Schedule.RevealsUntil, "the end of the reveals, as published,");
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private Task<T?> ReadAsync<T>(string rung, string file, Func<byte[], T> parse, CancellationToken cancel) where T : class
        => TryAsync(rung, file, async () => parse(await files.BytesAsync(file, cancel)));

    private async Task<T?> TryAsync<T>(string rung, string file, Func<Task<T>> judge) where T : class
    {
        T? value = null;
        await TryAsync(rung, file, async () => { value = await judge(); });
        return value;
    }

    // A file that cannot be read is the bundle's fault, not the caller's.
    private async Task TryAsync(string rung, string file, Func<Task> judge)
    {
        try
        {
            await judge();
        }
        catch (Exception e) when (e is FaultException or CliException or InvalidDataException)
        {
            report.Fail(rung, file, files.Has(file) ? "malformed" : "missing", e.Message);
        }
    }
}
