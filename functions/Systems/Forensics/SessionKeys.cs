namespace Notary.Forensics;

/// <summary>Every partition and row key of the table <c>sessions</c>. Pure.</summary>
/// <remarks>All that is a tenant's lies in his partition, so that a session and its place among those he has running are one transaction. Outside lie
/// only pointers to sessions that an orchestration must be at work on.</remarks>
internal static class SessionKeys
{
    public const string Active = "active";

    /// <summary>The tenant's sessions that have a desktop.</summary>
    public const string Live = "live";

    public const string Sessions = "session-";

    // The largest time that an id holds: 48 bits of milliseconds.
    private const long LastTime = (1L << 48) - 1;

    public static string Partition(string tenant) => $"tenant-{tenant}";

    /// <summary>Sorts the newest first, as tables answer in ascending order alone.</summary>
    public static string Session(DepositId id)
        => string.Create(CultureInfo.InvariantCulture, $"{Sessions}{LastTime - id.Time.ToUnixTimeMilliseconds():D15}-{id}");

    public static string Heads(DepositId id) => $"head-{id}-";

    public static string Head(DepositId id, long link) => string.Create(CultureInfo.InvariantCulture, $"{Heads(id)}{link:D8}");

    /// <summary>The key hashed: it may hold anything.</summary>
    public static string Idempotency(string key) => $"key-{Digest.Of(Encoding.UTF8.GetBytes(key))}";

    /// <summary>Of a desktop elsewhere: what its agent may do, and is told.</summary>
    public static string Agent(DepositId id) => $"{Agents}{id}";

    public const string Agents = "agent-";

    /// <summary>The agent's own row, and when it was last heard.</summary>
    public const string AgentRow = "agent", AgentSeen = "seen";

    public const string Commands = "command-";

    /// <summary>What an agent did with a file.</summary>
    public static string Answer(string file) => $"answer-{file}";

    public static string Command(long number) => string.Create(CultureInfo.InvariantCulture, $"{Commands}{number:D6}");

    /// <summary>Rows of one partition whose keys begin so.</summary>
    public static string Under(string partition, string prefix, string? after = null)
    {
        var (from, to) = (after ?? prefix, prefix[..^1] + (char)(prefix[^1] + 1));
        return TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {to}");
    }
}
