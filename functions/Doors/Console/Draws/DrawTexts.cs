using Notary.Evidence.Draws;

namespace Notary.Pages.Draws;

/// <summary>What draws say in words that a citizen reads.</summary>
internal static class DrawTexts
{
    /// <summary>The states that a draw goes through in public, in order.</summary>
    public static readonly string[] States = ["published", "committed", "revealing", "drawn", "certified"];

    public const string Aborted = "aborted";

    public static bool IsRehearsal(string kind) => kind == "rehearsal";

    /// <summary>Whether nothing changes any more.</summary>
    public static bool IsEnded(string state) => state is "certified" or Aborted;

    public static Words State(string state) => state switch
    {
        "published" => ("公示", "Published"),
        "committed" => ("提交承诺", "Commits"),
        "revealing" => ("公开秘密数", "Reveals"),
        "drawn" => ("摇号", "Drawn"),
        "certified" => ("公证", "Certified"),
        _ => ("已终止", "Aborted"),
    };

    public static string Tone(string state) => state switch { "certified" => "ok", Aborted => "bad", "published" => "", _ => "unknown" };

    /// <summary>The draw's title as it stands on top of its pages.</summary>
    public static Words Title(string kind, string title) => IsRehearsal(kind) ? ($"演练：{title}", $"Rehearsal: {title}") : title;

    public static Words Step(string step) => step switch
    {
        "publish" => ("公示方案", "The plan"),
        "commit" => ("定稿", "What is committed to"),
        _ => ("结果", "The result"),
    };

    public static Words File(string name) => name switch
    {
        "plan.json" => ("公示的方案", "the plan, as it was published"),
        "draw.json" => ("定稿：规则、名单树根、信标", "what was fixed: rules, list root, beacon"),
        "public.csv" => ("公开名单（姓名已遮盖）", "the public list, names masked"),
        "reveals.json" => ("各方的承诺与秘密数、信标", "commits, secrets and beacon"),
        "result.json" => ("结果", "the result"),
        "winners.csv" => ("中签与候补名单", "winners and reserves"),
        "approvals.json" => ("公证员的签署", "the notaries' signatures"),
        "bundle.zip" => ("证据包", "everything, as evidence"),
        "certificate.pdf" => ("公证文书", "the certificate"),
        _ => ("", ""),
    };

    /// <summary>Who takes part in a round, how many win, and what a place is worth.</summary>
    public static Words Round(DrawRound round, int number)
    {
        var chinese = (round.Groups.Count == 0 ? "从全体候选人" : $"从{string.Join('、', round.Groups)}组的候选人")
            + $"中抽出 {Count(round.Quota)} 名" + (round.Reserves > 0 ? $"，另按顺序抽出候补 {Count(round.Reserves)} 名" : "") + "。"
            + (number == 1 ? "" : round.EarlierWinners ? "前面各轮的中签者仍然参加。" : "前面各轮的中签者不再参加；候补者仍参加。")
            + (round.Weights ? "名单上权数是几，就有几个号，取最小的一个。" : "每人一个号。");
        var english = $"{Count(round.Quota)} {(round.Quota == 1 ? "wins" : "win")} among "
            + (round.Groups.Count == 0 ? "all candidates" : $"the candidates "
                + $"of {(round.Groups.Count == 1 ? "group" : "groups")} {string.Join(", ", round.Groups)}")
            + (round.Reserves > 0 ? $", and {Count(round.Reserves)} more are put on a reserve list, in order" : "") + ". "
            + (number == 1 ? "" : round.EarlierWinners ? "Who won before takes part again. " : "Who won before does not take part; reserves do. ")
            + (round.Weights ? "Each has as many numbers as the list gives him; the smallest counts." : "Each has one number.");
        return (chinese, english);
    }

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
