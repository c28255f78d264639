namespace Notary.Identity.People;

/// <summary>Reading one row.</summary>
internal static class Rows
{
    /// <summary>The row; null when there is none.</summary>
    public static async Task<TableEntity?> FindAsync(this TableClient table, string partition, string row, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(partition, row, cancel: cancel) is { HasValue: true, Value: { } found } ? found : null;
}
