namespace Notary.Pages.Tests;

/// <summary>Texts that break programs: markup in every disguise, other languages' quotes, odd numbers and characters, nearly nothing, far too much.</summary>
internal static class NaughtyStrings
{
    private static readonly string[] Markup =
    [
        "<script>window.naughty=1</script>", "\"><img src=x onerror=window.naughty=1>", "'><svg onload=window.naughty=1>",
        "</title><script>naughty=1</script>", "</textarea><script>naughty=1</script>", "</style><script>naughty=1</script>",
        "--><script>naughty=1</script><!--", "]]><script>naughty=1</script>", "<iframe srcdoc='<script>parent.naughty=1</script>'>",
        "<a href=javascript:naughty=1>a</a>", "<base href=https://evil.example/>",
        "<meta http-equiv=refresh content='0;url=https://evil.example/'>", "<form action=https://evil.example/><input name=antiforgery>",
        "<link rel=stylesheet href=https://evil.example/a.css>", "<object data=javascript:naughty=1>", "<embed src=data:text/html,naughty>",
        "<math><mtext><script>naughty=1</script>", "<template><script>naughty=1</script></template>", "<xmp><script>naughty=1</script>",
        "<noscript><p title=\"</noscript><img src=x onerror=naughty=1>\">", "<details open ontoggle=naughty=1>",
        "\" autofocus onfocus=naughty=1 x=\"", "' style='background:url(//evil.example)", "<plaintext>", "javascript:window.naughty=1",
        "data:text/html,<script>naughty=1</script>",
    ];

    private static readonly string[] Queries =
    [
        "' or 1 eq 1", "' or PartitionKey ne '", "'; drop table deposits; --", "\" or \"\"=\"", "') or ('1'='1", "1; select 1",
        "*)(uid=*))(|(uid=*", "' | //* | '", "$(id)", "`id`", "; id", "| id", "&& id", "%0aid", "${7*7}", "{{7*7}}", "#{7*7}", "<%= 7*7 %>",
        "@(7*7)", "@Html.Raw(1)", "@@x", "{0}", "{0:N}", "%s%n", "%x", "%d", "$$", "\\", "\\\\", "\\x00", "\\u0000", "\\n", "%00",
        "%0d%0aX: y", "\r\nX: y", "a\r\nb", "a\nb", "a\tb", "//evil.example", "\\\\evil.example\\a", "file:///etc/passwd",
        "../../../../etc/passwd", "..\\..\\win.ini", "....//....//", "%2e%2e%2f", "/", "//", ".", "..", "...", "~", "CON", "PRN", "AUX",
        "NUL", "COM1", "LPT1", "con.txt", ".htaccess", "a/b", "a\\b", "a:b", "a*b", "a?b", "a|b", "a<b", "a>b", "a\"b", "a'b", "a&b",
        "a&amp;b", "&lt;b&gt;", "&#60;b&#62;", "a;b", "a=b", "a#b", "a%b", "a+b", "a b", "__proto__", "constructor", "prototype",
        "toString", "hasOwnProperty", "then", "length", "this", "window", "undefined", "null", "NULL", "nil", "None", "NaN", "true",
        "false",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "00", "01", "1.0", "1,000", "1.000,00", "1e309", "-1e309", "1/0", "0/0", "Infinity", "-Infinity", "0x0",
        "0xffffffff", "0b1", "0o7", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "99999999999999999999999999999999", "１２３", "١٢٣", "一二三", "½", "²", "１．０",
        "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-11-29T24:00:00Z", "1970-01-01", "-1-1-1", "24:60", "1e3", "1_000",
        "٠", "Ⅷ", "①", "0.1+0.2", "1 ", " 1", "+1", "--1", "1-",
    ];

    private static readonly string[] Scripts =
    [
        "田中さんにあげて下さい", "和製漢語", "사회과학원", "서울시", "Ⱥ", "ﷺ", "﷽", "بسم الله", "עברית", "\u202eevil\u202c", "\u2066a\u2069",
        "م\u064fن\u064eاق\u064eش\u064eة\u064f", "ท\u0e38\u0e48งนา", "ಠ_ಠ", "བ\u0f7cད་ཡ\u0f72ག", "ᠮᠣᠩᠭᠣᠯ", "᚛ᚄᚓᚐᚋᚒᚄ᚜", "𝕿𝖍𝖊", "𠜎𠜱𠝹",
        "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨", "👨\u200d👩\u200d👦\u200d👦", "🇨🇳🇺🇳", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "0\ufe0f\u20e31\ufe0f\u20e3", "Z\u0327\u031b\u034e\u0330\u0319\u0331\u0332A\u0337\u0322\u0353L\u0321G\u0336O\u0315", "é", "é", "ﬀ",
        "ǅ", "ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "ａｂｃ", "￥", "「『", "、。", "“”‘’", "−–—", "‐‑", "…", "•", "№", "™", "℗", "˙ɐnbᴉlɐ", "🄰🄱", "🅐🅑",
        "ａ＜ｂ＞", "＜script＞naughty=1＜/script＞", "‹script›", "ﹼ", "\u1160", "\u3164", "\u2800", "\u180e", "\ufeffa", "a\ufeff", "a\u200bb",
        "a\u200cb", "a\u200db", "a\u2060b", "a\u00adb", "a\u061cb", "\u202aa", "\u202bb", "\u202cc", "\ufff9a\ufffab\ufffb", "\ufffc",
        "\ufffd", "\u2028a", "a\u2029b", "\u0085", "\u00a0", "\u3000", "\u1680", "\u2000\u2001\u2002", "\ufdd0", "\uffff", "\U0010ffff",
        "\ue000", "\U000e0041\U000e0042",
    ];

    private static readonly Func<string, string>[] Disguises =
    [
        s => s, s => s.ToUpperInvariant(), Uri.EscapeDataString, s => Uri.EscapeDataString(Uri.EscapeDataString(s)),
        s => s.Replace("<", "&#60;", StringComparison.Ordinal), s => s.Replace("<", "&lt;", StringComparison.Ordinal),
        s => s.Replace("<", "\\u003c", StringComparison.Ordinal),
        s => s.Replace("<", "<\u200b", StringComparison.Ordinal), s => s.Replace('<', '\uff1c'),
    ];

    /// <summary>All of them, each once.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Markup.SelectMany(s => Disguises.Select(disguise => disguise(s))).Concat(Queries).Concat(Numbers).Concat(Scripts)
            .Concat(Enumerable.Range(0, 32).Append(127).Concat(Enumerable.Range(128, 32)).Select(c => $"a{(char)c}b"))
            .Concat(new[] { 2, 255, 256, 1000, 4000 }.SelectMany(n => new[] { new string('a', n), new string('字', n), new string(' ', n) }))
            .Concat(["", " ", "\t", "a\u0301" + new string('\u0301', 60), string.Concat(Enumerable.Repeat("👩🏽\u200d❤\ufe0f\u200d💋\u200d👨", 30))])
            .Distinct(StringComparer.Ordinal),
    ];
}
