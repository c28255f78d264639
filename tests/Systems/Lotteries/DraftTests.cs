namespace Notary.Lotteries.Tests;

/// <summary>What an organiser does before anybody sees the draw.</summary>
[TestClass]
public sealed class DraftTests
{
    private static Bed bed = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => bed = await Bed.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await bed.DisposeAsync();

    [TestMethod]
    public async Task A_draft_is_its_tenants_alone_and_listed_newest_first()
    {
        var tenant = new Tenant("lister", "丙", "did:web:c.example", false);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Insert(0, (await bed.Lottery.CreateAsync(tenant, "key:1", Bed.Terms(title: $"draw {i}"), null, default)).DrawId);

        var first = await bed.Lottery.ListAsync(tenant, 2, null, default);
        CollectionAssert.AreEqual(ids[..2], first.Draws.Select(d => d.DrawId).ToList());
        var second = await bed.Lottery.ListAsync(tenant, 2, first.Continuation, default);
        CollectionAssert.AreEqual(ids[2..], second.Draws.Select(d => d.DrawId).ToList());
        Assert.IsNull(second.Continuation);
        Assert.IsEmpty((await bed.Lottery.ListAsync(new Tenant("stranger", "丁", "did:web:d.example", false), 50, null, default)).Draws);
        await Bed.RefusedAsync(Fault.Malformed, () => bed.Lottery.ListAsync(tenant, 2, "at-1", default));

        var id = Digest.Parse(ids[0]);
        StringAssert.StartsWith(ids[0], bed.Publisher.ToLowerHex()[2..], "only the platform can publish it");
        Assert.IsNull(await bed.Lottery.FindAsync(Bed.TenantB, id, default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.ChangeAsync(Bed.TenantB, id, "x", Bed.Terms(), default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.DeleteAsync(Bed.TenantB, id, default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.ListSecretAsync(Bed.TenantB, id, default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.AbortAsync(Bed.TenantB, id, "why", default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.PublicAsync(id, default), "a draft is never public");
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.ObjectAsync(id, "no", "", default));
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.AbortAsync(tenant, id, "why", default), "a draft is deleted");
        await bed.Lottery.DeleteAsync(tenant, id, default);
        Assert.IsNull(await bed.Lottery.FindAsync(tenant, id, default));
        CollectionAssert.AreEqual(ids[1..], (await bed.Lottery.ListAsync(tenant, 50, null, default)).Draws.Select(d => d.DrawId).ToList());
    }

    [TestMethod]
    public async Task A_sandbox_tenant_holds_rehearsals_alone()
    {
        var sandbox = new Tenant("sandbox", "试用单位", "did:web:trial.example", true);
        await Bed.RefusedAsync(Fault.SandboxTenant, () => bed.Lottery.CreateAsync(sandbox, "key:1", Bed.Terms(), null, default));
        Assert.IsEmpty((await bed.Lottery.ListAsync(sandbox, 50, null, default)).Draws);
        var made = await bed.Lottery.CreateAsync(sandbox, "key:1", Bed.Terms(rehearsal: true), null, default);
        await Bed.RefusedAsync(Fault.SandboxTenant, () => bed.Lottery.ChangeAsync(sandbox, Digest.Parse(made.DrawId), "key:1", Bed.Terms(), default));
        Assert.AreEqual("rehearsal", (await bed.Lottery.FindAsync(sandbox, Digest.Parse(made.DrawId), default))!.Kind);
    }

    [TestMethod]
    public async Task The_same_key_makes_one_draft()
    {
        var terms = Bed.Terms();
        var once = await bed.Lottery.CreateAsync(Bed.TenantB, "key:1", terms, "k", default);
        Assert.AreEqual(once.DrawId, (await bed.Lottery.CreateAsync(Bed.TenantB, "key:1", terms, "k", default)).DrawId);
        await Bed.RefusedAsync(Fault.IdempotencyConflict, () => bed.Lottery.CreateAsync(Bed.TenantB, "key:1", terms with { Title = "other" }, "k", default));

        // A try that was cut off between its key and its row; and a draft that is deleted, which comes anew, in the list too.
        var id = Digest.Parse(once.DrawId);
        await bed.Storage.Table(Names.Draws).DeleteEntityAsync(DrawKeys.Partition(id), DrawKeys.Main);
        for (var i = 0; i < 2; i++)
        {
            Assert.AreEqual(once.DrawId, (await bed.Lottery.CreateAsync(Bed.TenantB, "key:1", terms, "k", default)).DrawId);
            Assert.AreEqual(once.DrawId, (await bed.Lottery.ListAsync(Bed.TenantB, 50, null, default)).Draws.Single().DrawId);
            await bed.Lottery.DeleteAsync(Bed.TenantB, id, default);
            Assert.IsEmpty((await bed.Lottery.ListAsync(Bed.TenantB, 50, null, default)).Draws);
        }
    }

    [TestMethod]
    public async Task Terms_that_cannot_be_are_refused()
    {
        var good = Bed.Terms();
        foreach (var (terms, why) in new[]
        {
            (good with { Title = "" }, "no title"), (good with { Title = " \u3000" }, "blanks"), (good with { Title = "a\nb" }, "a line's end"),
            (good with { Title = "\ud800" }, "half a character"), (good with { Title = new string('长', 201) }, "too long"),
            (good with { Schedule = good.Schedule with { CommitsUntil = good.Schedule.RevealsUntil } }, "no time for reveals"),
            (good with { Schedule = good.Schedule with { ObjectionsUntil = good.Schedule.ObjectionsUntil.AddTicks(1) } }, "a fraction of a second"),
            (good with { Rules = good.Rules with { Rounds = [] } }, "no rounds"), (good with { Parties = [default] }, "the zero address"),
            (good with { Parties = [bed.Publisher, bed.Publisher] }, "one twice"),
        })
        {
            await Bed.RefusedAsync(Fault.Malformed, () => bed.Lottery.CreateAsync(Bed.TenantA, "key:1", terms, null, default), why);
        }
    }

    [TestMethod]
    public async Task A_list_is_taken_whole_or_not_at_all()
    {
        await using var own = await Bed.StartAsync(default);
        var id = Digest.Parse((await own.Lottery.CreateAsync(Bed.TenantA, "key:1", Bed.Terms(), null, default)).DrawId);
        await Bed.RefusedAsync(Fault.DrawState, () => own.Lottery.SubmitAsync(Bed.TenantA, id, "key:1", default), "without a list");
        var refused = await Assert.ThrowsExactlyAsync<ListRefusedException>(() => Bed.ImportAsync(own.Lottery, id, Bed.List + "2026-0001X,x,A,1\nq,x,C,1\n"));
        Assert.AreEqual("7 id-repeated 2, 8 group-unknown 0", string.Join(", ", refused.Refusals.Select(r => $"{r.Line} {r.Code} {r.FirstLine}")));
        Assert.IsNull((await own.Lottery.FindAsync(Bed.TenantA, id, default))!.List);
        Assert.AreEqual(0, await own.BlobsAsync(), "nothing of it is kept");

        var taken = await Bed.ImportAsync(own.Lottery, id);
        Assert.AreEqual((5L, 8L), (taken.Candidates, taken.Tickets));
        await Assert.ThrowsExactlyAsync<ListRefusedException>(() => Bed.ImportAsync(own.Lottery, id, Bed.List + "2026-0001X,x,A,1\n"));
        Assert.AreEqual(taken, (await own.Lottery.FindAsync(Bed.TenantA, id, default))!.List, "a refused list leaves the one before");

        // The same list in another encoding is the same list under another secret.
        var before = await own.Lottery.ListSecretAsync(Bed.TenantA, id, default);
        var chinese = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;
        var again = await Bed.ImportAsync(own.Lottery, id, encoding: chinese);
        Assert.AreEqual((5L, 8L), (again.Candidates, again.Tickets));
        Assert.AreNotEqual(before, await own.Lottery.ListSecretAsync(Bed.TenantA, id, default));
        Assert.AreEqual(1, await own.BlobsAsync(), "the one before is gone");
        var ticket = CandidateTicket.Parse((await own.Lottery.TicketAsync(Bed.TenantA, id, "2026-0004", "李四", default))!);
        Assert.AreEqual(("李四", "B", 2), (ticket.Name, ticket.Group, ticket.Weight));
        var rules = Bed.Terms().Rules;
        Assert.IsTrue(ticket.IsIn(new DrawDocument(id, false, rules, new ListCommitment(Digest.Parse(again.Root), 5, 8), default,
            new BeaconPlan.Block(1, 1, 1), 1, 1, own.Publisher)));
        Assert.IsNull(await own.Lottery.TicketAsync(Bed.TenantA, id, "2026-0004", "王五", default));

        // Other groups: the list was judged by the ones before.
        await own.Lottery.ChangeAsync(Bed.TenantA, id, "key:1", Bed.Terms(title: "renamed"), default);
        Assert.IsNotNull((await own.Lottery.FindAsync(Bed.TenantA, id, default))!.List);
        var others = Bed.Terms() with { Rules = new DrawRules([], [new DrawRound(1, 0, [], false, false)]) };
        await own.Lottery.ChangeAsync(Bed.TenantA, id, "key:1", others, default);
        Assert.IsNull((await own.Lottery.FindAsync(Bed.TenantA, id, default))!.List);
        Assert.AreEqual(0, await own.BlobsAsync());
    }

    [TestMethod]
    public async Task What_storage_holds_tells_neither_the_lists_secret_nor_a_name()
    {
        await using var own = await Bed.StartAsync(default);
        var id = await own.SubmittedAsync();
        var secret = await own.Lottery.ListSecretAsync(Bed.TenantA, id, default);
        var kept = new List<byte>();
        await foreach (var row in own.Storage.Table(Names.Draws).QueryAsync())
        {
            foreach (var (_, value) in row)
                kept.AddRange(value as byte[] ?? Encoding.UTF8.GetBytes($"{value}"));
        }

        await foreach (var blob in own.Storage.Container(Names.DrawFiles).GetBlobsAsync(cancellationToken: default))
            kept.AddRange((await own.Storage.Container(Names.DrawFiles).GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToArray());

        var all = kept.ToArray().AsSpan();
        foreach (var hidden in new[] { "2026-0001", "张三", "娜娜", "Smith", secret.ToString(), Convert.ToBase64String(secret.ToArray()) })
            Assert.AreEqual(-1, all.IndexOf(Encoding.UTF8.GetBytes(hidden)), hidden);

        Assert.AreEqual(-1, all.IndexOf(secret.ToArray()));
        Assert.IsGreaterThan(0, all.IndexOf("张*"u8), "masked names are there");
    }
}
