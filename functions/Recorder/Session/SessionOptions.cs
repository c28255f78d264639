using Notary.Recorder.Cleanliness;
using Notary.Recorder.View;

namespace Notary.Recorder.Session;

/// <summary>A whole session: a desktop, what it is measured against, and how long it may last.</summary>
internal sealed record SessionOptions
{
    /// <summary>Must be empty or not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the browser is led once the desktop has been measured.</summary>
    public required Uri Page { get; init; }

    /// <summary>Set by whoever has begun the session elsewhere.</summary>
    public DepositId? Session { get; init; }

    /// <summary>Whether input waits for the word <c>input</c>: whoever says it has put the measurement's head into a log before.</summary>
    public bool AwaitInput { get; init; }

    public required IReadOnlyList<Uri> Authorities { get; init; }

    public IReadOnlyList<IPEndPoint> Allow { get; init; } = [];

    public IPEndPoint? Resolver { get; init; }

    public string? Uplink { get; init; }

    /// <summary>The proxy by which captured pages are asked for a second time; without it this machine asks.</summary>
    public Uri? Vantage { get; init; }

    public Digest? Image { get; init; }

    /// <summary>An https site whose certificates the desktop must see as this machine does; without it the report says that none is configured.</summary>
    public Uri? Probe { get; init; }

    /// <summary>PEM, of <see cref="Probe"/>; default: the roots that the desktop has.</summary>
    public string? ProbeRoots { get; init; }

    /// <summary>Of the view; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where its user meets the view.</summary>
    public ViewPlace View { get; init; } = new();

    public int FramesPerSecond { get; init; } = 10;

    /// <summary>Without any input.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>From the moment input is connected.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(4);
}
