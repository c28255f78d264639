using Notary.Lotteries;

namespace Notary.Pages.Office;

/// <summary>What the staff's page of a draw shows.</summary>
/// <param name="Draw">As everybody sees it, or would.</param>
/// <param name="Step">The step that waits for notaries; null when none does.</param>
/// <param name="Digest">Of what they approve.</param>
/// <param name="Objections">With their answers.</param>
public sealed record OfficeDraw(DrawView Draw, string? Step, string? Digest, IReadOnlyList<ObjectionView> Objections)
{
    /// <summary>The page's address.</summary>
    public string Path => $"/office/draws/{Draw.DrawId}";

    /// <summary>The file that the step is about.</summary>
    public string File => Step switch { "publish" => "plan.json", "commit" => "draw.json", _ => "result.json" };
}

/// <summary>How draws are told to the staff.</summary>
internal static class OfficeDrawTexts
{
    /// <summary>A state, the drafts' too.</summary>
    public static Words State(string state) => state == "draft" ? ("待公示", "Submitted") : Draws.DrawTexts.State(state);

    /// <summary>What is approved.</summary>
    public static Words Approves(string step) => step switch
    {
        "publish" => ("批准公示：方案与名单", "Approve publication: plan and list"),
        "commit" => ("批准定稿：此后不能更改", "Approve the commitment: nothing changes after it"),
        _ => ("批准结果", "Approve the result"),
    };

    /// <summary>What a notary looks at before he does.</summary>
    public static Words Look(string step) => step switch
    {
        "publish" => ("请先看方案和名单：规则、时间、人数、分组是否与主办单位提交的材料一致。",
            "Look at plan and list first: do rules, times, number of candidates and groups agree with what the organiser handed in?"),
        "commit" => ("请先看 draw.json：名单根与公示的一致，异议均已答复，信标在揭示截止之后。",
            "Look at draw.json first: the list root is the published one, every objection is answered, the beacon comes after the reveals."),
        _ => ("请先重新计算：notary draw recompute，或在公开页面上由浏览器计算；结果摘要须一致。",
            "Compute it again first: notary draw recompute, or in the browser on the public page; the digest of the result must be the same."),
    };
}
