namespace Notary.Cli;

/// <summary>The ladder of a draw.</summary>
internal sealed class DrawReport
{
    private readonly List<(string Rung, string Subject, Mark Mark, string Code, string Reason)> rungs = [];

    public bool Failed => rungs.Any(r => r.Mark == Mark.Fail);

    /// <summary>Nothing failed, but something could not be judged that an audit judges.</summary>
    public bool Unjudged => !Failed && rungs.Any(r => r.Mark == Mark.Unknown && r.Code != BundleCodes.Offline);

    public void Judge(string rung, string subject, bool holds, string passed, string code, string failed)
    {
        if (holds)
            Pass(rung, subject, passed);
        else
            Fail(rung, subject, code, failed);
    }

    public void Pass(string rung, string subject, string reason) => rungs.Add((rung, subject, Mark.Pass, "ok", reason));

    public void Warn(string rung, string subject, string code, string reason) => rungs.Add((rung, subject, Mark.Warn, code, reason));

    public void Fail(string rung, string subject, string code, string reason) => rungs.Add((rung, subject, Mark.Fail, code, reason));

    public void Unknown(string rung, string subject, string code, string reason) => rungs.Add((rung, subject, Mark.Unknown, code, reason));

    /// <param name="output">Where it goes.</param>
    /// <param name="json">As one object, with <paramref name="more"/>.</param>
    /// <param name="word">What is said when nothing failed.</param>
    /// <param name="lines">Said before it.</param>
    /// <param name="more">For programs.</param>
    /// <param name="outcome">The word for programs; null for the same in small letters.</param>
    public async Task PrintAsync(
        TextWriter output, bool json, string word, IEnumerable<string> lines, JsonObject more, string? outcome = null)
    {
        if (json)
        {
            more["outcome"] = Failed ? "failed" : outcome ?? word.ToLowerInvariant();
            more["rungs"] = new JsonArray([.. rungs.Select(r => (JsonNode)new JsonObject
            {
                ["rung"] = r.Rung,
                ["subject"] = r.Subject,
                ["mark"] = r.Mark.ToString().ToLowerInvariant(),
                ["code"] = r.Code,
                ["reason"] = r.Reason,
            })]);
            await output.WriteLineAsync(more.ToJsonString(ReportPrinter.Readable));
            return;
        }

        foreach (var r in rungs)
        {
            var code = r.Mark == Mark.Pass ? "" : $" [{r.Code}]";
            await output.WriteLineAsync(ReportPrinter.Printable($"{r.Mark.ToString().ToUpperInvariant(),-7} {r.Rung,-10} {r.Subject}: {r.Reason}{code}"));
        }

        foreach (var line in lines)
            await output.WriteLineAsync(ReportPrinter.Printable(line));

        await output.WriteLineAsync(Failed ? "FAILED" : word);
    }
}
