namespace Notary.Storage;

/// <summary>The SDK's reads for rows of no type of their own.</summary>
public static class TableRows
{
    /// <summary>Writes of one transaction: the service's limit.</summary>
    public const int MaxTransactionActions = 100;

    private static readonly string[] Keys = ["PartitionKey", "RowKey"];

    /// <exception cref="RequestFailedException">404 ResourceNotFound.</exception>
    public static Task<Response<TableEntity>> GetEntityAsync(
        this TableClient table, string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancel = default)
        => table.GetEntityAsync<TableEntity>(partitionKey, rowKey, select is null ? null : select.Union(Keys), cancel);

    /// <summary>The row, or an answer without a value when there is none.</summary>
    /// <exception cref="RequestFailedException">404 TableNotFound: the table itself is missing.</exception>
    public static Task<NullableResponse<TableEntity>> GetEntityIfExistsAsync(
        this TableClient table, string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancel = default)
        => table.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, select is null ? null : select.Union(Keys), cancel);

    /// <summary>Rows in the order of their keys, fetched page by page; <c>AsPages</c> gives the pages themselves.</summary>
    /// <param name="table">The table.</param>
    /// <param name="filter">OData, such as <see cref="TableClient.CreateQueryFilter(FormattableString)"/> makes; null for all.</param>
    /// <param name="maxPerPage">1 to 1000. A page may hold fewer rows, even none, and still not be the last.</param>
    /// <param name="select">Columns to return; null for all. The keys always come along.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static AsyncPageable<TableEntity> QueryAsync(
        this TableClient table, string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancel = default)
        => table.QueryAsync<TableEntity>(filter, maxPerPage, select is null ? null : select.Union(Keys), cancel);
}
