namespace Notary.Webhooks.Tests;

/// <summary>The way of events to a receiver that verifies with the published library, and to its bad brothers.</summary>
[TestClass]
public sealed class DeliveryTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task Everything_arrives_once_is_verified_and_says_what_happened()
    {
        var clock = new SetClock();
        await using var bed = await Bed.StartAsync(Cancel, clock);
        var endpoint = await bed.EndpointAsync("good", "all");
        var filtered = await bed.EndpointAsync("good", "filtered", "deposit.certified");
        var events = Enumerable.Range(0, 200).Select(Bed.Logged).ToList();
        await bed.Sink.AppendAsync(Bed.Tenant, events, Cancel);

        // Told again, in another order, with something new: only that is new.
        await bed.Sink.AppendAsync(Bed.Tenant, [.. events.AsEnumerable().Reverse(), Bed.Logged(200)], Cancel);
        var got = await Bed.UntilAsync(() => Shared.Receiver.GotAsync("all"), all => all.Count >= 201, "201 deliveries", Cancel);
        Assert.HasCount(201, got);
        Assert.IsTrue(got.All(one => one.Verified && one.ContentType == "application/cloudevents+json; charset=utf-8"), got[0].ContentType);
        CollectionAssert.AreEquivalent(events.Append(Bed.Logged(200)).Select(e => e.Id(Bed.Tenant)).ToList(), got.Select(one => one.Id).ToList());
        var body = JsonDocument.Parse(got.Single(one => one.Id == events[7].Id(Bed.Tenant)).Body).RootElement;
        Assert.AreEqual("1.0 deposit.logged deposit-7 7", $"{body.GetProperty("specversion")} {body.GetProperty("type")} {body.GetProperty("subject")} "
            + body.GetProperty("data").GetProperty("index"));
        Assert.IsEmpty(await Shared.Receiver.GotAsync("filtered"));

        // Recorded, each of them; nothing is left to do, and after a while nobody looks for more.
        var attempts = await Bed.UntilAsync(() => bed.AttemptsAsync(endpoint.Id), all => all.Count >= 201, "201 attempts", Cancel);
        Assert.IsTrue(attempts.All(a => a is { Outcome: "delivered", Status: 204, Number: 1, NextAt: null } && a.Address == Shared.Receiver.Url.Authority));
        clock.Advance(Lane.Settling);
        bed.Bell.Ring();
        await Bed.UntilAsync(() => bed.Storage.Table(Names.Webhooks).QueryAsync($"PartitionKey eq '{WebhookKeys.Work}'").ToListAsync(Cancel).AsTask(),
            left => left.Count == 0, "the work's rows", Cancel);
        Assert.IsTrue(filtered.Enabled);
    }

    [TestMethod]
    public async Task A_new_secret_and_the_old_one_both_sign_until_the_overlap_ends()
    {
        var clock = new SetClock();
        await using var bed = await Bed.StartAsync(Cancel, clock);
        var seed = RandomNumberGenerator.GetBytes(32);
        Task<IssuedSecret> CreateAsync() => bed.Desk.CreateAsync(
            Bed.Tenant, Shared.Receiver.Endpoint("good", "rotated").AbsoluteUri, "", [], seed, clock.GetUtcNow(), Cancel);
        var first = await CreateAsync();
        Assert.AreEqual(first.Secret, (await CreateAsync()).Secret, "the same request again");
        var turn = RandomNumberGenerator.GetBytes(32);
        Task<IssuedSecret> RotateAsync(byte[] by) => bed.Desk.RotateAsync(Bed.Tenant, first.Endpoint, 3600, by, clock.GetUtcNow(), Cancel);
        async Task<IReadOnlyList<SecretView>> SecretsAsync() => (await bed.Desk.FindAsync(Bed.Tenant, first.Endpoint, Cancel))!.Secrets;
        var second = await RotateAsync(turn);
        Assert.AreEqual(second.Secret, (await RotateAsync(turn)).Secret, "the same request again");
        Assert.HasCount(2, await SecretsAsync());

        // One who knows only the old, one who knows only the new: the library looks at every signature.
        foreach (var (known, n) in new[] { (first.Secret, 1), (second.Secret, 2) })
        {
            await Shared.Receiver.KnowAsync("rotated", known);
            await bed.Sink.AppendAsync(Bed.Tenant, [Bed.Logged(n)], Cancel);
            var got = await Bed.UntilAsync(() => Shared.Receiver.GotAsync("rotated"),
                all => all.Any(o => o.Id == Bed.Logged(n).Id(Bed.Tenant)), $"{n}", Cancel);
            Assert.IsTrue(got[^1].Verified);
            Assert.HasCount(2, got[^1].Signature.Split(' '));
        }

        clock.Advance(TimeSpan.FromSeconds(3601));
        await bed.Sink.AppendAsync(Bed.Tenant, [Bed.Logged(3)], Cancel);
        var last = await Bed.UntilAsync(() => Shared.Receiver.GotAsync("rotated"), all => all.Any(o => o.Id == Bed.Logged(3).Id(Bed.Tenant)), "3", Cancel);
        Assert.HasCount(1, last[^1].Signature.Split(' '));
        await RotateAsync(RandomNumberGenerator.GetBytes(32));
        Assert.HasCount(2, await SecretsAsync(), "the one that has ended is forgotten");
        await RotateAsync(RandomNumberGenerator.GetBytes(32));
        Assert.AreEqual(Fault.Conflict, (await Assert.ThrowsExactlyAsync<FaultException>(() => RotateAsync(RandomNumberGenerator.GetBytes(32)))).Fault);
    }

    [TestMethod]
    public async Task Bad_endpoints_fail_in_their_own_ways_and_the_good_one_gets_everything()
    {
        await using var bed = await Bed.StartAsync(Cancel);
        var bad = new Dictionary<string, EndpointView>();
        foreach (var kind in WebhookReceiver.BadKinds)
            bad[kind] = await bed.EndpointAsync(kind, "bad-" + kind, "deposit.*");

        var good = await bed.EndpointAsync("good", "bad-good", "deposit.*");
        var watcher = await bed.EndpointAsync("good", "bad-watcher", "endpoint.*");
        await bed.Sink.AppendAsync(Bed.Tenant, [.. Enumerable.Range(0, 50).Select(Bed.Logged)], Cancel);
        await Bed.UntilAsync(() => bed.AttemptsAsync(good.Id), all => all.Count(a => a.Outcome == "delivered") == 50, "the good one's", Cancel);
        foreach (var (kind, outcome, status) in new (string, string, int?)[] { ("hang", "timed-out", null), ("reset", "connection-lost", null),
            ("500", "refused", 500), ("302", "redirected", 302), ("410", "refused", 410), ("endless", "answer-too-large", 200) })
        {
            var attempts = await Bed.UntilAsync(() => bed.AttemptsAsync(bad[kind].Id), all => all.Count > 0, kind, Cancel);
            Assert.AreEqual((outcome, status), (attempts[^1].Outcome, attempts[^1].Status), kind);
            Assert.IsLessThanOrEqualTo(WebhookLimits.KeptAnswer, attempts[^1].Answer.Length);
        }

        Assert.IsEmpty(await Shared.Receiver.GotAsync("bad-302-elsewhere"), "a redirect was followed");
        var gone = await Bed.UntilAsync(() => bed.Desk.FindAsync(Bed.Tenant, bad["410"].Id, Cancel), view => !view!.Enabled, "410 disables", Cancel);
        Assert.AreEqual(DisabledReason.Gone, gone!.DisabledReason);
        await Bed.UntilAsync(() => Shared.Receiver.GotAsync("bad-watcher"), got => got.Count == 1 && got[0].Verified, "endpoint.disabled", Cancel);
        Assert.IsNotNull((await bed.Desk.FindAsync(Bed.Tenant, bad["500"].Id, Cancel))!.FailingSince);
        Assert.IsTrue(watcher.Enabled);
    }

    [TestMethod]
    public async Task What_failed_comes_again_what_is_asked_for_comes_again_and_what_is_disabled_waits()
    {
        var clock = new SetClock();
        await using var bed = await Bed.StartAsync(Cancel, clock);
        var endpoint = await bed.EndpointAsync("good", "again", "deposit.*");
        await Shared.Receiver.AnswerAsync("again", 503, times: 1, retryAfter: "90");
        await bed.Sink.AppendAsync(Bed.Tenant, [Bed.Logged(0)], Cancel);
        var failed = (await Bed.UntilAsync(() => bed.AttemptsAsync(endpoint.Id), all => all.Count == 1, "503", Cancel))[0];
        Assert.IsGreaterThanOrEqualTo(failed.At.AddSeconds(90), failed.NextAt!.Value, "Retry-After");
        clock.Advance(TimeSpan.FromSeconds(100));
        bed.Bell.Ring();
        await Bed.UntilAsync(() => bed.AttemptsAsync(endpoint.Id), all => all.Count == 2 && all[0] is { Number: 2, Outcome: "delivered" }, "second", Cancel);
        Assert.IsNull((await bed.Desk.FindAsync(Bed.Tenant, endpoint.Id, Cancel))!.FailingSince);

        // By hand: a test, one event, a time.
        var test = await bed.Desk.TestAsync(Bed.Tenant, endpoint.Id, RandomNumberGenerator.GetBytes(32), clock.GetUtcNow(), Cancel);
        await Bed.UntilAsync(() => Shared.Receiver.GotAsync("again"), got => got.Any(one => one.Id == test.Id), "test", Cancel);
        await bed.Sink.AppendAsync(Bed.Tenant, [.. Enumerable.Range(1, 5).Select(Bed.Logged)], Cancel);
        var one = await bed.Desk.ReplayAsync(Bed.Tenant, Bed.Logged(0).Id(Bed.Tenant), null, clock.GetUtcNow(), Cancel);
        Assert.AreEqual(1, one.Queued);
        await Bed.UntilAsync(() => Shared.Receiver.GotAsync("again"), got => got.Count(o => o.Id == Bed.Logged(0).Id(Bed.Tenant)) == 3, "one replayed", Cancel);
        await Bed.UntilAsync(() => Shared.Receiver.GotAsync("again"), got => got.Count == 9, "five more", Cancel);
        var some = await bed.Desk.ReplayAsync(Bed.Tenant, endpoint.Id, Bed.Logged(2).Time, Bed.Logged(4).Time, clock.GetUtcNow(), Cancel);
        Assert.AreEqual(2, some.Queued);
        var twice = await Bed.UntilAsync(() => Shared.Receiver.GotAsync("again"), got => got.Count == 11, "a time replayed", Cancel);
        CollectionAssert.AreEquivalent(new[] { Bed.Logged(2).Id(Bed.Tenant), Bed.Logged(3).Id(Bed.Tenant) }, twice.TakeLast(2).Select(o => o.Id).ToArray());
        Assert.HasCount(1, twice.GroupBy(o => o.Id).Select(group => group.Select(o => o.Body).Distinct().Count()).Distinct());

        // Disabled by its owner: nothing is sent, and what happens meanwhile can be had afterwards.
        await bed.Desk.ChangeAsync(Bed.Tenant, endpoint.Id, endpoint.Url.AbsoluteUri, "", endpoint.Types, enabled: false, Cancel);
        await bed.Sink.AppendAsync(Bed.Tenant, [Bed.Logged(9)], Cancel);
        await Assert.ThrowsExactlyAsync<FaultException>(()
            => bed.Desk.ReplayAsync(Bed.Tenant, Bed.Logged(9).Id(Bed.Tenant), endpoint.Id, clock.GetUtcNow(), Cancel));
        await bed.Desk.ChangeAsync(Bed.Tenant, endpoint.Id, endpoint.Url.AbsoluteUri, "", endpoint.Types, enabled: true, Cancel);
        await bed.Desk.ReplayAsync(Bed.Tenant, Bed.Logged(9).Id(Bed.Tenant), endpoint.Id, clock.GetUtcNow(), Cancel);
        await Bed.UntilAsync(() => Shared.Receiver.GotAsync("again"), got => got.Count(o => o.Id == Bed.Logged(9).Id(Bed.Tenant)) == 1, "after all", Cancel);

        // Another tenant finds nothing of it.
        Assert.IsNull(await bed.Desk.FindAsync("tenant-b", endpoint.Id, Cancel));
        Assert.IsNull(await bed.Desk.FindEventAsync("tenant-b", test.Id, Cancel));
        Assert.IsEmpty((await bed.Desk.EventsAsync("tenant-b", DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddYears(-1), 100, null, Cancel)).Items);
        Assert.IsFalse(await bed.Desk.DeleteAsync("tenant-b", endpoint.Id, Cancel));
        Assert.IsTrue(await bed.Desk.DeleteAsync(Bed.Tenant, endpoint.Id, Cancel));
    }
}
