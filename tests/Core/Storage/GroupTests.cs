using Notary.Evidence;
using Notary.Keys;

namespace Notary.Storage.Tests;

/// <summary>Blobs that share a key: one call of the vault for all of them, and no more than their own for whoever has storage.</summary>
[TestClass]
public sealed class GroupTests
{
    private const string Key = "g/key";

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task A_group_costs_the_vault_one_call_and_its_key_is_made_once()
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        using var store = new OriginalStore(account, key, key);
        await store.WriteAsync("g/earlier", new MemoryStream([7]), cancel: Cancel);
        Assert.IsNull(await store.FindGroupAsync(Key, Cancel));

        // Of many that come first one makes it, and all write under it.
        var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.GroupAsync(Key, Cancel)));
        byte[] Content(int i) => [.. Enumerable.Range(0, 1 + (i * 60_000)).Select(j => (byte)(i + j))];
        await Task.WhenAll(writers.Select((writer, i) => writer.WriteAsync($"g/{i}", new MemoryStream(Content(i)), cancel: Cancel)));

        using var later = new OriginalStore(account, key, key);
        var before = vault.Calls("unwrapkey");
        var reader = await later.FindGroupAsync(Key, Cancel);
        for (var i = 0; i < writers.Length; i++)
            CollectionAssert.AreEqual(Content(i), await ReadAsync(reader!, $"g/{i}"));

        Assert.AreEqual(before + 1, vault.Calls("unwrapkey"));

        // What the vault's key wrapped by itself is read by the group, and what the group's wrapped by nobody else.
        CollectionAssert.AreEqual(new byte[] { 7 }, await ReadAsync(reader!, "g/earlier"));
        Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(later, "g/3"))).Fault);
        await later.DeleteAsync(Key, Cancel);
        var other = await later.GroupAsync(Key, Cancel);
        Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(other, "g/3"))).Fault);
    }

    [TestMethod]
    [DataRow("no json")]
    [DataRow("null")]
    [DataRow("{}")]
    [DataRow("""{"KeyId":"https://vault.example/keys/none","Algorithm":"RSA-OAEP-256","Key":"AAAA"}""")]
    public async Task What_is_no_key_is_refused(string text)
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        using var store = new OriginalStore(account, key, key);
        await account.Container(Names.Originals).GetBlobClient(Key).UploadAsync(BinaryData.FromString(text), Cancel);
        Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.GroupAsync(Key, Cancel))).Fault, text);
    }

    private async Task<(StorageAccount, VaultKeyEncryption)> OpenAsync(VaultServer vault)
    {
        var client = new KeyClient(vault.Url, vault.Credential);
        await client.CreateRsaKeyAsync(KeyNames.KeyEncryption, 2048, Cancel);
        var account = StorageAccount.Open(Shared.NewAccount());
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        return (account, await VaultKeyEncryption.OpenAsync(client, KeyNames.KeyEncryption, Cancel));
    }

    private async Task<byte[]> ReadAsync(OriginalStore store, string name)
    {
        await using var stream = await store.OpenReadAsync(name, cancel: Cancel);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, Cancel);
        return memory.ToArray();
    }
}
