namespace Notary.Storage;

/// <summary>Sorts what a storage call can throw once its retries are used up.</summary>
public static class StorageFailure
{
    /// <summary>Whether storage failed, as opposed to the caller (cancellation, a bad argument). The pipeline throws a list of failures when several
    /// tries ended without an answer.</summary>
    public static bool Is(Exception failure, CancellationToken cancel)
        => failure is RequestFailedException or AggregateException { InnerException: RequestFailedException or OperationCanceledException or IOException }
            || (failure is OperationCanceledException && !cancel.IsCancellationRequested);

    /// <summary>Whether the service answered that something is there already or in another version. Of a repeated write it may speak of the first try:
    /// re-read.</summary>
    public static bool IsConflict(Exception failure) => failure is RequestFailedException { Status: 409 or 412 };

    /// <summary>For failures that no caller branches on.</summary>
    public static FaultException ToFault(Exception failure)
        => new(Fault.StorageUnavailable, "storage did not answer usefully", failure);
}
