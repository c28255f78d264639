namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class KeccakTests
{
    [TestMethod]
    public void Published_hashes_come_out()
    {
        foreach (var vector in EthereumVectors.Load("keccak256.json").EnumerateArray())
        {
            var message = vector.TryGetProperty("hex", out var hex)
                ? Convert.FromHexString(hex.GetString()!)
                : [.. Enumerable.Repeat(Convert.FromHexString(vector.Text("repeat"))[0], vector.GetProperty("times").GetInt32())];
            Assert.AreEqual(vector.Text("hash"), Convert.ToHexStringLower(Keccak256.Hash(message)), $"{message.Length} bytes");
        }
    }

    [TestMethod]
    public void It_is_not_sha3()
        => Assert.AreNotEqual("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes("abc"))));
}
