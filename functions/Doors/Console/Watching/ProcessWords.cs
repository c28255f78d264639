namespace Notary.Pages.Watching;

/// <summary>Processes in a clerk's words.</summary>
public static class ProcessWords
{
    /// <summary>What a kind is called.</summary>
    public static Words Kind(string kind) => kind switch
    {
        "checkpoint" => ("检查点", "Checkpoint"),
        "letters" => ("补出的保管函", "Letters on request"),
        _ => kind,
    };

    /// <summary>Kind and number, as a person says it.</summary>
    public static Words Title(ProcessLine line)
        => line.Kind == "checkpoint" && line.Id.TrimStart('0') is { Length: > 0 } size ? ($"检查点 {size}", $"Checkpoint {size}")
            : line.Kind == "letters" ? Kind(line.Kind) : $"{line.Kind} {line.Id}";

    /// <summary>What a state is called.</summary>
    public static Words State(ProcessState state) => state switch
    {
        ProcessState.Parked => ("停住，等人处理", "parked"),
        ProcessState.Failed => ("出错结束", "failed"),
        ProcessState.Suspended => ("已暂停", "suspended"),
        ProcessState.Running => ("办理中", "under way"),
        ProcessState.Completed => ("已办结", "completed"),
        _ => ("已终止", "terminated"),
    };

    /// <summary>The tag's class.</summary>
    public static string Tone(ProcessState state) => state switch
    {
        ProcessState.Completed => "ok",
        ProcessState.Parked or ProcessState.Failed => "bad",
        _ => "unknown",
    };

    /// <summary>What a step does.</summary>
    public static Words Step(string? step) => step switch
    {
        null => ("", ""),
        "stamp" => ("取得各机构的时间戳", "getting the authorities' time-stamps"),
        "anchor" => ("上链并等待确认", "anchoring on the chain"),
        "letters" or "issue" => ("出具保管函", "issuing letters"),
        "failed" => ("再出未成的保管函", "issuing once more the letters that failed"),
        "settle" => ("等待上链不可逆转", "waiting until no reorganisation can reach the anchor"),
        _ => step,
    };

    /// <summary>What stands in the way, in one sentence, from a fault's code; null when there is nothing.</summary>
    public static Words? Hindrance(string? code)
        => code is null ? default(Words?) : Sentences.GetValueOrDefault(code, ("平台内部出错，请转告运维员。", "Something went wrong inside; tell the operator."));

    /// <summary>How often a step was tried.</summary>
    public static Words Attempts(int count) => ($"已尝试 {count} 次", count == 1 ? "1 attempt" : $"{count} attempts");

    /// <summary>What a waiting one waits for.</summary>
    public static Words Waits(string what) => what switch
    {
        "anchor under way" => ("等前一笔上链完成", "for the anchor before it"),
        "anchor interval" => ("等到下一次上链的时间", "for the time of the next anchor"),
        "confirmations" => ("等区块确认", "for confirmations"),
        "settling" => ("等上链不可逆转", "for the anchor to settle"),
        "waiting for anchors" => ("等所属检查点上链", "for anchors"),
        _ => what,
    };

    /// <summary>What an event of the engine says; null for its bookkeeping.</summary>
    public static Words? Event(ProcessEvent line) => line.Event switch
    {
        "ExecutionStarted" => ("开始", "Begun"),
        "TaskScheduled" => ($"开始一步：{Task(line.Name).Chinese}", $"Step begun: {Task(line.Name).English}"),
        "TaskCompleted" => ("一步办完", "Step ended"),
        "TaskFailed" => ("一步出错，将再办", "Step failed, and is taken again"),
        "TimerCreated" => ("等待", "Waits"),
        "TimerFired" => ("等待结束", "Wait over"),
        "EventRaised" => line.Name == "resume" ? ("收到：继续", "Told to resume") : ("收到通知，再看一次", "Told to look again"),
        "EventSent" => ("通知后一个检查点", "Told the next checkpoint"),
        "ExecutionSuspended" => ("暂停生效", "Stands, suspended"),
        "ExecutionResumed" => ("继续生效", "Goes on"),
        "ExecutionTerminated" => ("终止生效", "Ended by a person"),
        "ExecutionCompleted" => ("结束", "Ended"),
        "ContinueAsNew" => ("转入下一段", "Continued in the next generation"),
        _ => null,
    };

    /// <summary>What ending this process would do, with what its rows say now.</summary>
    public static Words Termination(OneProcess process) => process switch
    {
        { Line.Kind: "letters" } => ("不会丢失证据。已要求的保管函在重新开始之前不出；下一次有人要求时，平台会自动重新开始。",
            "No evidence is lost. The letters that were asked for are not issued until it is rewound; the next request for a letter begins it again."),
        { Load: null } => ("不会丢失证据。这个流程不再继续，除非有人重新开始。", "No evidence is lost. It does not go on unless somebody rewinds it."),
        { Load.Anchor: AnchorProgress.UnderWay } => ("不会丢失证据，但这笔上链正在进行：在重新开始之前，此后的存证都不能上链，也不出函。",
            "No evidence is lost, but this anchor is the one under way: until it is rewound, no later deposit is anchored or gets its letter."),
        { Load.Anchor: AnchorProgress.Final } => ("不会丢失证据。尚未出具的保管函不再出具，链上若发生重组也不再补救，直到重新开始。",
            "No evidence is lost. Letters that are still due are not issued, and a reorganisation of the chain is not mended, until it is rewound."),
        { Load.Anchor: AnchorProgress.Settled, Deposits.Items: [{ Failed: true }, ..] } => ("不会丢失证据。未成的保管函仍然不出，直到重新开始并继续。",
            "No evidence is lost. The letters that failed stay unissued until it is rewound and resumed."),
        { Load.Anchor: AnchorProgress.Settled } => ("没有影响：已全部办成。", "It changes nothing: all of it is done."),
        { Load.Covered: true } => ("没有影响：更新的检查点已包含这些存证，由它上链和出函。",
            "It changes nothing: a newer checkpoint covers these deposits, and takes them to the chain and to their letters."),
        _ => ("不会丢失证据。这些存证要等下一个检查点（有新的存证时产生）才加时间戳、上链和出函，或者由人重新开始。",
            "No evidence is lost. These deposits are time-stamped, anchored and certified with the next checkpoint, or when it is rewound."),
    };

    private static Words Task(string? name) => name switch
    {
        "stamp-checkpoint" => Step("stamp"),
        "anchor-checkpoint" => Step("anchor"),
        "issue-letters" or "issue-requested" => Step("letters"),
        "settle-anchor" => Step("settle"),
        _ => name ?? "?",
    };

    private static readonly Dictionary<string, Words> Sentences = new(StringComparer.Ordinal)
    {
        [Fault.TsaUnreachable.Code()] = ("时间戳机构没有应答。请确认对方服务，再继续。", "A time-stamp authority does not answer. See to its service, then resume."),
        [Fault.TsaRefused.Code()] = ("时间戳机构拒绝签发。请与对方联系。", "A time-stamp authority refuses. Ask the authority."),
        [Fault.TokenInvalid.Code()] = ("时间戳没有通过核验，已弃用。请与时间戳机构联系。", "A time-stamp did not verify and was not kept. Ask the authority."),
        [Fault.TimeDisagreement.Code()] = ("各机构的时间彼此不符，或与本机时钟不符。核对时钟之前不会加时间戳。",
            "The authorities' clocks disagree with each other or with ours. Nothing is stamped before they agree."),
        [Fault.ChainUnreachable.Code()] = ("联盟链的节点没有应答。请确认节点，再继续。", "The chain's nodes do not answer. See to them, then resume."),
        [Fault.ChainRefused.Code()] = ("联盟链拒绝这笔交易，或合约里已有更大的检查点。请查看发送账户的权限和余额。",
            "The chain refuses the transaction, or the contract holds a larger checkpoint. Look at the sender's permission and funds."),
        [Fault.ChainWrong.Code()] = ("节点属于另一条链。请更正设置。", "The node is of another chain. Correct the settings."),
        [Fault.Reorganised.Code()] = ("链上发生重组，正在重新上链。", "The chain was reorganised; it is anchored anew."),
        [Fault.BeaconUnreachable.Code()] = ("随机信标的节点没有给出本轮，或给出的内容无法读取。请确认节点，再继续。",
            "No node of the beacon gives its round, or none that can be read. See to them, then resume."),
        [Fault.VaultUnavailable.Code()] = ("密钥库没有应答。请确认密钥库，再继续。", "The vault does not answer. See to it, then resume."),
        [Fault.VaultRefused.Code()] = ("密钥库拒绝使用密钥。请查看密钥和权限。", "The vault refuses the key. Look at the key and its permissions."),
        [Fault.SignatureInvalid.Code()] = ("密钥库给出的签名没有通过核验。请转告运维员。", "A signature of the vault did not verify. Tell the operator."),
        [Fault.StorageUnavailable.Code()] = ("存储没有应答。请确认存储账户，再继续。", "Storage does not answer. See to the account, then resume."),
        [Fault.StorageConflict.Code()] = ("另一个实例同时在写，稍后会再办。", "Another instance writes at the same time; it is tried again."),
        [Fault.RevocationUnavailable.Code()] = ("取不到证书吊销列表。请确认发布地址，再继续。", "A revocation list cannot be had. See to where it is published, then resume."),
        [Fault.CertificateRevoked.Code()] = ("证书已被吊销。请转告运维员和公证员。", "A certificate is revoked. Tell the operator and the notary."),
        [Fault.EvidenceInvalid.Code()] = ("有存证的证据没有通过核验，未出函。先查看它的存证，查明原因后再继续。",
            "Evidence of a deposit did not verify, and no letter was issued. Look at its deposits, find out why, then resume."),
    };
}
