namespace Notary.Forensics;

/// <summary>Every bound of the room, with the attack or reason behind it.</summary>
public static class SessionLimits
{
    /// <summary>Sessions of one page.</summary>
    public const int MaxPage = 50;

    /// <summary>Characters of a page's address: what servers take.</summary>
    public const int MaxAddress = 2048;

    /// <summary>Characters of a session's label: it stands in notes and lists.</summary>
    public const int MaxLabel = 200;

    /// <summary>Characters of a mark's note, as recorders take it.</summary>
    public const int MaxNote = 1000;

    /// <summary>Marks of a session: each is a picture, and four hours have some fourteen thousand seconds.</summary>
    public const int MaxMarks = 1000;

    /// <summary>Captures of a session: each is a whole page with all that it is made of, some tens of megabytes.</summary>
    public const int MaxCaptures = 50;

    /// <summary>Bytes of a file that is brought in: a mailbox's export. What is larger is a deposit of its own.</summary>
    public const long MaxFile = 64L << 20;

    /// <summary>Files that are brought into a session, and their bytes together: they wait on the desktop's machine until the session's end.</summary>
    public const int MaxFiles = 100;

    /// <inheritdoc cref="MaxFiles"/>
    public const long MaxFileBytes = 1L << 30;

    /// <summary>Characters of a file's name (docs/forensics-format.md §3).</summary>
    public const int MaxFileName = 255;

    /// <summary>Checks told of a desktop that was refused.</summary>
    internal const int MaxChecks = 20;

    /// <summary>Sessions that one sweep looks at.</summary>
    internal const int MaxSwept = 500;

    /// <summary>Races lost in a row before giving up: each is somebody else's change.</summary>
    internal const int MaxAttempts = 10;
}

/// <summary>What a deployment decides about its sessions.</summary>
public sealed record SessionSettings
{
    /// <summary>From asking for a desktop to its first link, and from there to its measurement.</summary>
    public required TimeSpan Provisioning { get; init; }

    /// <summary>For the user's first key or pointer movement.</summary>
    public required TimeSpan Waiting { get; init; }

    /// <summary>Without a key or pointer movement.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>From the connection of the user's input to the session's end.</summary>
    public required TimeSpan Longest { get; init; }

    /// <summary>Desktops that a tenant may have at once.</summary>
    public required int AtOnce { get; init; }

    /// <summary>Between two heads of a chain in the log. Default 15 s: with what delays it, it is to be under 30.</summary>
    public TimeSpan HeadEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks at a desktop that tells nothing by itself. Default 3 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What closing takes at most: a whole recording is made durable. Default 5 min.</summary>
    public TimeSpan Closing { get; init; } = TimeSpan.FromMinutes(5);
}
