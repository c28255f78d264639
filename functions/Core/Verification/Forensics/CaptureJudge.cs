using System.Security.Cryptography;
using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;

namespace Notary.Verification.Forensics;

/// <summary>Captured pages: the report of each is about its own files, and the comparison of its views is the one that these files give.</summary>
/// <remarks>A page whose views differ is no fault of the recording: that they do is the judgement, in its own words.</remarks>
internal static class CaptureJudge
{
    private const ForensicsRung Rung = ForensicsRung.Captures;

    /// <summary>What every capture has besides its report.</summary>
    private static readonly string[] Always =
        [CaptureFormat.Picture, CaptureFormat.Thumbnail, CaptureFormat.Dom, CaptureFormat.Seen, CaptureFormat.Archive];

    /// <summary>What it may have.</summary>
    private static readonly string[] Perhaps = [CaptureFormat.Chain, CaptureFormat.Second];

    public static void Judge(ReadChain chain, RecordingPackage package, Findings findings, CancellationToken cancel)
    {
        var number = 0L;
        foreach (var (link, capture) in chain.Of<LinkBody.Capture>())
        {
            cancel.ThrowIfCancellationRequested();
            var place = new Place(link.N, File: CaptureFormat.File(capture.Number, CaptureFormat.Report));
            if (capture.Number != ++number || number > CaptureFormat.MaxCaptures)
                findings.Fail(Rung, place, "capture-order", $"capture {capture.Number} is sealed where capture {number} should be");
            else
                Judge(capture, package, place, findings);
        }

        if (number == 0)
            findings.Pass(Rung, default, "no page was captured");
    }

    private static void Judge(LinkBody.Capture capture, RecordingPackage package, Place place, Findings findings)
    {
        try
        {
            var report = CaptureReport.Parse(Read(package, capture.Number, CaptureFormat.Report, CaptureFormat.MaxReport));
            if (Fault(report, capture, package) is var (code, why))
                findings.Fail(Rung, place, code, why);
            else
                findings.Add(new(Rung, place, Mark.Pass, Word(report.Reconciliation.Verdict), Sentence(report)));
        }
        catch (FaultException e)
        {
            findings.Fail(Rung, place, "capture-malformed", e.Message);
        }
        catch (InvalidDataException e)
        {
            findings.Fail(Rung, place, "capture-files", e.Message);
        }
    }

    private static (string Code, string Why)? Fault(CaptureReport report, LinkBody.Capture capture, RecordingPackage package)
    {
        if (report.Number != capture.Number || report.Address != capture.Address)
            return ("capture-differs", "the report is of another page than the link");

        var listed = report.Files.Select(f => f with { Name = CaptureFormat.File(report.Number, f.Name) }).ToList();
        if (!capture.Files.Where(f => f.Name != CaptureFormat.File(report.Number, CaptureFormat.Report)).SequenceEqual(listed)
            || capture.Files.Count != listed.Count + 1)
            return ("capture-files", "the report lists other files than the link");

        var names = report.Files.Select(f => f.Name).ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count || Always.Except(names).Any() || names.Except([.. Always, .. Perhaps]).Any())
            return ("capture-files", "a capture has five files, and perhaps certificates and a second fetch");

        if (names.Contains(CaptureFormat.Chain) != report.Tls is not null
            || (report.Tls is { } tls && First(Read(package, report.Number, CaptureFormat.Chain, CaptureFormat.MaxReport)) != tls.Certificate))
            return ("tls-differs", "the certificate is not the one in the report");

        using var archive = package.Read(CaptureFormat.File(report.Number, CaptureFormat.Archive), CaptureFormat.MaxArchive)
            ?? throw Missing(CaptureFormat.Archive);
        var wire = Wacz.Read(new MemoryStream(archive.Bytes.ToArray(), writable: false));
        if (wire.Count != report.Responses)
            return ("wire-differs", $"the archive has {wire.Count} responses and not {report.Responses}");

        if (!Second(report, package, out var second))
            return ("second-differs", "the second fetch is not as the report says");

        var seen = SeenTexts.Read(Read(package, report.Number, CaptureFormat.Seen, CaptureFormat.MaxSeen));
        var dom = Texts.Decode(Read(package, report.Number, CaptureFormat.Dom, CaptureFormat.MaxDom));
        var again = report with { Reconciliation = Reconciliation.Make(seen, dom, wire, report.Main, second) };
        return again.ToBytes().AsSpan().SequenceEqual(report.ToBytes()) ? null
            : ("comparison-differs", $"compared again, the views give “{Word(again.Reconciliation.Verdict)}” with {again.Reconciliation.Differences.Count} "
                + $"difference(s) and not what the report says");
    }

    private static bool Second(CaptureReport report, RecordingPackage package, out WarcResponse? second)
    {
        second = null;
        var there = report.Files.Any(f => f.Name == CaptureFormat.Second);
        if (report.Second.Outcome != SecondOutcome.Fetched)
            return report.Second.Outcome == SecondOutcome.Failed || !there;

        if (!there)
            return false;

        var responses = WarcReader.Read(new MemoryStream(Read(package, report.Number, CaptureFormat.Second, CaptureFormat.MaxArchive)));
        second = responses.Count > 0 ? responses[^1] : null;
        return second is not null && (second.Address, second.Status) == (report.Second.Address, report.Second.Status);
    }

    private static Digest? First(byte[] pem)
    {
        var text = System.Text.Encoding.UTF8.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != "CERTIFICATE")
            return null;

        var der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64String(text[fields.Base64Data], der, out var length) && length == der.Length ? Digest.Of(der) : null;
    }

    private static byte[] Read(RecordingPackage package, long number, string name, int most)
    {
        using var file = package.Read(CaptureFormat.File(number, name), most) ?? throw Missing(name);
        return file.Bytes.ToArray();
    }

    private static InvalidDataException Missing(string name) => new($"{name} is missing, or longer than any");

    private static string Sentence(CaptureReport report)
    {
        var r = report.Reconciliation;
        var says = r.Verdict switch
        {
            CaptureVerdict.Agrees => "what is seen, the DOM, the wire and the second fetch agree",
            CaptureVerdict.Differs => "the views of the page DIFFER",
            _ => "nothing contradicts, but not everything could be compared",
        };
        var kinds = r.Differences.GroupBy(d => d.Kind).Select(g => $"{g.Count()} {Word(g.Key)}");
        return $"{report.Address}: {says}; {r.Texts} text(s), {r.Served} served, {r.Scripted} made by scripts"
            + string.Concat(kinds.Select(k => $", {k}")) + (r.More > 0 ? $", {r.More} more" : "");
    }

    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
