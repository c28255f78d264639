namespace Notary.Recorder.Desktop;

/// <summary>The X server with its VNC side, outside the desktop: under a user of its own, without any network, in a root of its own.</summary>
/// <remarks>Keyboard and pointer are off until <see cref="ConnectInputAsync"/>; clipboards are off both ways, and no client can switch them on
/// (AllowOverride). It speaks through two sockets: the display's, which the desktop is given with a cookie, and the viewer's, which only root can
/// open.</remarks>
internal sealed class XServer(SessionPlace place, DesktopOptions options)
{
    private const int CookieBytes = 16;
    private const string CookieName = "MIT-MAGIC-COOKIE-1";

    // Any address, any display: the file names one cookie only (Xau, FamilyWild).
    private const ushort AnyFamily = 0xFFFF;

    private static readonly string[] Inputs = ["AcceptPointerEvents", "AcceptKeyEvents"];
    private static readonly string[] Off = ["AcceptCutText", "SendCutText", "SendPrimary", "SetPrimary"];

    private Process? process;

    /// <summary>The cookie for programs outside the desktop.</summary>
    public string Authority => place.File("xauthority");

    /// <summary>The cookie for the desktop's user.</summary>
    public string UserAuthority => place.File("xauthority-desktop");

    public async Task StartAsync(CancellationToken cancel)
    {
        var sockets = Directory.CreateDirectory(place.File("x")).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(place.ServerSocket)!);
        Tool.SetMode(Path.GetDirectoryName(place.ServerSocket)!, (UnixFileMode)0b001_111_111_111);
        await Tool.RunAsync("chown", [$"{place.ServerUser}", sockets], cancel: cancel);
        var cookie = Cookie();
        foreach (var (file, user) in (IEnumerable<(string, int)>)
            [(Authority, 0), (UserAuthority, place.User), (place.File("xauthority-server"), place.ServerUser)])
        {
            await File.WriteAllBytesAsync(file, cookie, cancel);
            Tool.SetMode(file, UnixFileMode.UserRead);
            await Tool.RunAsync("chown", [$"{user}", file], cancel: cancel);
        }

        process = await Tool.StartAsync("setpriv", [
            .. Sandbox.As(place.ServerUser), "bwrap", "--die-with-parent", "--new-session", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-uts",
            "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/tmp",
            .. Sandbox.System, "--dev", "/dev", "--proc", "/proc", "--bind", sockets, "/tmp",
            "--ro-bind", place.File("xauthority-server"), "/xauthority", "--ro-bind", "/var/lib/xkb", "/var/lib/xkb", "--remount-ro", "/",
            "Xtigervnc", $":{place.Display}", "-auth", "/xauthority", "-nolisten", "tcp", "-noreset",
            "-geometry", $"{options.Width}x{options.Height}", "-depth", "24",
            "-rfbport", "-1", "-rfbunixpath", "/tmp/rfb", "-rfbunixmode", "0600", "-SecurityTypes", "None", "-AlwaysShared", "-AcceptSetDesktopSize=0",
            .. Inputs.Concat(Off).Select(name => $"-{name}=0"), $"-AllowOverride={string.Join(',', Inputs)}"]);
        var said = Sandbox.Drain(process);
        await Sandbox.UntilAsync(() => File.Exists(place.ServerSocket) && File.Exists(place.ViewSocket), process, said, cancel);
        Directory.CreateDirectory(Path.GetDirectoryName(place.DisplaySocket)!);
        File.Delete(place.DisplaySocket);
        File.CreateSymbolicLink(place.DisplaySocket, place.ServerSocket);
    }

    /// <summary>Lets the viewer's keyboard and pointer through, or no longer.</summary>
    public async Task ConnectInputAsync(bool connected, CancellationToken cancel)
    {
        foreach (var name in Inputs)
            await ConfigureAsync(["-set", $"{name}={(connected ? 1 : 0)}"], cancel);
    }

    /// <summary>What the server does with input and clipboards: name=0 or 1.</summary>
    public async Task<IReadOnlyList<string>> SettingsAsync(CancellationToken cancel)
    {
        var settings = new List<string>();
        foreach (var name in Inputs.Concat(Off))
            settings.Add($"{name}={(await ConfigureAsync(["-get", name], cancel)).Trim()}");

        return settings;
    }

    /// <summary>Runs an X program of this machine on the display.</summary>
    public Task<string> ClientAsync(string file, IEnumerable<string> arguments, CancellationToken cancel)
        => Tool.RunAsync("env", [$"DISPLAY=:{place.Display}", $"XAUTHORITY={Authority}", file, .. arguments], cancel: cancel);

    private Task<string> ConfigureAsync(IEnumerable<string> arguments, CancellationToken cancel) => ClientAsync("vncconfig", arguments, cancel);

    private static byte[] Cookie()
    {
        using var file = new MemoryStream();
        file.Write([AnyFamily >> 8, AnyFamily & 0xFF]);
        foreach (var field in (byte[][])[[], [], Encoding.ASCII.GetBytes(CookieName), RandomNumberGenerator.GetBytes(CookieBytes)])
        {
            file.Write([(byte)(field.Length >> 8), (byte)field.Length]);
            file.Write(field);
        }

        return file.ToArray();
    }
}
