namespace Notary.Audit.Tests;

/// <summary>One chain, whoever writes and whatever fails.</summary>
[TestClass]
public sealed class WriterTests
{
    [TestMethod]
    public async Task SeveralInstancesWriteOneChainAndEachEntryOnce()
    {
        const int each = 40;
        var storage = await Shared.AccountAsync();
        var writers = Enumerable.Range(0, 3).Select(_ => new TrailWriter(storage, TimeProvider.System)).ToList();
        await Task.WhenAll(writers.SelectMany((writer, w) => Enumerable.Range(0, each).Select(n => writer.WriteAsync(Shared.Look($"{w}-{n}")))));
        var entries = await DemandChainAsync(storage);
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 3).SelectMany(w => Enumerable.Range(0, each).Select(n => $"{w}-{n}")).ToList(),
            entries.Select(e => e.Event.Sought["q"]).ToList());
    }

    [TestMethod]
    public async Task AnEntryCostsOneCallAloneAndTwoBesideAnother()
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint);
        var storage = await ThroughAsync(proxy);
        var (first, second) = (new TrailWriter(storage, TimeProvider.System), new TrailWriter(storage, TimeProvider.System));
        async Task<int> CallsAsync(params TrailWriter[] writers)
        {
            proxy.Clear();
            foreach (var writer in writers)
                await writer.WriteAsync(Shared.Look("x"));

            return proxy.Requests.Count;
        }

        await CallsAsync(first, first);
        Assert.AreEqual(10, await CallsAsync([.. Enumerable.Repeat(first, 10)]), "alone");

        // Where it is found out: four for the one whose head was old. From then on two.
        await CallsAsync(second, first, second);
        Assert.AreEqual(12, await CallsAsync(first, second, first, second, first, second), "in turns");
        await DemandChainAsync(storage);

        // Fifty at once are not fifty calls.
        proxy.Clear();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => first.WriteAsync(Shared.Look("at once"))));
        Assert.IsLessThan(20, proxy.Requests.Count);
        await DemandChainAsync(storage);
    }

    [TestMethod]
    [DataRow(FaultKind.Drop, DisplayName = "the answer is lost")]
    [DataRow(FaultKind.Status, DisplayName = "done but reported failed")]
    public async Task AnEntryWhoseAnswerIsLostIsThereOnce(FaultKind kind)
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint);
        var storage = await ThroughAsync(proxy);
        var writer = new TrailWriter(storage, TimeProvider.System);
        await writer.WriteAsync(Shared.Look("a"));
        var rule = proxy.Add(new FaultRule(Names.Trail, kind, FaultPoint.AfterEffect) { Method = "POST", Status = 503 });
        await writer.WriteAsync(Shared.Look("b"));
        Assert.AreEqual(1, rule.Strikes);
        await writer.WriteAsync(Shared.Look("c"));
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, (await DemandChainAsync(storage)).Select(e => e.Event.Sought["q"]).ToList());
    }

    [TestMethod]
    public async Task WhatStorageRefusesIsSaidAndTheNextGoesOn()
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint);
        var storage = await ThroughAsync(proxy);
        var writer = new TrailWriter(storage, TimeProvider.System);
        await writer.WriteAsync(Shared.Look("a"));
        proxy.Add(new FaultRule(Names.Trail, FaultKind.Status) { Status = 503, Times = int.MaxValue });
        var refused = await Assert.ThrowsExactlyAsync<FaultException>(() => writer.WriteAsync(Shared.Look("b")));
        Assert.AreEqual(Fault.StorageUnavailable, refused.Fault);
        proxy.Clear();
        await writer.WriteAsync(Shared.Look("c"));
        CollectionAssert.AreEqual(new[] { "a", "c" }, (await DemandChainAsync(storage)).Select(e => e.Event.Sought["q"]).ToList());
    }

    [TestMethod]
    public async Task WhateverIsLookedForFitsAndReadsBack()
    {
        var storage = await Shared.AccountAsync();
        var writer = new TrailWriter(storage, TimeProvider.System);
        string[] words = ["\ud800 half", "\0\u202e<script>", new string('字', 10_000), "𠮷" + new string('x', 400), ""];
        foreach (var word in words)
            await writer.WriteAsync(Shared.Look(word) with { Reason = word, Details = Enumerable.Range(0, 100).ToDictionary(n => $"n{n}", _ => word) });

        var entries = await DemandChainAsync(storage);
        Assert.AreEqual("\ufffd half", entries[0].Event.Sought["q"]);
        Assert.AreEqual(words[1], entries[1].Event.Sought["q"]);
        Assert.AreEqual(new string('字', TrailEntry.MaxValue) + "…", entries[2].Event.Sought["q"]);
        Assert.IsTrue(entries.All(e => e.Event.Details.Count == TrailEntry.MaxValues && e.Bytes.Length < 64 * 1024));
        Assert.IsNull(entries[4].Event.Reason);
    }

    /// <summary>The trail, oldest first, after its chain was found whole.</summary>
    internal static async Task<IReadOnlyList<TrailEntry>> DemandChainAsync(StorageAccount storage)
    {
        var entries = await new TrailReader(storage).OldestAsync(null, null, default).ToListAsync();
        TrailEntry? before = null;
        foreach (var entry in entries)
        {
            Assert.AreEqual((before?.Number ?? 0) + 1, entry.Number);
            Assert.AreEqual(before?.Hash.ToString() ?? TrailEntry.NoHash, JsonNode.Parse(entry.Bytes)!["previous"]!.GetValue<string>());
            before = entry;
        }

        return entries;
    }

    private static async Task<StorageAccount> ThroughAsync(FaultProxy proxy)
    {
        var storage = Shared.Open(Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount(), table: proxy.Url));
        await storage.EnsureCreatedAsync();
        return storage;
    }
}
