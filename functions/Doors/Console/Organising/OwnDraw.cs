using Notary.Lotteries;
using Notary.Pages.Draws;

namespace Notary.Pages.Organising;

/// <summary>What an organiser's page of a draw shows.</summary>
/// <param name="Draw">With when it was submitted.</param>
/// <param name="Objections">With their answers.</param>
/// <param name="Address">Where candidates see the platform.</param>
public sealed record OwnDraw(DrawView Draw, IReadOnlyList<ObjectionView> Objections, Uri Address)
{
    /// <summary>The page's address.</summary>
    public string Path => $"/my-draws/{Draw.DrawId}";

    public bool IsDraft => Draw.State == "draft";
}

/// <summary>What draws say to their organiser.</summary>
internal static class OwnDrawTexts
{
    public static Words State(string state, bool submitted)
        => state != "draft" ? DrawTexts.State(state) : submitted ? ("待公证员批准", "With the notaries") : ("草稿", "Draft");

    public static Words Next(DrawLine line) => Next(line.State, line.Kind, line.Candidates is not null, line.SubmittedAt is not null, line.Unanswered ?? 0);

    public static Words Next(DrawView draw) => Next(
        draw.State, draw.Kind, draw.List is not null, draw.SubmittedAt is not null, draw.Objections.Received - draw.Objections.Answered);

    /// <summary>What is to be done next, and by whom.</summary>
    private static Words Next(string state, string kind, bool listed, bool submitted, int unanswered) => state switch
    {
        "draft" when !listed => ("请上传名单", "Upload the list"),
        "draft" when !submitted => ("请核对后提交", "Check it and submit it"),
        "draft" => ("等两名公证员批准公示", "Two notaries approve its publication"),
        "published" when unanswered > 0 => ($"请答复 {unanswered} 件异议", $"Answer {unanswered} {(unanswered == 1 ? "objection" : "objections")}"),
        "published" => DrawTexts.IsRehearsal(kind) ? ("公示中，期满自动定稿", "On view; fixed by itself when the time is over")
            : ("公示中，期满由公证员定稿", "On view; notaries fix it when the time is over"),
        "committed" => ("等各方提交承诺", "Parties commit"),
        "revealing" => ("等各方公开秘密数和信标", "Parties reveal, then the beacon"),
        "drawn" when DrawTexts.IsRehearsal(kind) => ("正在完成", "Being finished"),
        "drawn" => ("等两名公证员签署结果", "Two notaries sign the result"),
        _ => ("没有要做的", "Nothing"),
    };

    /// <summary>Whether it waits for the organiser himself.</summary>
    public static bool IsHis(DrawLine line) => line.State == "draft" ? line.SubmittedAt is null : line is { State: "published", Unanswered: > 0 };
}
