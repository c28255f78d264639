namespace Notary.Recorder.Cleanliness;

/// <summary>What a desktop is measured against.</summary>
public sealed record CleanlinessSettings
{
    /// <summary>RFC 3161 authorities; at least <see cref="LeastAuthorities"/> of different owners, or the clock cannot be judged.</summary>
    public required IReadOnlyList<Uri> Authorities { get; init; }

    /// <summary>What the recorder does: <see cref="Recording"/>, or why not.</summary>
    public required Func<CancellationToken, Task<string>> Recorder { get; init; }

    /// <summary>How far the clock may be off. Default: a second, twice the rounding of an authority that counts in seconds.</summary>
    public TimeSpan ClockBound { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Names whose addresses must be the same for the desktop as for <see cref="Lookup"/>: the page's, at least.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The second vantage. Default: this machine's own resolver.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Lookup { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>An https site whose certificates must be the same for the desktop's browser as for this process; without it the report says so.</summary>
    public Uri? Site { get; init; }

    /// <summary>PEM: the roots that its certificates must lead to. Default: the desktop's own, those of the package ca-certificates.</summary>
    public string? SiteRoots { get; init; }

    /// <summary>The image's digest as it was pinned; absent: its files are compared with what their packages say alone.</summary>
    public Digest? Image { get; init; }

    /// <summary>The only state of a recorder that is good enough.</summary>
    public const string Recording = "recording, first frame sealed";

    /// <summary>One authority could err, or be its operator's, without anybody seeing it.</summary>
    public const int LeastAuthorities = 2;
}
