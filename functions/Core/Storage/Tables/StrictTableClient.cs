using Azure.Data.Tables.Models;

namespace Notary.Storage;

/// <summary>The SDK's client, and what Azure refuses is refused here already: the local server takes some of it.</summary>
internal sealed class StrictTableClient : TableClient
{
    public StrictTableClient(string connectionString, string table, TableClientOptions options)
        : base(connectionString, table, options)
    {
    }

    public StrictTableClient(Uri service, string table, TokenCredential credential, TableClientOptions options)
        : base(service, table, credential, options)
    {
    }

    /// <exception cref="ArgumentException">No write or over 100, over two partitions, or an update without an ETag,
    /// which the SDK would send as an upsert.</exception>
    public override Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        var list = transactionActions as IReadOnlyList<TableTransactionAction> ?? [.. transactionActions];
        return list.Count is 0 or > TableRows.MaxTransactionActions
            ? throw new ArgumentException($"a transaction has 1 to {TableRows.MaxTransactionActions} writes, not {list.Count}", nameof(transactionActions))
            : list.Any(action => action is { ActionType: TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace }
                && action.ETag == default)
                ? throw new ArgumentException("an update needs an ETag; ETag.All matches any version", nameof(transactionActions))
            : list.Any(action => action.Entity.PartitionKey != list[0].Entity.PartitionKey)
            ? throw new ArgumentException("a transaction stays in one partition", nameof(transactionActions))
            : base.SubmitTransactionAsync(list, cancellationToken);
    }

    /// <exception cref="RequestFailedException">404 TableNotFound: not the row but the table is missing, which the SDK's own answer does not tell.</exception>
    public override async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
    {
        var found = await base.GetEntityIfExistsAsync<T>(partitionKey, rowKey, select, cancellationToken).ConfigureAwait(false);
        return !found.HasValue && found.GetRawResponse() is var raw
            && raw.Headers.TryGetValue("x-ms-error-code", out var code) && code == TableErrorCode.TableNotFound.ToString()
            ? throw new RequestFailedException(raw) : found;
    }
}
