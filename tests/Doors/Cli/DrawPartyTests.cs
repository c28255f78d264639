using System.Diagnostics;
using System.Numerics;
using Notary.Evidence.Ethereum;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary draw commit</c> and <c>reveal</c> on a real chain, until what they said is in a verified draw.</summary>
[TestClass]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class DrawPartyTests
{
    private static DrawStage stage = null!;
    private static string folder = null!;

    private static string At(string name) => Path.Combine(folder, name);

    [ClassInitialize]
    public static async Task CreateAsync(TestContext _)
    {
        stage = await DrawStage.CreateAsync();
        folder = Directory.CreateTempSubdirectory("notary-party").FullName;
        await stage.Anvil.CallAsync("evm_setAutomine", true);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await stage.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public async Task Two_parties_take_part_and_the_draw_is_verified()
    {
        var draw = await stage.PublishAsync();
        var (hex, keystore) = (await KeyAsync("hex.key"), await KeystoreAsync("keystore.json", "口令 1"));
        await File.WriteAllTextAsync(At("password"), "口令 1\n");
        File.SetUnixFileMode(At("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        // The first one: its secret is on the disk, for itself alone, and never twice.
        var first = await DoAsync("commit", draw, "hex.key");
        Assert.AreEqual(0, first.Exit, first.Error);
        Assert.Contains($"{hex} committed in block", first.Output);
        var secret = (await File.ReadAllTextAsync(At("hex.key.secret"))).TrimEnd('\n');
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("hex.key.secret")));
        Assert.DoesNotContain(secret, first.Output + first.Error);
        await FailsAsync(1, "committed already", "commit", draw, "hex.key");
        Assert.AreEqual(secret + "\n", await File.ReadAllTextAsync(At("hex.key.secret")));

        // The second one was cut off after its secret was written.
        await File.WriteAllTextAsync(At("keystore.json.secret"), new string('a', 64) + "\n");
        File.SetUnixFileMode(At("keystore.json.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await FailsAsync(2, "is there already and is not overwritten", "commit", draw, "keystore.json", "--password", At("password"));
        var second = await DoAsync("commit", draw, "keystore.json", "--password", At("password"), "--resume");
        Assert.AreEqual(0, second.Exit, second.Error);
        Assert.Contains($"{keystore} committed", second.Output);

        // Reveals: not too early, only what was committed, once.
        await FailsAsync(1, "--wait waits", "reveal", draw, "hex.key");
        await KeyAsync("stranger.key");
        await FailsAsync(1, "has not committed", "reveal", draw, "stranger.key");
        var waiting = DoAsync("reveal", draw, "hex.key", "--wait");
        await stage.MineToAsync(draw.CommitDeadline);
        Assert.Contains($"{hex} revealed in block", (await waiting).Output, (await waiting).Error);
        Assert.Contains("revealed already", (await DoAsync("reveal", draw, "hex.key")).Output);
        await FailsAsync(1, "commits were taken up to block", "commit", draw, "stranger.key");
        await FailsAsync(1, "is not the one that this account has committed to",
            "reveal", draw, "keystore.json", "--password", At("password"), "--secret", At("hex.key.secret"));
        Assert.AreEqual(0, (await DoAsync("reveal", draw, "keystore.json", "--password", At("password"))).Exit);

        await stage.Anvil.CallAsync("evm_setAutomine", false);
        await stage.FinishAsync(draw, At("draw"));
        await stage.Anvil.CallAsync("evm_setAutomine", true);
        Assert.AreEqual($"{secret}, {new string('a', 64)}", string.Join(", ", draw.Result.Reveals.Select(r => r.Secret)));
        await File.WriteAllBytesAsync(At("trust.json"), stage.Deposits.Trust.ToBytes());
        await File.WriteAllTextAsync(At("notaries.txt"), stage.Keys);
        await File.WriteAllBytesAsync(At("drand.json"), await stage.Beacon.InfoAsync());
        var verified = await Run.AsyncOf("draw", "verify", At("draw"), "--trust", At("trust.json"), "--notaries", At("notaries.txt"),
            "--drand", At("drand.json"), "--rpc", stage.Anvil.Url.ToString());
        Assert.AreEqual(0, verified.Exit, verified.Output);
        await FailsAsync(1, "commits were taken up to block", "commit", draw, "stranger.key");
    }

    [TestMethod]
    public async Task What_is_wrong_is_said_before_anything_is_written_or_sent()
    {
        var draw = await stage.PublishAsync();
        await KeyAsync("some.key");
        File.SetUnixFileMode(At("some.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await FailsAsync(2, "others can read", "commit", draw, "some.key");
        await KeyAsync("bad.key", "not a key");
        await FailsAsync(2, "neither 64 hexadecimal digits nor", "commit", draw, "bad.key");
        await KeyAsync("zero.key", new string('0', 64));
        await FailsAsync(2, "no key of secp256k1", "commit", draw, "zero.key");
        await KeyAsync("json.key", "{}");
        await FailsAsync(2, "give --password FILE", "commit", draw, "json.key");
        await FailsAsync(2, "no keystore of version 3", "commit", draw, "json.key", "--password", At("bad.key"));
        await KeyAsync("good.key");
        await FailsAsync(2, "not the draw registry", "commit", draw, "good.key", registry: stage.Publisher.ToString());
        await FailsAsync(2, "is not an address", "commit", draw, "good.key", registry: "0x12");
        await FailsAsync(2, "no such draw", "commit", draw with { Draw = draw.Draw with { Id = draw.Draw.SpecDigest } }, "good.key");
        Assert.IsFalse(File.Exists(At("good.key.secret")));

        // An account without money: the node refuses, the secret is kept for --resume.
        await KeyAsync("poor.key", fund: false);
        var poor = await DoAsync("commit", draw, "poor.key");
        Assert.AreEqual(2, poor.Exit, poor.Output);
        Assert.IsTrue(File.Exists(At("poor.key.secret")));
    }

    private static Task<Run> DoAsync(string command, StagedDraw draw, string key, params string[] more)
    {
        string[] secret = more.Contains("--secret") ? [] : ["--secret", At(key + ".secret")];
        string[] registry = more.Contains("--registry") ? [] : ["--registry", stage.Registry.ToString()];
        string[] always = ["draw", command, "--rpc", stage.Anvil.Url.ToString(), "--draw", draw.Draw.Id.ToString(), "--key", At(key)];
        return Run.AsyncOf([.. always, .. secret, .. registry, .. more]);
    }

    private static async Task FailsAsync(int exit, string sentence, string command, StagedDraw draw, string key, params string[] more)
    {
        var run = await DoAsync(command, draw, key, more);
        Assert.AreEqual(exit, run.Exit, run.Output + run.Error);
        Assert.Contains(sentence, run.Error);
        Assert.HasCount(2, run.Error.Split('\n'), run.Error);
    }

    private static Task FailsAsync(int exit, string sentence, string command, StagedDraw draw, string key, string registry)
        => FailsAsync(exit, sentence, command, draw, key, "--registry", registry);

    /// <summary>A key file of that content, or of a new key with money.</summary>
    private static async Task<Address> KeyAsync(string name, string? content = null, bool fund = true)
    {
        var hex = content ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(At(name), hex + "\n");
        File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (content is not null)
            return default;

        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), D = Convert.FromHexString(hex) });
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var address = Address.OfPublicKey([.. point.X!, .. point.Y!]);
        if (fund)
            await stage.Anvil.FundAsync(address.ToLowerHex(), BigInteger.Pow(10, 20));

        return address;
    }

    /// <summary>A keystore as ethers writes it.</summary>
    private static async Task<Address> KeystoreAsync(string name, string password)
    {
        const string Script = """
            import { Wallet, encryptKeystoreJsonSync } from 'ethers';
            const wallet = Wallet.createRandom();
            console.log(wallet.address);
            console.log(encryptKeystoreJsonSync({ address: wallet.address, privateKey: wallet.privateKey }, process.argv[1], { scrypt: { N: 4096 } }));
            """;
        using var node = Process.Start(new ProcessStartInfo("node", ["--input-type=module", "-e", Script, password])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "scripts"), RedirectStandardOutput = true,
        })!;
        var lines = (await node.StandardOutput.ReadToEndAsync()).Split('\n');
        await File.WriteAllTextAsync(At(name), lines[1]);
        File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var address = Address.Parse(lines[0].ToLowerInvariant());
        await stage.Anvil.FundAsync(address.ToLowerHex(), BigInteger.Pow(10, 20));
        return address;
    }
}
