using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class InvitationTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task Whoever_follows_a_link_is_a_member_and_signed_in()
    {
        var bed = await Bed.StartAsync(Cancel);
        var link = await bed.Invitations.InviteAsync("tenant-a", Role.Owner, " zhang@example.com ", Cancel);
        Assert.AreEqual(new Invitation("tenant-a", Role.Owner, "zhang@example.com", IsDevice: false), await bed.Invitations.LookAsync(Bed.Token(link), Cancel));
        Assert.AreEqual(link.Info, (await bed.Invitations.ListAsync("tenant-a", Cancel)).Single());

        var (browser, authenticator) = (new Browser(), Bed.Authenticator());
        var who = await bed.AcceptAsync(browser, authenticator, Bed.Token(link), Cancel);
        Assert.AreEqual(("tenant-a", Role.Owner, "张三"), (who.Tenant, who.Role, who.Name));
        Assert.AreEqual(who, await bed.FindAsync(browser, Cancel));
        Assert.IsEmpty(await bed.Invitations.ListAsync("tenant-a", Cancel));
        var member = (await bed.Members.ListAsync("tenant-a", Cancel)).Single();
        Assert.AreEqual((who.Person, "张三", Role.Owner, "zhang@example.com"), (member.Person, member.Name, member.Role, member.Address));
        Assert.AreEqual("Firefox · Linux", (await bed.Passkeys.ListAsync(who, Cancel)).Single().Name);
    }

    [TestMethod]
    public async Task A_link_is_used_once_and_of_many_at_once_one_wins()
    {
        var bed = await Bed.StartAsync(Cancel);
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Viewer, "a", Cancel));
        var begun = new List<(Browser Browser, byte[] Answer)>();
        for (var i = 0; i < 8; i++)
        {
            var browser = new Browser();
            using var authenticator = Bed.Authenticator();
            begun.Add((browser, authenticator.Create(await browser.AskAsync(http => bed.Ceremonies.BeginInvitationAsync(http, token, "李四", Cancel)))));
        }

        // Two instances: nothing that one remembers may decide.
        var other = new Bed(bed.Storage);
        var ends = await Task.WhenAll(begun.Select((b, i) => Ends.FaultAsync(
            () => b.Browser.AskAsync(http => (i % 2 == 0 ? bed : other).Ceremonies.AcceptAsync(http, token, b.Answer, Cancel)))));
        Assert.AreEqual(1, ends.Count(e => e is null), string.Join(' ', ends));
        Assert.AreEqual(7, ends.Count(e => e == Fault.Gone), string.Join(' ', ends));
        Assert.HasCount(1, await bed.Members.ListAsync("tenant-a", Cancel));
        Assert.AreEqual(1, (await Task.WhenAll(begun.Select(b => bed.FindAsync(b.Browser, Cancel)))).Count(who => who is not null));
        Assert.IsNull(await bed.Invitations.LookAsync(token, Cancel));

        // The losers' credentials lead nowhere.
        var pointers = await bed.Storage.Table(Names.People).QueryAsync("RowKey eq 'pointer'", cancel: Cancel).CountAsync(Cancel);
        Assert.AreEqual(1, pointers);
    }

    [TestMethod]
    public async Task An_old_a_withdrawn_and_a_forged_link_open_nothing()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        var link = await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel);
        var token = Bed.Token(link);
        var parts = token.Split('.');
        foreach (var forged in new[]
        {
            "", ".", "..", "...", token + ".", token + "A", token[..^1], $"tenant-b.{parts[1]}.{parts[2]}", $".{parts[1]}.{parts[2]}",
            $"{parts[0]}.{new string('0', 32)}.{parts[2]}", $"{parts[0]}.{parts[1]}.{new string('A', 43)}",
            $"{parts[0]}.{parts[1].ToUpperInvariant()}.{parts[2]}",
            $"tenant-a' or 'a.{parts[1]}.{parts[2]}", $"../tenant-a.{parts[1]}.{parts[2]}", token.Replace('.', '/'), token + "\0",
        })
        {
            Assert.IsNull(await bed.Invitations.LookAsync(forged, Cancel), forged);
            Assert.AreEqual(Fault.Gone, await BeginAsync(bed, forged, "a"));
        }

        clock.By = PeopleRules.InvitationLife - TimeSpan.FromMinutes(1);
        Assert.IsNotNull(await bed.Invitations.LookAsync(token, Cancel));
        clock.By = PeopleRules.InvitationLife;
        Assert.IsNull(await bed.Invitations.LookAsync(token, Cancel));
        Assert.IsEmpty(await bed.Invitations.ListAsync("tenant-a", Cancel));
        clock.By = TimeSpan.Zero;
        await bed.Invitations.WithdrawAsync("tenant-a", link.Info.Id, Cancel);
        await bed.Invitations.WithdrawAsync("tenant-a", link.Info.Id, Cancel);
        Assert.IsNull(await bed.Invitations.LookAsync(token, Cancel));
    }

    [TestMethod]
    public async Task The_same_seed_is_the_same_link_and_opens_nothing_twice()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (seed, at) = (RandomNumberGenerator.GetBytes(32), bed.Clock.GetUtcNow());
        Task<IssuedInvitation> InviteAsync() => bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", seed, at, Cancel);
        var links = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => InviteAsync()));
        Assert.HasCount(1, links.Distinct());
        Assert.HasCount(1, await bed.Invitations.ListAsync("tenant-a", Cancel));
        await bed.AcceptAsync(new Browser(), Bed.Authenticator(), Bed.Token(links[0]), Cancel);
        Assert.AreEqual(links[0], await InviteAsync());
        Assert.IsNull(await bed.Invitations.LookAsync(Bed.Token(links[0]), Cancel));
    }

    [TestMethod]
    public async Task Nobody_is_invited_to_a_role_of_the_staff_or_by_an_unseen_name()
    {
        var bed = await Bed.StartAsync(Cancel);
        foreach (var role in new[] { Role.Clerk, Role.Notary, Role.Auditor, Role.Operator, (Role)99 })
            Assert.AreEqual(Fault.Malformed, await Ends.FaultAsync(() => bed.Invitations.InviteAsync("tenant-a", role, "a", Cancel)));

        foreach (var text in new[] { "", "  ", "a\nb", "a\0", "\u202egpj.exe", "a\u200bb", "a\u2028b", new string('a', 255) })
            Assert.AreEqual(Fault.Malformed, await Ends.FaultAsync(() => bed.Invitations.InviteAsync("tenant-a", Role.Owner, text, Cancel)), text);

        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        foreach (var name in new[] { null, "", "a\nb", "\u202ea", new string('a', 101) })
            Assert.AreEqual(Fault.Malformed, await BeginAsync(bed, token, name));
    }

    [TestMethod]
    public async Task A_link_for_another_device_adds_a_passkey_to_the_same_person_once_and_soon()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        var (_, _, who) = await bed.JoinAsync("tenant-a", Role.Viewer, Cancel);
        var former = await bed.Invitations.LinkDeviceAsync(who, Cancel);
        var link = await bed.Invitations.LinkDeviceAsync(who, Cancel);
        Assert.IsNull(await bed.Invitations.LookAsync(Bed.Token(former), Cancel));
        Assert.IsTrue((await bed.Invitations.LookAsync(Bed.Token(link), Cancel))!.IsDevice);
        Assert.IsEmpty(await bed.Invitations.ListAsync("tenant-a", Cancel));

        var (browser, phone) = (new Browser(), Bed.Authenticator());
        var there = await bed.AcceptAsync(browser, phone, Bed.Token(link), Cancel, name: null);
        Assert.AreEqual((who.Person, who.Name, who.Role), (there.Person, there.Name, there.Role));
        Assert.HasCount(2, await bed.Passkeys.ListAsync(who, Cancel));
        Assert.HasCount(1, await bed.Members.ListAsync("tenant-a", Cancel));
        Assert.AreEqual(who.Person, (await bed.SignInAsync(new Browser(), phone, Cancel)).Person);
        Assert.AreEqual(Fault.Gone, await Ends.FaultAsync(() => bed.AcceptAsync(new Browser(), Bed.Authenticator(), Bed.Token(link), Cancel)));

        var late = Bed.Token(await bed.Invitations.LinkDeviceAsync(who, Cancel));
        clock.By = PeopleRules.DeviceLinkLife;
        Assert.IsNull(await bed.Invitations.LookAsync(late, Cancel));
    }

    [TestMethod]
    public async Task A_tenants_open_invitations_are_bounded()
    {
        var bed = await Bed.StartAsync(Cancel);
        await Parallel.ForEachAsync(Enumerable.Range(0, PeopleRules.MaxInvitations), Cancel,
            async (_, cancel) => await bed.Invitations.InviteAsync("tenant-a", Role.Viewer, "a", cancel));
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(() => bed.Invitations.InviteAsync("tenant-a", Role.Viewer, "a", Cancel)));
        await bed.Invitations.InviteAsync("tenant-b", Role.Viewer, "a", Cancel);
        await bed.Invitations.WithdrawAsync("tenant-a", (await bed.Invitations.ListAsync("tenant-a", Cancel))[0].Id, Cancel);
        await bed.Invitations.InviteAsync("tenant-a", Role.Viewer, "a", Cancel);
    }

    private Task<Fault?> BeginAsync(Bed bed, string token, string? name)
        => Ends.FaultAsync(() => new Browser().AskAsync(http => bed.Ceremonies.BeginInvitationAsync(http, token, name, Cancel)));
}

/// <summary>How a call ended.</summary>
internal static class Ends
{
    /// <summary>The fault; null when it ended well. Anything else that is thrown fails the test.</summary>
    public static async Task<Fault?> FaultAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }
}
