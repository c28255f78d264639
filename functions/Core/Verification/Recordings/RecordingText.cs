using Notary.Verification.Certificates;
using static Notary.Verification.Certificates.PageBlocks;
using W = Notary.Verification.Recordings.RecordingWording;

namespace Notary.Verification.Recordings;

/// <summary>What the pages of a remote forensics letter say, word by word: made into pages by one room, compared with pages by this one.</summary>
public static class RecordingText
{
    /// <summary>The title in both languages.</summary>
    public static (string Chinese, string English) Title => (W.Title, W.TitleEnglish);

    /// <summary>From the head to the statement of what is proved.</summary>
    public static IEnumerable<CertificateBlock> Body(RecordingFacts facts)
    {
        yield return Line(CertificateStyle.Office, facts.Office.Chinese);
        yield return Line(CertificateStyle.OfficeEnglish, facts.Office.English);
        yield return Line(CertificateStyle.Title, W.Title);
        yield return Line(CertificateStyle.TitleEnglish, W.TitleEnglish);
        yield return Line(CertificateStyle.Number, W.Number + facts.Number);
        if (facts.Deposit.Test)
        {
            yield return Line(CertificateStyle.Barred, W.Test);
            yield return Line(CertificateStyle.BarredEnglish, W.TestEnglish);
        }

        if (facts.Recording.Close is null)
            yield return Line(CertificateStyle.Barred, W.BrokenOff);

        if (facts.Recording.Outcome == "failed")
            yield return Line(CertificateStyle.Barred, W.Failed);

        yield return Line(CertificateStyle.Body, W.Certify);
        yield return Line(CertificateStyle.English, W.CertifyEnglish);
        foreach (var block in Session(facts).Concat(Recording(facts.Recording)).Concat(Heads(facts.Recording)).Concat(Cleanliness(facts.Recording))
            .Concat(Files(facts.Recording)).Concat(Marks(facts.Recording)).Concat(Captures(facts.Recording)))
            yield return block;

        yield return Line(CertificateStyle.Heading, W.MeaningSection);
        yield return Line(CertificateStyle.Body, W.Proves);
        yield return Line(CertificateStyle.English, W.ProvesEnglish);
        yield return Line(CertificateStyle.Barred, W.ProvesNot);
        yield return Line(CertificateStyle.BarredEnglish, W.ProvesNotEnglish);
    }

    /// <summary>Beside the code.</summary>
    public static IEnumerable<CertificatePassage> Closing(RecordingFacts facts)
        => [new(CertificateStyle.Heading, W.Verify), new(CertificateStyle.Small, W.VerifyHow), new(CertificateStyle.Small, W.VerifyHowEnglish),
            new(CertificateStyle.Value, facts.VerifyUrl.OriginalString)];

    /// <summary>In the seal: office, title, date.</summary>
    public static IReadOnlyList<string> Seal(RecordingFacts facts)
        => [facts.Office.Chinese, facts.Office.English, W.SealTitle, $"{W.SealDate}{Clock(facts.IssuedAt)} UTC+08:00"];

    /// <summary>At the foot of each page, left and right, and at the head of every page but the first.</summary>
    public static (string Left, string Right, string? Head) Running(RecordingFacts facts, int page, int pages)
        => ($"{(facts.Deposit.Test ? W.TestMark : "")}{W.Number}{facts.Number}", $"{Number(page)} / {Number(pages)}",
            page > 1 ? $"{facts.Office.Chinese}  {W.Title} {W.TitleEnglish}" : null);

    /// <summary>What differs, in words; null when the pages say and show what the facts say and nothing else.</summary>
    internal static string? Differing(RecordingFacts facts, IEnumerable<string> lines, int pages, IReadOnlyList<Digest> pictures)
        => PageWords.Differing(PageWords.Expected(Body(facts), Closing(facts), Seal(facts)), (page, all) => Running(facts, page, all), lines, pages)
            ?? (pictures.SequenceEqual(facts.PicturesShown()) ? null : "the pictures are not those of the facts");

    private static IEnumerable<CertificateBlock> Session(RecordingFacts facts)
    {
        var (deposit, recording) = (facts.Deposit, facts.Recording);
        yield return Line(CertificateStyle.Heading, W.SessionSection);
        yield return Row(W.Depositor, new(CertificateStyle.Strong, deposit.Name), new(CertificateStyle.Small, W.DepositorClaim));
        yield return Row(W.Did, new CertificatePassage(CertificateStyle.Value, deposit.Depositor));
        yield return Row(W.Session, new CertificatePassage(CertificateStyle.Value, recording.Session.ToString()));
        yield return Row(W.Page, new CertificatePassage(CertificateStyle.Strong, deposit.Page));
        if (deposit.Label.Length > 0)
            yield return Row(W.Label, new CertificatePassage(CertificateStyle.Value, deposit.Label));

        yield return Row(W.Desktop, new CertificatePassage(CertificateStyle.Value, deposit.Desktop));
        yield return Row(W.Screen, new CertificatePassage(CertificateStyle.Value, recording.Screen + W.PerSecond));
        yield return Row(W.Start, new CertificatePassage(CertificateStyle.Value, Exactly(recording.Start)));
        yield return Row(W.Connected, new CertificatePassage(CertificateStyle.Value, recording.Connected is { } at ? Exactly(at) : W.Never));
        yield return Row(W.End, new(CertificateStyle.Value, Exactly(recording.End)), new(CertificateStyle.Value, Reason(recording.Close)));
        yield return Row(W.Deposit, new CertificatePassage(CertificateStyle.Value, $"{deposit.Id}{Between}{W.Index}{Number(deposit.Index)}"));
        yield return Row(W.Manifest, new CertificatePassage(CertificateStyle.Digits, deposit.Manifest.ToString()));
        yield return Row(W.Package, new(CertificateStyle.Digits, deposit.Package.ToString()),
            new(CertificateStyle.Small, Grouped(deposit.Size) + W.Bytes));
        yield return Row(W.OfficeStates,
            new(CertificateStyle.Value, $"{W.Address}{facts.Parties.Address}{Between}{W.Operator}{facts.Parties.Operator}"),
            new(CertificateStyle.Value, $"{W.ChainName}{facts.Parties.ChainName}{Between}{W.ChainOperator}{facts.Parties.ChainOperator}"));
    }

    private static IEnumerable<CertificateBlock> Recording(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.RecordingSection);
        var outcome = recording.Outcome switch { "verified" => W.Verified, "failed" => W.NotPassed, _ => W.Unjudged };
        yield return Row(W.Judged, new(CertificateStyle.Strong, outcome), new(CertificateStyle.Small, string.Join(Between, recording.Findings)));
        yield return Row(W.Counts, new(CertificateStyle.Value,
            $"{W.Links}{Grouped(recording.Links)}{Between}{W.Segments}{Grouped(recording.Segments)}{Between}{W.Frames}{Grouped(recording.Frames)}"),
            new(CertificateStyle.Value, W.Length + Seconds(recording.Length)));
        yield return Row(W.Head, new CertificatePassage(CertificateStyle.Digits, recording.Head.ToString()));
        yield return Row(W.Gaps, [
            new(CertificateStyle.Strong,
                recording.Gaps.Total == 0 ? W.NoGaps : $"{Grouped(recording.Gaps.Total)}{Between}{W.Missing}{Seconds(recording.Missing)}"),
            .. recording.Gaps.Listed.Select(g => new CertificatePassage(CertificateStyle.Value,
                $"{GapReason(g.Reason)}{Between}{W.At}{Seconds(g.From)}{Between}{Seconds(g.Length)}")),
            .. Rest(recording.Gaps)]);
    }

    private static IEnumerable<CertificateBlock> Heads(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.HeadsSection);
        yield return Row(W.Heads, new CertificatePassage(CertificateStyle.Strong, Grouped(recording.Heads)));
        if (recording.FirstHead is { } first)
            yield return Row(W.FirstHead, Head(first));

        if (recording.LastHead is { } last)
            yield return Row(W.LastHead, Head(last));

        if (recording.Longest is { } longest)
            yield return Row(W.Longest,
                new(CertificateStyle.Strong, $"{Seconds(longest.Length)}{Between}{W.OfSegment}{Grouped(longest.Segment)}{(longest.Stamped ? "" : W.OwnClock)}"),
                new(CertificateStyle.Small, W.LongestMeans));
    }

    private static IEnumerable<CertificateBlock> Cleanliness(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.CleanSection);
        yield return Row(W.Measured,
            new(CertificateStyle.Strong, (recording.Cleanliness switch { null => W.Unmeasured, "clean" => W.Clean, _ => W.Refused })
                + $"{Between}{Grouped(recording.Checks.Total)}{W.Checks}"),
            new(CertificateStyle.Value, recording.Measured is { } at ? Exactly(at) : W.Never));
        foreach (var check in recording.Checks.Listed)
        {
            var verdict = check.Verdict switch { "pass" => W.Pass, "fail" => W.Fail, _ => W.Unknown };
            yield return Row(check.Name, new(CertificateStyle.Strong, verdict), new(CertificateStyle.Small, W.Expected + Shown(check.Expected)),
                new(CertificateStyle.Small, W.Found + Shown(check.Found)));
        }
    }

    private static IEnumerable<CertificateBlock> Files(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.FilesSection);
        if (recording.Files.Total == 0)
            yield return Line(CertificateStyle.Value, W.None);

        foreach (var file in recording.Files.Listed)
        {
            yield return Row(file.Origin == "download" ? W.Download : W.Upload, [
                new(CertificateStyle.Strong, file.Name),
                .. file.Address is { } address ? (CertificatePassage[])[new(CertificateStyle.Value, address)] : [],
                new(CertificateStyle.Value, $"{Exactly(file.At)}{Between}{Grouped(file.Size)}{W.Bytes}"),
                new(CertificateStyle.Digits, file.Digest.ToString())]);
        }

        foreach (var passage in Rest(recording.Files))
            yield return Line(passage.Style, passage.Text);
    }

    private static IEnumerable<CertificateBlock> Marks(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.MarksSection);
        if (recording.Marks.Total == 0)
            yield return Line(CertificateStyle.Value, W.None);

        foreach (var (mark, number) in recording.Marks.Listed.Select((m, i) => (m, Number(i + 1))))
        {
            yield return Row(W.Mark + number, [
                new(CertificateStyle.Strong, mark.Note), new(CertificateStyle.Value, Exactly(mark.At)), .. Sealed(mark.Picture)]);
            if (mark.Shown is { } shown)
                yield return Picture(shown, W.MarkPicture + number);
        }

        foreach (var passage in Rest(recording.Marks))
            yield return Line(passage.Style, passage.Text);
    }

    private static IEnumerable<CertificateBlock> Captures(RecordingSummary recording)
    {
        yield return Line(CertificateStyle.Heading, W.CapturesSection);
        if (recording.Captures.Total == 0)
            yield return Line(CertificateStyle.Value, W.None);

        foreach (var capture in recording.Captures.Listed)
        {
            yield return Row(W.Capture + Number(capture.Number), [
                new(CertificateStyle.Strong, capture.Address), new(CertificateStyle.Value, $"{Exactly(capture.At)}{Between}{W.FilesOf}{Number(capture.Files)}"),
                .. Compared(capture.Compared), .. Sealed(capture.Picture)]);
            if (capture.Shown is { } shown)
                yield return Picture(shown, W.CapturePicture + Number(capture.Number));
        }

        foreach (var passage in Rest(recording.Captures))
            yield return Line(passage.Style, passage.Text);
    }

    private static IEnumerable<CertificatePassage> Compared(ComparisonLine? compared)
    {
        if (compared is null)
            yield break;

        yield return new(CertificateStyle.Strong,
            W.Compared + compared.Verdict switch { "agrees" => W.Agree, "differs" => W.Differ, "unknown" => W.PartlyCompared, _ => W.NotCompared });
        foreach (var difference in compared.Differences.Listed)
            yield return new(CertificateStyle.Small, $"{Kind(difference.Kind)}{Between}“{difference.Text}”");

        foreach (var passage in Rest(compared.Differences))
            yield return passage;
    }

    private static CertificatePassage[] Head(HeadLine head)
        => [new(CertificateStyle.Value, W.Link + Number(head.Link)), new(CertificateStyle.Digits, head.Head.ToString()),
            .. head.Times.SelectMany(t => (CertificatePassage[])[
                new(CertificateStyle.Small, t.Authority), new(CertificateStyle.Value, Exactly(t.At))])];

    private static CertificatePassage[] Sealed(Digest? picture)
        => picture is { } digest ? [new(CertificateStyle.Small, W.PictureDigest), new(CertificateStyle.Digits, digest.ToString())] : [];

    private static CertificatePassage[] Rest<T>(Listing<T> listing)
        => listing.Total > listing.Listed.Count
            ? [new(CertificateStyle.Value, $"{W.More}{Grouped(listing.Total - listing.Listed.Count)}{W.MoreEnd}")] : [];

    private static CertificateBlock Picture(Digest shown, string alternative) => new(null, [new(CertificateStyle.Value, alternative)], shown);

    private static string Shown(string text) => string.IsNullOrWhiteSpace(text) ? W.Empty : text;

    private static string Reason(string? close) => close switch
    {
        "exit" => "存证人结束 exit",
        "idle" => "长时间无操作 idle",
        "longest" => "到达最长时间 longest",
        "aborted" => "放弃 aborted",
        "broken" => "录制故障 broken",
        null => "中断 broken off",
        _ => close,
    };

    private static string GapReason(string reason) => reason switch
    {
        "paused" => "暂停 paused",
        "restarted" => "录制重启 restarted",
        "frames-dropped" => "丢帧 frames dropped",
        "clock-jump" => "时钟跳变 clock jump",
        _ => reason,
    };

    private static string Kind(string kind) => kind switch
    {
        "not-in-dom" => "显示而源码中没有 seen, not in the DOM",
        "nowhere" => "显示而网络应答中没有 seen, in no answer of the network",
        "pieces" => "可能由脚本拼成 perhaps put together by a script",
        "typed" => "填在表单里的 typed into a form",
        "gone" => "应答中有而源码中已没有 served, no longer in the DOM",
        "not-in-second" => "再次获取时没有 not in the second fetch",
        "only-in-second" => "只在再次获取时有 only in the second fetch",
        "no-wire" => "网页原文未留存 the page’s own document was not kept",
        _ => kind,
    };

    private static string Seconds(long microseconds) => (microseconds / 1_000_000m).ToString("#,0.000###", CultureInfo.InvariantCulture) + W.Seconds;
}
