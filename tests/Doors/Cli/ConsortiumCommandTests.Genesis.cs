using System.Text.Json;
using Notary.Evidence.Ethereum;

namespace Notary.Cli.Tests;

public sealed partial class ConsortiumCommandTests
{
    /// <summary>The example of Besu's documentation on QBFT.</summary>
    [TestMethod]
    public void Extra_data_is_the_published_one_in_whatever_order_the_validators_come()
    {
        const string published = "0xf87aa00000000000000000000000000000000000000000000000000000000000000000f8549464a702e6263b7297a96638cac6ae65e6541f4169"
            + "943923390ad55e90c237593b3b0e401f3b08a0318594aefdb9a738c9f433e5b6b212a6d62f6370c2f69294c7eeb9a4e00ce683cf93039b212648e01c6c6b78c080c0";
        var items = Rlp.Decode(Hex.Bytes(published)).Items;
        var validators = items[1].Items.Select(v => new Address(v.Fixed(Address.Size))).ToArray();
        Assert.HasCount(4, validators);

        // The example's own order is not that of the addresses, and a genesis from a list has one order only.
        var ours = Rlp.Decode(QbftGenesis.ExtraData(validators)).Items;
        CollectionAssert.AreEqual(validators.Select(v => v.ToLowerHex()).Order(StringComparer.Ordinal).ToArray(),
            ours[1].Items.Select(v => new Address(v.Fixed(Address.Size)).ToLowerHex()).ToArray());
        Assert.AreEqual(published, Hex.Of(Rlp.EncodeList(ours[0], items[1], ours[2], ours[3], ours[4])));
        Assert.AreEqual(Hex.Of(QbftGenesis.ExtraData(validators)), Hex.Of(QbftGenesis.ExtraData(validators.Reverse())));
    }

    private static async Task GenesisIsOfAsync(string contract, string[] members, params string[] more)
    {
        string[] args = ["genesis", "--contract", contract, "--chain-id", "20261", .. more];
        var said = await DoAsync([.. args, "--out", At("genesis.json")]);
        await DoAsync([.. args, "--out", At("again.json")]);
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(At("genesis.json")), await File.ReadAllBytesAsync(At("again.json")));

        var json = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(At("genesis.json")));
        Assert.AreEqual(20261, json.GetProperty("config").GetProperty("chainId").GetInt64());
        var extra = Rlp.Decode(Hex.Bytes(json.GetProperty("extraData").GetString())).Items;
        var accounts = members.Select(m => File.ReadAllText(At($"{m}.address"))).ToArray();
        CollectionAssert.AreEqual(accounts.Select(a => a.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray(),
            extra[1].Items.Select(v => Hex.Of(v.Fixed(Address.Size))).ToArray());
        foreach (var account in accounts)
            Assert.Contains($"validator {account} of ", said);
    }

    /// <summary>Who was removed or is no producer does not validate, and of several accounts one is to be named.</summary>
    private static async Task GenesisFollowsTheListAsync(string address)
    {
        await GenesisIsOfAsync(address, ["office", "bank-2", "court"]);
        string[] genesis = ["genesis", "--contract", address, "--out", At("none.json"), "--chain-id"];
        await FailsAsync(2, "present chain", [.. genesis, "31337"]);
        await FailsAsync(2, "is no account by which", [.. genesis, "20261", "--validator", File.ReadAllText(At("bank.address"))]);

        var second = await AccountAsync("court-2");
        await DoAsync("rotate", "--account", second, "--keep", "--certificate-key", At("court.pem"), "--contract", address, "--key", At("court.key"));
        await DecideAsync(8, address, "office", "bank-2");
        await FailsAsync(2, "several accounts", [.. genesis, "20261"]);
        Assert.IsFalse(File.Exists(At("none.json")));
        await GenesisIsOfAsync(address, ["office", "bank-2", "court-2"], "--validator", second);
    }
}
