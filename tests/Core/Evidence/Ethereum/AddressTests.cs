namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class AddressTests
{
    [TestMethod]
    public void Eip55_writes_and_reads_its_own_examples()
    {
        foreach (var text in EthereumVectors.Load("addresses.json").EnumerateArray().Select(e => e.GetString()!))
        {
            Assert.AreEqual(text, Address.Parse(text.ToLowerInvariant()).ToString());
            Assert.AreEqual(Address.Parse(text), Address.Parse("0x" + text[2..].ToUpperInvariant()));
            Assert.IsTrue(Address.TryParse(text, out var address));
            Assert.AreEqual(text.ToLowerInvariant(), address.ToLowerHex());
        }
    }

    [TestMethod]
    [DataRow("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", DisplayName = "wrong checksum")]
    [DataRow("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", DisplayName = "no 0x")]
    [DataRow("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", DisplayName = "short")]
    [DataRow("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedzz", DisplayName = "long")]
    [DataRow("0xg908400098527886e0f7030069857d2e4169ee7a", DisplayName = "no digit")]
    [DataRow("", DisplayName = "empty")]
    [DataRow(null, DisplayName = "null")]
    public void Anything_else_is_refused(string? text) => Assert.IsFalse(Address.TryParse(text, out _));
}
