using Notary.Servers;
using Transaction1559 = Nethereum.Model.Transaction1559;
using Notary.Chain;
using Notary.Chain.Draws;
using Notary.Evidence.Ethereum;
using Notary.Keys;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Wrongs on the chain and in the books of what was sent to it. The chain is put back by a snapshot.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FsckChainTests
{
    private static readonly Digest OtherRoot = Digest.Of("another log"u8);

    /// <summary>A transaction as the books hold it.</summary>
    private sealed record Variant(long Nonce, string Hash, string Signed, long AtBlock);

    private static ChainSigner signer = null!;
    private static string account = "";

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        FsckBed.App.Process.Signal("STOP");
        var vault = await VaultSigner.OpenAsync(
            new KeyClient(FsckBed.Platform.Vault.Url, new LoopbackCredential(FsckBed.Platform.Vault.Token)), KeyNames.ChainSender);
        signer = ChainSigner.FromVault(vault);
        account = $"{Servers.Platform.ChainId}-{signer.Address.ToLowerHex()[2..]}";
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        var findings = await AuditAsync();
        FsckBed.App.Process.Signal("CONT");
        Assert.AreEqual(0, findings.Total, Lines(findings));
    }

    private static async Task<TableEntity> RowAsync(string key) => (await Account.Table(Names.Chain).GetEntityAsync(account, key)).Value;

    private static async Task<List<TableEntity>> RecordsAsync(string prefix)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in Account.Table(Names.Chain).QueryAsync($"PartitionKey eq '{account}'"))
        {
            if (row.RowKey.StartsWith(prefix, StringComparison.Ordinal))
                rows.Add(row);
        }

        return rows;
    }

    private static JsonArray Variants(TableEntity record) => JsonNode.Parse(record.GetString("Variants")!)!.AsArray();

    /// <summary>Sends an anchor with the platform's own key, past its books, and waits until it is in a block.</summary>
    private static async Task<Variant> SendAsync(Plants plants, long size, Digest root)
    {
        var snapshot = (await FsckBed.Platform.Anvil.CallAsync("evm_snapshot")).GetString();
        plants.Undo(() => FsckBed.Platform.Anvil.CallAsync("evm_revert", snapshot));
        var nonce = Hex.Long((await FsckBed.Platform.Anvil.CallAsync("eth_getTransactionCount", signer.Address.ToLowerHex(), "latest")).GetString());
        var signed = await SignAsync(nonce, 1_000_000_000, size, root);
        await FsckBed.Platform.Anvil.CallAsync("eth_sendRawTransaction", Hex.Of(signed));
        await FsckBed.Platform.Anvil.MineAsync();
        return new Variant(nonce, Hex.Of(Keccak256.Hash(signed)), Hex.Of(signed), 1);
    }

    private static Task<byte[]> SignAsync(long nonce, long tip, long size, Digest root)
    {
        var data = Hex.Of(ContractArtifact.EvidenceAnchor.Call("anchor", size, root));
        return signer.SignAsync(new Transaction1559(Servers.Platform.ChainId, nonce, tip, 100_000_000_000, 200_000, FsckBed.Platform.Contract, 0, data, []));
    }

    private static string Json(JsonNode variants) => variants.ToJsonString();

    [TestMethod]
    public async Task An_anchor_that_the_log_does_not_have_is_found()
    {
        await using var plants = new Plants();
        var sent = await SendAsync(plants, 1_000_000, OtherRoot);
        plants.Expect("anchored-beyond", sent.Hash).Expect("nonce-foreign", $"{account}/next");
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task A_size_that_was_paid_for_twice_is_found()
    {
        await using var plants = new Plants();
        var record = (await RecordsAsync("anchor-"))[^1];
        var size = record.GetInt64("Size")!.Value;

        // The contract accepts in silence what it holds already: paid for, and no event.
        var again = await SendAsync(plants, size, Digest.Parse(record.GetString("Root")!));
        var variants = Variants(record);
        variants.Add(JsonSerializer.SerializeToNode(again));
        var given = (await RecordsAsync("nonce-"))[^1];
        await plants.SetAsync(Names.Chain, record, ("Variants", Json(variants)));
        await plants.AddAsync(Names.Chain, Plants.Copy(given, account, $"nonce-{again.Nonce:D19}"));
        await plants.SetAsync(Names.Chain, await RowAsync("next"), ("NextNonce", again.Nonce + 1));
        plants.Expect("paid-twice", record.RowKey);
        var findings = await plants.FindAsync();
        Assert.AreEqual(1, findings.Total, Lines(findings));
    }

    [TestMethod]
    public async Task A_nonce_that_somebody_else_spent_and_books_of_another_chain_are_noted()
    {
        await using var plants = new Plants();
        var (record, given) = ((await RecordsAsync("anchor-"))[^1], (await RecordsAsync("nonce-"))[0]);
        var first = long.Parse(given.RowKey["nonce-".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.AreEqual(1, first, "the contract's deployment spent the nonce before");
        var size = record.GetInt64("Size")!.Value;
        var lost = await SignAsync(0, 1, size, Digest.Parse(record.GetString("Root")!));
        var variants = Variants(record);
        variants.Insert(0, JsonSerializer.SerializeToNode(new Variant(0, Hex.Of(Keccak256.Hash(lost)), Hex.Of(lost), 1)));
        await plants.SetAsync(Names.Chain, record, ("Variants", Json(variants)));
        await plants.AddAsync(Names.Chain, new TableEntity(account, $"nonce-{0L:D19}") { ["Size"] = size, ["Contract"] = given.GetString("Contract") });
        await plants.AddAsync(Names.Chain, new TableEntity($"1-{new string('a', 40)}", "next") { ["NextNonce"] = 7L });
        var findings = await plants.FindAsync();
        Assert.AreEqual(0, findings.Total, Lines(findings));
        foreach (var (code, where) in new[] { ("nonce-taken", record.RowKey), ("other-chain", "chain/1-") })
            Assert.IsTrue(findings.Notes.Any(n => n.Code == code && n.Where.Contains(where, StringComparison.Ordinal)), string.Join('\n', findings.Notes));
    }

    [TestMethod]
    public async Task The_books_of_draws_are_audited_like_the_anchors()
    {
        await using var plants = new Plants();
        var snapshot = (await FsckBed.Platform.Anvil.CallAsync("evm_snapshot")).GetString();
        plants.Undo(() => FsckBed.Platform.Anvil.CallAsync("evm_revert", snapshot));
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var drawer = ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));
        await FsckBed.Platform.Anvil.FundAsync(drawer.Address.ToLowerHex(), System.Numerics.BigInteger.Pow(10, 20));
        var (table, partition) = (Account.Table(Names.Chain), $"{Servers.Platform.ChainId}-{drawer.Address.ToLowerHex()[2..]}");
        plants.Undo(async () =>
        {
            await foreach (var row in table.QueryAsync($"PartitionKey eq '{partition}'"))
                await table.DeleteEntityAsync(partition, row.RowKey);
        });

        // What the contract makes of it is not the books' matter; one that is not there makes nothing.
        using var http = new HttpClient();
        var options = new ChainOptions
        {
            RpcUrls = [FsckBed.Platform.Anvil.Url], ChainId = Servers.Platform.ChainId, Contract = FsckBed.Platform.Contract,
        };
        var sender = new DrawSender(
            new ChainClient(options, http, TimeProvider.System), drawer, Address.Parse("0x" + new string('d', 40)), table, options);
        var id = DrawPlan.NewId(drawer.Address);
        foreach (var call in new[] { DrawCall.Finish(id, OtherRoot), DrawCall.Abort(id, OtherRoot) })
            Assert.IsInstanceOfType<DrawSending.Pending>(await sender.SendAsync(call));

        await FsckBed.Platform.Anvil.MineAsync();
        var clean = await plants.FindAsync();
        Assert.AreEqual(0, clean.Total, Lines(clean));

        async Task<TableEntity> StepAsync(string name) => (await table.GetEntityAsync(partition, $"draw-{new string('d', 40)}-{id}-{name}")).Value;
        var (finish, abort) = (await StepAsync("finish"), await StepAsync("abort"));
        await plants.SetAsync(Names.Chain, finish, ("Variants", abort.GetString("Variants")));
        await plants.DropAsync(Names.Chain, abort);
        plants.Expect("nonce-not-given", finish.RowKey).Expect("nonce-unsigned", $"{partition}/nonce-{0L:D19}")
            .Expect("nonce-unsigned", $"{partition}/nonce-{1L:D19}");
        await plants.FindAsync();
        var other = DrawPlan.NewId(drawer.Address).ToString();
        await plants.AddAsync(Names.Chain, Plants.Copy(finish, partition, finish.RowKey.Replace(id.ToString(), other, StringComparison.Ordinal)));
        plants.Expect("ledger-malformed", other);
        await plants.FindAsync();
        var renamed = Plants.Copy(abort, partition, $"draw-{new string('d', 40)}-{other}-abort");
        renamed["DrawId"] = other;
        await plants.AddAsync(Names.Chain, renamed);
        plants.Expect("transaction-differs", renamed.RowKey).Expect("nonce-not-given", renamed.RowKey);
        await plants.FindAsync();
    }

    [TestMethod]
    public async Task Books_that_disagree_with_themselves_or_the_chain_are_found()
    {
        var (records, nonces, next) = (await RecordsAsync("anchor-"), await RecordsAsync("nonce-"), await RowAsync("next"));
        var last = next.GetInt64("NextNonce")!.Value - 1;
        await using (var plants = new Plants())
        {
            // A nonce that was given to nothing between others, and one that was given and never signed.
            await plants.AddAsync(Names.Chain, Plants.Copy(nonces[^1], account, $"nonce-{last + 3:D19}"));
            await plants.SetAsync(Names.Chain, next, ("NextNonce", last + 6));
            plants.Expect("nonce-gap", $"nonce-{last + 1:D19}").Expect("nonce-gap", $"nonce-{last + 4:D19}").Expect("nonce-unsigned", $"nonce-{last + 3:D19}");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            await plants.DropAsync(Names.Chain, nonces[^1]);
            await plants.SetAsync(Names.Chain, next, ("NextNonce", last - 1));
            await plants.SetAsync(Names.Chain, (await RecordsAsync("size-"))[0], ("LastSize", 0L));
            plants.Expect("nonce-not-given", records[^1].RowKey).Expect("nonce-foreign", $"{account}/next")
                .Expect("nonce-next", $"{account}/next").Expect("size-behind", "size-");
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            // A recorded transaction that is another one; a record that cannot be read.
            var variants = Variants(records[^1]);
            variants[0]!["Hash"] = "0x" + new string('a', 64);
            await plants.SetAsync(Names.Chain, records[^1], ("Variants", Json(variants)));
            await plants.SetAsync(Names.Chain, records[0], ("Variants", "no list"));
            await plants.SetAsync(Names.Chain, nonces[0], ("Contract", null));
            plants.Expect("transaction-differs", records[^1].RowKey).Expect("transaction-unrecorded", "anchor/")
                .Expect("ledger-malformed", records[0].RowKey).Expect("ledger-malformed", nonces[0].RowKey);
            await plants.FindAsync();
        }

        await using (var plants = new Plants())
        {
            await plants.SetAsync(Names.Chain, records[^1], ("Root", OtherRoot.ToString()));
            plants.Expect("ledger-root", records[^1].RowKey).Expect("transaction-differs", records[^1].RowKey);
            await plants.FindAsync();
        }
    }

    [TestMethod]
    public async Task Another_chain_than_the_one_that_was_anchored_on_is_found()
    {
        // The same chain id and no history: a node that was set up anew, or a forged one.
        await using var other = await Anvil.StartAsync(new AnvilOptions { NoMining = true });
        await using var plants = new Plants();
        plants.Expect("anchor-not-on-chain", "anchor/").Expect("not-before-beyond", "d|firm|");
        await plants.FindAsync(change: i => i with { Rpc = other.Url });
        await other.MineAsync(400);
        plants.Expect("anchor-not-on-chain", "anchor/");
        var findings = await plants.FindAsync(change: i => i with { Rpc = other.Url });
        Assert.IsTrue(findings.Notes.Any(n => n.Code == "not-before-gone"), string.Join('\n', findings.Notes));
        await using var foreign = await Anvil.StartAsync(new AnvilOptions { ChainId = 4711 });
        var e = await Assert.ThrowsExactlyAsync<CliException>(() => AuditAsync(change: i => i with { Rpc = foreign.Url }));
        StringAssert.Contains(e.Message, "not on chain");
    }

    [TestMethod]
    public async Task A_manifest_that_names_a_younger_block_or_another_chain_is_found()
    {
        var block = (await FsckBed.Platform.Anvil.CallAsync("eth_getBlockByNumber", "latest", false))!;
        var (number, hash) = (Hex.Long(block.GetProperty("number").GetString()), block.GetProperty("hash").GetString()!);
        var time = DateTimeOffset.FromUnixTimeSeconds(Hex.Long(block.GetProperty("timestamp").GetString()));
        foreach (var (chain, received, code) in new[] { (Servers.Platform.ChainId, time.AddSeconds(-119), null),
            (Servers.Platform.ChainId, time.AddSeconds(-121), "time-order"), (1L, time, "not-before-chain") })
        {
            var findings = await DepositScale.JudgeAsync(DepositScale.Row(0, received, new ChainHead(chain, number, hash)), FsckBed.Platform.Anvil.Url);
            Assert.AreEqual(code, findings.All.SingleOrDefault()?.Code, Lines(findings));
        }
    }
}
