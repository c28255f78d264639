using Notary.Lotteries;

namespace Notary.Pages.Draws;

/// <summary>What is happening in a draw, and what is waited for.</summary>
/// <param name="Title">In a few words.</param>
/// <param name="Means">In a sentence or two.</param>
/// <param name="Awaited">What comes next at a time that can be named.</param>
/// <param name="At">That time; null when it cannot.</param>
/// <param name="About">Whether the time follows from the chain's pace and may shift.</param>
internal sealed record DrawMoment(Words Title, Words Means, Words Awaited = default, DateTimeOffset? At = null, bool About = false)
{
    public static DrawMoment Of(DrawView draw, DateTimeOffset now)
    {
        var (parties, signed) = (draw.Chain?.Parties ?? [], !DrawTexts.IsRehearsal(draw.Kind));
        return draw.State switch
        {
            "published" when now < draw.Schedule.ObjectionsUntil => new(
                ("公示期", "On view"),
                ("名单和规则已经公布，任何人都可以核对自己是否在名单上，并提出异议。",
                 "List and rules are public. Everyone can see whether he is in the list, and object."),
                ("异议截止", "Objections end"), draw.Schedule.ObjectionsUntil),
            "published" => new(
                ("公示期已满", "No longer on view"),
                ($"正在定稿：异议须全部答复{(signed ? "，两名公证员须签署" : "")}。定稿之后名单和规则不能再改。",
                 $"What is drawn is being fixed: every objection has to be answered{(signed ? " and two notaries have to sign" : "")}. "
                 + "Afterwards neither list nor rules can change."),
                ("提交承诺截止（计划）", "Commits end (planned)"), draw.Schedule.CommitsUntil),
            "committed" => new(
                ("各方提交承诺", "Parties commit"),
                ($"名单和规则已定稿上链。各方把各自的秘密数封好存到链上，已收到 {parties.Count} 份；现在谁也看不到内容，谁也不能再改。",
                 $"List and rules are fixed on chain. Each party seals a secret number there: {parties.Count} so far. Nobody can see them, "
                 + "and nobody can change his own."),
                ("提交承诺截止", "Commits end"), When(draw, draw.Commitment?.CommitDeadline) ?? draw.Schedule.CommitsUntil, draw.Chain is not null),
            "revealing" when draw.Chain is { Closed: true } => new(
                ("等待信标", "Waiting for the beacon"),
                ("秘密数已公开，不再接受新的。最后一份随机数来自谁也不能左右的公共信标；它一出现，号码便随之确定。",
                 "The secrets are open and no more are taken. The last number comes from a public beacon that nobody here can influence; "
                 + "once it is there, all numbers follow."),
                ("信标时间", "Beacon’s time"), draw.Commitment?.BeaconAt),
            "revealing" => new(
                ("各方公开秘密数", "Parties reveal"),
                ($"承诺已截止。各方公开自己的秘密数，由链上的合约对照当初的承诺：已公开 {parties.Count(p => p.Secret is not null)} 份，共 {parties.Count} 份。",
                 $"Commits are closed. Each party opens its secret, and the contract compares it with what was sealed: "
                 + $"{parties.Count(p => p.Secret is not null)} of {parties.Count} so far."),
                ("公开截止", "Reveals end"), When(draw, draw.Commitment?.RevealDeadline) ?? draw.Schedule.RevealsUntil, draw.Chain is not null),
            "drawn" => new(
                ("号码已定", "Drawn"),
                ($"随机种子已在链上确定，结果由它唯一算出，任何人都可以重算。{(signed ? "正等待两名公证员签署。" : "")}",
                 "The seed is fixed on chain and only one result follows from it; anyone can compute it again."
                 + (signed ? " Two notaries still have to sign." : ""))),
            "certified" => new(
                signed ? ("结果已公证", "Certified") : ("演练结束", "The rehearsal is over"),
                ($"{(signed ? "两名公证员已签署，" : "")}结果已上链存证。下面可以在您自己的浏览器里把整场摇号重算一遍。",
                 (signed ? "Two notaries have signed, and the" : "The") + " result is on chain and deposited. "
                 + "Below you can compute the whole draw again in your own browser.")),
            _ => new(("已终止", "Aborted"), ("这场摇号没有结果，也不会再有。", "This draw has no result and will have none.")),
        };
    }

    /// <summary>When the chain comes to a block, at the pace of late.</summary>
    private static DateTimeOffset? When(DrawView draw, long? block)
        => draw.Chain is { } chain && block is { } number ? chain.HeadAt.AddSeconds((number - chain.Head) * chain.SecondsPerBlock) : null;
}
