using Notary.Timestamping;

namespace Notary.Bench;

/// <summary>What it takes to bring deposits under an anchor, in batches, against a transaction for each.</summary>
internal static class AnchorBench
{
    /// <summary>The sequencer's largest batch.</summary>
    private const int Batch = 4096;

    /// <summary>With rows: Azurite slows down with what it holds.</summary>
    private const int StoredBatch = 500;

    private const int PeerTransactions = 300;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        using var http = new HttpClient();
        await using var azurite = await Azurite.StartAsync();
        await using var anvil = await Anvil.StartAsync();
        await using var vault = await VaultServer.StartAsync(new VaultServerOptions());
        await using var first = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "first" });
        await using var second = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "second", Key = TestKey.Rsa3072 });

        var keys = new KeyClient(vault.Url, new LoopbackCredential(vault.Token));
        await KeyNames.EnsureCreatedAsync(keys);
        var log = await VaultSigner.OpenAsync(keys, KeyNames.LogSigner);
        var sender = ChainSigner.FromVault(await VaultSigner.OpenAsync(keys, KeyNames.ChainSender));
        var chain = new LocalChain(anvil, http);
        await chain.FundAsync(sender.Address);
        using var ask = TsaClient.CreateHttpClient();
        var authorities = new TimeAuthorities([Client(first), Client(second)], new TimeHealthOptions(), TimeProvider.System);

        var memory = await AnchorRuns.OpenAsync(azurite, chain, log, sender, authorities);
        const string Peer = "one anvil transaction (automine) for each deposit, signed beforehand, four senders at once";
        return
        [
            await Pairs.MeasureAsync(
                "deposits anchored", Peer, 30, "deposits/s", () => memory.InMemoryAsync(Batch), () => chain.OneEachAsync(PeerTransactions),
                $"batches of {Batch:#,0} prepared leaves: tiles, checkpoint signed by the vault, two tokens, "
                    + "transaction recorded in Azurite, signed by the vault, mined; without table rows and tile uploads"),
            await Pairs.MeasureAsync(
                "deposits anchored, with rows", Peer, 0, "deposits/s",
                () => AnchorRuns.StoredAsync(azurite, chain, log, sender, authorities, StoredBatch), () => chain.OneEachAsync(PeerTransactions),
                $"batches of {StoredBatch:#,0} rows that wait in Azurite: the sequencer and the processes of checkpoint and anchor as the app runs them, "
                    + "every row and tile written, proof kept; Azurite's rows are the limit",
                warm: false),
        ];

        TsaClient Client(TimestampAuthority authority)
            => new(ask,
                new TsaOptions { Name = authority.Name, Url = authority.Url, Roots = [authority.Root], PolicyOid = authority.PolicyOid }, TimeProvider.System);
    }
}
