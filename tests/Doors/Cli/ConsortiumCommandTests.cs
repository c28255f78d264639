using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using Notary.Evidence.Ethereum;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary consortium</c>: four organisations from nothing, each by its own certificate's key and its own account's.</summary>
[TestClass]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class ConsortiumCommandTests
{
    private static readonly string Artifact = Path.Combine(Repository.Root, "functions", "Core", "Chain", "contracts", "Consortium.json");

    private static Anvil anvil = null!;
    private static string folder = null!;

    private static string At(string name) => Path.Combine(folder, name);

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        anvil = await Anvil.StartAsync(cancel: context.CancellationToken);
        folder = Directory.CreateTempSubdirectory("notary-consortium").FullName;
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await anvil.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public async Task Four_organisations_found_admit_remove_change_the_threshold_and_rotate_a_key()
    {
        foreach (var name in new[] { "deployer", "office", "bank", "court", "university", "guild", "stranger" })
            await AccountAsync(name);

        foreach (var name in new[] { "office", "bank", "court", "university", "guild" })
            Certify(name);

        // Founding: each proves himself to the contract that is to be.
        var address = await DoAsync("found", "--address", "--key", At("deployer.key"));
        foreach (var name in new[] { "office", "bank", "court", "university" })
            await JoinAsync(name, address, "production,service");

        var founded = await DoAsync("found", At("office.json"), At("bank.json"), At("court.json"), At("university.json"),
            "--threshold", "1/2", "--code", Artifact, "--key", At("deployer.key"));
        Assert.Contains($"founded {address} in block", founded);
        await GenesisIsOfAsync(address, ["office", "bank", "court", "university"]);

        // Another CA's candidate is refused until its root is listed.
        await JoinAsync("guild", address, "service", "--days", "30");
        await FailsAsync(1, "BadRoot", "propose", "admit", At("guild.json"), "--contract", address, "--key", At("office.key"));
        await ProposeAsync(1, address, "office", "root", At("guild.root.pem"));
        await DecideAsync(1, address, "office", "court", "bank");
        await FailsAsync(1, "NotAMember", "propose", "admit", At("guild.json"), "--contract", address, "--key", At("guild.key"));
        await ProposeAsync(2, address, "office", "admit", At("guild.json"));
        await FailsAsync(1, "NotEnoughVotes", "execute", "2", "--contract", address, "--key", At("stranger.key"));
        await FailsAsync(1, "NotAMember", "vote", "2", "yes", "--contract", address, "--key", At("stranger.key"));
        await DecideAsync(2, address, "office", "court", "bank");
        await FailsAsync(1, "BadCertificate", "propose", "admit", At("guild.json"), "--contract", address, "--key", At("office.key"));

        await ProposeAsync(3, address, "office", "remove", "4", "--reason", "left");
        await FailsAsync(1, "OwnCase", "vote", "3", "no", "--contract", address, "--key", At("university.key"));
        await VoteAsync(3, address, "bank", "no");
        await FailsAsync(1, "VotedAlready", "vote", "3", "yes", "--contract", address, "--key", At("bank.key"));
        await DecideAsync(3, address, "office", "court", "guild");
        var shown = await DoAsync("show", "3", "--contract", address);
        Assert.Contains("3 executed 3 of 3 votes: remove member 4 (left)", shown);
        Assert.Contains("no 2 bank", shown);
        Assert.Contains("yes 5 guild", shown);
        await FailsAsync(1, "NotEntitled", "propose", "threshold", "1/1", "--contract", address, "--key", At("university.key"));

        await ProposeAsync(4, address, "bank", "threshold", "2/3");
        await DecideAsync(4, address, "bank", "office", "court");

        // Rotation: the certificate's key vouches for the new account, and the old one is worth nothing from then on.
        var next = await AccountAsync("bank-2");
        await FailsAsync(2, "is not the certificate's", "rotate", "--account", next, "--certificate-key", At("court.pem"),
            "--contract", address, "--key", At("bank.key"));
        var rotated = await DoAsync("rotate", "--account", next, "--certificate-key", At("bank.pem"), "--contract", address, "--key", At("bank.key"));
        Assert.Contains("proposed as number 5", rotated);
        await DecideAsync(5, address, "office", "court");
        await FailsAsync(1, "KeyNotValid", "propose", "nodes", "1", "service", "--contract", address, "--key", At("bank.key"));
        await ProposeAsync(6, address, "bank-2", "suspend", "5", "--reason", "certificate expired");
        await DecideAsync(6, address, "bank-2", "office");
        await FailsAsync(1, "TooFewVoters", await ProposedAsync(7, address, "office", "nodes", "3", "observer"), address, "office", "bank-2");

        var members = await DoAsync("members", "--contract", address);
        Assert.Contains("4 removed university [production, service]", members);
        Assert.Contains("5 suspended (certificate expired) guild [service]", members);
        Assert.Contains(next, members);
        Assert.Contains("threshold 2/3, and more than half", members);
        Assert.HasCount(7, (await DoAsync("proposals", "--contract", address)).TrimEnd().Split('\n'));
        using var office = X509CertificateLoader.LoadCertificateFromFile(At("office.crt"));
        Assert.Contains($"1 active office [production, service] certificate {office.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}", members);
        await GenesisFollowsTheListAsync(address);
    }

    [TestMethod]
    public async Task What_is_wrong_is_one_sentence_before_anything_is_sent()
    {
        var own = await AccountAsync("somebody");
        Certify("somebody");
        await FailsAsync(2, "is not the consortium's contract", "members", "--contract", own);
        await FailsAsync(2, "is not an address", "members", "--contract", "0x12");
        await FailsAsync(2, "is not the consortium's contract", "vote", "1", "yes", "--contract", own, "--key", At("somebody.key"));
        await FailsAsync(2, "yes or no", "vote", "1", "maybe", "--contract", own, "--key", At("somebody.key"));
        await FailsAsync(2, "from 1 to 255", "propose", "remove", "0", "--reason", "x", "--contract", own, "--key", At("somebody.key"));
        await FailsAsync(2, "at least 1", "propose", "nodes", "1", "service", "--period", "0", "--contract", own, "--key", At("somebody.key"));
        await FailsAsync(2, "is not what notary consortium join writes", "found", At("somebody.crt"), "--code", Artifact, "--key", At("somebody.key"));
        await FailsAsync(2, "others can read", "found", "--address", "--key", At("somebody.crt"));
        string[] join = ["join", "--contract", own, "--name", "n", "--root", At("somebody.root.pem"), "--account", own, "--out", At("x.json")];
        await FailsAsync(2, "is no certificate", [.. join, "--certificate", At("somebody.pem"), "--certificate-key", At("somebody.pem"), "--nodes", "service"]);
        await FailsAsync(2, "node types are", [.. join, "--certificate", At("somebody.crt"), "--certificate-key", At("somebody.pem"), "--nodes", "king"]);
        await FailsAsync(2, "no private key", [.. join, "--certificate", At("somebody.crt"), "--certificate-key", At("somebody.key"), "--nodes", "service"]);
        Assert.IsFalse(File.Exists(At("x.json")));
    }

    /// <summary>The digest by which the command knows the contract is the committed artifact's.</summary>
    [TestMethod]
    public async Task The_contract_is_known_by_its_code()
    {
        var json = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await File.ReadAllTextAsync(Artifact));
        Assert.AreEqual(ConsortiumContract.Code, Digest.Of(Hex.Bytes(json.GetProperty("deployedBytecode").GetString())));
        var errors = json.GetProperty("abi").EnumerateArray().Where(e => e.GetProperty("type").GetString() == "error").ToArray();
        foreach (var error in errors.Where(e => e.GetProperty("name").GetString() != "MissingPrecompile"))
        {
            var types = string.Join(',', error.GetProperty("inputs").EnumerateArray().Select(i => i.GetProperty("type").GetString()));
            var name = error.GetProperty("name").GetString();
            Assert.AreEqual(name, ConsortiumContract.ErrorName(Hex.Of(Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes($"{name}({types})")).AsSpan(0, 4))));
        }

        Assert.IsGreaterThan(15, errors.Length);
    }

    private static Task<string> JoinAsync(string name, string contract, string nodes, params string[] more)
        => DoAsync(["join", "--contract", contract, "--name", name, "--certificate", At($"{name}.crt"), "--root", At($"{name}.root.pem"),
            "--certificate-key", At($"{name}.pem"), "--account", File.ReadAllText(At($"{name}.address")), "--nodes", nodes,
            "--out", At($"{name}.json"), .. more]);

    private static async Task ProposeAsync(int number, string contract, string by, params string[] what)
        => Assert.Contains($"proposed as number {number} in block", await DoAsync(["propose", .. what, "--contract", contract, "--key", At($"{by}.key")]));

    private static async Task<int> ProposedAsync(int number, string contract, string by, params string[] what)
    {
        await ProposeAsync(number, contract, by, what);
        return number;
    }

    private static Task<string> VoteAsync(int number, string contract, string by, string answer)
        => DoAsync("vote", $"{number}", answer, "--contract", contract, "--key", At($"{by}.key"));

    private static async Task DecideAsync(int number, string contract, params string[] voters)
    {
        foreach (var voter in voters)
            Assert.Contains("voted yes in block", await VoteAsync(number, contract, voter, "yes"));

        // Whoever likes makes the change.
        Assert.Contains("executed in block", await DoAsync("execute", $"{number}", "--contract", contract, "--key", At("stranger.key")));
    }

    private static async Task FailsAsync(int exit, string sentence, int number, string contract, params string[] voters)
    {
        foreach (var voter in voters)
            await VoteAsync(number, contract, voter, "yes");

        await FailsAsync(exit, sentence, "execute", $"{number}", "--contract", contract, "--key", At("stranger.key"));
    }

    private static async Task<string> DoAsync(params string[] args)
    {
        var run = await Run.AsyncOf(["consortium", .. args, "--node", anvil.Url.ToString()]);
        Assert.AreEqual(0, run.Exit, $"{string.Join(' ', args)}\n{run.Output}{run.Error}");
        return args.Contains("--address") ? run.Output.Trim() : run.Output;
    }

    private static async Task FailsAsync(int exit, string sentence, params string[] args)
    {
        var run = await Run.AsyncOf(["consortium", .. args, "--node", anvil.Url.ToString()]);
        Assert.AreEqual(exit, run.Exit, $"{string.Join(' ', args)}\n{run.Output}{run.Error}");
        Assert.Contains(sentence, run.Error);
        Assert.HasCount(2, run.Error.Split('\n'), run.Error);
    }

    /// <summary>A key file for the owner alone, and money on its account.</summary>
    private static async Task<string> AccountAsync(string name)
    {
        // Not the key's own bytes, which have no leading zeros (findings/).
        var secret = RandomNumberGenerator.GetBytes(32);
        var key = new Nethereum.Signer.EthECKey(secret, isPrivate: true);
        await File.WriteAllTextAsync(At($"{name}.key"), Convert.ToHexStringLower(secret));
        File.SetUnixFileMode(At($"{name}.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var address = Address.Parse(key.GetPublicAddress().ToLowerInvariant());
        await File.WriteAllTextAsync(At($"{name}.address"), address.ToString());
        await anvil.FundAsync(address.ToLowerHex(), BigInteger.Pow(10, 19));
        return address.ToString();
    }

    /// <summary>A certificate of P-256 by a root; founders share one, the guild has another.</summary>
    private static void Certify(string name)
    {
        var now = TimeProvider.System.GetUtcNow();
        var shared = name is "guild" or "somebody" ? name : "founders";
        var rootKey = At($"{shared}.root.key");
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(rootKey))
            authority.ImportFromPem(File.ReadAllText(rootKey));
        else
            File.WriteAllText(rootKey, authority.ExportECPrivateKeyPem());

        var request = new CertificateRequest($"CN={shared} root", authority, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var rootFile = At($"{shared}.root.crt");
        using var root = File.Exists(rootFile)
            ? X509CertificateLoader.LoadCertificateFromFile(rootFile).CopyWithPrivateKey(authority)
            : request.CreateSelfSigned(now.AddDays(-1), now.AddYears(5));
        File.WriteAllText(rootFile, root.ExportCertificatePem());
        File.WriteAllText(At($"{name}.root.pem"), root.ExportCertificatePem());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .Create(root, now.AddDays(-1), now.AddYears(2), RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(At($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(At($"{name}.pem"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(At($"{name}.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
