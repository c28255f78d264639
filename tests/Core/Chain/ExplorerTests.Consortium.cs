using System.Text.Json;
using Notary.Chain.Explorer;

namespace Notary.Chain.Tests;

public sealed partial class ExplorerTests
{
    /// <summary>The life of four organisations, made by ethers: what the explorer computes from events is what the contract itself answers.</summary>
    [TestMethod]
    public async Task Members_and_votes_are_those_of_the_contract_and_forged_events_are_not_believed()
    {
        await using var anvil = await Anvil.StartAsync();
        var (code, output) = await Tool.NodeAsync("tests/Core/Chain/consortium.mjs", anvil.Url.ToString());
        Assert.AreEqual(0, code, output);
        var said = JsonSerializer.Deserialize<JsonElement>(output);
        var options = new ChainOptions
        {
            RpcUrls = [anvil.Url], ChainId = anvil.ChainId, Contract = said.GetProperty("log").GetProperty("address").GetString()!,
        };
        using var http = new HttpClient();
        var client = new ChainClient(options, http, TimeProvider.System);
        var view = await ReadAsync(new ChainExplorer(client, options));

        CollectionAssert.AreEqual(said.GetProperty("statuses").EnumerateArray().Select(s => (MemberStatus)s.GetInt32()).ToArray(),
            view.Members.Select(m => m.Status).ToArray());
        Assert.AreEqual("公证处 Notary office|Bank|Court|University|Guild", string.Join('|', view.Members.Select(m => m.Name)));
        Assert.AreEqual("Production Service", string.Join(' ', view.Members[0].Nodes));
        Assert.AreEqual(("2/3", 1), (view.Threshold, view.Roots.Count));
        var executed = view.Proposals.Where(p => p.State == ProposalState.Executed).Reverse().ToList();
        CollectionAssert.AreEqual(said.GetProperty("counted").EnumerateArray().Select(c => c.GetProperty("votes").GetInt32()).ToArray(),
            executed.Select(p => p.Counted!.Value).ToArray());
        Assert.IsTrue(executed.TrueForAll(p => p.Votes.Count(v => v.InFavour) >= p.Needed), output);

        // Admitted by whom it stands: each vote leads to its transaction, which says the same.
        var explorer = new ChainExplorer(client, options);
        var vote = executed[0].Votes[0];
        var cast = (await explorer.TransactionAsync(vote.Place.Transaction, None))!;
        Assert.AreEqual(($"vote id={executed[0].Id} inFavour=true", vote.Account, true), (Said(cast.Call!), cast.From, cast.Proved));
        Assert.AreEqual("Voted", cast.Events.Single().Event!.Name);
        var now = (await explorer.ProposalAsync(executed[0].Id, None))!;
        Assert.AreEqual((executed[0].Kind, executed[0].Kind == ChangeKind.Admit ? "Guild" : ""), (now.Change.Kind, now.Change.Candidate.Name));
        Assert.IsNull(await explorer.ProposalAsync(99, None));

        // Anchors before and after the way over from the earlier contract.
        var chain = await explorer.ChainAsync(None);
        Assert.AreEqual(("ConsortiumAnchor", view.Contract), (chain.ContractKind, chain.Consortium));
        Assert.IsNotNull(chain.Former);
        var anchors = (await explorer.AnchorsAsync(null, 10, None)).Anchors;
        Assert.AreEqual("30 20 15 10", string.Join(' ', anchors.Select(a => a.Size)));
        CollectionAssert.AreEqual(new[] { chain.Contract, chain.Contract, chain.Former, chain.Former }, anchors.Select(a => a.Contract).ToArray());
        Assert.AreEqual(1, view.Members.Sum(m => m.Accounts.Count(a => a.Address == anchors[0].Sender && a.Anchors > 0)));

        // What the contract cannot have said.
        var events = (await anvil.CallAsync("eth_getLogs", new System.Text.Json.Nodes.JsonObject
        {
            ["address"] = view.Contract!, ["fromBlock"] = "0x0", ["toBlock"] = "latest",
        })).EnumerateArray().Select((log, i) => (new EventLog(Address.Parse(log.GetProperty("address").GetString()),
            [.. log.GetProperty("topics").EnumerateArray().Select(t => Hex.Bytes(t.GetString()))], Hex.Bytes(log.GetProperty("data").GetString())),
            new EventPlace(i, "", "", i))).ToList();
        Assert.HasCount(5, ConsortiumHistory.Of(events).Members);
        foreach (var signature in new[] { "Admitted(uint8,string,bytes32,bytes32,bytes32,bytes32,uint8)", "Removed(uint8)",
            "Proposed(uint256,uint8,uint8,uint8,address,uint64)", "Voted(uint256,uint8,address,bool)", "Executed(uint256,address,uint256,uint256)" })
        {
            var at = events.FindIndex(e => e.Item1.Topics[0].AsSpan().SequenceEqual(Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes(signature))));
            Assert.IsTrue(at >= 0, signature);
            Refused([.. events[..(at + 1)], .. events[at..]], $"{signature} twice");
            if (signature[0] is 'A' or 'P')
                Refused([.. events[..at], .. events[(at + 1)..]], $"{signature} left out");

            if (signature[0] != 'R')
                Refused([.. events[..at], (events[at].Item1 with { Data = [1] }, events[at].Item2), .. events[(at + 1)..]], $"{signature} cut");
        }

        static void Refused(IReadOnlyList<(EventLog, EventPlace)> events, string what)
            => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => ConsortiumHistory.Of(events), what).Fault);
    }

    private static async Task<ConsortiumView> ReadAsync(ChainExplorer explorer)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            var view = await explorer.ConsortiumAsync(None);
            if (view.ReadTo == view.Head)
                return view;

            Assert.IsLessThan(TimeSpan.FromMinutes(2), clock.Elapsed);
        }
    }
}
