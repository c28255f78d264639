using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class PasskeyTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task Passkeys_are_added_named_and_removed_but_never_the_last()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (browser, first, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(async () => await bed.Passkeys.RemoveAsync(who, await IdAsync(bed, who, 0), Cancel)));

        using var second = Bed.Authenticator();
        await AddAsync(bed, browser, who, second);
        var ids = (await bed.Passkeys.ListAsync(who, Cancel)).Select(p => p.Id).ToArray();
        Assert.HasCount(2, ids);
        await bed.Passkeys.RenameAsync(who, ids[1], "办公室 🔑", Cancel);
        Assert.AreEqual("办公室 🔑", (await bed.Passkeys.ListAsync(who, Cancel))[1].Name);
        foreach (var name in new[] { "", "\u202ea", new string('a', 101) })
            Assert.AreEqual(Fault.Malformed, await Ends.FaultAsync(() => bed.Passkeys.RenameAsync(who, ids[1], name, Cancel)));

        var there = new Browser();
        Assert.IsNull((await bed.Passkeys.ListAsync(who, Cancel))[1].UsedAt);
        await bed.SignInAsync(there, second, Cancel);
        Assert.IsNotNull((await bed.Passkeys.ListAsync(who, Cancel))[1].UsedAt);

        // Its sessions go with it; the other's stay.
        await bed.Passkeys.RemoveAsync(who, ids[1], Cancel);
        Assert.IsNull(await new Bed(bed.Storage).FindAsync(there, Cancel));
        Assert.IsNotNull(await new Bed(bed.Storage).FindAsync(browser, Cancel));
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), second, Cancel)));
        Assert.AreEqual(Fault.NotFound, await Ends.FaultAsync(() => bed.Passkeys.RemoveAsync(who, ids[1], Cancel)));
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(() => bed.Passkeys.RemoveAsync(who, ids[0], Cancel)));
        await bed.SignInAsync(new Browser(), first, Cancel);
    }

    [TestMethod]
    public async Task Of_two_passkeys_removed_at_once_one_stays()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (browser, first, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        using var second = Bed.Authenticator();
        await AddAsync(bed, browser, who, second);
        var ids = (await bed.Passkeys.ListAsync(who, Cancel)).Select(p => p.Id).ToArray();
        var other = new Bed(bed.Storage);
        var ends = await Task.WhenAll(ids.Select((id, i) => Ends.FaultAsync(() => (i == 0 ? bed : other).Passkeys.RemoveAsync(who, id, Cancel))));
        CollectionAssert.AreEquivalent(new Fault?[] { null, Fault.Conflict }, ends);
        var left = await Task.WhenAll(new[] { first, second }.Select(a => Ends.FaultAsync(() => bed.SignInAsync(new Browser(), a, Cancel))));
        CollectionAssert.AreEquivalent(new Fault?[] { null, Fault.Unauthenticated }, left);
    }

    [TestMethod]
    public async Task A_passkey_is_added_by_a_fresh_sign_in_of_the_same_session()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        var (browser, authenticator, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (_, _, his) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        using var added = Bed.Authenticator();
        var options = await browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, who, Cancel));
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => browser.AskAsync(http => FinishAsync(http, his, added.Create(options)))));
        options = await browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, who, Cancel));
        var later = await bed.SignInAsync(new Browser(), authenticator, Cancel);
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => browser.AskAsync(http => FinishAsync(http, later, added.Create(options)))));

        // One that is there already is named to the browser, and refused if it comes all the same.
        options = await browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, who, Cancel));
        Assert.HasCount(1, JsonNode.Parse(options)!["excludeCredentials"]!.AsArray());

        clock.By = PeopleRules.Fresh;
        Assert.AreEqual(Fault.Forbidden, await Ends.FaultAsync(() => browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, who, Cancel))));
        Assert.AreEqual(Fault.Forbidden, await Ends.FaultAsync(() => browser.AskAsync(http => FinishAsync(http, who, added.Create(options)))));
        clock.By = TimeSpan.Zero;
        var staff = who with { Tenant = null, Role = Role.Clerk };
        Assert.AreEqual(Fault.Forbidden, await Ends.FaultAsync(() => browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, staff, Cancel))));
        Assert.AreEqual(Fault.Forbidden, await Ends.FaultAsync(() => bed.Invitations.LinkDeviceAsync(staff, Cancel)));
        Assert.HasCount(1, await bed.Passkeys.ListAsync(who, Cancel));

        async Task<int> FinishAsync(Microsoft.AspNetCore.Http.HttpContext http, SignedIn by, byte[] answer)
        {
            await bed.Ceremonies.AddPasskeyAsync(http, by, answer, Cancel);
            return 0;
        }
    }

    [TestMethod]
    public async Task The_browser_is_asked_for_what_the_house_demands()
    {
        var bed = await Bed.StartAsync(Cancel);
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        var creation = JsonNode.Parse(await new Browser().AskAsync(http => bed.Ceremonies.BeginInvitationAsync(http, token, "张三", Cancel)))!;
        Assert.AreEqual("notary.example", (string)creation["rp"]!["id"]!);
        Assert.AreEqual("张三 · tenant tenant-a", (string)creation["user"]!["name"]!);
        Assert.AreEqual("required", (string)creation["authenticatorSelection"]!["residentKey"]!);
        Assert.AreEqual("required", (string)creation["authenticatorSelection"]!["userVerification"]!);
        Assert.AreEqual("none", (string)creation["attestation"]!);
        CollectionAssert.AreEqual(new[] { -7, -257 }, creation["pubKeyCredParams"]!.AsArray().Select(p => (int)p!["alg"]!).ToArray());
        var request = JsonNode.Parse(await new Browser().AskAsync(http => bed.Ceremonies.BeginSignInAsync(http, Cancel)))!;
        Assert.AreEqual("notary.example", (string)request["rpId"]!);
        Assert.AreEqual("required", (string)request["userVerification"]!);
        Assert.IsEmpty(request["allowCredentials"]!.AsArray());
        Assert.AreEqual(43, ((string)request["challenge"]!).Length);
    }

    private async Task AddAsync(Bed bed, Browser browser, SignedIn who, SoftAuthenticator authenticator)
    {
        var options = await browser.AskAsync(http => bed.Ceremonies.BeginPasskeyAsync(http, who, Cancel));
        await browser.AskAsync(async http =>
        {
            await bed.Ceremonies.AddPasskeyAsync(http, who, authenticator.Create(options), Cancel);
            return 0;
        });
    }

    private async Task<string> IdAsync(Bed bed, SignedIn who, int index) => (await bed.Passkeys.ListAsync(who, Cancel))[index].Id;
}
