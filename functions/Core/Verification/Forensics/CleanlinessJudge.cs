using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>The desktop was measured and clean, and this was sealed before its user could touch it.</summary>
internal static class CleanlinessJudge
{
    private const ForensicsRung Rung = ForensicsRung.Cleanliness;

    public static void Judge(ReadChain chain, RecordingPackage package, Findings findings)
    {
        var input = chain.Of<LinkBody.Input>().FirstOrDefault(i => i.Body.Connected).Link;
        if (chain.Of<LinkBody.Cleanliness>().ToList() is not [var (link, stated), .. var others])
        {
            if (input is not null)
                findings.Fail(Rung, new Place(input.N), "input-unmeasured", "the user's input was connected to a desktop that was not measured");
            else
                findings.Unknown(Rung, default, "unmeasured", "nobody measured whether the desktop was clean");

            return;
        }

        foreach (var (other, _) in others)
            findings.Fail(Rung, new Place(other.N), "measured-twice", "the desktop's cleanliness is sealed twice");

        var place = new Place(link.N, File: ForensicsFormat.Cleanliness);
        if (input is not null && input.N < link.N)
            findings.Fail(Rung, new Place(input.N), "input-before", "the user's input was connected before the desktop's cleanliness was sealed");

        if (!stated.Clean && input is not null)
            findings.Fail(Rung, new Place(input.N), "input-refused", "the user's input was connected to a desktop that was refused");

        if (Read(package) is not { } bytes)
            findings.Fail(Rung, place, "report-missing", "the report is missing, or longer than any");
        else if (bytes.Length != stated.Report.Size || Digest.Of(bytes) != stated.Report.Digest)
            findings.Fail(Rung, place, "report-changed", $"the report is not the one that link {link.N} sealed");
        else
            Report(bytes, stated, chain.Open, place, findings);

        if (findings.Clear(Rung))
            findings.Pass(Rung, place, input is null
                ? "the desktop was measured and clean; no user's input was connected"
                : $"the desktop was measured and clean, and that was sealed {input.N - link.N} link(s) before the user's input was connected");
    }

    private static void Report(byte[] bytes, LinkBody.Cleanliness stated, LinkBody.Open? open, Place place, Findings findings)
    {
        try
        {
            var report = CleanlinessReport.Parse(bytes);
            if (report.Session != open?.Session)
                findings.Fail(Rung, place, "report-foreign", "the report is of another session");

            if (report.Clean != stated.Clean)
                findings.Fail(Rung, place, "verdict-differs", "the report says another verdict than the link");

            if (!report.Clean)
                findings.Fail(Rung, place, "not-clean", "the desktop was not clean: "
                    + string.Join(", ", report.Checks.Where(c => c.Verdict != CheckVerdict.Pass).Select(c => c.Name)));
        }
        catch (FaultException e)
        {
            findings.Fail(Rung, place, "report-malformed", e.Message);
        }
    }

    private static byte[]? Read(RecordingPackage package)
    {
        try
        {
            using var file = package.Read(ForensicsFormat.Cleanliness, ForensicsFormat.MaxCleanliness);
            return file?.Bytes.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
