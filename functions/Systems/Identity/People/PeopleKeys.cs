namespace Notary.Identity.People;

/// <summary>Keys of the table <c>people</c>. Pure.</summary>
/// <remarks>
/// All that belongs to a tenant lies in one partition, so that what must hold together is one transaction and no query can
/// reach another's rows. Outside of it lie only the pointers from a credential to its person, and the challenges of
/// browsers that nobody has signed in with yet.
/// </remarks>
internal static class PeopleKeys
{
    /// <summary>How many owners and members a tenant has: written with each change of them, so that two at once cannot both be the last.</summary>
    public const string Head = "head";

    public const string Members = "member-";
    public const string Invitations = "invitation-";
    public const string Challenges = "challenge";
    public const string Pointer = "pointer";

    private const string Staff = "staff";

    /// <summary>The partition of a tenant, or of the staff.</summary>
    public static string Partition(string? tenant) => tenant is null ? Staff : "tenant-" + tenant;

    public static string Member(string person) => Members + person;

    public static string Invitation(string id) => Invitations + id;

    public static string Passkeys(string person) => $"passkey-{person}-";

    public static string Sessions(string person) => $"session-{person}-";

    /// <summary>Where a credential's pointer lies.</summary>
    public static string Credential(ReadOnlySpan<byte> credentialId) => "credential-" + Convert.ToHexStringLower(SHA256.HashData(credentialId));

    /// <summary>The name under which a passkey is listed: the authenticator's own may have a kilobyte.</summary>
    public static string PasskeyId(ReadOnlySpan<byte> credentialId) => Convert.ToHexStringLower(SHA256.HashData(credentialId).AsSpan(0, IdBytes));

    /// <summary>A new id of a person, an invitation or a session: 128 random bits in hexadecimal.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    public static bool IsId(string? text)
        => text is { Length: 2 * IdBytes } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    /// <summary>What may be a tenant's id, as the operator's routes make them: 1 to 40 of a-z, 0-9 and '-'.</summary>
    public static bool IsTenant(string text)
        => text is { Length: >= 1 and <= 40 } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>Rows of one partition whose keys begin so.</summary>
    public static string Under(string partition, string prefix)
        => TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {prefix[..^1] + (char)(prefix[^1] + 1)}");

    private const int IdBytes = 16;
}
