namespace Notary.Verification.Tests;

/// <summary>Tokens that real authorities issued and signatures of Project Wycheproof, every one with its verdict.</summary>
[TestClass]
public sealed class PublishedTokenTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Core", "Verification", "Time");

    private static readonly Dictionary<string, JsonElement> Published
        = JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllBytes(Path.Combine(Folder, "foreign-tokens.json")))!
            .ToDictionary(t => t.GetProperty("name").GetString()!);

    public static IEnumerable<object[]> Names => Published.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task Tokens_of_real_authorities_get_their_verdict(string name)
    {
        var token = Published[name];
        var response = token.GetProperty("response").GetBytesFromBase64();
        X509Certificate2[] roots = [.. token.GetProperty("roots").EnumerateArray().Select(r => X509CertificateLoader.LoadCertificate(r.GetBytesFromBase64()))];
        var imprint = Convert.FromHexString(token.GetProperty("imprint").GetString()!);
        var verifier = new TokenVerifier(roots);
        var check = verifier.CheckResponse(response, imprint.Length == Digest.Size ? new Digest(imprint) : default);
        Assert.AreEqual(token.GetProperty("code").GetString(), check.Code, $"{name}: {check.Reason}");
        if (!check.Ok)
            return;

        // openssl agrees, and with the same token no byte may change: all values of a byte here and there, all bytes in turn.
        using var openssl = new OpenSsl();
        openssl.Write("token.tsr", response);
        openssl.Write("roots.pem", System.Text.Encoding.ASCII.GetBytes(string.Join('\n', roots.Select(r => r.ExportCertificatePem()))));
        await openssl.MustAsync("ts", "-verify", "-digest", Convert.ToHexStringLower(imprint), "-in",
            "token.tsr", "-CAfile", "roots.pem", "-attime", $"{check.GenTime!.Value.ToUnixTimeSeconds()}");
        Assert.AreEqual(TokenCodes.Imprint, verifier.CheckResponse(response, Digest.Of(imprint)).Code);
        for (var at = 0; at < response.Length; at++)
        {
            var changed = response.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            var again = verifier.CheckResponse(changed, new Digest(imprint));
            Assert.IsTrue(!again.Ok || again == check, $"byte {at} changed what the token says");
        }
    }

    /// <param name="fits">False where the salt is not as long as the hash: the only length that is accepted.</param>
    [TestMethod]
    [DataRow("ecdsa_secp256r1_sha256_test", true)]
    [DataRow("rsa_signature_2048_sha256_test", true)]
    [DataRow("rsa_signature_3072_sha384_test", true)]
    [DataRow("rsa_signature_4096_sha512_test", true)]
    [DataRow("rsa_pss_2048_sha256_mgf1_32_test", true)]
    [DataRow("rsa_pss_3072_sha256_mgf1_32_test", true)]
    [DataRow("rsa_pss_2048_sha256_mgf1_0_test", false)]
    [DataRow("rsa_pss_4096_sha512_mgf1_32_test", false)]
    public void Wycheproofs_signatures_are_valid_or_not_as_published(string file, bool fits)
    {
        var vectors = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(Folder, "wycheproof", file + ".json")));
        var name = vectors.GetProperty("scheme").GetString();
        var kind = name switch { "rsa" => SignatureKind.RsaPkcs1, "pss" => SignatureKind.RsaPss, _ => SignatureKind.Ecdsa };
        var scheme = new SignatureScheme("", kind, new HashAlgorithmName(vectors.GetProperty("hash").GetString()));
        byte[][] spkis = [.. vectors.GetProperty("keys").EnumerateArray().Select(k => k.GetBytesFromBase64())];
        SignerCertificate[] signers = [.. spkis.Select(Certify)];
        var others = NodeForge.Lines("wycheproof.mjs", Path.Combine(Folder, "wycheproof", file + ".json")).Select(line => line.Split(' '))
            .ToDictionary(line => int.Parse(line[0], CultureInfo.InvariantCulture), line => bool.Parse(line[1]));
        foreach (var test in vectors.GetProperty("tests").EnumerateArray())
        {
            var (key, message, signature, result) = (test[1].GetInt32(), test[2].GetBytesFromBase64(), test[3].GetBytesFromBase64(), test[4].GetString());

            // "acceptable" is a wrong encoding that some libraries let pass: not here. Of a set with another salt, the one with ours is valid.
            var valid = fits ? result == "valid" : test[5].GetString() == $"s_len changed to {scheme.Hash.Name![3..] switch { "512" => 64, _ => 32 }}";
            Assert.AreEqual(valid, signers[key].Verify(scheme, message, signature), $"{file} {test[0]}: {test[5]}");
            Assert.AreEqual(valid, others[test[0].GetInt32()], $"the browser's verifier, {file} {test[0]}: {test[5]}");
            if (kind == SignatureKind.Ecdsa)
            {
                var letters = new CarriedChain.Found("", [], default, default, false, spkis[key], [], []);
                Assert.AreEqual(valid, letters.Verify(SHA256.HashData(message), signature), $"letter, {file} {test[0]}: {test[5]}");
            }
        }
    }

    /// <summary>A time-stamping certificate over a published key.</summary>
    private static SignerCertificate Certify(byte[] spki)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=published key"),
            PublicKey.CreateFromSubjectPublicKeyInfo(spki, out _), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TimeOids.TimeStampingUsage)], critical: true));
        using var certificate = request.Create(new X500DistinguishedName("CN=issuer"),
            X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1), [1]);
        return SignerCertificate.Read(certificate);
    }
}
