using Microsoft.AspNetCore.Http;

namespace Notary.Chain.Tests;

/// <summary>Nodes that are down, slow, wrong, lying or cut off in mid-sentence.</summary>
[TestClass]
public sealed class NodeTests
{
    private static readonly Uri Nobody = new("http://127.0.0.1:1/");

    [TestMethod]
    public async Task A_wrong_chain_is_refused_at_start_up_and_ever_after()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var other = await Anvil.StartAsync(new AnvilOptions { ChainId = 4711 });
        var wrong = scene.ClientOf(31337, TimeSpan.FromSeconds(5), other.Url);
        Assert.AreEqual(Fault.ChainWrong, (await Assert.ThrowsExactlyAsync<FaultException>(() => wrong.EnsureChainAsync())).Fault);
        Assert.AreEqual(Fault.ChainWrong, (await Assert.ThrowsExactlyAsync<FaultException>(() => wrong.HeadAsync())).Fault);

        // One of two: refused at start-up; a running app goes on with the right one.
        var mixed = scene.ClientOf(31337, TimeSpan.FromSeconds(5), other.Url, scene.Anvil.Url);
        Assert.AreEqual(Fault.ChainWrong, (await Assert.ThrowsExactlyAsync<FaultException>(() => mixed.EnsureChainAsync())).Fault);
        Assert.AreEqual(31337, (await mixed.HeadAsync()).ChainId);
    }

    [TestMethod]
    public async Task Health_does_not_wait_for_a_silent_node_and_notices_when_none_answers()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        node.Before = (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => true, TaskScheduler.Default);
        var client = scene.ClientOf(31337, TimeSpan.FromMinutes(2), node.Url, scene.Anvil.Url);
        await client.EnsureAnswerAsync().WaitAsync(TimeSpan.FromSeconds(20));

        await scene.Anvil.DisposeAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAsync<OperationCanceledException>(() => client.EnsureAnswerAsync(patience.Token));
        Assert.AreEqual(Fault.ChainUnreachable,
            (await Assert.ThrowsExactlyAsync<FaultException>(
                () => scene.ClientOf(31337, TimeSpan.FromSeconds(1), node.Url, scene.Anvil.Url).EnsureAnswerAsync())).Fault);
    }

    [TestMethod]
    public async Task The_next_node_is_asked_when_one_fails()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        var client = scene.ClientOf(31337, TimeSpan.FromSeconds(1), node.Url, scene.Anvil.Url);
        var expected = await scene.Client.HeadAsync();

        var failures = new Dictionary<string, Func<HttpContext, Task>>
        {
            ["HTTP 500"] = context => Task.FromResult(context.Response.StatusCode = 500),
            ["HTTP 429"] = context => Task.FromResult(context.Response.StatusCode = 429),
            ["garbage"] = context => context.Response.WriteAsync("<html>"),
            ["an answer without result"] = context => context.Response.WriteAsync("{}"),
            ["a list"] = context => context.Response.WriteAsync("[]"),
            ["internal error"] = context => context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"oops"}}"""),
            ["cut off"] = context => Task.Run(context.Abort),
            ["silence"] = context => Task.Delay(TimeSpan.FromSeconds(3), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default),
            ["null for the head"] = context => context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":null}"""),
            ["a number for the head"] = context => context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":7}"""),
            ["without end"] = async context =>
            {
                var chunk = new byte[1 << 20];
                for (var i = 0; i < 40 && !context.RequestAborted.IsCancellationRequested; i++)
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            },
        };
        foreach (var (name, fail) in failures)
        {
            node.Before = async (method, context) =>
            {
                if (method != "eth_getBlockByNumber")
                    return false;

                await fail(context);
                return true;
            };
            Assert.AreEqual(expected, await scene.ClientOf(31337, TimeSpan.FromSeconds(1), node.Url, scene.Anvil.Url).HeadAsync(), name);
            var alone = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.ClientOf(31337, TimeSpan.FromSeconds(1), node.Url).HeadAsync(), name);
            Assert.IsTrue(alone.Fault is Fault.ChainUnreachable or Fault.ChainRefused, name);
        }

        Assert.AreEqual(expected, await client.HeadAsync());
        var calls = node.Calls;
        Assert.AreEqual(expected, await client.HeadAsync());
        Assert.AreEqual(calls, node.Calls, "the node that answered last is asked first");
    }

    [TestMethod]
    public async Task A_block_that_does_not_hash_to_its_hash_is_not_believed()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var liar = await TestNode.StartAsync(scene.Anvil.Url);
        liar.After = async (method, context, answer) =>
        {
            await context.Response.WriteAsync(answer.Replace("\"gasUsed\":\"0x", "\"gasUsed\":\"0x1", StringComparison.Ordinal));
            return true;
        };
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.ClientOf(liar.Url).HeadAsync());
        Assert.AreEqual(Fault.ChainUnreachable, fault.Fault);
        StringAssert.Contains(fault.Message, "does not hash to its hash");
    }

    [TestMethod]
    [DataRow(true, DisplayName = "QBFT: an empty list in the seals' place")]
    [DataRow(false, DisplayName = "IBFT 2.0: no list of seals")]
    public async Task A_block_that_validators_sealed_is_proved_without_their_seals(bool emptyList)
    {
        await using var scene = await ChainScene.CreateAsync();
        const int extraData = 12;
        await using var validator = await TestNode.StartAsync(scene.Anvil.Url);
        var hash = "";
        validator.After = async (method, context, answer) =>
        {
            if (method != "eth_getBlockByNumber")
                return false;

            RlpItem[] parts = [RlpItem.Of(new byte[32]), RlpItem.List(RlpItem.Of(new byte[20])), RlpItem.List(), RlpItem.Of(new byte[4])];
            var told = System.Text.Json.Nodes.JsonNode.Parse(answer)!;
            var fields = Rlp.Decode(NodeBlock.Read(JsonSerializer.SerializeToElement(told["result"])).Header).Items.ToArray();
            fields[extraData] = RlpItem.Of(Rlp.EncodeList(emptyList ? [.. parts, RlpItem.List()] : parts));
            told["result"]!["hash"] = hash = Hex.Of(Keccak256.Hash(Rlp.EncodeList(fields)));
            told["result"]!["extraData"] = Hex.Of(Rlp.EncodeList([.. parts, RlpItem.List(RlpItem.Of(new byte[65]), RlpItem.Of(new byte[65]))]));
            await context.Response.WriteAsync(told.ToJsonString());
            return true;
        };
        var head = await scene.ClientOf(validator.Url).HeadAsync();
        Assert.AreEqual(hash, head.Hash);
    }

    [TestMethod]
    [DataRow("a type from the future", "does not tell all transactions", Fault.ChainRefused)]
    [DataRow("another value", "does not tell all transactions", Fault.ChainRefused)]
    [DataRow("one less", "its block's header does not cover", Fault.ChainUnreachable)]
    public async Task An_anchor_is_not_proved_by_a_block_that_is_not_told_whole(string how, string why, Fault expected)
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        const string rich = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
        await scene.Anvil.CallAsync("eth_sendTransaction", new System.Text.Json.Nodes.JsonObject { ["from"] = rich, ["to"] = rich, ["value"] = "0x1" });
        await scene.Anvil.MineAsync();
        await using var teller = await TestNode.StartAsync(scene.Anvil.Url);
        teller.After = async (method, context, answer) =>
        {
            if (method != "eth_getBlockByHash")
                return false;

            var told = System.Text.Json.Nodes.JsonNode.Parse(answer)!;
            var transactions = told["result"]!["transactions"]!.AsArray();
            if (transactions.FirstOrDefault(t => t is System.Text.Json.Nodes.JsonObject && (string)t["from"]! == rich) is { } other)
            {
                if (how == "one less")
                    transactions.Remove(other);
                else
                    other[how == "another value" ? "value" : "type"] = "0x7f";
            }

            await context.Response.WriteAsync(told.ToJsonString());
            return true;
        };
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.AnotherSender(teller.Url).ProofAsync(1));
        Assert.AreEqual(expected, fault.Fault);
        StringAssert.Contains(fault.Message, why);
        Assert.IsNotNull(await scene.Sender.ProofAsync(1));
    }

    [TestMethod]
    public async Task A_node_that_knows_no_priority_fee_is_asked_for_its_gas_price()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        node.Before = async (method, context) =>
        {
            if (method is not ("eth_maxPriorityFeePerGas" or "eth_feeHistory"))
                return false;

            await context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}""");
            return true;
        };
        var submission = await scene.AnotherSender(node.Url).SubmitAsync(1, ChainScene.Root(1));
        Assert.IsTrue(submission.Broadcast, submission.Why);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));
    }

    [TestMethod]
    public async Task A_chain_without_base_fee_gets_legacy_transactions()
    {
        await using var scene = await ChainScene.CreateAsync(new AnvilOptions { Extra = ["--hardfork", "berlin"] });
        var first = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        Assert.IsTrue(first.Broadcast, first.Why);
        await scene.Anvil.MineAsync();
        var proof = (await scene.Sender.ProofAsync(1))!;
        var signed = SignedTransaction.Decode(proof.Transaction);
        Assert.AreEqual((0, (ulong?)scene.Options.ChainId, scene.Signer.Address), (signed.Type, signed.ChainId, signed.Sender));
        var (bid, gas) = Bid.Of(proof.Transaction);
        Assert.AreEqual((signed.MaxFeePerGas, (BigInteger)signed.GasLimit, true), (bid.MaxFee, gas, bid.Legacy));
        var next = FeePolicy.Next(bid, new FeeQuote(0, bid.MaxFee, Legacy: true), scene.Options, contested: false)!.Value;
        Assert.IsTrue(next.Legacy && next.MaxFee * 1000 >= bid.MaxFee * 1125 && next.MaxFee == next.PriorityFee);
    }

    [TestMethod]
    public async Task Nobody_there_is_unreachable()
    {
        await using var scene = await ChainScene.CreateAsync();
        Assert.AreEqual(Fault.ChainUnreachable, (await Assert.ThrowsExactlyAsync<FaultException>(() => scene.ClientOf(Nobody).EnsureChainAsync())).Fault);
        var submit = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.AnotherSender(Nobody).SubmitAsync(1, ChainScene.Root(1)));
        Assert.AreEqual(Fault.ChainUnreachable, submit.Fault);
        Assert.IsInstanceOfType<AnchorStatus.NotSubmitted>(await scene.Sender.CheckAsync(1), "nothing was recorded");
    }

    [TestMethod]
    public async Task A_connection_lost_after_the_node_took_the_transaction_costs_nothing()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        node.After = (method, context, _) =>
        {
            var lose = method == "eth_sendRawTransaction";
            if (lose)
                context.Abort();

            return Task.FromResult(lose);
        };
        var submission = await scene.AnotherSender(node.Url).SubmitAsync(1, ChainScene.Root(1));
        Assert.IsFalse(submission.Broadcast);

        // And with a second address the node says "already known".
        Assert.IsTrue((await scene.AnotherSender(node.Url, scene.Anvil.Url).SubmitAsync(1, ChainScene.Root(1))).Broadcast);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_crash_between_record_and_broadcast_is_made_good_with_the_recorded_bytes()
    {
        await using var scene = await ChainScene.CreateAsync();
        await using var node = await TestNode.StartAsync(scene.Anvil.Url);
        node.Before = (method, context) =>
        {
            var lose = method == "eth_sendRawTransaction";
            if (lose)
                context.Abort();

            return Task.FromResult(lose);
        };
        var submission = await scene.AnotherSender(node.Url).SubmitAsync(1, ChainScene.Root(1));
        Assert.IsFalse(submission.Broadcast);
        Assert.AreEqual(System.Text.Json.JsonValueKind.Null, (await scene.Anvil.CallAsync("eth_getTransactionByHash", submission.Transaction)).ValueKind);

        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Transaction);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
    }

    [TestMethod]
    public async Task A_receipt_from_a_block_that_is_not_canonical_is_not_believed()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.MineAsync(2);
        await using var stale = await TestNode.StartAsync(scene.Anvil.Url);
        string? receipt = null;
        stale.After = async (method, context, answer) =>
        {
            if (method != "eth_getTransactionReceipt")
                return false;

            receipt ??= answer;
            await context.Response.WriteAsync(receipt);
            return true;
        };
        var sender = scene.AnotherSender(stale.Url);
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.CheckAsync(1));
        await scene.Anvil.ReorganiseAsync(2);
        Assert.IsInstanceOfType<AnchorStatus.Pending>(await sender.CheckAsync(1));
    }

    [TestMethod]
    [DataRow("already known", SendOutcome.Accepted)]
    [DataRow("transaction already imported", SendOutcome.Accepted)]
    [DataRow("nonce too low: next nonce 5, tx nonce 4", SendOutcome.NonceTooLow)]
    [DataRow("replacement transaction underpriced", SendOutcome.Underpriced)]
    [DataRow("transaction underpriced: gas tip cap 0", SendOutcome.FeeTooLow)]
    [DataRow("max fee per gas less than block base fee", SendOutcome.FeeTooLow)]
    [DataRow("insufficient funds for gas * price + value", SendOutcome.Refused)]
    public void What_nodes_say_is_understood(string message, SendOutcome outcome) => Assert.AreEqual(outcome, NodeView.Classify(message));

    [TestMethod]
    [DataRow("berlin")]
    [DataRow("london")]
    [DataRow("paris")]
    [DataRow("shanghai")]
    [DataRow("cancun")]
    [DataRow("prague")]
    [DataRow("osaka")]
    public async Task Headers_of_every_fork_hash_to_the_nodes_hash(string fork)
    {
        await using var scene = await ChainScene.CreateAsync(new AnvilOptions { Extra = ["--hardfork", fork] });
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.MineAsync();
        var proof = (await scene.Sender.ProofAsync(1))!;
        Assert.AreEqual(proof.BlockHash, Hex.Of(BlockHeader.Decode(proof.Header).Hash));
        Assert.AreEqual(proof.BlockHash, (await scene.Client.HeadAsync()).Hash);
    }

    [TestMethod]
    public void A_published_block_hashes_and_its_transactions_trie_comes_out()
    {
        var path = Path.Combine(Repository.Root, "tests", "Core", "Evidence", "Vectors", "ethereum", "block-london.json");
        var block = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(File.ReadAllBytes(path));
        var read = NodeBlock.Read(block);
        var transactions = block.GetProperty("transactions").EnumerateArray().Select(NodeRlp.Transaction).ToArray();
        var proof = AnchorProver.Prove(transactions!, read.TransactionsRoot, 0)!;
        CollectionAssert.AreEqual(transactions[0], TrieProof.Verify(BlockHeader.Decode(read.Header).TransactionsRoot, TrieProof.IndexKey(0), proof));
        Assert.AreEqual(block.GetProperty("transactions")[0].GetProperty("from").GetString(), SignedTransaction.Decode(transactions[0]).Sender.ToLowerHex());
    }

    [TestMethod]
    public async Task A_block_of_all_kinds_of_transactions_is_proved_whole()
    {
        await using var scene = await ChainScene.CreateAsync();
        const string rich = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
        var nonce = 0;
        System.Text.Json.Nodes.JsonObject Transfer(string type)
            => new() { ["from"] = rich, ["to"] = rich, ["value"] = "0x1", ["type"] = type, ["nonce"] = Hex.Quantity(nonce++), ["gas"] = "0x30000" };
        var legacy = Transfer("0x0");
        legacy["gasPrice"] = "0x77359400";
        await scene.Anvil.CallAsync("eth_sendTransaction", legacy);
        var listed = Transfer("0x1");
        listed["gasPrice"] = "0x77359400";
        listed["accessList"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
        {
            ["address"] = rich,
            ["storageKeys"] = new System.Text.Json.Nodes.JsonArray("0x" + new string('0', 63) + "5")
        });
        await scene.Anvil.CallAsync("eth_sendTransaction", listed);
        for (var i = 0; i < 20; i++)
            await scene.Anvil.CallAsync("eth_sendTransaction", Transfer("0x2"));

        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.MineAsync();
        var proof = (await scene.Sender.ProofAsync(1))!;
        var block = BlockHeader.Decode(proof.Header);
        var key = TrieProof.IndexKey(proof.TransactionIndex);
        CollectionAssert.AreEqual(proof.Transaction, TrieProof.Verify(block.TransactionsRoot, key, proof.TransactionProof));
        Assert.IsNotNull(TrieProof.Verify(block.ReceiptsRoot, key, proof.ReceiptProof));
        Assert.IsTrue(proof.ReceiptProof.Count > 1, "a trie with more than one node");
    }
}
