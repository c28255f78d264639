using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Notary.Chain.Explorer;

namespace Notary.Chain.Tests;

/// <summary>What the explorer shows, against a count over raw blocks by another project's library.</summary>
[TestClass]
public sealed partial class ExplorerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [TestMethod]
    [DataRow(60)]
    [DataRow(2_500)]
    public async Task All_anchors_are_those_of_the_raw_blocks_also_after_reorganisations(int gap)
    {
        await using var scene = await ChainScene.CreateAsync();
        var explorer = new ChainExplorer(scene.Client, scene.Options);
        await SameAsync(scene, explorer);
        for (var size = 1; size <= 12; size++)
        {
            await scene.Sender.SubmitAsync(size * 10, ChainScene.Root(size));
            await scene.Anvil.MineAsync(size == 6 ? gap : 3);
            if (size % 4 == 0)
                await SameAsync(scene, explorer);
        }

        // Three anchors gone, and back in other blocks; then one that is never sent again; then none.
        await scene.Anvil.ReorganiseAsync(9);
        await SameAsync(scene, explorer);
        for (var size = 10; size <= 11; size++)
            await scene.Sender.CheckAsync(size * 10);

        await scene.Anvil.MineAsync();
        Assert.AreEqual(11, await SameAsync(scene, explorer));
        await scene.Anvil.MineAsync(2);
        Assert.AreEqual(11, await SameAsync(scene, explorer));

        // Another that has never looked sees the same.
        Assert.AreEqual(11, await SameAsync(scene, new ChainExplorer(scene.Client, scene.Options)));
        var page = await explorer.AnchorsAsync(null, 5, None);
        Assert.AreEqual("110 100 90 80 70", string.Join(' ', page.Anchors.Select(a => a.Size)));
        Assert.AreEqual("60 50 40 30 20", string.Join(' ', (await explorer.AnchorsAsync(page.Before, 5, None)).Anchors.Select(a => a.Size)));
        Assert.IsNull((await explorer.AnchorsAsync(20, 5, None)).Before);
        Assert.AreEqual((40L, 30L), ((await explorer.CoveringAsync(30, None))!.Size, (await explorer.CoveringAsync(39, None))!.Covers));
        Assert.IsNull(await explorer.CoveringAsync(110, None));
        var account = await explorer.AccountAsync(scene.Signer.Address, None);
        Assert.AreEqual((AccountKind.Account, 11, 11L), (account.Kind, account.Anchors, account.Transactions));
        Assert.AreEqual(AccountKind.Anchor, (await explorer.AccountAsync(scene.Contract, None)).Kind);
    }

    [TestMethod]
    public async Task Blocks_and_transactions_are_read_by_their_contracts_and_proved_against_the_header()
    {
        await using var scene = await ChainScene.CreateAsync();
        var explorer = new ChainExplorer(scene.Client, scene.Options);
        await scene.Sender.SubmitAsync(7, ChainScene.Root(7));
        await scene.SendForeignAsync(1, 10_000_000_000, 1_000_000_000, data: [1, 2, 3]);
        await scene.SendForeignAsync(2, 10_000_000_000, 1_000_000_000, to: scene.Contract, data: [.. ChainScene.Call("anchor", 5L, ChainScene.Root(5))]);
        await scene.Anvil.MineAsync(2);
        var view = await explorer.ChainAsync(None);
        Assert.AreEqual(("EvidenceAnchor", 1, (string?)null), (view.ContractKind, view.Anchors, view.Consortium));
        Assert.AreEqual(NodeState.InStep, view.Nodes.Single().State);

        var block = (await explorer.BlockAsync(view.Newest!.BlockHash, None))!;
        Assert.AreEqual((3, 2L), (block.Total, block.Depth));
        Assert.AreEqual("anchor size=7 root=0x" + ChainScene.Root(7), Said(block.Transactions[0].Call!));
        Assert.IsNull(block.Transactions[1].Call);
        Assert.AreEqual(scene.Signer.Address.ToString(), block.Transactions[2].From);
        var anchored = (await explorer.TransactionAsync(view.Newest.Transaction, None))!;
        Assert.IsTrue(anchored is { Proved: true, Succeeded: true, Index: 0, Depth: 2 });
        Assert.AreEqual($"Anchored size=7 root=0x{ChainScene.Root(7)} sender={scene.Signer.Address}", Said(anchored.Events.Single().Event!));

        // Five comes after seven: refused, and told so.
        var refused = (await explorer.TransactionAsync(block.Transactions[2].Hash, None))!;
        Assert.IsTrue(refused is { Proved: true, Succeeded: false, Events: [] });
        var deployment = (await explorer.BlockAsync("1", None))!.Transactions.Single();
        Assert.AreEqual(scene.Contract.ToString(), (await explorer.TransactionAsync(deployment.Hash, None))!.Created);

        var blocks = await explorer.BlocksAsync(null, 2, None);
        Assert.AreEqual((block.Number + 1, block.Number, block.Number), (blocks.Blocks[0].Number, blocks.Blocks[1].Number, blocks.Before));
        Assert.AreEqual(0, (await explorer.BlocksAsync(1, 2, None)).Blocks.Single().Number);
        foreach (var nothing in new[] { "99999999", "0x" + new string('0', 64), "x", "-1", "0x12" })
            Assert.IsNull(await explorer.BlockAsync(nothing, None), nothing);

        // A block that is left behind says so, and what stood in it does not count.
        await scene.Anvil.ReorganiseAsync(2);
        Assert.IsTrue(await explorer.BlockAsync(block.Hash, None) is null or { Depth: 0 });
        Assert.IsNull(await explorer.TransactionAsync(block.Transactions[0].Hash, None));
    }

    [TestMethod]
    public async Task A_node_that_lies_of_a_receipt_is_not_taken_for_proof_and_nodes_are_told_apart()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(7, ChainScene.Root(7));
        await scene.Anvil.MineAsync(4);
        await using var liar = await TestNode.StartAsync(scene.Anvil.Url);
        liar.After = async (method, context, answer) =>
        {
            if (method is not ("eth_getTransactionReceipt" or "eth_getBlockReceipts"))
                return false;

            await context.Response.WriteAsync(answer.Replace(ChainScene.Root(7).ToString(), ChainScene.Root(8).ToString(), StringComparison.Ordinal));
            return true;
        };
        await using var other = await Anvil.StartAsync();
        await other.MineAsync(30);
        var hash = (await new ChainExplorer(scene.Client, scene.Options).ChainAsync(None)).Newest!.Transaction;

        var lied = new ChainExplorer(scene.ClientOf(liar.Url), scene.Options);
        Assert.IsFalse((await lied.TransactionAsync(hash, None))!.Proved);

        var several = new ChainExplorer(scene.ClientOf(scene.Anvil.Url, liar.Url, other.Url, new Uri("http://127.0.0.1:9/")), scene.Options);
        Assert.AreEqual("InStep InStep Forked Silent", string.Join(' ', (await several.ChainAsync(None)).Nodes.Select(n => n.State)));
    }

    private static string Said(DecodedCall call) => $"{call.Name} {string.Join(' ', call.Values.Select(v => $"{v.Name}={v.Value}"))}";

    /// <summary>Waits until the explorer has read up to the head, and compares each anchor.</summary>
    private static async Task<int> SameAsync(ChainScene scene, ChainExplorer explorer)
    {
        var (code, output) = await Tool.NodeAsync("tests/Core/Chain/count.mjs", scene.Anvil.Url.ToString(), scene.Options.Contract);
        Assert.AreEqual(0, code, output);
        var raw = JsonDocument.Parse(output).RootElement;
        var wanted = raw.GetProperty("anchors").EnumerateArray().Select(a => string.Join(' ', a.EnumerateArray())).Reverse().ToList();
        List<string> shown = [];
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(2);)
        {
            var page = await explorer.AnchorsAsync(null, ChainExplorer.MaxPage, None);
            shown = [.. page.Anchors.Select(
                a => string.Join(' ', a.Size, a.Root, a.Sender, a.Block, a.BlockHash, a.Transaction, a.BlockTime.ToUnixTimeSeconds()))];
            Assert.AreEqual(raw.GetProperty("head").GetInt64(), page.Head);
            if (page.ReadTo == page.Head && page.Total == wanted.Count && shown.SequenceEqual(wanted))
                return page.Total;
        }

        Assert.AreEqual(string.Join('\n', wanted), string.Join('\n', shown));
        return -1;
    }
}
