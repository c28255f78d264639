using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Notary.Recorder.Recording;
using Notary.Servers;

namespace Notary.Recorder.Tests;

/// <summary>A screen of its own with a window manager and something that moves on it.</summary>
internal sealed class Desk : IAsyncDisposable
{
    public const string Title = "Moving “picture” 动";

    private readonly List<ChildProcess> programs = [];

    private Desk(string folder)
    {
        Authority = Path.Combine(folder, "authority");
        Port = ChildProcess.FreePort();
    }

    /// <summary>Such as <c>:12</c>.</summary>
    public string Display { get; private set; } = "";

    /// <summary>The cookie without which the display opens for nobody.</summary>
    public string Authority { get; }

    /// <summary>Where the display is looked at and used from afar.</summary>
    public int Port { get; }

    /// <param name="folder">For its cookie.</param>
    /// <param name="moving">Size of what moves.</param>
    public static async Task<Desk> StartAsync(string folder, string moving = "320x240")
    {
        var desk = new Desk(folder);
        await File.WriteAllBytesAsync(desk.Authority, []);
        var server = await desk.RunAsync(new("Xtigervnc", "-displayfd", "1", "-geometry", "1280x800", "-depth", "24", "-SecurityTypes", "None",
            "-localhost", "-rfbport", $"{desk.Port}", "-nolisten", "tcp", "-auth", desk.Authority)
        { Ready = async (process, cancel) => process.StandardOutput.Length > 0 && await ChildProcess.AcceptsAsync(desk.Port, cancel) });
        desk.Display = $":{server.StandardOutput.Trim()}";
        var environment = new Dictionary<string, string> { ["DISPLAY"] = desk.Display, ["XAUTHORITY"] = desk.Authority, ["LC_ALL"] = "C.UTF-8" };
        await Child.RunAsync("xauth", ["add", desk.Display, ".", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))], environment, default);
        var seen = environment.ToDictionary(e => e.Key, e => (string?)e.Value);
        await desk.RunAsync(new("openbox") { Environment = seen });
        await desk.RunAsync(new("ffplay", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={moving}:rate=10", "-window_title", Title)
        {
            Environment = seen,
            Ready = async (_, cancel) => (await Child.RunAsync("xprop", ["-root", "_NET_ACTIVE_WINDOW"], environment, cancel))
                .Contains("# 0x", StringComparison.Ordinal)
        });
        return desk;
    }

    /// <summary>The middle of the window of that title.</summary>
    public async Task<(int X, int Y)> MiddleAsync(string title, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string> { ["DISPLAY"] = Display, ["XAUTHORITY"] = Authority };
        var said = await Child.RunAsync("xwininfo", ["-name", title], environment, cancel);
        int Of(string name) => int.Parse(said.Split('\n').First(l => l.TrimStart().StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Trim(),
            CultureInfo.InvariantCulture);
        return (Of("Absolute upper-left X") + (Of("Width") / 2), Of("Absolute upper-left Y") + (Of("Height") / 2));
    }

    /// <summary>What a user of the remote desktop does: moves, presses the button, types a key (RFC 6143 §7).</summary>
    /// <returns>The connection, open until disposed.</returns>
    public async Task<TcpClient> UseAsync(int x, int y, CancellationToken cancel)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, cancel);
        var stream = client.GetStream();
        var read = new byte[4096];
        await stream.ReadExactlyAsync(read.AsMemory(0, 12), cancel);
        await stream.WriteAsync("RFB 003.008\n"u8.ToArray(), cancel);
        await stream.ReadExactlyAsync(read.AsMemory(0, 1), cancel);
        await stream.ReadExactlyAsync(read.AsMemory(0, read[0]), cancel);
        await stream.WriteAsync(new byte[] { 1 }, cancel); // no authentication
        await stream.ReadExactlyAsync(read.AsMemory(0, 4), cancel);
        await stream.WriteAsync(new byte[] { 1 }, cancel); // shared
        await stream.ReadExactlyAsync(read.AsMemory(0, 24), cancel);
        await stream.ReadExactlyAsync(read.AsMemory(0, BinaryPrimitives.ReadInt32BigEndian(read.AsSpan(20))), cancel);
        foreach (var buttons in new byte[] { 0, 1, 0 })
            await stream.WriteAsync(new byte[] { 5, buttons, (byte)(x >> 8), (byte)x, (byte)(y >> 8), (byte)y }, cancel);

        foreach (var down in new byte[] { 1, 0 })
            await stream.WriteAsync(new byte[] { 4, down, 0, 0, 0, 0, 0, (byte)'q' + 1 }, cancel);

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        programs.Reverse();
        foreach (var program in programs)
            await program.DisposeAsync();
    }

    private async Task<ChildProcess> RunAsync(ChildStart start)
    {
        programs.Add(await ChildProcess.StartAsync(start));
        return programs[^1];
    }
}
