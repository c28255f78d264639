using System.Net;

namespace Notary.Host.Api;

/// <summary>The page behind a letter's QR code, in Chinese and English. No script, nothing from elsewhere, nothing that names the depositor.</summary>
/// <remarks>Terms, the order of the rows, the groups of digits and the times are the letter's, since the reader lays one beside the other.</remarks>
internal sealed class VerifyPage(OfficeSettings office)
{
    private const string Style =
        ":root{color-scheme:light dark}*{box-sizing:border-box}"
        + "body{font:16px/1.6 system-ui,'Noto Sans SC','Noto Sans CJK SC',sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
        + "header{border-bottom:3px double #a51d24;text-align:center;padding:.5rem 0 .7rem}header p{margin:0;color:#a51d24;font-weight:700}"
        + "h1{font-size:1.45rem;margin:.2rem 0 0}.result{margin:1.2rem 0;padding:.7rem 1rem;border-left:.4rem solid;font-weight:600}"
        + ".ok{color:#0a6b2d;background:#eef8f1}.no{color:#a11212;background:#fdf0ef}"
        + "dl{display:grid;grid-template-columns:16rem 1fr;margin:1.2rem 0}"
        + "dt,dd{margin:0;padding:.4rem 0;border-top:1px solid #ddd}dt{color:#555;padding-right:1rem}"
        + "dd{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}dd span{display:block}"
        + "code{font:.95em/1.5 ui-monospace,'Noto Sans Mono',monospace}code i{font-style:normal;padding-right:.45em}"
        + "label,input,button{font:inherit}input,button{padding:.4rem .7rem;max-width:100%}:focus-visible{outline:3px solid #2563c9;outline-offset:2px}"
        + "@media(max-width:42rem){dl{grid-template-columns:1fr}dd{border:0;padding-top:0}dt{padding-bottom:0}}"
        + "@media(prefers-color-scheme:dark){body{color:#eee;background:#141414}header{border-color:#e26a6a}"
        + "header p{color:#f08c8c}dt,dd{border-color:#3a3a3a}dt{color:#b0b0b0}"
        + ".ok{color:#7fe0a2;background:#12261a}.no{color:#ff9d94;background:#2b1513}}"
        + "@media print{:root{color-scheme:light}body{color:#000;background:#fff;font-size:10pt;max-width:none;padding:0}"
        + "dt{color:#333}dt,dd{padding:.15rem 0;break-inside:avoid}.ok{color:#0a6b2d;background:none}.no{color:#a11212;background:none}form{display:none}}";

    /// <summary>Only the one style sheet above may apply; no script, frame, image or request can.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>What the log says about a digest that is there.</summary>
    public string Found(PublicEvidence e)
    {
        var rows = new StringBuilder();
        Row(rows, "存证清单摘要", "Manifest SHA-256", Hex(e.ManifestDigest));
        Row(rows, "日志", "Log", Text(e.LogOrigin));
        Row(rows, "日志序号", "Log index", Number(e.Index));
        Row(rows, "检查点条目数", "Checkpoint size", Number(e.CheckpointSize));
        Row(rows, "检查点树根", "Checkpoint root", Hex(e.CheckpointRoot));
        foreach (var time in e.Times)
            Row(rows, "检查点可信时间", $"Checkpoint genTime, {time.Authority}", Time(time.GenTime));

        if (e.Anchor is { } anchor)
        {
            Row(rows, "链标识", "Chain id", Number(anchor.ChainId));
            Row(rows, "区块", "Block", Number(anchor.Block));
            Row(rows, "合约", "Contract", Hex(anchor.Contract));
            Row(rows, "交易", "Transaction", Hex(anchor.Transaction));
            Row(rows, "区块哈希", "Block hash", Hex(anchor.BlockHash));
            Row(rows, "出块时间", "Block time", Time(anchor.BlockTime));
        }
        else
        {
            Row(rows, "上链", "Anchor", Both("尚未确认", "not final yet"));
        }

        return Page(
            $"""
            <p class="result ok" role="status">✓ {Both("该摘要在日志的所示位置。", "This digest is in the log at the index shown.")}</p>
            <dl>{rows}</dl>
            <p>请逐项与存证函核对。本页只说明这些记录存在；文件本身须用证据包离线验证，不依赖本平台。</p>
            <p lang="en">Compare each line with the letter. This page says only that these records exist;
            judge the file itself with the evidence bundle, offline and without this platform.</p>
            """);
    }

    /// <summary>Asks for the index.</summary>
    public string Ask(string digest) => Page(Form(digest));

    /// <summary>There is no such record; asks again.</summary>
    public string NotFound(string? digest) => Page(
        $"""
        <p class="result no" role="alert">✗ {Both("日志中没有与之相符的记录。", "The log has no such record.")}</p>
        <p>请核对网址中的摘要和日志序号是否与存证函一致。若一致而仍无记录，此函不能凭本平台得到证实。</p>
        <p lang="en">Check that the digest in the address and the index are those on the letter.
        If they are and there is still no record, this platform does not confirm the letter.</p>
        """ + Form(digest));

    /// <summary>The address asks for nothing that could be looked up; asks again.</summary>
    public string Malformed(string? digest) => Page(
        $"""
        <p class="result no" role="alert">✗ {Both("网址有误，未作核对。", "The address is wrong; nothing was checked.")}</p>
        <p>网址中问号之后应有一个日志序号，即存证函上的数字，例如 ?index=42。</p>
        <p lang="en">After the question mark the address has one log index, the number on the letter, such as ?index=42.</p>
        """ + Form(digest));

    private static string Form(string? digest)
        => digest is null ? "" :
            $"""
            <form method="get" action="/verify/{digest}">
            <p><label for="index">{Both("存证函上的日志序号", "Log index, as on the letter")}</label></p>
            <p><input id="index" name="index" inputmode="numeric" pattern="[0-9]+" maxlength="18" autocomplete="off" required>
            <button>{Both("核对", "Check")}</button></p>
            </form>
            """;

    private string Page(string body) =>
        $"""
        <!doctype html>
        <html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
        <title>存证核对 Evidence check</title><style>{Style}</style></head>
        <body><header><p>{Both(office.Name, office.EnglishName)}</p><h1>{Both("存证核对", "Evidence check")}</h1></header>
        <main>
        {body}
        </main></body></html>
        """;

    private static void Row(StringBuilder rows, string chinese, string english, string value)
        => rows.Append("<dt>").Append(Both(chinese, english)).Append("</dt><dd>").Append(value).Append("</dd>\n");

    private static string Both(string chinese, string english) => $"""{Text(chinese)} <bdi lang="en">{Text(english)}</bdi>""";

    // In eights, as on the letter; the gap is padding, so that what is copied has no blanks.
    private static string Hex(string digits)
    {
        var start = digits.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0;
        return $"<code>{Text(digits[..start])}{string.Join("<wbr>", digits[start..].Chunk(8).Select(eight => $"<i>{Text(new string(eight))}</i>"))}</code>";
    }

    private static string Time(DateTimeOffset time)
        => $"<span>{Local(time, 0, "UTC")}</span><span>{Local(time, 8, "UTC+08:00")}</span>";

    private static string Local(DateTimeOffset time, int hours, string zone)
        => string.Create(CultureInfo.InvariantCulture, $"{time.ToOffset(TimeSpan.FromHours(hours)):yyyy-MM-dd HH:mm:ss.FFFFFFF} {zone}");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
