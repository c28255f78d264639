namespace Notary.Cli;

/// <summary><c>notary audit verify</c>: whether the trail of what the staff has seen and done is whole. Reads only.</summary>
internal static class AuditCommand
{
    /// <summary>Bytes of an exported line: an entry fits into a table's column.</summary>
    private const int MaxLineBytes = 64 * 1024;

    public static Command Build(Terminal terminal)
    {
        var trust = new Option<string?>("--trust") { Description = "The platform's trust file; needed unless an export is judged." };
        var (connection, account, events) = FsckCommand.StorageOptions();
        var export = new Option<string?>("--export") { Description = "Instead of the storage: a file that the trail's page gave (NDJSON)." };
        var heads = new Option<string[]>("--head") { Description = "A head kept from before, NUMBER:SHA-256; may be given several times." };
        var verify = new Command("verify", "Tells whether entries were changed, removed, cut off or put in another order.")
            { trust, connection, account, events, export, heads };
        verify.SetAction(async (p, cancel) =>
        {
            var findings = new Findings();
            var kept = (p.GetValue(heads) ?? []).Select(Head).ToList();
            TrailLine? newest;
            if (p.GetValue(export) is { } file)
            {
                newest = await ExportAsync(file, kept, findings, cancel);
            }
            else
            {
                var roots = await VerifyCommand.ReadTrustAsync(p.GetValue(trust) ?? throw new CliException("give --trust, or --export"), cancel);
                var storage = FsckCommand.Open(p.GetValue(connection), p.GetValue(account), p.GetValue(events));
                newest = await new TrailAudit(storage, roots, findings).RunAsync(kept, TimeProvider.System.GetUtcNow(), cancel);
            }

            await terminal.Output.WriteLineAsync(Summary(findings, newest).ToJsonString(ReportPrinter.Readable));
            return findings.Total == 0 ? Exit.Passed : Exit.Failed;
        });
        return new Command("audit", "The trail of what the office's staff has seen and done.") { verify };
    }

    private static async Task<TrailLine?> ExportAsync(string path, IReadOnlyList<TrailHead> heads, Findings findings, CancellationToken cancel)
    {
        await using var file = Terminal.Open(path);
        using var reader = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var chain = new TrailChain(heads, findings);
        for (var number = 1; await reader.ReadLineAsync(cancel) is { } text; number++)
        {
            if (text.Length > MaxLineBytes)
                throw new CliException($"line {number} of {path} is too long for an entry");

            if (TrailLine.Read($"line {number}", Encoding.UTF8.GetBytes(text), findings) is { } line)
                chain.Add(line, newestFirst: false);
        }

        chain.End(fromTheFirst: false, now: null);
        return chain.Newest;
    }

    private static TrailHead Head(string given)
        => given.Split(':') is [var number, var hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && Digest.TryParseAnyCase(hash, out var digest)
            ? new TrailHead($"--head {given}", n, digest.ToString(), null) : throw new CliException("--head has the form NUMBER:SHA-256");

    /// <summary>With the newest entry: the head that the auditor keeps for the next time.</summary>
    private static JsonObject Summary(Findings findings, TrailLine? newest)
    {
        var json = FsckCommand.Summary(findings, []);
        json["head"] = newest is null ? null : $"{newest.Number}:{newest.Hash}";
        return json;
    }
}
