using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class MemberTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task The_last_owner_can_neither_go_nor_step_down()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (_, _, owner) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (_, _, viewer) = await bed.JoinAsync("tenant-a", Role.Viewer, Cancel);
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(() => bed.Members.RemoveAsync("tenant-a", owner.Person, Cancel)));
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(() => bed.Members.ChangeRoleAsync("tenant-a", owner.Person, Role.Depositor, Cancel)));
        await bed.Members.ChangeRoleAsync("tenant-a", owner.Person, Role.Owner, Cancel);
        await bed.Members.ChangeRoleAsync("tenant-a", viewer.Person, Role.Owner, Cancel);
        await bed.Members.ChangeRoleAsync("tenant-a", owner.Person, Role.Viewer, Cancel);
        Assert.AreEqual(Fault.Conflict, await Ends.FaultAsync(() => bed.Members.RemoveAsync("tenant-a", viewer.Person, Cancel)));
        await bed.Members.RemoveAsync("tenant-a", owner.Person, Cancel);
        Assert.AreEqual(viewer.Person, (await bed.Members.ListAsync("tenant-a", Cancel)).Single().Person);
    }

    [TestMethod]
    public async Task Owners_who_depose_each_other_at_once_leave_one()
    {
        var bed = await Bed.StartAsync(Cancel);
        var owners = new List<SignedIn>();
        for (var i = 0; i < 4; i++)
            owners.Add((await bed.JoinAsync("tenant-a", Role.Owner, Cancel)).Who);

        var other = new Bed(bed.Storage);
        var ends = await Task.WhenAll(owners.Select((owner, i) => Ends.FaultAsync(() => i % 2 == 0
            ? bed.Members.RemoveAsync("tenant-a", owner.Person, Cancel) : other.Members.ChangeRoleAsync("tenant-a", owner.Person, Role.Viewer, Cancel))));
        Assert.AreEqual(3, ends.Count(e => e is null), string.Join(' ', ends));
        Assert.AreEqual(1, ends.Count(e => e == Fault.Conflict), string.Join(' ', ends));
        Assert.AreEqual(1, (await bed.Members.ListAsync("tenant-a", Cancel)).Count(m => m.Role == Role.Owner));
    }

    [TestMethod]
    public async Task A_removal_and_a_demotion_are_felt_everywhere_within_five_seconds()
    {
        var bed = await Bed.StartAsync(Cancel);
        await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (gone, key, leaver) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (lower, _, demoted) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var other = new Bed(bed.Storage);
        Assert.IsNotNull(await other.FindAsync(gone, Cancel));
        Assert.AreEqual(Role.Owner, (await other.FindAsync(lower, Cancel))!.Role);
        var link = Bed.Token(await bed.Invitations.LinkDeviceAsync(leaver, Cancel));

        await bed.Members.RemoveAsync("tenant-a", leaver.Person, Cancel);
        await bed.Members.ChangeRoleAsync("tenant-a", demoted.Person, Role.Viewer, Cancel);
        var start = TimeProvider.System.GetTimestamp();
        while (await other.FindAsync(gone, Cancel) is not null || (await other.FindAsync(lower, Cancel))!.Role != Role.Viewer)
        {
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(start) < PeopleRules.CacheTime + TimeSpan.FromSeconds(1), "five seconds, and one for the reading");
            await Task.Delay(50, Cancel);
        }

        // Nothing of his opens anything: neither his passkey nor a link that he had made.
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), key, Cancel)));
        Assert.AreEqual(Fault.Gone, await Ends.FaultAsync(() => bed.AcceptAsync(new Browser(), Bed.Authenticator(), link, Cancel)));
        var left = await bed.Storage.Table(Names.People).QueryAsync(cancel: Cancel)
            .Where(row => row.RowKey.Contains(leaver.Person, StringComparison.Ordinal)).Select(row => row.RowKey).ToListAsync(Cancel);
        Assert.IsEmpty(left);
    }

    [TestMethod]
    public async Task Another_tenants_people_are_like_none()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (_, _, mine) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (_, _, his) = await bed.JoinAsync("tenant-b", Role.Viewer, Cancel);
        var invited = await bed.Invitations.InviteAsync("tenant-b", Role.Viewer, "a", Cancel);
        Assert.HasCount(1, await bed.Members.ListAsync("tenant-a", Cancel));
        Assert.IsEmpty(await bed.Invitations.ListAsync("tenant-a", Cancel));
        foreach (var person in new[] { his.Person, new string('0', 32), "", "x", "../tenant-b", "a' or 'a", new string('f', 31) + "\0" })
        {
            Assert.IsNull(await bed.Members.FindAsync("tenant-a", person, Cancel));
            Assert.AreEqual(Fault.NotFound, await Ends.FaultAsync(() => bed.Members.RemoveAsync("tenant-a", person, Cancel)), person);
            Assert.AreEqual(Fault.NotFound, await Ends.FaultAsync(() => bed.Members.ChangeRoleAsync("tenant-a", person, Role.Owner, Cancel)), person);
        }

        await bed.Invitations.WithdrawAsync("tenant-a", invited.Info.Id, Cancel);
        Assert.IsNotNull(await bed.Invitations.LookAsync(Bed.Token(invited), Cancel));
        var (passkey, session) = ((await bed.Passkeys.ListAsync(his, Cancel)).Single().Id, his.Session);
        Assert.AreEqual(Fault.NotFound, await Ends.FaultAsync(() => bed.Passkeys.RemoveAsync(mine, passkey, Cancel)));
        Assert.AreEqual(Fault.NotFound, await Ends.FaultAsync(() => bed.Passkeys.RenameAsync(mine, passkey, "x", Cancel)));
        await bed.Sessions.EndAsync(mine, session, Cancel);
        Assert.HasCount(1, await bed.Sessions.ListAsync(his, Cancel));
        foreach (var role in new[] { Role.Clerk, Role.Operator })
            Assert.AreEqual(Fault.Malformed, await Ends.FaultAsync(() => bed.Members.ChangeRoleAsync("tenant-a", mine.Person, role, Cancel)));
    }
}
