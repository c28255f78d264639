using Notary.Evidence;
using Notary.Evidence.Forensics;

namespace Notary.Servers.Forensics;

/// <summary>Frames that are missing before a frame.</summary>
/// <param name="Frame">Number of the first after.</param>
/// <param name="Length">Microseconds that pass without a frame.</param>
/// <param name="Sealed">As what the recorder seals it; null for not at all.</param>
public sealed record Pause(int Frame, long Length, GapReason? Sealed);

/// <summary>What a recording is like, honest or not: whoever has the recorder's key can seal anything.</summary>
public sealed record RecordingShape
{
    public DepositId Session { get; init; } = DepositId.New(TimeProvider.System);

    public int Segments { get; init; } = 3;

    public CloseReason Close { get; init; } = CloseReason.Exit;

    public IReadOnlyList<Pause> Pauses { get; init; } = [new(60, 3_000_000, GapReason.Paused)];

    /// <summary>A segment whose frames are closer together than they were when they came: by which factor.</summary>
    public (int Segment, int Factor)? Faster { get; init; }

    /// <summary>A segment whose last frame comes so many microseconds late, as on a busy machine that then catches up.</summary>
    public (int Segment, long Length)? Backlog { get; init; }

    /// <summary>Microseconds by which the wall clock moves before a segment, and whether that is sealed.</summary>
    public (int Segment, long Length, bool Sealed)? Jump { get; init; }

    /// <summary>Sealed although no frame is missing.</summary>
    public LinkBody.Gap? Invented { get; init; }

    public CheckVerdict Hosts { get; init; } = CheckVerdict.Pass;

    /// <summary>Whether the user's input is connected before the desktop's cleanliness is sealed.</summary>
    public bool InputFirst { get; init; }

    /// <summary>Whether its heads are a sandbox tenant's.</summary>
    public bool Test { get; init; }

    /// <summary>Whether there are heads.</summary>
    public bool Logged { get; init; } = true;

    /// <summary>By how much later than they were made heads are dated.</summary>
    public TimeSpan Stamped { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Segments for each head.</summary>
    public int SegmentsOfHead { get; init; } = 1;
}
