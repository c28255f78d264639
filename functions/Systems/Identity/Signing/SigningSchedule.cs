namespace Notary.Identity.Signing;

/// <summary>One version of the signing key, and when an instance first saw it.</summary>
/// <param name="Version">The vault's version, which is the tokens' kid.</param>
/// <param name="SeenAt">UTC.</param>
internal sealed record SeenKey(string Version, DateTimeOffset SeenAt);

/// <summary>When a version of the signing key signs, and how long it is published. Pure: the same for every instance that reads the same record.</summary>
internal static class SigningSchedule
{
    /// <summary>A new key is published this long before it signs: whoever keeps the key set for minutes knows it by then.</summary>
    public static readonly TimeSpan Announce = TimeSpan.FromMinutes(15);

    /// <summary>A key stays published this long after its successor signs: tokens live minutes, but an ID token is also a hint at logout, at the
    /// end of the day.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <param name="keys">In the order in which they were seen, at least one.</param>
    /// <param name="now">UTC.</param>
    /// <returns>The one that signs, and those that are published, newest last.</returns>
    public static (SeenKey Signs, IReadOnlyList<SeenKey> Published) At(IReadOnlyList<SeenKey> keys, DateTimeOffset now)
    {
        var signs = 0;
        for (var i = 1; i < keys.Count; i++)
        {
            if (keys[i].SeenAt + Announce <= now)
                signs = i;
        }

        return (keys[signs], [.. keys.Where((_, i) => i >= signs || now < keys[i + 1].SeenAt + Announce + Overlap)]);
    }
}
