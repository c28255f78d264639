using System.Text.RegularExpressions;

namespace Notary.Identity.Stores;

/// <summary>One sign-in to one client: what its codes and tokens hang on. Names the user to us; tokens name only the grant.</summary>
internal sealed record Grant
{
    /// <summary>See <see cref="GrantId"/>.</summary>
    public required string Id { get; init; }

    public required string Client { get; init; }

    /// <summary>The pairwise subject, as the client knows the user.</summary>
    public required string Subject { get; init; }

    public required string Person { get; init; }

    /// <summary>Null for staff.</summary>
    public string? Tenant { get; init; }

    /// <summary>The consent it stands on.</summary>
    public required string Consent { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    public bool Revoked { get; init; }
}

/// <summary>One code, refresh token or pushed request.</summary>
internal sealed class IssuedToken
{
    /// <summary>Grant (or a partition of its own) and row, with a dot between.</summary>
    public string Id { get; set; } = "";

    public string? Grant { get; set; }

    public string? Client { get; set; }

    public string? Subject { get; set; }

    public string? Type { get; set; }

    public string? Status { get; set; }

    public string? Payload { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RedeemedAt { get; set; }

    public ETag ETag { get; set; }
}

/// <summary>Ids begin with the day on which what they name has ended, so that what has ended is a range of partitions.</summary>
internal static partial class GrantId
{
    private const string DayFormat = "yyMMdd";

    public static string New(DateTimeOffset endsAt)
        => Day(endsAt) + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>The day on which what ends at a time has ended.</summary>
    public static string Day(DateTimeOffset endsAt) => endsAt.UtcDateTime.AddDays(1).ToString(DayFormat, CultureInfo.InvariantCulture);

    public static string NewToken(string partition) => $"{partition}.{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>Every partition before this one has ended.</summary>
    public static string Floor(DateTimeOffset now) => now.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture);

    public static bool IsGrant(string id) => GrantForm().IsMatch(id);

    public static bool IsToken(string id) => TokenForm().IsMatch(id);

    [GeneratedRegex("^[0-9]{6}[0-9a-f]{32}$", RegexOptions.CultureInvariant)]
    private static partial Regex GrantForm();

    [GeneratedRegex("^[0-9]{6}[0-9a-f]{32}[.][0-9a-f]{32}$", RegexOptions.CultureInvariant)]
    private static partial Regex TokenForm();
}

/// <summary>The grant that a request makes; written with the code that is issued on it.</summary>
internal sealed class FreshGrant
{
    public Grant? Grant { get; set; }
}
