namespace Notary.Lotteries;

/// <summary>Every partition and row key of the table <c>draws</c>. Pure.</summary>
/// <remarks>
/// All that belongs to a draw lies in one partition, so that an approval and what follows from it are one transaction.
/// Its main row has the tenant as a column, which every query of a tenant names. Outside lie only pointers: a tenant's draws and all
/// published ones, newest first, those that an orchestration is at work on, and those that wait for their plan's approval.
/// </remarks>
internal static class DrawKeys
{
    public const string Main = "draw";
    public const string Approvals = "approval-";
    public const string Objections = "objection-";
    public const string Active = "active";
    public const string Published = "published";
    public const string Submitted = "submitted";

    private const string SignerPrefix = "signer-";
    private const string TimeDigits = "D19";

    public static string Partition(Digest id) => $"draw-{id}";

    public static string Tenant(string tenant) => $"tenant-{tenant}";

    /// <summary>Rows of all notaries' keys.</summary>
    public static string Signers(string prefix)
    {
        var (after, behind) = (After(SignerPrefix), After(prefix));
        return TableClient.CreateQueryFilter($"PartitionKey ge {SignerPrefix} and PartitionKey lt {after} and RowKey ge {prefix} and RowKey lt {behind}");
    }

    public static string Signer(string subject) => $"{SignerPrefix}{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(subject))}";

    public static string Approval(string step, string notary) => $"{Approvals}{step}-{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(notary))}";

    public static string Objection(int number) => string.Create(CultureInfo.InvariantCulture, $"{Objections}{number:D6}");

    /// <summary>The key hashed: it may hold anything.</summary>
    public static string Idempotency(string key) => $"key-{Digest.Of(Encoding.UTF8.GetBytes(key))}";

    /// <summary>Sorts the newest first, as tables answer in ascending order alone.</summary>
    public static string Newest(DateTimeOffset at, Digest id)
        => $"at-{(DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks).ToString(TimeDigits, CultureInfo.InvariantCulture)}-{id}";

    /// <summary>Whether a caller's continuation is such a key.</summary>
    public static bool IsNewest(string text)
        => text.Length == Newest(default, default).Length && text.StartsWith("at-", StringComparison.Ordinal) && Digest.TryParse(text[^64..], out _)
            && text[3..22].All(char.IsAsciiDigit) && text[22] == '-';

    public static Digest ParseNewest(string rowKey) => Digest.Parse(rowKey[^64..]);

    /// <summary>Rows of one partition whose keys begin so.</summary>
    public static string Under(string partition, string prefix)
        => TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {After(prefix)}");

    private static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);
}
