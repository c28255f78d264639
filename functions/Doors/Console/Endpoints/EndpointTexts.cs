using Notary.Webhooks;

namespace Notary.Pages.Endpoints;

/// <summary>What endpoints, events and attempts are called.</summary>
internal static class EndpointTexts
{
    /// <summary>A type of event.</summary>
    public static Words Of(string type) => type switch
    {
        EventTypes.KeyExpiring => ("API 密钥即将到期", "an API key ends soon"),
        EventTypes.EndpointDisabled => ("另一个接收地址被停用", "another endpoint was disabled"),
        EventTypes.Test => ("试发", "a test"),
        _ => (type.Split('.') is ["batch", ..] ? "批量存证" : "存证", type.Split('.') is ["batch", ..] ? "a batch" : "a deposit") switch
        {
            var (zh, en) => type.Split('.')[^1] switch
            {
                "logged" => ($"{zh}已入日志", $"{en} is in the log"),
                "timestamped" => ($"{zh}已有时间戳", $"{en} has its time stamps"),
                "anchored" => ($"{zh}已上链", $"{en} is anchored on the chain"),
                "certified" => ($"{zh}的函已出具", $"{en} has its letter"),
                "failed" => ($"{zh}未成", $"{en} failed"),
                _ => type,
            },
        },
    };

    /// <summary>Which events an endpoint wants, in short.</summary>
    public static Words Of(EndpointView endpoint)
        => endpoint.Types.Count == 0 ? ("全部事件", "every event") : (Words)string.Join("  ", endpoint.Types);

    /// <summary>Why nothing is sent to it.</summary>
    public static Words Of(DisabledReason reason) => reason switch
    {
        DisabledReason.ByOwner => ("已停用", "switched off"),
        DisabledReason.Gone => ("对方已不在（410），已停用", "the receiver is gone (410): switched off"),
        _ => ("七天无一送达，已停用", "nothing arrived for seven days: switched off"),
    };

    /// <summary>What came of an attempt: the outcomes of docs/partners.md.</summary>
    public static Words Outcome(string outcome) => outcome switch
    {
        "delivered" => ("已送达", "delivered"),
        "address-forbidden" => ("不许连接的地址", "an address that is not dialled"),
        "name-unknown" => ("域名无法解析", "the name is unknown"),
        "connection-failed" => ("无法连接", "no connection"),
        "tls-failed" => ("TLS 未成", "TLS failed"),
        "timed-out" => ("超时", "timed out"),
        "answer-too-large" => ("回复过大", "the answer is too large"),
        "redirected" => ("对方要求转址，不跟随", "redirected, which is not followed"),
        "refused" => ("对方拒绝", "refused by the receiver"),
        "cut-off" => ("发送中断", "cut off"),
        _ => ("连接中断", "the connection broke off"),
    };

    /// <summary>What an endpoint is called.</summary>
    public static string Name(EndpointView endpoint) => endpoint.Label.Length > 0 ? endpoint.Label : endpoint.Url.Host;
}
