using Notary.Evidence.Drand;

namespace Notary.Cli;

/// <summary><c>notary draw verify</c>: the whole audit of a draw's bundle.</summary>
internal static class DrawVerifyCommand
{
    /// <summary>How long a node may take for one question.</summary>
    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of what a drand node says of its chain: some 700.</summary>
    private const int MaxInfo = 16 * 1024;

    public static Command Build(Terminal terminal)
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "The draw's bundle.zip, or a folder with its files." };
        var trust = new Option<string?>("--trust") { Description = "Your own copy of the platform's trust file (GET /v1/trust), kept from before." };
        var trustBundle = new Option<bool>("--trust-bundle") { Description = "Accept that the deposits' own trust.json decides." };
        var notaries = new Option<string?>("--notaries")
        { Description = "Keys of the office's notaries, as it gave them to you: one a line, base64url of SubjectPublicKeyInfo." };
        var spec = new Option<string?>("--spec") { Description = "docs/draw-format.md as it was published with the draw; this program's own when absent." };
        var rehearsal = new Option<bool>("--rehearsal") { Description = "Judge a rehearsal. Without this, one never passes." };
        var rpc = ServerOptions.Address("--rpc", "A node of the draw's chain, to ask for registration, reveals, result and beacon.");
        var confirmations = ServerOptions.Number("--confirmations", "Blocks under which the draw must stand there.", least: 1, absent: 1);
        var drand = new Option<string?>("--drand") { Description = "What a node of the drand chain says under /info; quicknet's when absent." };
        var crl = VerifyCommand.RevocationLists();
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var command = new Command("verify", "Audits a draw from its bundle: everything it claims, rung by rung.")
            { bundle, trust, trustBundle, notaries, spec, rehearsal, rpc, confirmations, drand, crl, json };
        command.SetAction(async (p, cancel) =>
        {
            var question = new AuditQuestion(
                p.GetValue(trust) is { } roots ? await VerifyCommand.ReadTrustAsync(roots, cancel) : null, p.GetValue(trustBundle),
                p.GetValue(notaries) is { } keys ? await ApprovalRungs.ReadKeysAsync(keys, cancel) : null,
                p.GetValue(spec), p.GetValue(rehearsal), p.GetValue(rpc), p.GetValue(confirmations),
                await DrandAsync(p.GetValue(drand), cancel))
            { Lists = await VerifyCommand.ReadListsAsync(p.GetValue(crl), cancel) };
            using var files = DrawFiles.Open(p.GetValue(bundle)!);
            return await RunAsync(files, question, terminal, p.GetValue(json), cancel);
        });
        return command;
    }

    /// <summary>The drand chain that is described in a file; quicknet without one.</summary>
    public static async Task<DrandChain> DrandAsync(string? path, CancellationToken cancel)
        => path is null ? DrandChain.Quicknet
            : DrandChain.ParseInfo((await VerifyCommand.ReadAsync(path, MaxInfo, "description of a drand chain", cancel)).Span);

    /// <summary>Audits and prints.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(DrawFiles files, AuditQuestion question, Terminal terminal, bool json, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = RpcTimeout };
        var audit = new DrawAudit(files, question, http, terminal);
        var report = await audit.RunAsync(cancel);
        var (word, outcome) = (report.Unjudged, audit.IsRehearsal) switch
        {
            (true, false) => ("NOT JUDGED IN FULL", "unjudged"),
            (true, true) => ("NOT JUDGED IN FULL, and a REHEARSAL: NO DRAW", "unjudged"),
            (false, true) => ("VERIFIED AS A REHEARSAL: NO DRAW", "rehearsed"),
            _ => ("VERIFIED", "verified"),
        };
        audit.Digests["kind"] = audit.IsRehearsal ? "rehearsal" : "draw";
        await report.PrintAsync(terminal.Output, json, word, audit.Rounds, audit.Digests, outcome);
        if (question.Trust is null)
            await terminal.Error.WriteLineAsync("notary: no --trust file was given: the deposits' own trust.json was used, which its maker chose");

        return (int)(report.Failed ? Outcome.Failed : report.Unjudged ? Outcome.Unjudged : Outcome.Verified);
    }
}
