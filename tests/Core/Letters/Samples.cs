namespace Notary.Letters.Tests;

/// <summary>Facts of made-up letters, the same on every run.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Received = new(2026, 11, 22, 5, 0, 0, 123, TimeSpan.Zero);

    public static LetterFacts Letter(params ManifestItem[] items) => new(
        DepositId.Parse("019ab0c4-6f5b-7d3e-8a11-0123456789ab"),
        "（2026）存证字第 000123 号",
        "did:web:notary.example:tenants:acme",
        "北京示例科技有限公司",
        Received,
        "file",
        items.Length > 0 ? items : [Item("房屋租赁合同（最终版）.pdf")],
        Digest("manifest"),
        new Dictionary<string, string> { ["contractNo"] = "A-17" },
        [
            new("national-time", Received.AddMilliseconds(900), "4b6304f69562e168ff4199ea", "manifest"),
            new("second-tsa", Received.AddMilliseconds(1100), "0099", "manifest"),
            new("national-time", Received.AddMilliseconds(2000), "4b6304f69562e168ff4199eb", "checkpoint"),
            new("second-tsa", Received.AddMilliseconds(2345), "009a", "checkpoint"),
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
        new Uri("https://notary.example/verify/019ab0c4-6f5b-7d3e-8a11-0123456789ab"),
        Received.AddSeconds(60));

    public static ManifestItem Item(string name, long? size = 12345) => ManifestItem.Of(name, size, "application/pdf", Digest(name));

    public static Digest Digest(string of) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(of)));
}
