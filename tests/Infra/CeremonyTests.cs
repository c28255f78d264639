using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Notary.Servers;

namespace Notary.Infra.Tests;

/// <summary>scripts/ceremony.mjs with a stand-in for az that holds a real key; openssl judges what comes out.</summary>
[TestClass]
public sealed class CeremonyTests
{
    // Signs any digest with the key in its folder and answers as the CLI does.
    private const string Vault = """
        #!/usr/bin/env node
        const { createPrivateKey, createPublicKey } = require('node:crypto');
        const { readFileSync, writeFileSync } = require('node:fs');
        const { execFileSync } = require('node:child_process');
        const folder = __dirname, args = process.argv.slice(2), option = (n) => args[args.indexOf('--' + n) + 1];
        const pem = readFileSync(`${folder}/${option('name')}.pem`);
        if (args[2] === 'show') {
          const jwk = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
          console.log(JSON.stringify({ key: { crv: jwk.crv === 'secp256k1' ? 'P-256K' : jwk.crv, x: jwk.x, y: jwk.y } }));
        } else {
          const digest = Buffer.from(option('digest'), 'base64');
          if (process.env.LYING_VAULT === "1") digest[0] ^= 1;
          writeFileSync(`${folder}/digest`, digest);
          const der = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', `${folder}/${option('name')}.pem`, '-in', `${folder}/digest`]);
          const half = (at) => { const n = der[at + 1]; const v = der.subarray(at + 2, at + 2 + n); return Buffer.concat([Buffer.alloc(32), v]).subarray(-32); };
          const r = half(2), s = half(4 + der[3]);
          console.log(JSON.stringify({ algorithm: 'ES256', signature: Buffer.concat([r, s]).toString('base64') }));
        }
        """;

    [TestMethod]
    public void TheRequestIsOneThatAnAuthorityAccepts()
    {
        using var bench = new Bench();
        var (code, pem, error) = bench.Run("request", "kv", "CN", "示范公证处", "存证函签名");
        Assert.AreEqual(0, code, error);
        var path = Path.Combine(bench.Folder, "request.pem");
        File.WriteAllText(path, pem);
        var (verified, _, told) = Bench.Start("openssl", ["req", "-in", path, "-verify", "-noout"], bench.Folder);
        Assert.AreEqual(0, verified, told);
        var (_, text, _) = Bench.Start("openssl", ["req", "-in", path, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus"], bench.Folder);
        Assert.IsTrue(text.Contains("示范公证处", StringComparison.Ordinal) && text.Contains("存证函签名", StringComparison.Ordinal), text);
    }

    [TestMethod]
    public void ASignatureOverSomethingElseIsRefused()
    {
        using var bench = new Bench();
        var (code, _, error) = bench.Run(("LYING_VAULT", "1"), "request", "kv", "CN", "Office", "Letters");
        Assert.AreNotEqual(0, code);
        Assert.IsTrue(error.Contains("signed something else", StringComparison.Ordinal), error);
    }

    [TestMethod]
    public void TheAddressIsTheKeys()
    {
        using var bench = new Bench();
        // The account of the private key 1: a published constant of secp256k1's generator.
        var (code, text, error) = bench.Run("address", "kv");
        Assert.AreEqual(0, code, error);
        Assert.AreEqual("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", text.Trim());
    }

    [TestMethod]
    public void TheContractsDataBeginsWithItsCodeAndEndsWithItsMembers()
    {
        using var bench = new Bench();
        var (code, text, error) = bench.Run("contract", "0x00000000000000000000000000000000000000aa", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
        Assert.AreEqual(0, code, error);
        using var artifact = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "functions", "Core", "Chain", "contracts", "EvidenceAnchor.json")));
        Assert.IsTrue(text.StartsWith("0x" + artifact.RootElement.GetProperty("bytecode").GetString()!.Replace("0x", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        Assert.IsTrue(text.Trim().EndsWith("7e5f4552091a69125d5dfcb7b8c2659029395bdf", StringComparison.OrdinalIgnoreCase));
    }

    private sealed class Bench : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("infra-ceremony");

        public Bench()
        {
            StandIn.Write(Path.Combine(Folder, "az"), Vault);
            using var letters = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(Path.Combine(Folder, "letter-signer.pem"), letters.ExportPkcs8PrivateKeyPem());

            var one = new byte[32];
            one[31] = 1;
            var generator = "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
            using var chain = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.CreateFromValue("1.3.132.0.10"),
                D = one,
                Q = new ECPoint { X = Convert.FromHexString(generator[2..66]), Y = Convert.FromHexString(generator[66..]) },
            });
            File.WriteAllText(Path.Combine(Folder, "chain-sender.pem"), chain.ExportPkcs8PrivateKeyPem());
        }

        public string Folder => folder.FullName;

        public (int Code, string Out, string Error) Run(params string[] arguments) => Run(("UNUSED", "0"), arguments);

        public (int Code, string Out, string Error) Run((string Name, string Value) variable, params string[] arguments)
            => Start("node", [Path.Combine(Repository.Root, "scripts", "ceremony.mjs"), .. arguments], Folder, variable);

        public static (int Code, string Out, string Error) Start(string file, string[] arguments, string folder, (string Name, string Value)? variable = null)
        {
            var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PATH"] = folder + ":" + Environment.GetEnvironmentVariable("PATH");
            if (variable is { } v)
            {
                start.Environment[v.Name] = v.Value;
            }

            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
