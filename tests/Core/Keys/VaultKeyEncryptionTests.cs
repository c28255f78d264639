using Notary.Evidence;
using Notary.Servers;

namespace Notary.Keys.Tests;

[TestClass]
public sealed class VaultKeyEncryptionTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task A_data_key_is_wrapped_here_and_unwrapped_by_the_vault_across_a_rotation()
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateRsaKeyAsync("kek", 2048, Cancel);
        var before = await VaultKeyEncryption.OpenAsync(vault, "kek", Cancel);
        var dataKey = RandomNumberGenerator.GetBytes(32);
        var wrapped = await before.WrapKeyAsync(VaultKeyEncryption.Algorithm, dataKey, Cancel);
        Assert.AreEqual(0, server.Calls("wrapkey"));

        await vault.CreateRsaKeyAsync("kek", 2048, Cancel);
        var after = await VaultKeyEncryption.OpenAsync(vault, "kek", Cancel);
        Assert.AreNotEqual(before.KeyId, after.KeyId);
        await Assert.ThrowsExactlyAsync<FaultException>(() => after.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, wrapped, Cancel));
        for (var i = 0; i < 2; i++)
        {
            var resolved = await after.ResolveAsync(before.KeyId, Cancel);
            CollectionAssert.AreEqual(dataKey, await resolved.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, wrapped, Cancel));
        }

        // The address in the metadata is not dialled: only the name and version count.
        var moved = await after.ResolveAsync(before.KeyId.Replace("127.0.0.1", "198.51.100.7", StringComparison.Ordinal), Cancel);
        CollectionAssert.AreEqual(dataKey, await moved.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, wrapped, Cancel));
        CollectionAssert.AreEqual(dataKey, moved.UnwrapKey(VaultKeyEncryption.Algorithm, wrapped, Cancel));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("not an address")]
    [DataRow("https://v/secrets/a/b")]
    [DataRow("https://v/keys/a")]
    [DataRow("https://v/keys/a/b/c")]
    [DataRow("https://v/keys/a%2F/b")]
    public async Task Metadata_that_names_no_key_is_invalid_evidence(string keyId)
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateRsaKeyAsync("kek", 2048, Cancel);
        var kek = await VaultKeyEncryption.OpenAsync(vault, "kek", Cancel);
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => kek.ResolveAsync(keyId, Cancel));
        Assert.AreEqual(Fault.EvidenceInvalid, failure.Fault);
    }

    [TestMethod]
    public async Task No_weaker_algorithm_is_accepted()
    {
        await using var server = await VaultServer.StartAsync(cancel: Cancel);
        var vault = new KeyClient(server.Url, server.Credential);
        await vault.CreateRsaKeyAsync("kek", 2048, Cancel);
        var kek = await VaultKeyEncryption.OpenAsync(vault, "kek", Cancel);
        await Assert.ThrowsExactlyAsync<NotSupportedException>(() => kek.WrapKeyAsync("RSA1_5", new byte[32], Cancel));
        await Assert.ThrowsExactlyAsync<NotSupportedException>(() => kek.UnwrapKeyAsync("RSA1_5", new byte[256], Cancel));
    }
}
