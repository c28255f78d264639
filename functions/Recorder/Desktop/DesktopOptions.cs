namespace Notary.Recorder.Desktop;

/// <summary>How a desktop is set up.</summary>
public sealed record DesktopOptions
{
    public required DepositId Session { get; init; }

    /// <summary>Pixels.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Pixels.</summary>
    public int Height { get; init; } = 800;

    /// <summary>Services that the desktop may reach although their addresses are private or this machine's own; those on 127.0.0.1 it reaches under the
    /// same address. Default: none.</summary>
    public IReadOnlyList<IPEndPoint> Allow { get; init; } = [];

    /// <summary>The resolver behind the desktop's own; default: none, names do not resolve.</summary>
    public IPEndPoint? Resolver { get; init; }

    /// <summary>The interface that leads to the public network; default: none, the desktop reaches nothing but what is allowed. The machine must already
    /// forward for it (<c>net.ipv4.conf.IF.forwarding</c>): a setting of the whole machine is not the recorder's.</summary>
    public string? Uplink { get; init; }
}
