namespace Notary.Storage;

/// <summary>What the service allows in a key, and how a key stands in an address.</summary>
internal static class TableKeys
{
    /// <summary>The service's limit on a key: 1 KiB of UTF-16.</summary>
    private const int MaxLength = 512;

    /// <summary>Checked here because the service's answers to a bad key differ from one front end to the next.</summary>
    public static void Check(string key, string parameter)
    {
        ArgumentNullException.ThrowIfNull(key, parameter);
        if (key.Length > MaxLength)
        {
            throw new ArgumentException($"a table key has at most {MaxLength} characters", parameter);
        }

        if (key.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c)))
        {
            throw new ArgumentException("a table key has no / \\ # ? and no control characters", parameter);
        }
    }

    /// <summary>The entity's path under the account: quotes doubled as OData asks, then percent-encoded.</summary>
    public static string EntityPath(string table, string partitionKey, string rowKey)
        => $"{table}(PartitionKey='{Escape(partitionKey)}',RowKey='{Escape(rowKey)}')";

    private static string Escape(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
}
