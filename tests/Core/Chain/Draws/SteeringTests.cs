using Notary.Chain.Draws;
using Notary.Evidence.Drand;
using Notary.Evidence.Draws;

namespace Notary.Chain.Tests.Draws;

/// <summary>What somebody who wants another outcome would try at the registry.</summary>
[TestClass]
public sealed class SteeringTests
{
    [TestMethod]
    public async Task A_draw_is_published_once_and_by_its_owner()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PlanAsync();
        await scene.RefusedAsync("NotPublisher", DrawScene.Somebody(), DrawCall.Publish(plan), "by a stranger who saw it coming");
        await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
        foreach (var other in new[]
        {
            plan, plan with { Commitment = DrawScene.Some() }, plan with { Kind = DrawKind.Rehearsal }, plan with { RevealDeadline = plan.RevealDeadline + 1 },
            plan with { CommitDeadline = plan.CommitDeadline + 1 }, plan with { Number = plan.Number + 1 },
            plan with { Source = BeaconSource.Block, Number = 1 },
        })
        {
            await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Publish(other), "again");
        }

        var state = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual((plan.Commitment, plan.Kind, plan.CommitDeadline, plan.RevealDeadline, plan.Source, plan.Number),
            (state.Commitment, state.Kind, state.CommitDeadline, state.RevealDeadline, state.Source, state.Number));
        Assert.AreEqual((scene.Publisher, DrawStage.Published, 64), (state.Publisher, state.Stage, state.OpenPlaces));
        Assert.IsNull(state.Seed ?? state.Beacon ?? state.Outcome);
    }

    [TestMethod]
    public async Task A_plan_that_cannot_be_kept_is_refused()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PlanAsync();
        var now = await scene.TimeAsync();
        var somebody = DrawScene.Somebody();
        foreach (var (bad, why) in new[]
        {
            (plan with { Commitment = default }, "no commitment"),
            (plan with { CommitDeadline = 1 }, "commits over already"),
            (plan with { RevealDeadline = plan.CommitDeadline }, "no block to reveal in"),
            (plan with { Number = 0 }, "no round"),
            (plan with { Number = 1000 }, "a round that is known"),
            (plan with { Number = scene.Drand.RoundFrom(now + TimeSpan.FromSeconds(DrawScene.Margin - 1)) }, "a round within the margin"),
            (plan with { Source = BeaconSource.Block, Number = 129 }, "a block whose hash is soon out of reach"),
            (plan with { Kept = [somebody, somebody] }, "a place kept twice"),
            (plan with { Kept = [.. Enumerable.Range(0, 65).Select(_ => DrawScene.Somebody())] }, "65 places kept"),
            (plan with { Kind = 0 }, "no kind"),
            (plan with { Source = 0 }, "no source"),
        })
        {
            await scene.RefusedAsync("BadPlan", scene.Publisher, DrawCall.Publish(bad), why);
        }

        var next = (await scene.Client.HeadAsync()).Block + 1;
        await scene.RefusedAsync("BadPlan", scene.Publisher, DrawCall.Publish(plan with { CommitDeadline = next }), "no block after its own to commit in");
        Assert.IsNotNull((await scene.SendAsync(scene.Publisher, DrawCall.Publish(plan with { Kind = (DrawKind)3 }).Data)).Error, "a third kind");
        Assert.IsNotNull((await scene.SendAsync(scene.Publisher, DrawCall.Publish(plan with { Source = (BeaconSource)3 }).Data)).Error, "a third source");
        Assert.IsNull(await scene.Registry.ReadAsync(plan.DrawId));
    }

    [TestMethod]
    public async Task A_party_takes_part_once_in_time_and_only_64_do()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (kept, late, secret) = (DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Some());
        var plan = await scene.PlanAsync(BeaconSource.Drand, kept, late);
        plan = plan with { CommitDeadline = plan.CommitDeadline + 80, RevealDeadline = plan.RevealDeadline + 80 };
        await scene.RefusedAsync("WrongState", kept, DrawCall.Commit(plan.DrawId, kept, secret.ToArray()), "before the publication");
        await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
        for (var i = 0; i < 62; i++)
            await scene.DoAsync(DrawScene.Somebody(), DrawCall.Commit(plan.DrawId, kept, DrawScene.Some().ToArray()));

        var stranger = DrawScene.Somebody();
        await scene.RefusedAsync("NoPlace", stranger, DrawCall.Commit(plan.DrawId, stranger, secret.ToArray()), "the two that are left are kept");
        await scene.DoAsync(kept, DrawCall.Commit(plan.DrawId, kept, secret.ToArray()));
        await scene.RefusedAsync("CommittedAlready", kept, DrawCall.Commit(plan.DrawId, kept, DrawScene.Some().ToArray()), "a second time");
        await scene.MineToAsync(plan.CommitDeadline - 1);
        await scene.DoAsync(late, DrawCall.Commit(plan.DrawId, late, secret.ToArray()));
        var over = await scene.PublishAsync();
        await scene.MineToAsync(over.CommitDeadline);
        await scene.RefusedAsync("TooLate", stranger, DrawCall.Commit(over.DrawId, stranger, secret.ToArray()));
        await scene.RefusedAsync("TooLate", stranger, DrawCall.Commit(plan.DrawId, stranger, secret.ToArray()), "the 65th");

        var state = await scene.StateAsync(plan.DrawId);
        Assert.HasCount(64, state.Parties);
        Assert.AreEqual((kept, late, 0), (state.Parties[62].Account, state.Parties[63].Account, state.OpenPlaces));
        Assert.AreEqual(DrawCall.CommitmentTo(plan.DrawId, late, secret.ToArray()), state.Parties[63].Commitment);
    }

    [TestMethod]
    public async Task Only_the_secret_committed_to_is_revealed_once_and_in_time()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (party, copier, silent, secret) = (DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Some());
        var plan = await scene.PublishAsync();
        var commit = DrawCall.Commit(plan.DrawId, party, secret.ToArray());
        await scene.DoAsync(party, commit);
        await scene.DoAsync(copier, commit);
        await scene.DoAsync(silent, DrawCall.Commit(plan.DrawId, silent, secret.ToArray()));
        await scene.MineToAsync(plan.CommitDeadline - 1);
        await scene.RefusedAsync("TooEarly", party, DrawCall.Reveal(plan.DrawId, secret.ToArray()), "while others may still commit");

        await scene.RefusedAsync("NoMatch", party, DrawCall.Reveal(plan.DrawId, DrawScene.Some().ToArray()), "another secret");
        await scene.RefusedAsync("NotAParty", DrawScene.Somebody(), DrawCall.Reveal(plan.DrawId, secret.ToArray()), "by a stranger");
        await scene.DoAsync(party, DrawCall.Reveal(plan.DrawId, secret.ToArray()));
        await scene.RefusedAsync("NoMatch", copier, DrawCall.Reveal(plan.DrawId, secret.ToArray()), "a copied commitment, now that its secret is known");
        await scene.RefusedAsync("RevealedAlready", party, DrawCall.Reveal(plan.DrawId, secret.ToArray()), "twice");
        await scene.MineToAsync(plan.RevealDeadline);
        await scene.RefusedAsync("TooLate", silent, DrawCall.Reveal(plan.DrawId, secret.ToArray()), "after the deadline");

        var parties = (await scene.StateAsync(plan.DrawId)).Parties;
        CollectionAssert.AreEqual(new Digest?[] { secret, null, null }, parties.Select(p => p.Secret).ToArray());
    }

    [TestMethod]
    public async Task Nothing_is_revealed_in_a_block_whose_time_is_within_the_margin_of_the_round()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (last, withholder, newcomer, secret) = (DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Some());
        var plan = await scene.PlanAsync();
        plan = plan with { RevealDeadline = plan.RevealDeadline + 1000 };
        await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
        await scene.DoAsync(last, DrawCall.Commit(plan.DrawId, last, secret.ToArray()));
        await scene.DoAsync(withholder, DrawCall.Commit(plan.DrawId, withholder, secret.ToArray()));
        await scene.MineToAsync(plan.CommitDeadline);

        // The deadline's block is far away: it is the time that closes the draw.
        var closing = scene.Drand.TimeOf(plan.Number) - TimeSpan.FromSeconds(DrawScene.Margin);
        var known = DrawCall.FixSeed(plan.DrawId, await scene.RoundAsync(plan.Number));
        await scene.RefusedAsync("TooEarly", withholder, known, "with a round that some already know");
        await scene.NextAtAsync(closing - TimeSpan.FromSeconds(1));
        await scene.DoAsync(last, DrawCall.Reveal(plan.DrawId, secret.ToArray()));
        await scene.NextAtAsync(closing);
        await scene.RefusedAsync("TooLate", withholder, DrawCall.Reveal(plan.DrawId, secret.ToArray()), "who waited for the round");
        await scene.DoAsync(DrawScene.Somebody(), known);
        Assert.AreEqual(DrawStage.Seeded, (await scene.StateAsync(plan.DrawId)).Stage);

        var slow = await scene.PlanAsync();
        slow = slow with { CommitDeadline = slow.CommitDeadline + 1000, RevealDeadline = slow.RevealDeadline + 1000 };
        await scene.DoAsync(scene.Publisher, DrawCall.Publish(slow));
        await scene.NextAtAsync(scene.Drand.TimeOf(slow.Number) - TimeSpan.FromSeconds(DrawScene.Margin));
        await scene.RefusedAsync("TooLate", newcomer, DrawCall.Commit(slow.DrawId, newcomer, secret.ToArray()), "a commit then too");
    }

    [TestMethod]
    public async Task The_seed_is_fixed_once_after_the_deadline_by_anyone()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PublishAsync();
        var seed = await scene.SeedCallAsync(plan);
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Finish(plan.DrawId, DrawScene.Some()), "a result before the seed");
        await scene.MineToAsync(plan.RevealDeadline - 1);
        await scene.RefusedAsync("TooEarly", scene.Publisher, seed);
        await scene.DoAsync(DrawScene.Somebody(), seed);
        var fixedAt = await scene.StateAsync(plan.DrawId);
        await scene.RefusedAsync("WrongState", scene.Publisher, seed, "twice");
        Assert.AreEqual(fixedAt.Seed, (await scene.StateAsync(plan.DrawId)).Seed);
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.FixSeed(DrawPlan.NewId(scene.Publisher)), "of no draw");
    }

    [TestMethod]
    public async Task There_is_one_result_and_it_is_the_publishers()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, _) = await scene.PlayAsync();
        await scene.DoAsync(DrawScene.Somebody(), await scene.SeedCallAsync(plan));
        var result = DrawScene.Some();
        await scene.RefusedAsync("NotPublisher", DrawScene.Somebody(), DrawCall.Finish(plan.DrawId, result));
        await scene.RefusedAsync("ZeroDigest", scene.Publisher, DrawCall.Finish(plan.DrawId, default));
        await scene.DoAsync(scene.Publisher, DrawCall.Finish(plan.DrawId, result));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Finish(plan.DrawId, DrawScene.Some()), "a second");
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Finish(plan.DrawId, result), "the same again");
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Abort(plan.DrawId, DrawScene.Some()), "an abort after it");
        var state = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual((DrawStage.Finished, result), (state.Stage, state.Outcome!.Value));
    }

    [TestMethod]
    public async Task An_abort_is_for_ever_and_keeps_what_the_seed_was()
    {
        await using var scene = await DrawScene.CreateAsync();
        var party = DrawScene.Somebody();
        var early = await scene.PublishAsync();
        await scene.RefusedAsync("NotPublisher", party, DrawCall.Abort(early.DrawId, DrawScene.Some()));
        await scene.RefusedAsync("ZeroDigest", scene.Publisher, DrawCall.Abort(early.DrawId, default), "without a reason");
        var reason = DrawScene.Some();
        await scene.DoAsync(scene.Publisher, DrawCall.Abort(early.DrawId, reason));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Abort(early.DrawId, DrawScene.Some()), "with another reason");
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Publish(early with { CommitDeadline = 1000, RevealDeadline = 2000 }), "as if new");
        await scene.RefusedAsync("WrongState", party, DrawCall.Commit(early.DrawId, party, DrawScene.Some().ToArray()));
        await scene.MineToAsync(early.RevealDeadline);
        await scene.RefusedAsync("WrongState", party, await scene.SeedCallAsync(early));
        var aborted = await scene.StateAsync(early.DrawId);
        Assert.AreEqual((DrawStage.Aborted, reason, false), (aborted.Stage, aborted.Outcome!.Value, aborted.Known));

        var (unwelcome, _) = await scene.PlayAsync();
        await scene.DoAsync(party, await scene.SeedCallAsync(unwelcome));
        var seed = (await scene.StateAsync(unwelcome.DrawId)).Seed;
        await scene.DoAsync(scene.Publisher, DrawCall.Abort(unwelcome.DrawId, reason));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Finish(unwelcome.DrawId, DrawScene.Some()));
        Assert.AreEqual(seed, (await scene.StateAsync(unwelcome.DrawId)).Seed, "what was unwelcome stays for all to compute");
        var events = await scene.Registry.EventsAsync(unwelcome.DrawId, 0);
        Assert.AreEqual((DrawStage.Seeded, reason), events[^1] is DrawEvent.Aborted a ? (a.During, a.Reason) : default);
        await scene.RefusedAsync("NotPublisher", scene.Publisher, DrawCall.Abort(DrawScene.Some(), reason), "of no draw");
    }

    /// <summary>Who computes the outcome for himself, dislikes it, and aborts before anybody fixes the seed is seen to have been able to.</summary>
    [TestMethod]
    public async Task An_abort_tells_whether_the_beacon_could_be_known_by_then()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (early, late) = (await scene.PublishAsync(), await scene.PublishAsync());
        var closing = scene.Drand.TimeOf(Math.Min(early.Number, late.Number)) - TimeSpan.FromSeconds(DrawScene.Margin);
        await scene.MineToAsync(late.RevealDeadline);
        await scene.NextAtAsync(closing - TimeSpan.FromSeconds(1));
        await scene.DoAsync(scene.Publisher, DrawCall.Abort(early.DrawId, DrawScene.Some()));
        await scene.NextAtAsync(scene.Drand.TimeOf(late.Number) - TimeSpan.FromSeconds(DrawScene.Margin));
        await scene.DoAsync(scene.Publisher, DrawCall.Abort(late.DrawId, DrawScene.Some()));
        Assert.AreEqual((false, true), ((await scene.StateAsync(early.DrawId)).Known, (await scene.StateAsync(late.DrawId)).Known));
        Assert.AreEqual((DrawStage.Published, true),
            (await scene.Registry.EventsAsync(late.DrawId, 0))[^1] is DrawEvent.Aborted a ? (a.During, a.Known) : default);

        foreach (var known in new[] { false, true })
        {
            var block = await scene.PublishAsync(BeaconSource.Block);
            await scene.MineToAsync(block.RevealDeadline + block.Number - (known ? 0 : 1));
            await scene.DoAsync(scene.Publisher, DrawCall.Abort(block.DrawId, DrawScene.Some()));
            Assert.AreEqual(known, (await scene.StateAsync(block.DrawId)).Known);
        }
    }

    [TestMethod]
    public async Task A_rehearsal_stays_one_to_its_end()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PlanAsync() with { Kind = DrawKind.Rehearsal };
        await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Publish(plan with { Kind = DrawKind.Draw }));
        await scene.MineToAsync(plan.RevealDeadline);
        await scene.DoAsync(scene.Publisher, await scene.SeedCallAsync(plan));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Publish(plan with { Kind = DrawKind.Draw }));
        await scene.DoAsync(scene.Publisher, DrawCall.Finish(plan.DrawId, DrawScene.Some()));
        await scene.RefusedAsync("WrongState", scene.Publisher, DrawCall.Publish(plan with { Kind = DrawKind.Draw }));
        Assert.AreEqual(DrawKind.Rehearsal, (await scene.StateAsync(plan.DrawId)).Kind);
        Assert.AreEqual(DrawKind.Rehearsal, ((DrawEvent.Published)(await scene.Registry.EventsAsync(plan.DrawId, 0))[0]).Plan.Kind);
    }

    /// <summary>Whoever tries a thousand secrets computes a thousand seeds of every round but the one that counts, which nobody has; and is bound to one
    /// of them before it comes.</summary>
    [TestMethod]
    public async Task A_thousand_seeds_tried_in_private_foretell_none_and_one_secret_binds()
    {
        await using var scene = await DrawScene.CreateAsync();
        await scene.Beacon.TellAsync(new DrandBehaviour(Ahead: 0));
        var plan = await scene.PublishAsync();
        Assert.IsNull(await scene.DrandClient.RoundAsync(plan.Number), "its time has not come");
        var known = await scene.RoundAsync(scene.Drand.RoundFrom(TimeProvider.System.GetUtcNow()) - 10);

        // He commits last, and even knows the other's secret.
        var (steering, honest, other) = (DrawScene.Somebody(), DrawScene.Somebody(), DrawScene.Some());
        await scene.DoAsync(honest, DrawCall.Commit(plan.DrawId, honest, other.ToArray()));
        DrawCommit Of(Address party, Digest secret) => new(party, DrawCommit.Of(plan.DrawId, party, secret), secret);
        Digest Seed(Digest own, DrandRound round)
            => new DrawReveals([Of(honest, other), Of(steering, own)], BeaconKind.Drand, round.Randomness).Seed(plan.Commitment);
        var tried = Enumerable.Range(0, 1000).Select(_ => DrawScene.Some()).ToDictionary(secret => secret, secret => Seed(secret, known));
        var (liked, second) = (tried.MinBy(t => t.Value.ToString()).Key, tried.MaxBy(t => t.Value.ToString()).Key);
        await scene.DoAsync(steering, DrawCall.Commit(plan.DrawId, steering, liked.ToArray()));
        await scene.RefusedAsync("CommittedAlready", steering, DrawCall.Commit(plan.DrawId, steering, second.ToArray()), "to another one as well");
        await scene.MineToAsync(plan.CommitDeadline);
        await scene.RefusedAsync("NoMatch", steering, DrawCall.Reveal(plan.DrawId, second.ToArray()), "of another one");
        await scene.DoAsync(honest, DrawCall.Reveal(plan.DrawId, other.ToArray()));
        await scene.DoAsync(steering, DrawCall.Reveal(plan.DrawId, liked.ToArray()));
        await scene.MineToAsync(plan.RevealDeadline);
        await scene.RefusedAsync("NotVerified", steering, DrawCall.FixSeed(plan.DrawId, known), "with the round that he tried them with");

        await scene.Beacon.TellAsync(new DrandBehaviour(Ahead: 86_400));
        var round = await scene.RoundAsync(plan.Number);
        await scene.DoAsync(steering, DrawCall.FixSeed(plan.DrawId, round));
        Assert.AreEqual(Seed(liked, round), (await scene.StateAsync(plan.DrawId)).Seed);
        Assert.IsFalse(tried.Keys.Select(secret => Seed(secret, round)).Intersect(tried.Values).Any(), "none of them was foretold");
    }
}
