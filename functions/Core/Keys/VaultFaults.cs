using Azure;

namespace Notary.Keys;

/// <summary>Turns what a vault call can throw into our faults, and gives it an end.</summary>
internal static class VaultFaults
{
    /// <summary>The whole call with its retries. A vault may ask for any Retry-After; a caller holds a request open.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(45);

    public static async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(CallTimeout);
        try
        {
            return await call(bound.Token);
        }
        catch (RequestFailedException failure) when (failure.Status is 400 or 401 or 403 or 404)
        {
            throw new FaultException(Fault.VaultRefused, $"the vault refused ({failure.Status} {failure.ErrorCode})", failure);
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException
            || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // After its retries the pipeline throws the list of what each try met.
            throw new FaultException(Fault.VaultUnavailable, "the vault did not answer usefully", failure);
        }
        catch (InvalidOperationException failure)
        {
            throw new FaultException(Fault.VaultRefused, "the vault asked for a token to somewhere else", failure);
        }
    }
}
