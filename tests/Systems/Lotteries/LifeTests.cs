using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;

namespace Notary.Lotteries.Tests;

/// <summary>Whole lives of draws on one platform, with deadlines of seconds: more of them where the machine is slow.</summary>
[TestClass]
public sealed partial class LifeTests
{
    internal static readonly List<string> States = ["published", "committed", "revealing", "drawn", "certified"];
    private static Office office = null!;

    private static Bed Bed => office.Bed;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => office = await Office.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await office.DisposeAsync();

    [TestMethod]
    public Task A_rehearsal_runs_by_itself_to_its_bundle() => Attempt.LiveAsync(office, async attempt =>
    {
        var id = await attempt.SubmittedAsync(objections: 5, commits: 21, reveals: 26, rehearsal: true, BeaconKind.Block);
        var seen = await FollowAsync(id);
        var view = seen[^1];
        Assert.IsTrue(seen.Zip(seen.Skip(1)).All(pair => pair.First.Version <= pair.Second.Version), "the version grows");
        Assert.IsEmpty(view.Approvals);
        var chain = (await Bed.Registry.ReadAsync(id))!;
        Assert.AreEqual((DrawStage.Finished, DrawKind.Rehearsal, view.Result), (chain.Stage, chain.Kind, chain.Outcome?.ToString()));
        await DemandBundleAsync(id, view);
        await DemandVerifiedAsync(id, view);
    });

    [TestMethod]
    public Task A_draw_is_what_its_parties_its_notaries_and_drand_make_of_it() => Attempt.LiveAsync(office, async attempt =>
    {
        var (first, second, party) = (await Bed.NotaryAsync("a1"), await Bed.NotaryAsync("a2"), await office.PartyAsync());
        var id = await attempt.SubmittedAsync(objections: 7, commits: 24, reveals: 30, parties: party.Account);
        await first.ApproveAsync(Bed.Lottery, id);
        await second.ApproveAsync(Bed.Lottery, id);
        Assert.AreEqual(1, await Bed.Lottery.ObjectAsync(id, "Is it fair?", "", default));
        await Bed.Lottery.AnswerAsync(Bed.TenantA, id, 1, "Compute it.", default);

        // Nobody approves before there is something to approve.
        await Bed.RefusedAsync(Fault.DrawState, () => first.ApproveAsync(Bed.Lottery, id, new string('0', 64)));
        var frozen = await office.UntilAsync(id, v => v.Commitment is not null, "frozen");
        Assert.AreEqual("published", frozen.State);
        Assert.IsTrue(frozen.Commitment!.BeaconAt > frozen.Schedule.RevealsUntil);
        Assert.AreEqual("commit", (await Bed.Lottery.ToApproveAsync(id, first.Notary, default))!.Step);
        await first.ApproveAsync(Bed.Lottery, id);
        Assert.IsNull(await Bed.Registry.ReadAsync(id), "not by one");
        await second.ApproveAsync(Bed.Lottery, id);

        await attempt.StateAsync(id, "committed");
        var secret = RandomNumberGenerator.GetBytes(32);
        await Office.DoAsync(party, DrawCall.Commit(id, party.Account, secret));
        var committed = await office.UntilAsync(id, v => v.Chain?.Parties.Count == 2 || v.State != "committed", "two commits");
        Assert.HasCount(2, committed.Chain!.Parties);
        Assert.IsTrue(committed.Chain.Parties.All(p => p.Secret is null));
        await Bed.RefusedAsync(Fault.DrawState, () => Bed.ImportAsync(Bed.Lottery, id), "the list is committed to");
        await attempt.StateAsync(id, "revealing");
        await Office.DoAsync(party, DrawCall.Reveal(id, secret));

        var drawn = await office.UntilAsync(id, v => v.State == "drawn", "drawn");
        Assert.AreEqual("2 2", $"{drawn.Chain!.Parties.Count} {drawn.Chain.Parties.Count(p => p.Secret is not null)}");
        Assert.HasCount(2, drawn.Rounds);
        Assert.AreEqual(DrawStage.Seeded, (await Bed.Registry.ReadAsync(id))!.Stage, "not finished before two have approved it");
        await second.ApproveAsync(Bed.Lottery, id);
        await first.ApproveAsync(Bed.Lottery, id);
        await Bed.RefusedAsync(Fault.DrawState, async () =>
        {
            await office.UntilAsync(id, v => v.State == "certified", "certified");
            await Bed.Lottery.AbortAsync(id, "too late", default);
        }, "a certified draw stays one");

        var view = (await Bed.Lottery.OfficeAsync(id, default))!;
        Assert.AreEqual(view.Result, (await Bed.Registry.ReadAsync(id))!.Outcome?.ToString());
        var approvals = DrawApprovals.Parse(await office.FileAsync(id, FileNames.Approvals));
        Assert.IsTrue(approvals.IsApproved(ApprovalStep.Publish, Digest.Parse(view.Plan!)));
        Assert.IsTrue(approvals.IsApproved(ApprovalStep.Commit, Digest.Parse(view.Commitment!.Digest)));
        Assert.IsTrue(approvals.IsApproved(ApprovalStep.Result, Digest.Parse(view.Result!)));
        await Bed.RefusedAsync(Fault.DrawState, () => first.ApproveAsync(Bed.Lottery, id, view.Result!), "nothing is left to approve");
        await DemandBundleAsync(id, view);
        await DemandVerifiedAsync(id, view);
    });

    /// <summary>Two instances of the app, and two workers more that are cut off after some milliseconds, wherever they are, and come anew: what they
    /// have begun is done once all the same.</summary>
    [TestMethod]
    public Task Workers_that_die_anywhere_and_work_at_once_change_nothing() => Attempt.LiveAsync(office, async attempt =>
    {
        var id = await attempt.SubmittedAsync(objections: 5, commits: 22, reveals: 27, rehearsal: true);
        await using var second = await office.StartSecondAsync();
        var door = second.Services.GetRequiredService<DrawWorkDoor>();
        using var over = new CancellationTokenSource();
        var cuts = 0;
        var workers = Enumerable.Range(0, 2).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!over.IsCancellationRequested)
            {
                using var cut = new CancellationTokenSource(random.Next(5, 400));
                try
                {
                    await (await door.OpenAsync(default)).AdvanceAsync(id, cut.Token);
                    await Task.Delay(random.Next(100), CancellationToken.None);
                }
                catch (Exception e) when (cut.IsCancellationRequested || e is FaultException || StorageFailure.Is(e, default))
                {
                    Interlocked.Increment(ref cuts);
                }
            }
        })).ToList();
        List<DrawView> seen;
        try
        {
            seen = await FollowAsync(id);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(workers);
        }

        Assert.IsGreaterThan(5, cuts);
        var chain = (await Bed.Registry.ReadAsync(id))!;
        Assert.AreEqual(seen[^1].Result, chain.Outcome?.ToString());
        Assert.HasCount(1, chain.Parties, "the platform has committed once");
        Assert.IsNotNull(chain.Parties[0].Secret);
        await DemandBundleAsync(id, seen[^1]);

        // A write that was cut off here may still be under way there, and be done after a sweep.
        var (last, wanted) = (await door.OpenAsync(default), seen[^1].Files.Count);
        for (var (clock, left) = (System.Diagnostics.Stopwatch.StartNew(), 0); left != wanted; left = await CountAsync(id))
        {
            Assert.IsLessThan(TimeSpan.FromMinutes(2), clock.Elapsed, $"what was cut off is cleared away: {left} files, not {wanted}");
            await last.AdvanceAsync(id, default);
        }

        await second.StopAsync();
    });

    private static async Task<int> CountAsync(Digest id) => await Bed.Storage.Container(Names.DrawFiles).GetBlobsAsync(
        Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, Names.DrawPrefix(id), default).CountAsync();

    [TestMethod]
    public Task Deadlines_that_are_missed_abort_by_themselves() => Attempt.LiveAsync(office, async attempt =>
    {
        var (first, second) = (await Bed.NotaryAsync("d1"), await Bed.NotaryAsync("d2"));
        async Task<Digest> PublishedAsync()
        {
            var id = await attempt.SubmittedAsync(objections: 8, commits: 14, reveals: 16);
            await first.ApproveAsync(Bed.Lottery, id);
            await second.ApproveAsync(Bed.Lottery, id);
            return id;
        }

        var (objected, unapproved) = (await PublishedAsync(), await PublishedAsync());
        await Bed.Lottery.ObjectAsync(objected, "My name is missing.", "", default);
        foreach (var (id, reason) in new[] { (objected, "objections-unanswered"), (unapproved, "approvals-late") })
        {
            var view = await office.UntilAsync(id, v => v.State == "aborted", "aborted");
            if (view.Aborted!.Reason == "froze-late" && reason != "froze-late")
                throw Attempt.TooLate("nobody had the time to approve");

            Assert.AreEqual((reason, "published", false), (view.Aborted.Reason, view.Aborted.During, view.Aborted.Known));
            Assert.IsNull(await Bed.Registry.ReadAsync(id), "nothing of it stands on chain");
            await Bed.RefusedAsync(Fault.DrawState, () => first.ApproveAsync(Bed.Lottery, id, new string('0', 64)));
        }
    });

    /// <summary>An abort is told on chain wherever the draw stands there, with its reason and whether the outcome could be known.</summary>
    [TestMethod]
    public Task A_draw_is_aborted_in_each_state_for_all_to_see() => Attempt.LiveAsync(office, async attempt =>
    {
        var (first, second) = (await Bed.NotaryAsync("b1"), await Bed.NotaryAsync("b2"));
        await Task.WhenAll(new[] { "committed", "revealing", "drawn" }.Select(async state =>
        {
            var id = await attempt.SubmittedAsync(objections: 9, commits: 26, reveals: 30, beacon: BeaconKind.Block);
            await first.ApproveAsync(Bed.Lottery, id);
            await second.ApproveAsync(Bed.Lottery, id);
            await office.UntilAsync(id, v => v.Commitment is not null, "frozen");
            await first.ApproveAsync(Bed.Lottery, id);
            await second.ApproveAsync(Bed.Lottery, id);
            await attempt.StateAsync(id, state);
            var reason = $"aborted when {state}";
            await Bed.Lottery.AbortAsync(id, reason, default);
            var aborted = await office.UntilAsync(id, v => v.State == "aborted" && v.Chain?.Outcome is not null, "aborted");
            if (aborted.Aborted!.During != state || (state == "revealing" && aborted.Chain!.Head > aborted.Commitment!.RevealDeadline))
                throw Attempt.TooLate($"it was {aborted.Aborted.During} by the time that it was aborted when {state}");

            var chain = (await Bed.Registry.ReadAsync(id))!;
            Assert.AreEqual((DrawStage.Aborted, Digest.Of(Encoding.UTF8.GetBytes(reason)), state == "drawn"), (chain.Stage, chain.Outcome, chain.Known), state);
            var view = (await Bed.Lottery.PublicAsync(id, default))!;
            Assert.AreEqual((state, state == "drawn"), (view.Aborted!.During, view.Aborted.Known));
            Assert.AreEqual(state == "drawn", view.Result is not null, "what was computed stays");
        }));
    });

    /// <summary>Every view with a version of its own, up to the end.</summary>
    private static async Task<List<DrawView>> FollowAsync(Digest id)
    {
        var seen = new List<DrawView> { (await Bed.Lottery.OfficeAsync(id, default))! };
        while (seen[^1].State != "certified")
            seen.Add(await office.UntilAsync(id, v => v.Version > seen[^1].Version, "the next version"));

        // A look may come too late for a state of seconds, but never sees them in another order.
        var states = seen.Select(v => v.State).Distinct().ToArray();
        CollectionAssert.AreEqual(States.Where(states.Contains).ToArray(), states);
        return seen;
    }

    /// <summary>A stranger with the bundle alone computes the result again.</summary>
    private static async Task DemandBundleAsync(Digest id, DrawView view)
    {
        using var zip = new ZipArchive(new MemoryStream(await office.FileAsync(id, FileNames.Bundle)));
        byte[] Read(string name)
        {
            using var stream = zip.GetEntry(name)!.Open();
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }

        CollectionAssert.AreEqual(
            new[] { "plan.json", "draw.json", "public.csv", "reveals.json", "result.json", "winners.csv" }
                .Concat(view.Kind == "draw" ? ["approvals.json"] : []).Concat(["certificate.pdf", "evidence/commitment.zip", "evidence/result.zip"]).ToArray(),
            zip.Entries.Select(e => e.FullName).ToArray());
        foreach (var file in view.Files.Where(f => f.Name != FileNames.Bundle))
            Assert.AreEqual(file.Sha256, Digest.Of(Read(file.Name)).ToString(), file.Name);

        var draw = DrawDocument.Parse(Read("draw.json"));
        Assert.AreEqual(draw.Beacon is BeaconPlan.Drand ? view.Chain!.Beacon : null,
            view.Chain!.Signature is { } signature ? Digest.Of(Convert.FromHexString(signature)).ToString() : null, "the beacon's signature");
        var list = await PublicListReader.ReadAsync(new MemoryStream(Read("public.csv")), draw.Rules, null, default);
        using var winners = new MemoryStream();
        var result = await DrawResult.DrawAsync(draw, list, DrawReveals.Parse(Read("reveals.json")), winners, null, null, default);
        CollectionAssert.AreEqual(Read("result.json"), result.ToBytes());
        CollectionAssert.AreEqual(Read("winners.csv"), winners.ToArray());
        Assert.AreEqual((view.Result, view.Commitment!.Digest), (result.ToDigest().ToString(), draw.Commitment().ToString()));
        foreach (var name in new[] { "commitment", "result" })
        {
            using var evidence = new ZipArchive(new MemoryStream(Read($"evidence/{name}.zip")));
            Assert.IsNotNull(evidence.Entries.SingleOrDefault(e => e.Name.EndsWith(".pdf", StringComparison.Ordinal)), "the deposit's letter");
        }
    }

    /// <summary>What an auditor finds who has the bundle, the platform's trust file, the notaries' keys and a node.</summary>
    private static async Task DemandVerifiedAsync(Digest id, DrawView view)
    {
        var keys = view.Kind == "draw" ? DrawApprovals.Parse(await office.FileAsync(id, FileNames.Approvals)).Approvals.Select(a => a.Key).ToList() : [];
        var (code, report) = await office.VerifyAsync(id, keys);
        Assert.AreEqual(0, code, report);
        if (view.Kind != "draw")
            return;

        // By keys that are not the notaries', by whom it was approved is not shown.
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (code, report) = await office.VerifyAsync(id, [other.ExportSubjectPublicKeyInfo()]);
        Assert.AreEqual(1, code, report);
    }
}
