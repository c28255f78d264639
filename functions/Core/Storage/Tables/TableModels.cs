using Azure;
using Azure.Core;

namespace Notary.Storage;

/// <summary>What happens to stored properties that the update does not name.</summary>
public enum TableUpdateMode
{
    /// <summary>They stay.</summary>
    Merge,

    /// <summary>They go.</summary>
    Replace,
}

/// <summary>The kinds of write that one transaction may hold.</summary>
public enum TableTransactionActionType
{
    Add,
    UpdateMerge,
    UpdateReplace,
    Delete,
    UpsertMerge,
    UpsertReplace,
}

/// <summary>One write of a transaction.</summary>
/// <param name="ActionType">What to do.</param>
/// <param name="Entity">The row; for a deletion only its keys count.</param>
/// <param name="ETag">Update and deletion: the version to match; default matches any.</param>
public sealed record TableTransactionAction(TableTransactionActionType ActionType, TableEntity Entity, ETag ETag = default);

/// <summary>No write of the transaction happened, because this one could not.</summary>
public sealed class TableTransactionFailedException(int status, string? errorCode, int? index, string message)
    : RequestFailedException(status, message, errorCode, null)
{
    /// <summary>Position of the action that failed, from 0; null when the service did not say.</summary>
    public int? FailedTransactionActionIndex { get; } = index;
}

/// <summary>Error codes that callers branch on.</summary>
public static class TableErrorCode
{
    public const string EntityAlreadyExists = nameof(EntityAlreadyExists);
    public const string UpdateConditionNotSatisfied = nameof(UpdateConditionNotSatisfied);
    public const string ResourceNotFound = nameof(ResourceNotFound);
    public const string TableNotFound = nameof(TableNotFound);
    public const string TableAlreadyExists = nameof(TableAlreadyExists);
}

/// <summary>Retries, timeouts and policies of a <see cref="TableClient"/>.</summary>
public sealed class TableClientOptions : ClientOptions;
