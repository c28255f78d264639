namespace Notary.Pages.Watching;

/// <summary>Health in words.</summary>
public static class HealthWords
{
    /// <summary>What a dependency is called.</summary>
    public static Words Name(string name) => name switch
    {
        Outage.Everything => ("全部（没有实例运行）", "everything (no instance ran)"),
        "blobs" => ("存储：文件", "Storage: blobs"),
        "tables" => ("存储：表", "Storage: tables"),
        "queues" => ("存储：队列", "Storage: queues"),
        "vault" => ("密钥库", "Vault"),
        "chain" => ("联盟链", "Chain"),
        "time" => ("可信时间", "Trusted time"),
        _ when name.StartsWith("time/", StringComparison.Ordinal) => ($"时间戳机构 {name[5..]}", $"Authority {name[5..]}"),
        _ => name,
    };

    /// <summary>What a state is called.</summary>
    public static Words State(HealthState state) => state switch
    {
        HealthState.Up => ("正常", "up"),
        HealthState.Down => ("中断", "down"),
        _ => ("不知道", "unknown"),
    };

    /// <summary>The tag's class.</summary>
    public static string Tone(HealthState state) => state switch { HealthState.Up => "ok", HealthState.Down => "bad", _ => "unknown" };

    /// <summary>A length of time, in two units at most.</summary>
    public static Words Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => ($"{(int)span.TotalSeconds} 秒", $"{(int)span.TotalSeconds} s"),
        { TotalMinutes: < 60 } => ($"{span.Minutes} 分 {span.Seconds} 秒", $"{span.Minutes} min {span.Seconds} s"),
        { TotalHours: < 24 } => ($"{span.Hours} 小时 {span.Minutes} 分", $"{span.Hours} h {span.Minutes} min"),
        _ => ($"{span.Days} 天 {span.Hours} 小时", $"{span.Days} d {span.Hours} h"),
    };

    /// <summary>A reason in words; the machine's own where there are none.</summary>
    public static Words Reason(string reason) => reason switch
    {
        "no answer" => ("五秒内没有应答", "no answer within five seconds"),
        "unreachable" => ("连接不上", "cannot be reached"),
        _ when reason.StartsWith("status ", StringComparison.Ordinal) => ($"应答状态 {reason[7..]}", $"answered with status {reason[7..]}"),
        "chain-unreachable" => ("节点没有应答", "its nodes do not answer"),
        "chain-wrong" => ("节点属于另一条链", "a node is of another chain"),
        "vault-unavailable" => ("没有应答", "does not answer"),
        "vault-refused" => ("拒绝使用密钥", "refuses the key"),
        _ => reason,
    };
}
