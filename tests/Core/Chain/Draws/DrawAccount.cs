using System.Security.Cryptography;
using Azure.Data.Tables;
using Notary.Storage;

namespace Notary.Chain.Tests.Draws;

/// <summary>A key and the books that go with it; any number of senders may share both.</summary>
internal sealed class DrawAccount : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));

    private DrawAccount(TableClient table) => (Table, Signer) = (table, DrawScene.SignerOf(key));

    public ChainSigner Signer { get; }

    public TableClient Table { get; }

    public static async Task<DrawAccount> CreateAsync()
    {
        var table = new TableClient(SharedServers.Azurite.ConnectionStringFor(SharedServers.Azurite.NewAccount()), Names.Chain);
        await table.CreateIfNotExistsAsync();
        return new DrawAccount(table);
    }

    public void Dispose() => key.Dispose();
}
