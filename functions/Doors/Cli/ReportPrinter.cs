using System.Text.Encodings.Web;

namespace Notary.Cli;

/// <summary>A report for people and for programs.</summary>
internal static class ReportPrinter
{
    /// <summary>Readable, one line; whatever could end a terminal's line is still escaped.</summary>
    internal static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Text that came from outside, without what could move a terminal's cursor or turn its words round.</summary>
    public static string Printable(string text)
        => string.Concat(text.EnumerateRunes().Select(r => Rune.GetUnicodeCategory(r)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned ? "?" : r.ToString()));

    public static async Task TextAsync(BundleReport report, TextWriter output)
    {
        foreach (var v in report.Verdicts)
        {
            var code = v.Mark == Mark.Pass ? "" : $" [{v.Code}]";
            await output.WriteLineAsync(
                Printable($"{v.Mark.ToString().ToUpperInvariant(),-7} {v.Rung.ToString().ToLowerInvariant(),-10} {v.Subject}: {v.Reason}{code}"));
        }

        await output.WriteLineAsync(report.Outcome switch
        {
            Outcome.Verified when report.OwnTrust => "VERIFIED, but only by the bundle's own trust.json" + (report.IsTest ? ", and a test deposit" : ""),
            Outcome.Verified when report.IsTest => "VERIFIED, but a test deposit: it proves nothing about anything real",
            Outcome.Verified => "VERIFIED",
            Outcome.Failed => "FAILED",
            _ => "NOT JUDGED IN FULL",
        });
    }

    public static Task JsonAsync(BundleReport report, TextWriter output) => output.WriteLineAsync(new JsonObject
    {
        ["outcome"] = report.Outcome.ToString().ToLowerInvariant(),
        ["id"] = report.Id?.ToString(),
        ["manifestDigest"] = report.ManifestDigest?.ToString(),
        ["trust"] = report.OwnTrust ? "bundle" : "given",
        ["rungs"] = new JsonArray([.. report.Verdicts.Select(v => (JsonNode)new JsonObject
        {
            ["rung"] = v.Rung.ToString().ToLowerInvariant(),
            ["subject"] = v.Subject,
            ["mark"] = v.Mark.ToString().ToLowerInvariant(),
            ["code"] = v.Code,
            ["reason"] = v.Reason,
        })]),
    }.ToJsonString(Readable));
}
