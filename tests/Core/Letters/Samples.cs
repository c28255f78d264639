namespace Notary.Letters.Tests;

/// <summary>Facts of made-up letters, the same on every run.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Received = new(2026, 11, 22, 5, 0, 0, 123, TimeSpan.Zero);

    public static LetterFacts Letter(params ManifestItem[] items) => new(
        DepositId.Parse("019ab0c4-6f5b-7d3e-8a11-0123456789ab"),
        "〔2026〕示浦电存字第4712号",
        "did:web:notary.example:tenants:acme",
        "北京示例科技有限公司",
        Received,
        "file",
        items.Length > 0 ? items : [Item("房屋租赁合同（最终版）.pdf")],
        Digest("manifest"),
        new Dictionary<string, string> { ["contractNo"] = "A-17" },
        [
            new("national-time", Received.AddMilliseconds(900), "4b6304f69562e168ff4199ea", "manifest", National),
            new("second-tsa", Received.AddMilliseconds(1100), "0099", "manifest", Second),
            new("national-time", Received.AddMilliseconds(2000), "4b6304f69562e168ff4199eb", "checkpoint", National),
            new("second-tsa", Received.AddMilliseconds(2345), "009a", "checkpoint", Second),
        ],
        "log.notary.example/2026",
        4711,
        4720,
        Digest("root"),
        31337,
        "0x" + Digest("contract").ToString()[..40],
        "0x" + Digest("transaction"),
        123456,
        "0x" + Digest("block"),
        Received.AddSeconds(9),
        new Uri("https://notary.example" + LetterFacts.VerifyPath(Digest("manifest"), 4711)),
        Received.AddSeconds(60))
    {
        Parties = new("示浦", "示范市示浦区公证路 1 号", "示范存证平台有限公司", "示范公证联盟链", "示范链运营有限公司"),
    };

    private static LetterAuthority National => new("示范国家授时服务中心", "1.2.156.999.1.3161", Digest("first certificate"));

    private static LetterAuthority Second => new("第二时间戳服务（示范）有限公司", "1.3.6.1.4.1.999.7.2", Digest("second certificate"));

    public static ManifestItem Item(string name, long? size = 12345) => ManifestItem.Of(name, size, "application/pdf", Digest(name));

    public static Digest Digest(string of) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(of)));
}
