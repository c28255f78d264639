using System.Net.Sockets;
using Notary.Recorder.Desktop;
using Notary.Recorder.View;

namespace Notary.Recorder.Tests;

/// <summary>What a desktop's user can reach, by any program that he might get to run there: nothing but his desktop and what is allowed.</summary>
[TestClass]
public sealed class IsolationTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task NoPrivateAddressNoOtherSessionAndNoPortOfThisMachineIsReachedButWhatIsAllowed()
    {
        var one = await OneDesktop.GetAsync();
        await using var other = await LocalDesktop.PrepareAsync(new DesktopOptions { Session = DepositId.New(TimeProvider.System) }, Cancel);
        using var platform = new TcpListener(IPAddress.Loopback, 0);
        platform.Start();
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        everywhere.Start();
        var (port, open) = (((IPEndPoint)platform.LocalEndpoint).Port, ((IPEndPoint)everywhere.LocalEndpoint).Port);

        Assert.AreEqual("", await ReachAsync(one.Desktop, "127.0.0.1", one.Site.EndPoint.Port), "what is allowed");
        var reached = new List<string>();
        foreach (var (address, at) in (IEnumerable<(string, int)>)[
            ("127.0.0.1", port), ("127.0.0.1", open), (one.Desktop.Place.Gateway, port), (one.Desktop.Place.Gateway, open), (one.Desktop.Place.Gateway, 22),
            (other.Place.Address, 80), (other.Place.Gateway, open), ("10.0.0.1", 80), ("172.16.0.1", 80), ("192.168.0.1", 80), ("100.64.0.1", 80),
            ("169.254.169.254", 80), ("168.63.129.16", 80), ("224.0.0.1", 80), ("1.1.1.1", 80), .. Own().Select(own => (own, open))])
        {
            if (await ReachAsync(one.Desktop, address, at) == "")
                reached.Add($"{address}:{at}");
        }

        Assert.AreEqual("", string.Join(' ', reached));
        Assert.AreNotEqual("", await ReachAsync(other, "127.0.0.1", one.Site.EndPoint.Port), "allowed to the first session only");
        StringAssert.Contains((await one.Desktop.Sandbox.TryAsync(["bash", "-c", "exec 3<>/dev/tcp/::1/80"], Cancel)).Error, "/dev/tcp/::1/80");
    }

    [TestMethod]
    public async Task NothingOfOneSessionIsFoundInAnother()
    {
        var one = (await OneDesktop.GetAsync()).Desktop;
        Assert.AreEqual("", string.Join(' ', one.FoundAtStart));
        foreach (var place in Sandbox.Writable)
            await one.Sandbox.RunAsync(["sh", "-c", $"echo canary > {place}/canary"], Cancel);

        // And nowhere else can it write: every other mount is read-only, whatever the permissions say.
        foreach (var place in (string[])["/", "/etc", "/usr", "/usr/local", "/usr/bin", "/etc/chromium/policies/managed", "/dev", "/etc/fonts", "/var/cache"])
            Assert.AreNotEqual(0, (await one.Sandbox.TryAsync(["sh", "-c", $"echo canary > {place}/canary"], Cancel)).Code, place);

        await using var other = await LocalDesktop.PrepareAsync(new DesktopOptions { Session = DepositId.New(TimeProvider.System) }, Cancel);
        Assert.AreEqual("", string.Join(' ', await other.ListAsync(Cancel)));
        Assert.AreNotEqual(0, (await other.Sandbox.TryAsync(["xprop", "-display", one.Display, "-root"], Cancel)).Code, "the other's display");
        foreach (var place in Sandbox.Writable)
            await one.Sandbox.RunAsync(["rm", $"{place}/canary"], Cancel);
    }

    [TestMethod]
    public async Task TheRecorderAndThisMachineAreOutOfSightAndOutOfReach()
    {
        var one = (await OneDesktop.GetAsync()).Desktop;
        var seen = await one.Sandbox.RunAsync(["ps", "-eo", "pid,args"], Cancel);
        Assert.DoesNotContain("Xtigervnc", seen);
        Assert.DoesNotContain("dotnet", seen);
        Assert.Contains("/usr/lib/chromium/chromium", seen);
        Assert.AreNotEqual(0, (await one.Sandbox.TryAsync(["sh", "-c", $"kill -STOP {Environment.ProcessId}"], Cancel)).Code);
        foreach (var path in (string[])["/root", "/home/root", "/run/notary-recorder", "/etc/shadow", "/sys", "/dev/sda", "/dev/vda", "/dev/kmsg", "/var/lib"])
            Assert.AreNotEqual(0, (await one.Sandbox.TryAsync(["ls", path], Cancel)).Code, path);

        // Root of a user namespace of his own has no power over the session's network.
        string[][] commands = [["nft", "list", "ruleset"], ["ip", "link", "add", "x", "type", "dummy"], ["ip", "route", "add", "1.1.1.1", "dev", "lo"]];
        foreach (var command in commands)
            Assert.AreNotEqual(0, (await one.Sandbox.TryAsync(["unshare", "-Ur", .. command], Cancel)).Code, command[0]);

        StringAssert.Contains(await one.Sandbox.RunAsync(["cat", "/proc/self/status"], Cancel), "CapEff:\t0000000000000000");
        foreach (var name in (string[])["AcceptCutText", "SendCutText", "SendPrimary", "SetPrimary", "AllowOverride"])
            StringAssert.Contains((await one.Sandbox.TryAsync(["vncconfig", "-set", $"{name}=1"], Cancel)).Error, "failed", name);
    }

    [TestMethod]
    public async Task TheFileManagerSeesTwoFoldersAndHasNoOtherProgramToRun()
    {
        var one = (await OneDesktop.GetAsync()).Desktop;
        var manager = Remains.Processes(one.Place.User).Single(p => p.Command.StartsWith(FileManager.Program, StringComparison.Ordinal)).Id;
        static string Names(string folder) => string.Join(' ', Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order());
        var root = $"/proc/{manager}/root";
        Assert.AreEqual("pcmanfm", Names($"{root}/usr/bin"));
        Assert.AreEqual("bin lib lib64 share", Names($"{root}/usr"));
        Assert.AreEqual("Downloads Uploads", Names($"{root}{Sandbox.Home}"));
        Assert.AreEqual("", Names($"{root}/usr/share/applications"));
        Assert.AreEqual("dev etc home lib lib64 run tmp usr var", Names(root));

        // Nor is there a network, nor a place to write but the two folders, its socket and what is its own alone.
        Assert.AreEqual("lo", string.Join(' ', File.ReadLines($"/proc/{manager}/net/dev").Skip(2).Select(line => line.Split(':')[0].Trim())));
        var writable = File.ReadLines($"/proc/{manager}/mountinfo").Select(line => line.Split(' '))
            .Where(f => f[5].Split(',').Contains("rw")).Select(f => f[4]);
        Assert.AreEqual("/home/user/Downloads /home/user/Uploads /run/user /tmp",
            string.Join(' ', writable.Where(place => !place.StartsWith("/dev", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        Assert.AreEqual("DENIED", (await one.Sandbox.RunAsync(["sh", "-c",
            $"nsenter --target $(pgrep -x {FileManager.Program}) --user --mount sh -c 'echo in' || echo DENIED"], Cancel)).Trim());
    }

    [TestMethod]
    public void ClipboardsAreCutOutOfTheViewInBothDirectionsHoweverTheBytesCome()
    {
        byte[] hello = [.. "RFB 003.008\n"u8];
        byte[] update = [0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] extended = [3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFC, 9, 9, 9, 9];
        byte[] start = [.. hello, 1, 1, 0, 0, 0, 0, .. new byte[20], 0, 0, 0, 4, .. "desk"u8];
        byte[] fromServer = [.. start, .. update, 3, 0, 0, 0, 0, 0, 0, 6, .. "secret"u8, 2, .. extended, .. update];
        byte[] key = [4, 1, 0, 0, 0, 0, 0, 65], encodings = [2, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0, 16, 0xC0, 0xA1, 0xE5, 0xCE];
        byte[] fromViewer = [.. hello, 1, 1, .. encodings, .. key, 6, 0, 0, 0, 0, 0, 0, 6, .. "secret"u8,
            251, 0, 0, 1, 0, 1, 1, 0, .. new byte[16], 250, 0, 1, 2];
        foreach (var size in (int[])[1, 7, 1000])
        {
            CollectionAssert.AreEqual((byte[])[.. start, .. update, 2, .. update], Pushed(new ScreenFilter(), fromServer, size));
            byte[] passed = [.. hello, 1, 1, 2, 0, 0, 1, 0, 0, 0, 16];
            CollectionAssert.AreEqual(passed, Pushed(new ViewerFilter(), fromViewer, size), "keys are not connected");
            CollectionAssert.AreEqual((byte[])[.. passed, .. key], Pushed(new ViewerFilter { Connected = true }, fromViewer, size));
        }

        Assert.ThrowsExactly<InvalidDataException>(() => Pushed(new ViewerFilter(), [.. hello, 1, 1, 252], 1000));
        Assert.ThrowsExactly<InvalidDataException>(() => Pushed(new ScreenFilter(), [.. start, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 7], 1000));
    }

    private static byte[] Pushed(RfbFilter filter, byte[] bytes, int size)
    {
        var passed = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var part in bytes.Chunk(size))
            filter.Push(part, passed);

        return passed.WrittenSpan.ToArray();
    }

    private static IEnumerable<string> Own()
        => System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Where(a => a.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a.Address)).Select(a => a.Address.ToString());

    /// <summary>What keeps the desktop from there; nothing when it gets there.</summary>
    private async Task<string> ReachAsync(LocalDesktop desktop, string address, int port)
    {
        var (code, _, error) = await desktop.Sandbox.TryAsync(["timeout", "60", "bash", "-c", $"exec 3<>/dev/tcp/{address}/{port}"], Cancel);
        return code == 0 ? "" : error + code;
    }
}
