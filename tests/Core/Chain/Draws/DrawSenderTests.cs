using Microsoft.AspNetCore.Http;
using Notary.Chain.Draws;

namespace Notary.Chain.Tests.Draws;

/// <summary>A draw by those who take part in it, each with his own key and books, and whatever may come between.</summary>
[TestClass]
public sealed class DrawSenderTests
{
    [TestMethod]
    public async Task A_draw_goes_from_publication_to_result()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        using var observer = await DrawAccount.CreateAsync();
        var (publisher, party) = (await scene.SenderAsync(office), await scene.SenderAsync(observer));
        var secret = DrawScene.Some().ToArray();
        var plan = await scene.PlanAsync(BeaconSource.Drand, party.Account) with { DrawId = DrawPlan.NewId(publisher.Account) };
        var id = plan.DrawId;
        Assert.IsNull(await scene.Registry.ReadAsync(id));

        var published = await MineAsync(scene, publisher, DrawCall.Publish(plan));
        await MineAsync(scene, party, DrawCall.Commit(id, party.Account, secret));
        await scene.MineToAsync(plan.CommitDeadline);
        await MineAsync(scene, party, DrawCall.Reveal(id, secret));
        await scene.MineToAsync(plan.RevealDeadline);
        await MineAsync(scene, publisher, DrawCall.FixSeed(id, await scene.RoundAsync(plan.Number)));
        var result = DrawScene.Some();
        await MineAsync(scene, publisher, DrawCall.Finish(id, result));

        var state = await scene.StateAsync(id);
        Assert.AreEqual((DrawStage.Finished, result, publisher.Account), (state.Stage, state.Outcome!.Value, state.Publisher));
        Assert.AreEqual(new DrawParty(party.Account, DrawCall.CommitmentTo(id, party.Account, secret), new Digest(secret)), state.Parties.Single());
        var events = await scene.Registry.EventsAsync(id, published.Block);
        CollectionAssert.AreEqual(
            new[] { "Published", "Committed", "Revealed", "SeedFixed", "Finished" }, events.Select(e => e.GetType().Name).ToArray());
        Assert.AreEqual((published.Block, published.BlockHash, published.Transaction),
            (events[0].Place.Block, events[0].Place.BlockHash, events[0].Place.Transaction));
        Assert.AreEqual((party.Account, 0, new Digest(secret)), events[2] is DrawEvent.Revealed r ? (r.Party, r.PartyIndex, r.Secret) : default);
        var seeded = (DrawEvent.SeedFixed)events[3];
        Assert.AreEqual((state.Beacon!.Value, state.Seed!.Value), (seeded.Beacon, seeded.Seed));
        CollectionAssert.AreEqual((await scene.RoundAsync(plan.Number)).Point, seeded.Signature);
        Assert.HasCount(4, await scene.Registry.EventsAsync(id, published.Block + 1));
        Assert.IsEmpty(await scene.Registry.EventsAsync(DrawScene.Some(), 0));
    }

    [TestMethod]
    public async Task What_was_recorded_is_what_goes_out_however_often_and_by_whom_it_is_sent()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        await using var lossy = await TestNode.StartAsync(scene.Anvil.Url);
        var broadcasts = 0;
        lossy.Before = (method, context) =>
        {
            if (method == "eth_sendRawTransaction" && Interlocked.Increment(ref broadcasts) == 1)
                context.Abort();

            return Task.FromResult(broadcasts == 1 && method == "eth_sendRawTransaction");
        };
        var plan = await scene.PlanAsync() with { DrawId = DrawPlan.NewId(office.Signer.Address) };
        var call = DrawCall.Publish(plan);
        var lost = (DrawSending.Pending)await (await scene.SenderAsync(office, lossy.Url)).SendAsync(call);
        Assert.AreEqual(1, broadcasts);
        await scene.Anvil.MineAsync();
        Assert.IsNull(await scene.Registry.ReadAsync(plan.DrawId), "recorded, and lost on its way");

        var another = await scene.SenderAsync(office);
        Assert.AreEqual(lost.Transaction, ((DrawSending.Pending)await another.SendAsync(call)).Transaction);
        await scene.Anvil.MineAsync();
        var mined = (DrawSending.Mined)await another.SendAsync(call);
        Assert.AreEqual(lost.Transaction, mined.Transaction);
        await scene.Anvil.MineAsync(2);
        Assert.AreEqual(3, ((DrawSending.Mined)await another.SendAsync(call)).Depth);
        Assert.AreEqual(1, await scene.Client.NonceAsync(another.Account));
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => another.SendAsync(DrawCall.Publish(plan with { Commitment = DrawScene.Some() })));
        Assert.AreEqual(Fault.Conflict, fault.Fault, "the same step with other values");
    }

    [TestMethod]
    public async Task Instances_that_race_send_one_transaction_each_step_and_no_nonce_twice()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var senders = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => scene.SenderAsync(office)));
        var any = await scene.PlanAsync();
        var plans = Enumerable.Range(0, 3).Select(_ => any with { DrawId = DrawPlan.NewId(office.Signer.Address) }).ToArray();
        var sent = await Task.WhenAll(from plan in plans from sender in senders select SettleAsync(sender, DrawCall.Publish(plan)));
        Assert.HasCount(3, sent.Distinct());
        await scene.Anvil.MineAsync();
        foreach (var plan in plans)
            Assert.IsInstanceOfType<DrawSending.Mined>(await senders[0].SendAsync(DrawCall.Publish(plan)));

        Assert.AreEqual(3, await scene.Client.NonceAsync(office.Signer.Address));
    }

    /// <summary>Nodes estimate on top of their pool, where the call of the one that was faster would make this one's revert.</summary>
    [TestMethod]
    public async Task An_instance_overtaken_between_its_books_and_its_estimate_is_not_refused()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var call = DrawCall.Publish(await scene.PlanAsync() with { DrawId = DrawPlan.NewId(office.Signer.Address) });
        var faster = await scene.SenderAsync(office);
        DrawSending? first = null;
        await using var slow = await TestNode.StartAsync(scene.Anvil.Url);
        slow.Before = async (method, _) =>
        {
            if (method == "eth_estimateGas" && first is null)
                first = await faster.SendAsync(call);

            return false;
        };
        var second = (DrawSending.Pending)await (await scene.SenderAsync(office, slow.Url)).SendAsync(call);
        Assert.AreEqual(((DrawSending.Pending)first!).Transaction, second.Transaction);
    }

    [TestMethod]
    public async Task A_step_taken_back_by_a_reorganisation_is_taken_again_with_all_before_it()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var sender = await scene.SenderAsync(office);
        var plan = await scene.PlanAsync() with { DrawId = DrawPlan.NewId(sender.Account) };
        var snapshot = (await scene.Anvil.CallAsync("evm_snapshot")).GetString()!;
        var (publish, commit) = (DrawCall.Publish(plan), DrawCall.Commit(plan.DrawId, sender.Account, DrawScene.Some().ToArray()));
        var published = await MineAsync(scene, sender, publish);
        var committed = await MineAsync(scene, sender, commit);
        await scene.Anvil.CallAsync("evm_revert", snapshot);
        Assert.IsNull(await scene.Registry.ReadAsync(plan.DrawId));

        Assert.IsTrue(((DrawSending.Pending)await sender.SendAsync(commit)).Reorganised);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(committed.Transaction, ((DrawSending.Mined)await sender.SendAsync(commit)).Transaction);
        Assert.AreEqual(published.Transaction, ((DrawSending.Mined)await sender.SendAsync(publish)).Transaction,
            "sent again because the commit's nonce follows it");
        Assert.AreEqual(2, await scene.Client.NonceAsync(sender.Account));
    }

    [TestMethod]
    public async Task What_the_contract_refuses_is_not_paid_for_and_may_be_tried_again()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var sender = await scene.SenderAsync(office);
        var plan = await scene.PlanAsync() with { DrawId = DrawPlan.NewId(sender.Account) };
        var refused = (DrawSending.Refused)await sender.SendAsync(DrawCall.Publish(plan with { Commitment = default }));
        Assert.AreEqual("BadPlan", refused.Error);
        await MineAsync(scene, sender, DrawCall.Publish(plan));
        var seed = DrawCall.FixSeed(plan.DrawId, await scene.RoundAsync(plan.Number));
        Assert.AreEqual("TooEarly", ((DrawSending.Refused)await sender.SendAsync(seed)).Error);
        Assert.AreEqual(1, await scene.Client.NonceAsync(sender.Account));
        await scene.MineToAsync(plan.RevealDeadline + 1);
        await MineAsync(scene, sender, seed);
        Assert.AreEqual(DrawStage.Seeded, (await scene.StateAsync(plan.DrawId)).Stage);
    }

    [TestMethod]
    public async Task A_step_that_another_took_first_is_reverted_and_then_refused()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var sender = await scene.SenderAsync(office);
        var (plan, _) = await scene.PlayAsync();
        await scene.Anvil.MineAsync();
        var seed = await scene.SeedCallAsync(plan);
        var lost = (DrawSending.Pending)await sender.SendAsync(seed);
        await scene.Anvil.CallAsync("anvil_dropTransaction", lost.Transaction);
        await scene.DoAsync(DrawScene.Somebody(), seed);
        Assert.AreEqual(lost.Transaction, ((DrawSending.Pending)await sender.SendAsync(seed)).Transaction);
        await scene.Anvil.MineAsync();
        StringAssert.Contains(((DrawSending.Pending)await sender.SendAsync(seed)).Why, "without effect");
        await scene.Anvil.MineAsync(ChainScene.Confirmations);
        Assert.AreEqual("WrongState", ((DrawSending.Refused)await sender.SendAsync(seed)).Error);
        Assert.AreEqual(1, await scene.Client.NonceAsync(sender.Account));
    }

    [TestMethod]
    public async Task A_bid_that_blocks_pass_by_is_doubled_up_to_its_cap_and_no_step_outgrows_its_row()
    {
        await using var scene = await DrawScene.CreateAsync();
        using var office = await DrawAccount.CreateAsync();
        var sender = await scene.SenderAsync(office);
        var plan = await scene.PlanAsync(BeaconSource.Drand, [.. Enumerable.Range(0, 64).Select(_ => DrawScene.Somebody())])
            with { DrawId = DrawPlan.NewId(sender.Account) };
        plan = plan with { CommitDeadline = plan.CommitDeadline + 100, RevealDeadline = plan.RevealDeadline + 100 };
        var call = DrawCall.Publish(plan);
        var hashes = new HashSet<string> { ((DrawSending.Pending)await sender.SendAsync(call)).Transaction };
        // Blocks too small for it pass it by.
        await scene.Anvil.CallAsync("evm_setBlockGasLimit", "0x5208");
        for (var i = 0; i < DrawRecord.MaxVariants + 2; i++)
        {
            await scene.Anvil.MineAsync(scene.Options.BumpAfterBlocks);
            hashes.Add(((DrawSending.Pending)await sender.SendAsync(call)).Transaction);
        }

        Assert.HasCount(DrawRecord.MaxVariants, hashes);
        await scene.Anvil.CallAsync("evm_setBlockGasLimit", "0x1c9c380");
        await scene.Anvil.MineAsync();
        Assert.IsTrue(hashes.Contains(((DrawSending.Mined)await sender.SendAsync(call)).Transaction));
        Assert.AreEqual(1, await scene.Client.NonceAsync(sender.Account));
    }

    [TestMethod]
    public async Task No_registry_and_another_chain_are_named()
    {
        await using var scene = await DrawScene.CreateAsync();
        var terms = await scene.Registry.TermsAsync();
        Assert.AreEqual(new DrawTerms(scene.Drand.Hash, DateTimeOffset.FromUnixTimeSeconds(scene.Drand.Genesis), TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(DrawScene.Margin)), terms);
        var absent = new DrawRegistry(scene.Client, DrawScene.Somebody());
        foreach (var action in new Func<Task>[] { () => absent.TermsAsync(), () => absent.ReadAsync(DrawScene.Some()) })
            Assert.AreEqual(Fault.ChainWrong, (await Assert.ThrowsExactlyAsync<FaultException>(action)).Fault);

        await using var odd = await TestNode.StartAsync(scene.Anvil.Url);
        odd.After = async (method, context, _) =>
        {
            if (method != "eth_call")
                return false;

            await context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":"0x00112233"}""");
            return true;
        };
        var client = new ChainClient(new ChainOptions { RpcUrls = [odd.Url], ChainId = scene.Options.ChainId, Contract = scene.Options.Contract },
            new HttpClient(), TimeProvider.System);
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => new DrawRegistry(client, scene.Registry.Contract).ReadAsync(DrawScene.Some()));
        Assert.AreEqual(Fault.ChainUnreachable, fault.Fault, "a node whose answer cannot be read is none");
    }

    private static async Task<DrawSending.Mined> MineAsync(DrawScene scene, DrawSender sender, DrawCall call)
    {
        var pending = await sender.SendAsync(call);
        Assert.IsInstanceOfType<DrawSending.Pending>(pending, $"{call.Name}: {pending}");
        await scene.Anvil.MineAsync();
        return (DrawSending.Mined)await sender.SendAsync(call);
    }

    private static async Task<string> SettleAsync(DrawSender sender, DrawCall call) => ((DrawSending.Pending)await sender.SendAsync(call)).Transaction;
}
