namespace Notary.Lotteries.Tests;

/// <summary>Submission, approvals, objections and aborts.</summary>
[TestClass]
public sealed class DecidingTests
{
    private static Bed bed = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => bed = await Bed.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await bed.DisposeAsync();

    [TestMethod]
    public async Task Two_notaries_publish_a_draw_and_none_alone()
    {
        var (first, second, id) = (await bed.NotaryAsync("p1"), await bed.NotaryAsync("p2"), await bed.SubmittedAsync());
        var request = (await bed.Lottery.ToApproveAsync(id, first.Notary, default))!;
        Assert.AreEqual("publish", request.Step);
        await first.ApproveAsync(bed.Lottery, id);
        await Bed.RefusedAsync(Fault.Conflict, () => first.ApproveAsync(bed.Lottery, id), "one notary twice");
        Assert.AreEqual("draft", (await bed.Lottery.FindAsync(Bed.TenantA, id, default))!.State);
        await second.ApproveAsync(bed.Lottery, id);
        var view = await bed.Lottery.PublicAsync(id, default);
        Assert.AreEqual(("published", request.Digest), (view.State, view.Plan));
        Assert.IsNull(view.SubmittedAt, "for its organiser alone");
        CollectionAssert.AreEqual(new[] { "publish 公证员 p1", "publish 公证员 p2" }, view.Approvals.Select(a => $"{a.Step} {a.Notary}").ToArray());
        CollectionAssert.AreEqual(new[] { FileNames.Plan, FileNames.List }, view.Files.Select(f => f.Name).ToArray());
        CollectionAssert.Contains((await bed.Lottery.PublishedAsync(50, null, default)).Draws.Select(d => d.DrawId).ToArray(), $"{id}");
        await using var stream = await bed.Lottery.OpenFileAsync(id, FileNames.Plan, 0, null, default);
        using var plan = new MemoryStream();
        await stream.CopyToAsync(plan);
        Assert.AreEqual(view.Plan, PlanDocument.Parse(plan.ToArray()).ToDigest().ToString());
        Assert.IsNotNull(await bed.Door.Client.GetInstanceAsync(DrawTasks.Instance(id)), "an orchestration takes it on");

        // What is published is fixed.
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.ChangeAsync(Bed.TenantA, id, "key:1", Bed.Terms(), default));
        await Bed.RefusedAsync(Fault.DrawState, () => Bed.ImportAsync(bed.Lottery, id));
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.DeleteAsync(Bed.TenantA, id, default));
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.SubmitAsync(Bed.TenantA, id, "key:1", default));
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.ApproveAsync(id, first.Notary, request.Digest, first.Answer(request), default));
        var list = await bed.Lottery.CandidatesAsync(id, default);
        Assert.AreEqual(5, list.Count);
    }

    [TestMethod]
    public async Task What_an_approval_is_not_of_it_does_not_approve()
    {
        var (first, second) = (await bed.NotaryAsync("q1"), await bed.NotaryAsync("q2"));
        var (id, other) = (await bed.SubmittedAsync(), await bed.SubmittedAsync());
        var request = (await bed.Lottery.ToApproveAsync(id, first.Notary, default))!;
        var elsewhere = (await bed.Lottery.ToApproveAsync(other, first.Notary, default))!;
        Task Try(Approver who, ApprovalAnswer answer, string? digest = null)
            => bed.Lottery.ApproveAsync(id, who.Notary, digest ?? request.Digest, answer, default);

        await Bed.RefusedAsync(Fault.Conflict, () => Try(first, first.Answer(request), elsewhere.Digest), "another digest");
        await Bed.RefusedAsync(Fault.Forbidden, () => Try(first, first.Answer(elsewhere)), "signed for another draw");
        await Bed.RefusedAsync(Fault.Forbidden, () => Try(second, first.Answer(request)), "another's key");
        var forged = first.Answer(request) with { Signature = second.Answer(request).Signature };
        await Bed.RefusedAsync(Fault.Forbidden, () => Try(first, forged), "another's signature");
        await Bed.RefusedAsync(Fault.Forbidden, () => Try(first, first.Answer(request with { RpId = "evil.example" })), "at another relying party");
        first.Authenticator.UserVerified = false;
        await Bed.RefusedAsync(Fault.Forbidden, () => Try(first, first.Answer(request)), "present but not verified");
        first.Authenticator.UserVerified = true;

        // Approvals are of what was submitted: a change takes them back.
        await first.ApproveAsync(bed.Lottery, id);
        await Bed.ImportAsync(bed.Lottery, id);
        var changed = (await bed.Lottery.FindAsync(Bed.TenantA, id, default))!;
        Assert.IsNull(changed.SubmittedAt);
        Assert.IsEmpty(changed.Approvals);
        Assert.IsNull(await bed.Lottery.ToApproveAsync(id, second.Notary, default));
        await bed.Lottery.SubmitAsync(Bed.TenantA, id, "n:preparer", default);
        await second.ApproveAsync(bed.Lottery, id);
        Assert.AreEqual("draft", (await bed.Lottery.FindAsync(Bed.TenantA, id, default))!.State, "the first one's was of another list");

        var preparer = await bed.NotaryAsync("n:preparer");
        await Bed.RefusedAsync(Fault.Forbidden, () => preparer.ApproveAsync(bed.Lottery, id), "whoever prepared it");
        await first.ApproveAsync(bed.Lottery, id);
        Assert.AreEqual("published", (await bed.Lottery.PublicAsync(id, default)).State);
    }

    [TestMethod]
    public async Task Two_approvals_at_once_publish_once()
    {
        var (a, b, id) = (await bed.NotaryAsync("r1"), await bed.NotaryAsync("r2"), await bed.SubmittedAsync());
        using var elsewhere = bed.Open();
        await Task.WhenAll(a.ApproveAsync(bed.Lottery, id), b.ApproveAsync(elsewhere, id));
        var view = await bed.Lottery.PublicAsync(id, default);
        Assert.AreEqual("published", view.State);
        Assert.HasCount(2, view.Approvals);
    }

    [TestMethod]
    public async Task A_rehearsal_is_published_by_its_submission_and_approved_by_nobody()
    {
        var notary = await bed.NotaryAsync("s1");
        var id = await bed.SubmittedAsync(Bed.Terms(rehearsal: true));
        var view = await bed.Lottery.PublicAsync(id, default);
        Assert.AreEqual(("rehearsal", "published"), (view.Kind, view.State));
        Assert.IsNull(await bed.Lottery.ToApproveAsync(id, notary.Notary, default));
        Assert.AreEqual("published", (await bed.Lottery.SubmitAsync(Bed.TenantA, id, "key:1", default)).State, "submitting twice is submitting once");
    }

    [TestMethod]
    public async Task Times_that_have_passed_are_too_late()
    {
        var id = Digest.Parse((await bed.Lottery.CreateAsync(Bed.TenantA, "key:1", Bed.Terms(objections: -1), null, default)).DrawId);
        await Bed.ImportAsync(bed.Lottery, id);
        await Bed.RefusedAsync(Fault.DrawLate, () => bed.Lottery.SubmitAsync(Bed.TenantA, id, "key:1", default));
        await bed.Lottery.ChangeAsync(Bed.TenantA, id, "key:1", Bed.Terms(reveals: 400 * 86_400), default);
        await Bed.RefusedAsync(Fault.DrawLate, () => bed.Lottery.SubmitAsync(Bed.TenantA, id, "key:1", default), "in more than a year");
    }

    [TestMethod]
    public async Task Objections_are_numbered_answered_and_told_to_the_organiser_alone()
    {
        var id = await bed.PublishedAsync();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => bed.Lottery.ObjectAsync(id, $"objection {n}", "a@example.org", default)));
        CollectionAssert.AreEquivalent(new[] { 1, 2, 3, 4, 5 }, numbers, "none is lost by coming at the same time");
        foreach (var (text, contact) in new[] { ("", ""), (new string('x', 2001), ""), ("x", new string('x', 201)), ("\0", ""), ("\udc00", "") })
            await Bed.RefusedAsync(Fault.Malformed, () => bed.Lottery.ObjectAsync(id, text, contact, default));

        Assert.AreEqual(new ObjectionCount(5, 0), (await bed.Lottery.PublicAsync(id, default)).Objections);
        await bed.Lottery.AnswerAsync(Bed.TenantA, id, 2, "first answer", default);
        await bed.Lottery.AnswerAsync(Bed.TenantA, id, 2, "better answer", default);
        Assert.AreEqual(new ObjectionCount(5, 1), (await bed.Lottery.PublicAsync(id, default)).Objections);
        var all = await bed.Lottery.ObjectionsAsync(Bed.TenantA, id, default);
        Assert.AreEqual("better answer", all[1].Answer);
        Assert.AreEqual("a@example.org", all[1].Contact);
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.ObjectionsAsync(Bed.TenantB, id, default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.AnswerAsync(Bed.TenantB, id, 1, "x", default));
        await Bed.RefusedAsync(Fault.NotFound, () => bed.Lottery.AnswerAsync(Bed.TenantA, id, 6, "x", default));
    }

    [TestMethod]
    public async Task An_abort_is_for_ever_and_for_all_to_see()
    {
        var id = await bed.PublishedAsync();
        await bed.Lottery.AbortAsync(Bed.TenantA, id, "名单有误", default);
        await bed.Lottery.AbortAsync(Bed.TenantA, id, "名单有误", default);
        await Bed.RefusedAsync(Fault.DrawState, () => bed.Lottery.AbortAsync(id, "another reason", default));
        var view = await bed.Lottery.PublicAsync(id, default);
        Assert.AreEqual(("aborted", "名单有误", "published", false), (view.State, view.Aborted!.Reason, view.Aborted.During, view.Aborted.Known));
        await Bed.RefusedAsync(Fault.DrawLate, () => bed.Lottery.ObjectAsync(id, "too late", "", default));
        CollectionAssert.Contains((await bed.Lottery.PublishedAsync(50, null, default)).Draws.Select(d => d.DrawId).ToArray(), $"{id}");
    }

    /// <summary>A hub that forgot everything: what is to be done stands in the rows.</summary>
    [TestMethod]
    public async Task The_sweep_starts_what_no_orchestration_takes_on()
    {
        await using var own = await Bed.StartAsync(default);
        var (published, draft) = (await own.PublishedAsync(), await own.SubmittedAsync());
        var instance = DrawTasks.Instance(published);
        await own.Door.Client.TerminateInstanceAsync(instance);
        await own.Door.Client.PurgeInstanceAsync(instance);
        using var hub = new TaskHub(own.Storage, NullLoggerFactory.Instance);
        var door = new DurableDoor();
        door.Offer(hub.Client());
        var keeper = new DrawKeeper(own.Storage, new DrawStarter(door, NullLogger<DrawStarter>.Instance), door, TimeProvider.System,
            NullLogger<DrawKeeper>.Instance);
        Assert.IsNull(await door.Client.GetInstanceAsync(instance), "forgotten");
        await keeper.SweepAsync(default);
        await keeper.SweepAsync(default);
        Assert.IsTrue(await door.IsLiveAsync(instance, default));
        Assert.IsNull(await door.Client.GetInstanceAsync(DrawTasks.Instance(draft)), "a draft has none");
    }

    [TestMethod]
    public async Task Keys_are_enrolled_by_their_own_authenticator_and_removed()
    {
        var notary = new DrawNotary("t1|公证/员", "甲");
        using var key = new Identity.Tests.People.SoftAuthenticator(Bed.Origin);
        await Bed.RefusedAsync(Fault.Forbidden, () => bed.Signers.EnrolAsync(notary, "phone", [0x7b, 0x7d], default), "never begun");
        var options = await bed.Signers.BeginAsync(notary, default);
        var answer = key.Create(options);
        var enrolled = await bed.Signers.EnrolAsync(notary, "phone", answer, default);
        await Bed.RefusedAsync(Fault.Forbidden, () => bed.Signers.EnrolAsync(notary, "phone", answer, default), "a challenge is taken once");
        CollectionAssert.AreEqual(new[] { enrolled.Id }, (await bed.Signers.ListAsync(notary.Subject, default)).Select(k => k.Id).ToArray());
        using var rogue = new Identity.Tests.People.SoftAuthenticator("http://evil.example");
        var other = await bed.Signers.BeginAsync(notary, default);
        await Bed.RefusedAsync(Fault.Forbidden, () => bed.Signers.EnrolAsync(notary, "evil", rogue.Create(other), default), "of another origin");
        await bed.Signers.RemoveAsync(notary.Subject, enrolled.Id, default);
        Assert.IsEmpty(await bed.Signers.ListAsync(notary.Subject, default));
    }
}
