using Notary.Chain;
using Notary.Evidence.Drand;

namespace Notary.Infra.Tests;

/// <summary>scripts/ceremony.mjs with a stand-in for az that holds a real key; openssl judges what comes out.</summary>
[TestClass]
public sealed class CeremonyTests
{
    [TestMethod]
    public void TheRequestIsOneThatAnAuthorityAccepts()
    {
        using var bench = new Bench();
        var pem = bench.Must("node", Bench.Script, "request", "kv", "CN", "示范公证处", "存证函签名");
        File.WriteAllText(Path.Combine(bench.Folder, "request.pem"), pem);
        bench.Must("openssl", "req", "-in", "request.pem", "-verify", "-noout");
        var text = bench.Must("openssl", "req", "-in", "request.pem", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus");
        Assert.IsTrue(text.Contains("示范公证处", StringComparison.Ordinal) && text.Contains("存证函签名", StringComparison.Ordinal), text);
    }

    [TestMethod]
    public void ASignatureOverSomethingElseIsRefused()
    {
        using var bench = new Bench { Lying = true };
        var (code, _, error) = bench.Run("node", Bench.Script, "request", "kv", "CN", "Office", "Letters");
        Assert.AreNotEqual(0, code);
        Assert.IsTrue(error.Contains("signed something else", StringComparison.Ordinal), error);
    }

    [TestMethod]
    public void TheAddressIsTheKeys()
    {
        using var bench = new Bench();
        // The account of the private key 1: a published constant of secp256k1's generator.
        Assert.AreEqual("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", bench.Must("node", Bench.Script, "address", "kv").Trim());
    }

    [TestMethod]
    public void TheContractsDataBeginsWithItsCodeAndEndsWithItsMembers()
    {
        using var bench = new Bench();
        var text = bench.Must("node", Bench.Script, "contract", "0x00000000000000000000000000000000000000aa", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
        var contracts = Path.Combine(Repository.Root, "functions", "Core", "Chain", "contracts");
        using var artifact = JsonDocument.Parse(File.ReadAllText(Path.Combine(contracts, "EvidenceAnchor.json")));
        StringAssert.StartsWith(text, artifact.RootElement.GetProperty("bytecode").GetString()!, StringComparison.OrdinalIgnoreCase);
        StringAssert.EndsWith(text.Trim(), "7e5f4552091a69125d5dfcb7b8c2659029395bdf", StringComparison.OrdinalIgnoreCase);
    }

    [TestMethod]
    public void TheRegistrysDataIsWhatTheAppWouldDeploy()
    {
        using var bench = new Bench();
        var chain = DrandChain.Quicknet;
        File.WriteAllText(Path.Combine(bench.Folder, "info.json"), $$$"""
            {"public_key":"{{{Convert.ToHexStringLower(chain.PublicKey)}}}","period":{{{chain.Period}}},"genesis_time":{{{chain.Genesis}}},
             "groupHash":"{{{chain.GroupHash}}}","schemeID":"bls-unchained-g1-rfc9380","metadata":{"beaconID":"{{{chain.BeaconId}}}"}}
            """);
        var arguments = (object[])[chain.KeyPoint, chain.Genesis, chain.Period, chain.GroupHash, chain.BeaconId, 30L];
        Assert.AreEqual("0x" + Convert.ToHexStringLower(ContractArtifact.DrawRegistry.Create(arguments)),
            bench.Must("node", Bench.Script, "registry", "info.json", "30").Trim());
    }

    private sealed class Bench : IDisposable
    {
        public static readonly string Script = Path.Combine(Repository.Root, "scripts", "ceremony.mjs");
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("infra-ceremony");

        public Bench()
        {
            ChildTool.StandIn("az-vault", Path.Combine(Folder, "az"));
            using var letters = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(Path.Combine(Folder, "letter-signer.pem"), letters.ExportPkcs8PrivateKeyPem());

            // The private key 1 on secp256k1.
            File.WriteAllText(Path.Combine(Folder, "chain-sender.pem"),
                "-----BEGIN EC PRIVATE KEY-----\nMC4CAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABoAcGBSuBBAAK\n-----END EC PRIVATE KEY-----\n");
        }

        public bool Lying { get; init; }

        public string Folder => folder.FullName;

        public string Must(string file, params string[] arguments)
        {
            var (code, output, error) = Run(file, arguments);
            Assert.AreEqual(0, code, error);
            return output;
        }

        public (int Code, string Out, string Error) Run(string file, params string[] arguments)
            => ChildTool.RunAsync(file, arguments, Folder, new Dictionary<string, string>
            {
                ["PATH"] = Folder + ":" + Environment.GetEnvironmentVariable("PATH"),
                ["LYING_VAULT"] = Lying ? "1" : "0",
            }).GetAwaiter().GetResult();

        public void Dispose() => folder.Delete(recursive: true);
    }
}
