using Azure;
using Notary.Evidence;
using Notary.Servers;

namespace Notary.Keys.Tests;

[TestClass]
public sealed class VaultSignerTests
{
    private static readonly byte[] Sample = SHA256.HashData("sample"u8);

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("P-256")]
    [DataRow("P-256K")]
    public async Task A_signature_verifies_under_the_published_key(string curve)
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateEcKeyAsync("k", new KeyCurveName(curve), Cancel);
        var signer = await VaultSigner.OpenAsync(vault, "k", Cancel);

        var signatures = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => signer.SignAsync(Sample, Cancel)));

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(signer.PublicKeySpki, out _);
        Assert.IsTrue(signatures.All(s => s.Length == 64 && key.VerifyHash(Sample, s)));
        Assert.AreEqual(1, server.Calls("token"));
        StringAssert.StartsWith(signer.KeyId, $"{server.Url}keys/k/");
    }

    [TestMethod]
    public async Task OpenSSL_accepts_a_signature()
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateEcKeyAsync("k", KeyCurveName.P256K, Cancel);
        var signer = await VaultSigner.OpenAsync(vault, "k", Cancel);
        var signature = await signer.SignAsync(Sample, Cancel);

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(signer.PublicKeySpki, out _);
        var folder = Directory.CreateTempSubdirectory("notary-keys-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportSubjectPublicKeyInfoPem(), Cancel);
            await File.WriteAllBytesAsync(Path.Combine(folder, "digest"), Sample, Cancel);
            await File.WriteAllBytesAsync(Path.Combine(folder, "sig"), ToDer(signature), Cancel);
            await using var openssl = await ChildProcess.StartAsync(
                new("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-sigfile", "sig", "-in", "digest") { WorkingDirectory = folder }, Cancel);
            await openssl.WaitForExitAsync(Cancel);
            Assert.AreEqual(0, openssl.ExitCode, openssl.StandardError + openssl.StandardOutput);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [TestMethod]
    public async Task A_signature_by_another_key_is_never_handed_out()
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var signer = await NewSignerAsync(server);
        server.Misbehave(VaultFault.WrongKey, 1);
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(Sample, Cancel));
        Assert.AreEqual(Fault.SignatureInvalid, failure.Fault);
        Assert.AreEqual(64, (await signer.SignAsync(Sample, Cancel)).Length);
    }

    [TestMethod]
    [DataRow(VaultFault.TooMany429, 2)]
    [DataRow(VaultFault.Error500, 3)]
    public async Task A_passing_trouble_is_waited_out(VaultFault fault, int times)
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var signer = await NewSignerAsync(server);
        server.Misbehave(fault, times);
        var begun = TimeProvider.System.GetTimestamp();
        Assert.AreEqual(64, (await signer.SignAsync(Sample, Cancel)).Length);
        Assert.AreEqual(times + 1, server.Calls("sign"));
        if (fault == VaultFault.TooMany429)
        {
            // Two refusals that each ask for one second.
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) >= TimeSpan.FromSeconds(1.9));
        }
    }

    [TestMethod]
    [DataRow(VaultFault.Unauthorized401, Fault.VaultRefused)]
    [DataRow(VaultFault.Forbidden403, Fault.VaultRefused)]
    [DataRow(VaultFault.ForeignChallenge, Fault.VaultRefused)]
    [DataRow(VaultFault.Error500, Fault.VaultUnavailable)]
    [DataRow(VaultFault.Garbage, Fault.VaultUnavailable)]
    public async Task A_lasting_trouble_has_its_name(VaultFault trouble, Fault expected)
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var signer = await NewSignerAsync(server);
        server.Misbehave(trouble);
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(Sample, Cancel));
        Assert.AreEqual(expected, failure.Fault);
    }

    [TestMethod]
    public async Task A_vault_that_is_gone_or_silent_is_unavailable()
    {
        var server = await VaultServer.StartAsync(cancel: Cancel);
        var options = Quick();
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(100);
        var vault = new KeyClient(server.Url, server.Credential, options);
        await vault.CreateEcKeyAsync("k", KeyCurveName.P256, Cancel);
        var signer = await VaultSigner.OpenAsync(vault, "k", Cancel);
        server.Misbehave(VaultFault.Silent);
        Assert.AreEqual(Fault.VaultUnavailable, (await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(Sample, Cancel))).Fault);
        await server.DisposeAsync();
        Assert.AreEqual(Fault.VaultUnavailable, (await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(Sample, Cancel))).Fault);
    }

    [TestMethod]
    public async Task A_revoked_or_spent_token_is_replaced()
    {
        await using var server = await VaultServer.StartAsync(new() { TokenLifetime = TimeSpan.FromSeconds(120) }, Cancel);
        var signer = await NewSignerAsync(server);
        var before = server.Calls("token");
        server.RevokeTokens();
        await signer.SignAsync(Sample, Cancel);
        // Within the margin of its end each token is replaced before use.
        await signer.SignAsync(Sample, Cancel);
        Assert.IsTrue(server.Calls("token") >= before + 2);
    }

    [TestMethod]
    public async Task Missing_and_unfit_keys_are_refused()
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateRsaKeyAsync("rsa", 2048, Cancel);
        Assert.AreEqual(Fault.VaultRefused, (await Assert.ThrowsExactlyAsync<FaultException>(() => VaultSigner.OpenAsync(vault, "absent", Cancel))).Fault);
        Assert.AreEqual(Fault.VaultRefused, (await Assert.ThrowsExactlyAsync<FaultException>(() => VaultSigner.OpenAsync(vault, "rsa", Cancel))).Fault);
        Assert.AreEqual("KeyNotFound", (await Assert.ThrowsExactlyAsync<RequestFailedException>(() => vault.GetKeyAsync("absent", cancel: Cancel))).ErrorCode);
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => vault.GetKeyAsync("../secrets/x", cancel: Cancel));
    }

    [TestMethod]
    public void Tokens_do_not_leave_the_machine_in_the_clear()
    {
        var credential = new LoopbackCredential("t");
        Assert.ThrowsExactly<ArgumentException>(() => new KeyClient(new("http://vault.example.org"), new DevCredential(new("http://x"), TimeProvider.System)));
        Assert.ThrowsExactly<ArgumentException>(() => new KeyClient(new("https://name.vault.azure.net"), credential));
    }

    [TestMethod]
    public async Task Keys_outlive_the_server_and_a_fixed_token_opens_it()
    {
        var folder = Directory.CreateTempSubdirectory("notary-vault-").FullName;
        try
        {
            var spki = new List<byte[]>();
            for (var run = 0; run < 2; run++)
            {
                await using var server = await VaultServer.StartAsync(new() { Folder = folder, Token = "fixed" }, Cancel);
                var vault = new KeyClient(server.Url, new LoopbackCredential("fixed"));
                await KeyNames.EnsureCreatedAsync(vault, Cancel);
                spki.Add((await VaultSigner.OpenAsync(vault, KeyNames.LogSigner, Cancel)).PublicKeySpki);
                Assert.AreEqual(KeyCurveName.P256K, (await VaultSigner.OpenAsync(vault, KeyNames.ChainSender, Cancel)).Curve);
                Assert.AreEqual(run == 0 ? 6 : 0, server.Calls("create"));
            }

            CollectionAssert.AreEqual(spki[0], spki[1]);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static byte[] ToDer(byte[] signature)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature.AsSpan(0, 32).TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature.AsSpan(32).TrimStart((byte)0));
        }

        return writer.Encode();
    }

    private static KeyClientOptions Quick()
    {
        var options = new KeyClientOptions();
        options.Retry.Delay = TimeSpan.FromMilliseconds(10);
        return options;
    }

    private async Task<VaultSigner> NewSignerAsync(VaultServer server)
    {
        var vault = new KeyClient(server.Url, server.Credential, Quick());
        await vault.CreateEcKeyAsync("k", KeyCurveName.P256, Cancel);
        return await VaultSigner.OpenAsync(vault, "k", Cancel);
    }
}
