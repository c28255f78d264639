using Notary.Evidence.Draws;
using Notary.Verification.Letters;
using static Notary.Verification.Certificates.PageBlocks;
using W = Notary.Verification.Certificates.CertificateWording;

namespace Notary.Verification.Certificates;

/// <summary>How a text of a certificate is set.</summary>
public enum CertificateStyle
{
    Office,
    OfficeEnglish,
    Title,
    TitleEnglish,
    Number,
    Body,
    English,
    Heading,

    /// <summary>What nobody is to overlook.</summary>
    Barred,
    BarredEnglish,
    Value,
    Strong,
    Small,

    /// <summary>A digest or another long number.</summary>
    Digits,
}

/// <summary>A text and how it is set.</summary>
public readonly record struct CertificatePassage(CertificateStyle Style, string Text);

/// <summary>A paragraph, or a row of a table: then what stands left of it is in <paramref name="Label"/>. Or a picture, by the digest of its bytes in the
/// PDF: then its passage is read to those who do not see it.</summary>
public sealed record CertificateBlock(string? Label, IReadOnlyList<CertificatePassage> Passages, Digest? Picture = null);

/// <summary>What the pages of a certificate say, word by word: made into pages by one room, compared with pages by this one.</summary>
public static class CertificateText
{
    /// <summary>The title in both languages.</summary>
    public static (string Chinese, string English) Title(CertificateFacts facts)
        => facts.Draw.Rehearsal ? (W.Rehearsal, W.RehearsalEnglish) : (W.Title, W.TitleEnglish);

    /// <summary>From the head to the statement of what is proved.</summary>
    public static IEnumerable<CertificateBlock> Body(CertificateFacts facts)
    {
        var (title, english) = Title(facts);
        yield return Line(CertificateStyle.Office, facts.Office.Chinese);
        yield return Line(CertificateStyle.OfficeEnglish, facts.Office.English);
        yield return Line(CertificateStyle.Title, title);
        yield return Line(CertificateStyle.TitleEnglish, english);
        yield return Line(CertificateStyle.Number, W.Number + facts.Number);
        if (facts.Draw.Rehearsal)
            yield return Line(CertificateStyle.Barred, W.RehearsalBar);

        yield return Line(CertificateStyle.Body, W.Certify);
        yield return Line(CertificateStyle.English, W.CertifyEnglish);
        foreach (var block in Draw(facts).Concat(Rounds(facts)).Concat(Randomness(facts)).Concat(Approvals(facts)).Concat(Deposits(facts)))
            yield return block;

        yield return Line(CertificateStyle.Heading, W.MeaningSection);
        yield return Line(CertificateStyle.Body, W.Proves);
        yield return Line(CertificateStyle.English, W.ProvesEnglish);
        yield return Line(CertificateStyle.Barred, W.ProvesNot);
        yield return Line(CertificateStyle.BarredEnglish, W.ProvesNotEnglish);
    }

    /// <summary>Beside the code.</summary>
    public static IEnumerable<CertificatePassage> Closing(CertificateFacts facts)
        => [new(CertificateStyle.Heading, W.Verify), new(CertificateStyle.Small, W.VerifyHow), new(CertificateStyle.Small, W.VerifyHowEnglish),
            new(CertificateStyle.Value, facts.VerifyUrl.OriginalString)];

    /// <summary>In the seal: office, title, date.</summary>
    public static IReadOnlyList<string> Seal(CertificateFacts facts)
        => [facts.Office.Chinese, facts.Office.English, W.SealTitle, $"{W.SealDate}{Clock(facts.IssuedAt)} UTC+08:00"];

    /// <summary>At the foot of each page, left and right, and at the head of every page but the first.</summary>
    public static (string Left, string Right, string? Head) Running(CertificateFacts facts, int page, int pages)
    {
        var (title, english) = Title(facts);
        return ($"{W.Number}{facts.Number}", $"{Number(page)} / {Number(pages)}", page > 1 ? $"{facts.Office.Chinese}  {title} {english}" : null);
    }

    /// <summary>What differs, in words; null when the pages say what the facts say and nothing else.</summary>
    /// <param name="facts">As attached.</param>
    /// <param name="lines">Texts of the pages' elements and of what lies outside them, without white space, in their order.</param>
    /// <param name="pages">How many.</param>
    internal static string? Differing(CertificateFacts facts, IEnumerable<string> lines, int pages)
        => PageWords.Differing(PageWords.Expected(Body(facts), Closing(facts), Seal(facts)), (page, all) => Running(facts, page, all), lines, pages);

    private static IEnumerable<CertificateBlock> Draw(CertificateFacts facts)
    {
        var draw = facts.Draw;
        yield return Line(CertificateStyle.Heading, W.DrawSection);
        yield return Row(W.Name, new CertificatePassage(CertificateStyle.Strong, facts.Title));
        yield return Row(W.Organiser, new(CertificateStyle.Strong, facts.Organiser), new(CertificateStyle.Small, W.OrganiserClaim));
        yield return Row(W.DrawId, new CertificatePassage(CertificateStyle.Digits, draw.Id.ToString()));
        yield return Row(W.List, new CertificatePassage(CertificateStyle.Value,
            $"{Grouped(draw.List.Candidates)} {W.Candidates}{Between}{Grouped(draw.List.Tickets)} {W.Tickets}"));
        yield return Row(W.ListRoot, new CertificatePassage(CertificateStyle.Digits, draw.List.Root.ToString()));
        yield return Row(W.Plan, new CertificatePassage(CertificateStyle.Digits, facts.Plan.ToString()));
        yield return Row(W.Specification, new CertificatePassage(CertificateStyle.Digits, draw.SpecDigest.ToString()));
    }

    private static IEnumerable<CertificateBlock> Rounds(CertificateFacts facts)
    {
        yield return Line(CertificateStyle.Heading, W.RoundsSection);
        foreach (var (rule, given, round) in facts.Draw.Rules.Rounds.Zip(facts.Result.Rounds, Enumerable.Range(1, facts.Result.Rounds.Count)))
        {
            List<string> who = [rule.Groups.Count == 0 ? W.Everyone : string.Join("、", rule.Groups)];
            if (rule.Weights)
                who.Add(W.Weighted);

            if (rule.EarlierWinners)
                who.Add(W.Again);

            yield return Row($"第 {Number(round)} 轮 Round {Number(round)}",
                new(CertificateStyle.Strong, $"{W.Quota}{Grouped(rule.Quota)}{Between}{W.Reserves}{Grouped(rule.Reserves)}"),
                new(CertificateStyle.Value, string.Join(Between, who)),
                new(CertificateStyle.Value,
                    $"{W.Eligible}{Grouped(given.Eligible)}{Between}{W.Won}{Grouped(given.Winners)}{Between}{W.Standby}{Grouped(given.Reserves)}"),
                new(CertificateStyle.Small, W.LastWinner), new(CertificateStyle.Digits, Hex(given.LastWinner)),
                new(CertificateStyle.Small, W.LastReserve), new(CertificateStyle.Digits, Hex(given.LastReserve)));
        }

        yield return Row(W.Winners, new(CertificateStyle.Digits, facts.Result.WinnersDigest.ToString()),
            new(CertificateStyle.Small, $"{Grouped(facts.Result.WinnerRows)} {W.Rows}"));
        yield return Row(W.Result, new CertificatePassage(CertificateStyle.Digits, facts.Result.ToDigest().ToString()));
    }

    private static IEnumerable<CertificateBlock> Randomness(CertificateFacts facts)
    {
        var draw = facts.Draw;
        yield return Line(CertificateStyle.Heading, W.RandomSection);
        yield return Row(W.Commitment, new CertificatePassage(CertificateStyle.Digits, draw.Commitment().ToString()));
        yield return Row(W.Registered, new CertificatePassage(CertificateStyle.Value,
            $"{W.ChainId}{Number(draw.ChainId)}{Between}{W.Deadline}{Number(draw.RevealDeadline)}"));
        yield return Row(W.Registry, new CertificatePassage(CertificateStyle.Digits, draw.Registry.ToLowerHex()));
        yield return draw.Beacon switch
        {
            BeaconPlan.Drand drand => Row(W.Beacon, new(CertificateStyle.Value, $"drand{Between}{W.Round}{Number(drand.Round)}"),
                new(CertificateStyle.Digits, drand.ChainHash.ToString()), new(CertificateStyle.Value, facts.BeaconAt is { } at ? Both(at) : "")),
            BeaconPlan.Block block => Row(W.Beacon, new(CertificateStyle.Value, $"{W.BlockBeacon}{Number(block.DeadlineBlock + block.Confirmations)}"),
                new(CertificateStyle.Strong, W.BlockWarning)),
            _ => throw new InvalidOperationException(),
        };
        yield return Row(W.Value, new CertificatePassage(CertificateStyle.Digits, facts.Result.Beacon.Value.ToString()));
        foreach (var (party, index) in facts.Commits.Select((c, i) => (c, i)))
        {
            yield return Row($"{W.Party} {Number(index)}", new(CertificateStyle.Digits, party.Party),
                new(CertificateStyle.Small, party.Revealed ? W.Revealed : W.Silent));
        }

        yield return Row(W.Seed, new CertificatePassage(CertificateStyle.Digits, facts.Result.Seed.ToString()));
    }

    private static IEnumerable<CertificateBlock> Approvals(CertificateFacts facts)
    {
        yield return Line(CertificateStyle.Heading, W.ApprovalSection);
        if (facts.Approvals.Count == 0)
            yield return Line(CertificateStyle.Body, W.NoApprovals);

        foreach (var approval in facts.Approvals)
        {
            var step = approval.Step switch { "publish" => W.ApprovedPublish, "commit" => W.ApprovedCommit, "result" => W.ApprovedResult, var other => other };
            yield return Row(step, new CertificatePassage(CertificateStyle.Strong, approval.Notary), new(CertificateStyle.Value, Both(approval.At)));
        }
    }

    private static IEnumerable<CertificateBlock> Deposits(CertificateFacts facts)
    {
        yield return Line(CertificateStyle.Heading, W.DepositSection);
        yield return Row(W.DrawDeposit, new CertificatePassage(CertificateStyle.Value, facts.CommitmentDeposit));
        yield return Row(W.ResultDeposit, new CertificatePassage(CertificateStyle.Value, facts.ResultDeposit));
        yield return Row(W.OfficeStates,
            new(CertificateStyle.Value, $"{W.Address}{facts.Parties.Address}{Between}{W.Operator}{facts.Parties.Operator}"),
            new(CertificateStyle.Value, $"{W.ChainName}{facts.Parties.ChainName}{Between}{W.ChainOperator}{facts.Parties.ChainOperator}"));
    }

    private static string Hex(UInt128? number) => number is { } n ? n.ToString("x32", CultureInfo.InvariantCulture) : W.None;
}
