using Notary.Evidence.Forensics;
using Notary.Verification.Forensics;
using Notary.Verification.Letters;
using Notary.Verification.Recordings;

namespace Notary.Cli;

/// <summary><c>notary forensics verify PACKAGE</c>: the ladder of a recorded desktop, offline.</summary>
internal static class ForensicsCommand
{
    /// <summary>Seconds: sessions last some hours, and a bound beyond a day bounds none.</summary>
    private const int MaxExposedBound = 86_400;

    public static Command Build(Terminal terminal) => new("forensics", "Judges recordings of desktops (docs/forensics-format.md).")
    {
        Verify(terminal), Letter(terminal),
    };

    private static Command Verify(Terminal terminal)
    {
        var package = new Argument<string>("PACKAGE") { Description = "A recording: its folder, or a zip of it." };
        var trust = new Option<string?>("--trust") { Description = "Your own copy of the platform's trust file (GET /v1/trust), kept from before." };
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var most = new Option<double?>("--most-exposed") { Description = "Seconds that any of it may have stood before its head was in the log." };
        var command = new Command("verify", "Judges a recording rung by rung, every segment and every frame of it.") { package, trust, most, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var pinned = parsed.GetValue(trust) is { } file ? await VerifyCommand.ReadTrustAsync(file, cancel) : null;
            using var recording = Open(parsed.GetValue(package)!);
            using var verifier = new ForensicsVerifier(pinned, MostExposed(parsed.GetValue(most)));
            var report = verifier.Verify(recording, new Told(new Progress(terminal.Error, "forensics")), cancel);
            await (parsed.GetValue(json) ? JsonAsync(report, pinned is not null, terminal.Output) : TextAsync(report, terminal.Output));
            if (pinned is null)
                await terminal.Error.WriteLineAsync("notary: no --trust file was given: the log's signatures and the time-stamps were not judged");

            return (int)report.Outcome;
        });
        return command;
    }

    private static Command Letter(Terminal terminal)
    {
        var package = new Argument<string>("PACKAGE") { Description = "A recording: its folder, or the zip that was deposited." };
        var letter = new Argument<string>("LETTER") { Description = "Its remote forensics letter, a PDF." };
        var trust = new Option<string>("--trust")
        {
            Description = "Your own copy of the platform's trust file (GET /v1/trust), kept from before.", Required = true,
        };
        var command = new Command("letter", "Judges a remote forensics letter: its signature, its pages, and every statement that it makes of the recording.")
        { package, letter, trust };
        command.SetAction(async (parsed, cancel) =>
        {
            var pinned = await VerifyCommand.ReadTrustAsync(parsed.GetValue(trust)!, cancel);
            using var bytes = new MemoryStream();
            await using (var file = Terminal.Open(parsed.GetValue(letter)!))
                await file.CopyToAsync(bytes, cancel);

            var check = new LetterVerifier(pinned.LetterRoots, pinned.Authorities, pinned.Issuer).CheckRecording(bytes.ToArray(), out var facts);
            if (facts is null)
            {
                await terminal.Output.WriteLineAsync(ReportPrinter.Printable($"FAIL    letter      {check.Reason} [{check.Code}]"));
                return (int)Outcome.Failed;
            }

            using var recording = Open(parsed.GetValue(package)!);
            using var verifier = new ForensicsVerifier(pinned);
            var report = verifier.Verify(recording, new Told(new Progress(terminal.Error, "forensics")), cancel);
            var differing = RecordingAgreement.Differing(facts, recording, report, pinned).ToList();
            await terminal.Output.WriteLineAsync(ReportPrinter.Printable(differing.Count == 0
                ? $"PASS    letter      {facts.Number}, signed by {check.Signer}, states of this recording what the recording says"
                : $"FAIL    letter      the letter is genuine, but states other things than the recording: {string.Join(", ", differing)} [letter-facts]"));
            await terminal.Output.WriteLineAsync(differing.Count == 0 ? "VERIFIED" : "FAILED");
            return (int)(differing.Count == 0 ? Outcome.Verified : Outcome.Failed);
        });
        return command;
    }

    private static TimeSpan? MostExposed(double? seconds) => seconds switch
    {
        null => null,
        > 0 and <= MaxExposedBound => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new CliException($"--most-exposed is seconds, more than 0 and at most {MaxExposedBound}"),
    };

    private static RecordingPackage Open(string path)
    {
        try
        {
            if (Directory.Exists(Terminal.Named(path)))
                return new RecordingPackage(path);

            var zip = Terminal.Open(path);
            return zip.CanSeek ? new RecordingPackage(zip) : throw new CliException($"{path} is a pipe; a zip is read from its end, so store it first");
        }
        catch (InvalidDataException e)
        {
            throw new CliException($"{path} is neither a folder nor a zip of one: {e.Message}", e);
        }
    }

    private static async Task TextAsync(ForensicsReport report, TextWriter output)
    {
        foreach (var f in report.Findings)
        {
            var code = f.Mark == Mark.Pass ? "" : $" [{f.Code}]";
            await output.WriteLineAsync(ReportPrinter.Printable($"{Word(f.Mark).ToUpperInvariant(),-7} {Word(f.Rung),-11} {f.Place}: {f.Reason}{code}"));
        }

        await output.WriteLineAsync(
            $"session {report.Session?.ToString() ?? "unknown"}: {report.Segments} segments, {report.Frames} frames, {Seconds(report.Length)} s");
        if (report.Longest is { } longest)
            await output.WriteLineAsync(
                $"the longest that any of it stood before its head was in the log: {Seconds(longest.Length)} s, segment {longest.Segment}"
                + (longest.Stamped ? "" : ", by the recorder's own clock"));

        await output.WriteLineAsync(report.Outcome switch
        {
            Outcome.Verified => "VERIFIED",
            Outcome.Failed => "FAILED",
            _ => "NOT JUDGED IN FULL",
        });
    }

    private static Task JsonAsync(ForensicsReport report, bool trusting, TextWriter output) => output.WriteLineAsync(new JsonObject
    {
        ["outcome"] = Word(report.Outcome),
        ["session"] = report.Session?.ToString(),
        ["trust"] = trusting ? "given" : "none",
        ["segments"] = report.Segments,
        ["frames"] = report.Frames,
        ["length"] = report.Length,
        ["gaps"] = new JsonArray([.. report.Gaps.Select(g => (JsonNode)new JsonObject
        {
            ["reason"] = Word(g.Reason),
            ["from"] = g.From,
            ["to"] = g.To,
            ["length"] = g.Length,
        })]),
        ["longest"] = report.Longest is { } l ? new JsonObject {
            ["segment"] = l.Segment,
            ["length"] = l.Length,
            ["stamped"] = l.Stamped,
            ["from"] = Moment(l.From),
            ["to"] = Moment(l.To),
        } : null,
        ["rungs"] = new JsonArray([.. report.Findings.Select(f => (JsonNode)new JsonObject
        {
            ["rung"] = Word(f.Rung),
            ["mark"] = Word(f.Mark),
            ["code"] = f.Code,
            ["reason"] = f.Reason,
            ["link"] = f.Place.Link,
            ["segment"] = f.Place.Segment,
            ["frame"] = f.Place.Frame,
            ["file"] = f.Place.File,
        })]),
    }.ToJsonString(ReportPrinter.Readable));

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString(ForensicsFormat.TimeFormat, CultureInfo.InvariantCulture);

    private static string Seconds(long microseconds)
        => (microseconds / (double)ForensicsFormat.Second).ToString("0.0##", CultureInfo.InvariantCulture);

    /// <summary>On the thread that judges: the last line comes before the report.</summary>
    private sealed class Told(Progress progress) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => progress.At("segments judged", value.Done, value.Total);
    }
}
