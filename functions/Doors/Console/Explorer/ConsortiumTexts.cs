using System.Globalization;
using Notary.Chain.Explorer;
using Notary.Evidence.Ethereum;

namespace Notary.Pages.Explorer;

/// <summary>How members and proposals are said.</summary>
internal static class ConsortiumTexts
{
    public static string Path(long id) => $"{ChainTexts.Start}/proposals/{ChainTexts.Number(id)}";

    public static Words Status(MemberStatus status) => status switch
    {
        MemberStatus.Active => ("有效", "active"),
        MemberStatus.Suspended => ("暂停", "suspended"),
        MemberStatus.Removed => ("已除名", "removed"),
        _ => ("无", "none"),
    };

    public static string Tone(MemberStatus status) => status switch { MemberStatus.Active => "ok", MemberStatus.Suspended => "bad", _ => "unknown" };

    public static Words Node(string node) => node switch
    {
        nameof(NodeTypes.Production) => ("出块", "production"),
        nameof(NodeTypes.Service) => ("服务", "service"),
        _ => ("观察", "observer"),
    };

    public static Words Kind(ChangeKind kind) => kind switch
    {
        ChangeKind.Admit => ("接纳", "Admit"),
        ChangeKind.Remove => ("除名", "Remove"),
        ChangeKind.SetKey => ("更换账户：", "New account for"),
        ChangeKind.SetCertificate => ("更换证书：", "New certificate for"),
        ChangeKind.SetNodes => ("更改节点类型：", "Node types of"),
        ChangeKind.SetThreshold => ("更改通过门槛", "Change the threshold"),
        ChangeKind.ListRoot => ("认可根证书", "List a root certificate"),
        ChangeKind.UnlistRoot => ("不再认可根证书", "Unlist a root certificate"),
        ChangeKind.Suspend => ("暂停", "Suspend"),
        ChangeKind.Resume => ("恢复", "Resume"),
        _ => ("无", "Nothing"),
    };

    public static Words State(ProposalState state) => state switch
    {
        ProposalState.Open => ("投票中", "open"),
        ProposalState.Closed => ("投票结束", "closed"),
        ProposalState.Executed => ("已执行", "executed"),
        ProposalState.Lapsed => ("已失效", "lapsed"),
        _ => ("无", "none"),
    };

    public static string Tone(ProposalState state) => state switch { ProposalState.Executed => "ok", ProposalState.Lapsed => "bad", _ => "unknown" };

    public static Words Term(MemberAccountView account)
    {
        var day = account.Until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return account.Retired ? ("已停用", "retired") : ($"至 {day}", $"until {day}");
    }

    /// <summary>What a change would set, row by row; a hash is shown as one.</summary>
    public static IEnumerable<(Words Name, Words Text, bool IsHash)> Details(ConsortiumChange change)
    {
        var one = change.Candidate;
        switch (change.Kind)
        {
            case ChangeKind.Admit:
                yield return (("名称", "Name"), one.Name, false);
                yield return (("节点", "Nodes"), Nodes(one.Nodes), false);
                yield return (("账户", "Account"), one.Key.ToString(), true);
                yield return (("账户有效期", "Account valid"), Term(one), false);
                yield return (("证书 SHA-256", "Certificate SHA-256"), one.Certificate.ToString(), true);
                yield return (("根证书 SHA-256", "Root certificate SHA-256"), one.Root.ToString(), true);
                break;
            case ChangeKind.SetKey:
                yield return (("账户", "Account"), one.Key.ToString(), true);
                yield return (("账户有效期", "Account valid"), Term(one), false);
                if (change.Retired != default)
                    yield return (("停用的账户", "Retires"), change.Retired.ToString(), true);

                break;
            case ChangeKind.SetCertificate:
                yield return (("证书 SHA-256", "Certificate SHA-256"), one.Certificate.ToString(), true);
                yield return (("根证书 SHA-256", "Root certificate SHA-256"), one.Root.ToString(), true);
                break;
            case ChangeKind.SetNodes:
                yield return (("节点", "Nodes"), Nodes(change.Nodes), false);
                break;
            case ChangeKind.SetThreshold:
                yield return (("门槛", "Threshold"), $"{change.Numerator}/{change.Denominator}", false);
                break;
            case ChangeKind.ListRoot or ChangeKind.UnlistRoot:
                yield return (("根证书 SHA-256", "Root certificate SHA-256"), change.Root.ToString(), true);
                break;
            default:
                yield return (("理由", "Reason"), change.Reason, false);
                break;
        }
    }

    private static Words Nodes(NodeTypes nodes)
    {
        var names = new[] { NodeTypes.Production, NodeTypes.Service, NodeTypes.Observer }.Where(n => nodes.HasFlag(n)).Select(n => Node(n.ToString())).ToList();
        return (string.Join('、', names.Select(n => n.Chinese)), string.Join(", ", names.Select(n => n.English)));
    }

    private static Words Term(ConsortiumCandidate one)
    {
        static string Day(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return ($"{Day(one.From)} 至 {Day(one.Until)}", $"{Day(one.From)} to {Day(one.Until)}");
    }
}
