namespace Notary.Verification.Certificates;

/// <summary>What the pages of every letter and certificate are written with: blocks, times and numbers.</summary>
internal static class PageBlocks
{
    /// <summary>Between two facts of one line.</summary>
    public const string Between = "   ·   ";

    private const string Second = "yyyy-MM-dd HH:mm:ss", Millisecond = Second + ".fff";

    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public static CertificateBlock Line(CertificateStyle style, string text) => new(null, [new(style, text)]);

    public static CertificateBlock Row(string label, params CertificatePassage[] passages) => new(label, passages);

    /// <summary>By the clock of Beijing, whole seconds.</summary>
    public static string Clock(DateTimeOffset time) => Written(time.ToOffset(Beijing), Second);

    /// <summary>By both clocks, whole seconds.</summary>
    public static string Both(DateTimeOffset time) => Both(time, Second);

    /// <summary>By both clocks, to the millisecond.</summary>
    public static string Exactly(DateTimeOffset time) => Both(time, Millisecond);

    /// <summary>In groups of three digits.</summary>
    public static string Grouped(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Both(DateTimeOffset time, string form)
        => $"{Written(time.ToOffset(Beijing), form)} 北京时间 (UTC+08:00){Between}{Written(time.ToUniversalTime(), form)} UTC";

    private static string Written(DateTimeOffset time, string form) => time.ToString(form, CultureInfo.InvariantCulture);
}
