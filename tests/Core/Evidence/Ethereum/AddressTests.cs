using Notary.Evidence.Ethereum;

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

    [TestMethod]
    public void A_contracts_address_follows_from_its_creator()
    {
        // The account and first contracts of the well-known development mnemonic.
        var creator = Address.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
        Assert.AreEqual("0x5FbDB2315678afecb367f032d93F642f64180aa3", Address.OfContract(creator, 0).ToString());
        Assert.AreEqual("0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", Address.OfContract(creator, 1).ToString());
    }
}
