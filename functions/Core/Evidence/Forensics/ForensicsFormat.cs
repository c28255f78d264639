namespace Notary.Evidence.Forensics;

/// <summary>Names, bounds and tolerances of notary-forensics/1 (docs/forensics-format.md).</summary>
public static class ForensicsFormat
{
    /// <summary>What the first link calls its format.</summary>
    public const string Format = "notary-forensics/1";

    /// <summary>What the report on a desktop's cleanliness calls its format.</summary>
    public const string CleanlinessFormat = "notary-cleanliness/1";

    /// <summary>The chain and the report, by their names in the package.</summary>
    public const string ChainFile = "chain.ndjson", Cleanliness = "cleanliness.json";

    /// <summary>UTC, to the millisecond.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Microseconds of a second, the unit of elapsed and frame times.</summary>
    public const long Second = 1_000_000;

    /// <summary>Bytes of a line of the chain with its LF: the longest texts of every member, escaped.</summary>
    public const int MaxLine = 256 * 1024;

    /// <summary>Links of a chain: four hours of segments of a second, and as many events again that make links.</summary>
    public const int MaxLinks = 50_000;

    /// <summary>Bytes of a chain: far more than the longest session's links of half a kilobyte.</summary>
    public const int MaxChain = 64 * 1024 * 1024;

    /// <summary>Bytes of a segment's video: ten seconds of a screen that changes wholly in every frame.</summary>
    public const int MaxVideo = 128 * 1024 * 1024;

    /// <summary>Bytes of one frame: sixteen million pixels hardly packed at all.</summary>
    public const int MaxFrame = 32 * 1024 * 1024;

    /// <summary>Bytes of ftyp and moov: a fragmented file's have no table of samples.</summary>
    public const int MaxHead = 64 * 1024;

    /// <summary>Bytes of one moof: a single sample's is a hundred.</summary>
    public const int MaxMoof = 4096;

    /// <summary>Frames of a segment: its longest at the highest rate, and what a clock's step may add.</summary>
    public const int MaxFrames = 1000;

    /// <summary>Bytes of a segment's list of frames: a line has at most 20 + 20 + 10 + 64 digits.</summary>
    public const int MaxFrameList = MaxFrames * 120;

    /// <summary>Bytes of a segment's events and of one of them: a pointer moves a hundred times a second.</summary>
    public const int MaxEvents = 16 * 1024 * 1024, MaxEvent = 64 * 1024;

    /// <summary>Bytes of the report on cleanliness: some dozens of checks.</summary>
    public const int MaxCleanliness = 4 * 1024 * 1024;

    /// <summary>Frames a second, at most: what screens show.</summary>
    public const int MaxRate = 60;

    /// <summary>Microseconds of a segment without its gaps, at most: what may be lost when everything stops.</summary>
    public const long MaxSegment = 10 * Second;

    /// <summary>Intervals between two frames above which there is a gap: one late frame is none.</summary>
    public const int GapIntervals = 3;

    /// <summary>Microseconds by which frames may come earlier than ever before, or stay later: the first ones wait for an encoder that starts.</summary>
    public const long SpeedTolerance = 2 * Second;

    /// <summary>Microseconds by which the wall clock may move against the elapsed time from one look to the next without a gap: a busy machine
    /// does not look at both at one moment.</summary>
    public const long ClockTolerance = Second;

    /// <summary>Parts of a million by which two clocks may run apart: what NTP slews at most, twice.</summary>
    public const long DriftPerMillion = 1000;

    /// <summary>Microseconds from the last frame to the chain's end, at most.</summary>
    public const long MaxTail = 10 * Second;

    /// <summary>Microseconds of recording that no head in the log covers, at most: a head every 30 s, and half of that for what delays it.</summary>
    public const long MaxUnlogged = 45 * Second;

    /// <summary>Microseconds from a link to the time-stamp over the checkpoint that covers it, at most: an authority may have to be asked twice.</summary>
    public const long MaxUndated = 120 * Second;

    /// <summary>Microseconds between two frames that are one interval apart.</summary>
    public static long Interval(int framesPerSecond) => Second / framesPerSecond;

    /// <summary><c>segments/00000000.mp4</c>.</summary>
    public static string Video(long segment) => $"segments/{Eight(segment)}.mp4";

    /// <summary><c>segments/00000000.frames</c>.</summary>
    public static string FrameList(long segment) => $"segments/{Eight(segment)}.frames";

    /// <summary><c>segments/00000000.events</c>.</summary>
    public static string Events(long segment) => $"segments/{Eight(segment)}.events";

    /// <summary><c>head-00000012</c>: what the manifest calls that link's hash.</summary>
    public static string Head(long link) => $"head-{Eight(link)}";

    /// <summary><c>heads/00000012.json</c>: the manifest that stated that link's hash in the log.</summary>
    public static string Statement(long link) => $"heads/{Eight(link)}.json";

    /// <summary><c>heads/00000012.tlog-proof</c>.</summary>
    public static string Proof(long link) => $"heads/{Eight(link)}.tlog-proof";

    /// <summary><c>heads/00000012.1.tsr</c>, a response over the proof's checkpoint.</summary>
    /// <param name="link">The statement's.</param>
    /// <param name="number">1 or 2.</param>
    public static string Token(long link, int number) => $"heads/{Eight(link)}.{number.ToString(CultureInfo.InvariantCulture)}.tsr";

    /// <summary><c>marks/NAME</c>, a mark's picture.</summary>
    public static string Picture(string name) => $"marks/{name}";

    private static string Eight(long number) => number.ToString("D8", CultureInfo.InvariantCulture);
}
