namespace Notary.Pages.Keys;

/// <summary>One API key, without its secret; times in UTC.</summary>
/// <param name="Prefix">What it is found by: the first part of the key.</param>
/// <param name="Label">What its owner calls it; may be empty.</param>
/// <param name="Writes">Whether it may make deposits.</param>
/// <param name="Reads">Whether it may read them.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UsedAt">When it last opened something, to the hour.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RevokedAt">When it was ended.</param>
public sealed record KeyLine(string Prefix, string Label, bool Writes, bool Reads, DateTimeOffset CreatedAt, DateTimeOffset? UsedAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    /// <summary>How long before its end a key is called soon ended: a fortnight is what a change in somebody else's software takes.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>Whether it opens something.</summary>
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is not { } end || now < end);

    /// <summary>Whether it opens something and will not for long.</summary>
    public bool EndsSoon(DateTimeOffset now) => IsLive(now) && ExpiresAt is { } end && end - now <= Soon;
}

/// <summary>A key that was just made: shown in this answer and never again.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Command">A command that shows it at work.</param>
/// <param name="OldUntil">Until when the key works that it takes the place of.</param>
public sealed record ShownKey(string Key, string Command, DateTimeOffset? OldUntil);
