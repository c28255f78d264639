using System.Diagnostics;
using Azure.Data.Tables;
using Notary.Storage;

namespace Notary.Chain.Tests;

/// <summary>Waiting for an anchor costs the books next to nothing and ends when there is something to say.</summary>
[TestClass]
public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [TestMethod]
    public async Task An_anchor_is_watched_to_its_depth_with_two_storage_calls_and_a_look_for_each_block()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        var (looks, noticed) = (0, 0L);
        node.Before = (method, _) =>
        {
            looks += method == "eth_getTransactionReceipt" ? 1 : 0;
            return Task.FromResult(false);
        };
        await using var storage = await FaultProxy.StartAsync(SharedServers.Azurite.TableEndpoint);
        var sender = scene.AnotherSender(new TableClient(SharedServers.Azurite.ConnectionStringFor(scene.Account, table: storage.Url), Names.Chain), node.Url);
        storage.Clear();

        var watch = Task.Run(async () =>
        {
            var status = await sender.WatchAsync(1, 3, Patience);
            noticed = Stopwatch.GetTimestamp();
            return status;
        });
        for (var block = 1; block <= 3; block++)
        {
            Assert.IsFalse(watch.IsCompleted, $"before block {block}");
            await WaitAsync(() => looks >= block);
            await scene.Anvil.MineAsync();
        }

        var mined = Stopwatch.GetTimestamp();
        Assert.AreEqual(3, ((AnchorStatus.Mined)await watch).Depth);
        Assert.AreEqual(4, looks, "one for each head");
        Assert.AreEqual(2, storage.Requests.Count, string.Join('\n', storage.Requests));
        Console.WriteLine($"noticed {Stopwatch.GetElapsedTime(mined, noticed).TotalMilliseconds:F0} ms after the block");

        // Known by now: neither read nor write.
        storage.Clear();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.WatchAsync(1, 3, Patience));
        Assert.IsEmpty(storage.Requests);

        // Who has just written the books does not read them; the one write says in which block it was seen.
        await sender.SubmitAsync(2, ChainScene.Root(2));
        await scene.Anvil.MineAsync();
        storage.Clear();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.WatchAsync(2, 1, Patience));
        Assert.IsNotNull(await sender.ProofAsync(2));
        Assert.HasCount(1, storage.Requests);
    }

    [TestMethod]
    public async Task A_watch_rebroadcasts_what_was_lost_and_takes_back_what_was_reorganised_away()
    {
        await using var scene = await ChainScene.CreateAsync();
        var sent = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.CallAsync("anvil_dropTransaction", sent.Transaction);
        var watch = WatchOnAsync(scene, 1, 4);
        await WaitUntilPooledAsync(scene, sent.Transaction!);
        await scene.Anvil.MineAsync(2);
        await WaitUntilSeenAsync(scene);
        await scene.Anvil.ReorganiseAsync(2);

        // The head's number is the same as before and its hash is not: seen without another block, and sent again.
        await WaitUntilPooledAsync(scene, sent.Transaction!);
        await scene.Anvil.MineAsync(4);
        var mined = (AnchorStatus.Mined)await watch;
        Assert.AreEqual((sent.Transaction, 4), (mined.Transaction, mined.Depth));
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_watch_outbids_and_tells_what_can_be_no_more()
    {
        await using var scene = await ChainScene.CreateAsync();
        Assert.IsInstanceOfType<AnchorStatus.NotSubmitted>(await scene.Sender.WatchAsync(1, 1, Patience), "nothing to watch");
        var sent = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        Assert.IsInstanceOfType<AnchorStatus.Pending>(await scene.Sender.WatchAsync(1, 1, TimeSpan.FromMilliseconds(1)), "the time is over");

        var watch = scene.Sender.WatchAsync(1, 1, Patience);
        await scene.Anvil.CallAsync("anvil_setNextBlockBaseFeePerGas", Hex.Quantity(100_000_000_000));
        for (var i = 0; i < 100 && !watch.IsCompleted; i++)
        {
            await scene.Anvil.MineAsync(3);
            await Task.Delay(200);
        }

        Assert.IsInstanceOfType<AnchorStatus.Mined>(await watch.WaitAsync(Patience));
        Assert.AreEqual(1, await scene.NonceAsync());

        // Of two under way the larger is mined first: the smaller never will be.
        await scene.Sender.SubmitAsync(2, ChainScene.Root(2));
        var second = (await scene.RecordAsync(2)).Newest!;
        await scene.Anvil.CallAsync("anvil_dropTransaction", second.Hash);
        var nonce = await scene.Client.NonceAsync(scene.Admin.Address);
        await scene.SendForeignAsync(nonce, 500_000_000_000, 1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("grant", scene.Admin.Address));
        await scene.SendForeignAsync(nonce + 1, 500_000_000_000, 1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("anchor", 9L, ChainScene.Root(9)));
        await scene.Anvil.MineAsync();
        Assert.AreEqual(new AnchorStatus.Superseded(9), await scene.Sender.WatchAsync(2, 1, Patience));
        Assert.IsNotNull(sent.Transaction);
    }

    /// <summary>As its caller does: a node that is asked in the middle of a reorganisation may answer with an error, and is asked again.</summary>
    private static async Task<AnchorStatus> WatchOnAsync(ChainScene scene, long size, int depth)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await scene.Sender.WatchAsync(size, depth, Patience);
            }
            catch (FaultException) when (Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(100);
            }
        }
    }

    private static Task WaitUntilPooledAsync(ChainScene scene, string hash)
        => WaitAsync(async () => (await scene.Anvil.CallAsync("eth_getTransactionByHash", hash)).ValueKind == System.Text.Json.JsonValueKind.Object);

    private static Task WaitUntilSeenAsync(ChainScene scene) => WaitAsync(async () => (await scene.RecordAsync(1)).SeenIn.Length > 0);

    private static Task WaitAsync(Func<bool> state) => WaitAsync(() => Task.FromResult(state()));

    private static async Task WaitAsync(Func<Task<bool>> state)
    {
        for (var started = Stopwatch.GetTimestamp(); !await state();)
        {
            Assert.IsTrue(Stopwatch.GetElapsedTime(started) < Patience, "the state never came");
            await Task.Delay(20);
        }
    }
}
