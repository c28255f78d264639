namespace Notary.Lotteries;

/// <summary>Every bound of the room, with the attack or reason behind it.</summary>
public static class LotteryLimits
{
    /// <summary>Draws of one page: each is a row of its own to read.</summary>
    public const int MaxPage = 50;

    /// <summary>Candidates of one page.</summary>
    public const int MaxCandidatesPage = 1000;

    /// <summary>Objections to one draw: past that they are no longer read by anybody.</summary>
    public const int MaxObjections = 1000;

    /// <summary>Characters of an objection and of its answer.</summary>
    public const int MaxText = 2000;

    /// <summary>Characters of how to reach whoever objects.</summary>
    public const int MaxContact = 200;

    /// <summary>Characters of an abort's reason.</summary>
    public const int MaxReason = 500;

    /// <summary>Callers that are remembered as having prepared a draw.</summary>
    public const int MaxPreparers = 64;

    /// <summary>Keys that a notary has enrolled: a phone, a computer, two tokens, and their successors.</summary>
    public const int MaxKeys = 8;

    /// <summary>How far ahead a draw may end: on a chain of one-second blocks 3·10⁷ of them.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(366);

    /// <summary>Lists that are read at once in one process: each takes some 120 bytes a candidate while it is.</summary>
    internal const int ImportsAtOnce = 2;

    /// <summary>Candidates of all lists that are kept in memory for look-ups, 43 bytes each: 430 MB.</summary>
    internal const long CachedCandidates = 10_000_000;

    /// <summary>Draws that one sweep looks at.</summary>
    internal const int MaxSwept = 500;

    /// <summary>Races lost in a row before giving up: each is somebody else's change.</summary>
    internal const int MaxAttempts = 10;
}
