namespace Notary.Evidence.Forensics;

/// <summary>Bytes in the package and their hash.</summary>
public sealed record Part(long Size, Digest Digest);

/// <summary>Lines in the package and their hash.</summary>
public sealed record Lines(long Count, Part Part);

/// <summary>A file in the package.</summary>
/// <param name="Name">A path in it; a mark's picture: its name under marks/.</param>
public sealed record NamedPart(string Name, Part Part);

/// <summary>What is recorded, in pixels.</summary>
public sealed record Screen(int Width, int Height, int FramesPerSecond);

/// <summary>Why frames are missing, or time is.</summary>
public enum GapReason
{
    Paused,
    Restarted,
    FramesDropped,
    ClockJump,
}

/// <summary>How a session ended.</summary>
public enum CloseReason
{
    Exit,
    Idle,
    Longest,
    Aborted,
    Broken,
}

/// <summary>Where a file came from.</summary>
public enum FileOrigin
{
    Download,
    Upload,
}

/// <summary>What a link seals, by its kind (docs/forensics-format.md §3). Times are microseconds.</summary>
public abstract record LinkBody
{
    /// <summary>First of every chain.</summary>
    /// <param name="Session">A UUIDv7.</param>
    /// <param name="Key">The recorder's P-256 key as SubjectPublicKeyInfo: made for this session, forgotten at its end.</param>
    /// <param name="Screen">What is recorded.</param>
    /// <param name="Encoder">Its arguments.</param>
    /// <param name="Tools">Versions by name.</param>
    public sealed record Open(DepositId Session, byte[] Key, Screen Screen, string Encoder, IReadOnlyDictionary<string, string> Tools) : LinkBody;

    /// <summary>Seals cleanliness.json.</summary>
    public sealed record Cleanliness(Part Report, bool Clean) : LinkBody;

    /// <summary>The user's keyboard and pointer were connected or taken away.</summary>
    public sealed record Input(bool Connected) : LinkBody;

    /// <summary>Seals a segment.</summary>
    /// <param name="Number">From 0, without a hole.</param>
    /// <param name="Video">Of the mp4.</param>
    /// <param name="Frames">Of its list of frames.</param>
    /// <param name="First">Time of its first frame since the session's first.</param>
    /// <param name="Last">Of its last.</param>
    /// <param name="Events">Of its events.</param>
    /// <param name="FirstArrival">When the first frame reached the recorder.</param>
    /// <param name="LastArrival">When the last did.</param>
    public sealed record Segment(
        long Number, Part Video, Lines Frames, long First, long Last, Lines Events, Arrival FirstArrival, Arrival LastArrival) : LinkBody;

    /// <summary>Frames are missing from one frame to the next; or the wall clock moved against the elapsed time.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="From">Time of the last frame before; of a clock's jump: elapsed.</param>
    /// <param name="To">Of the first after.</param>
    /// <param name="Length">To − From; of a clock's jump: by how much it went forward, or back below 0.</param>
    public sealed record Gap(GapReason Reason, long From, long To, long Length) : LinkBody;

    /// <summary>The user's "this matters".</summary>
    public sealed record Mark(string Note, NamedPart? Picture) : LinkBody;

    /// <summary>Seals what was downloaded or brought in.</summary>
    /// <param name="Name">As the user knows it.</param>
    /// <param name="Content">Under files/.</param>
    /// <param name="Origin">Whence.</param>
    /// <param name="Address">Whence exactly, when that is known.</param>
    public sealed record File(string Name, NamedPart Content, FileOrigin Origin, string? Address) : LinkBody;

    /// <summary>Seals a captured page's files, under captures/.</summary>
    public sealed record Capture(long Number, string Address, IReadOnlyList<NamedPart> Files) : LinkBody;

    /// <summary>Last of every chain that was not broken off.</summary>
    public sealed record Close(CloseReason Reason, long Segments, long Frames, long Gaps) : LinkBody;
}

/// <summary>A moment on both of the recorder's clocks.</summary>
/// <param name="At">The wall's, to the millisecond.</param>
/// <param name="Elapsed">Microseconds since the chain's first link by a clock that runs on while the machine sleeps (CLOCK_BOOTTIME).</param>
public readonly record struct Arrival(DateTimeOffset At, long Elapsed);
