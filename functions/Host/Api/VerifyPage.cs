using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Notary.Deposits;

namespace Notary.Host.Api;

/// <summary>The page behind a letter's QR code, in Chinese and English. No script, nothing from elsewhere, nothing that names the depositor.</summary>
internal static class VerifyPage
{
    private const string Style =
        "body{font:16px/1.6 system-ui,'Noto Sans SC',sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
        + "h1{font-size:1.4rem}dl{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:.4rem 1rem}dt{color:#555}"
        + "dd{margin:0;font-family:ui-monospace,monospace;overflow-wrap:anywhere}.ok{color:#0a6b2d}.no{color:#a11}"
        + "input,button{font:inherit;padding:.3rem .6rem}@media(max-width:36rem){dl{grid-template-columns:1fr}}"
        + "@media(prefers-color-scheme:dark){body{color:#eee;background:#141414}dt{color:#aaa}.ok{color:#5fd38a}.no{color:#ff8a80}}";

    /// <summary>Only the one style sheet above may apply; no script, frame, image or request can.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static string Found(PublicEvidence e)
    {
        var rows = new StringBuilder();
        Row(rows, "存证清单摘要 Manifest digest", e.ManifestDigest);
        Row(rows, "日志 Log", e.LogOrigin);
        Row(rows, "日志序号 Log index", Number(e.Index));
        Row(rows, "检查点大小 Checkpoint size", Number(e.CheckpointSize));
        Row(rows, "检查点根 Checkpoint root", e.CheckpointRoot);
        foreach (var time in e.Times)
        {
            Row(rows, $"可信时间 Trusted time ({time.Authority})", $"{Utc(time.GenTime)} · {Beijing(time.GenTime)}");
        }

        if (e.Anchor is { } anchor)
        {
            Row(rows, "链编号 Chain id", Number(anchor.ChainId));
            Row(rows, "合约 Contract", anchor.Contract);
            Row(rows, "交易 Transaction", anchor.Transaction);
            Row(rows, "区块 Block", $"{Number(anchor.Block)} · {anchor.BlockHash}");
            Row(rows, "区块时间 Block time", $"{Utc(anchor.BlockTime)} · {Beijing(anchor.BlockTime)}");
        }
        else
        {
            Row(rows, "上链 Anchor", "尚未确认 not final yet");
        }

        return Page(
            $"""
            <p class="ok">该摘要在日志的所示位置。This digest is in the log at the index shown.</p>
            <dl>{rows}</dl>
            <p>请逐项与存证函核对。本页只说明这些记录存在；文件本身须用证据包离线验证，不依赖本平台。</p>
            <p>Compare each line with the letter. This page says only that these records exist; judge the file itself with the evidence bundle, offline and without this platform.</p>
            """);
    }

    public static string Ask(string? digest, bool wrong) => Page(
        (wrong ? """<p class="no">日志中没有与之相符的记录。The log has no such record.</p>""" : "")
        + (digest is null ? "" :
            $"""
            <form method="get" action="/verify/{digest}">
            <p><label>存证函上的日志序号 Log index, as on the letter: <input name="index" inputmode="numeric" pattern="[0-9]+" required></label> <button>核对 Check</button></p>
            </form>
            """));

    private static string Page(string body) =>
        $"""
        <!doctype html>
        <html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
        <title>存证核对 Evidence check</title><style>{Style}</style></head>
        <body><main><h1>存证核对 <span lang="en">Evidence check</span></h1>
        {body}
        </main></body></html>
        """;

    private static void Row(StringBuilder rows, string name, string value)
        => rows.Append("<dt>").Append(WebUtility.HtmlEncode(name)).Append("</dt><dd>").Append(WebUtility.HtmlEncode(value)).Append("</dd>");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private static string Beijing(DateTimeOffset time) => time.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss.FFF'+08:00'", CultureInfo.InvariantCulture);
}
