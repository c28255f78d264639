namespace Notary.Identity.People;

/// <summary>Every bound of the login centre's people, with its reason.</summary>
public static class PeopleRules
{
    /// <summary>Characters of a person's or passkey's name: the longest legal names have some 60.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Characters of the address that an invitation is meant for: an e-mail address has at most 254 (RFC 5321 §4.5.3.1.3).</summary>
    public const int MaxAddressLength = 254;

    /// <summary>Members of a tenant: they are listed on one page.</summary>
    public const int MaxMembers = 1000;

    /// <summary>Invitations of a tenant that are open at once: more is a mistake in a loop.</summary>
    public const int MaxInvitations = 100;

    /// <summary>Passkeys of a person. More are not devices but a leak.</summary>
    public const int MaxPasskeys = 20;

    /// <summary>Sessions of a person; one more ends the oldest.</summary>
    public const int MaxSessions = 20;

    /// <summary>How long an invitation opens: holidays end.</summary>
    public static readonly TimeSpan InvitationLife = TimeSpan.FromDays(7);

    /// <summary>How long the link for another device opens: its owner holds both devices.</summary>
    public static readonly TimeSpan DeviceLinkLife = TimeSpan.FromMinutes(15);

    /// <summary>How long a challenge may be answered: a person looks for his key and types its PIN.</summary>
    public static readonly TimeSpan ChallengeLife = TimeSpan.FromMinutes(5);

    /// <summary>A session that is not used for this long has ended (NIST SP 800-63B §4.2.3).</summary>
    public static readonly TimeSpan SessionIdle = TimeSpan.FromMinutes(30);

    /// <summary>A session ends after this, used or not (NIST SP 800-63B §4.2.3).</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(12);

    /// <summary>How old a sign-in may be for adding or removing a passkey: whoever finds a desk unattended must not make himself a key.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    /// <summary>How long an instance believes what it has read of a session: the promised latency of every revocation.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    /// <summary>The roles of a tenant's people.</summary>
    public static bool IsOfTenant(Role role) => role is Role.Owner or Role.Depositor or Role.Viewer;

    /// <summary>A text that is shown on pages and lists: trimmed, of one line, and nothing in it that is not seen.</summary>
    /// <exception cref="FaultException">Malformed.</exception>
    public static string Text(string? text, string what, int max)
    {
        var trimmed = text?.Trim() ?? "";
        return trimmed.Length >= 1 && trimmed.Length <= max && trimmed.All(IsSeen)
            ? trimmed
            : throw new FaultException(Fault.Malformed, $"{what} has 1 to {max} characters and no control characters");
    }

    // Marks that turn the direction of writing make one name look like another.
    private static bool IsSeen(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
