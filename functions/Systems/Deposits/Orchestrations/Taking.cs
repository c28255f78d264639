using System.Diagnostics;

namespace Notary.Deposits;

/// <summary>Takes one step: a span of its own, bounded in time, and what its work throws is what the step found out.</summary>
internal static class Taking
{
    /// <summary>The longest activity: a host that ends functions after ten minutes must find none at work.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    public static readonly ActivitySource Source = new("Notary.Deposits");

    public static async Task<T> RunAsync<T>(
        TaskActivityContext context, DepositWorkDoor door, Func<DepositWork, CancellationToken, Task<T>> take, Func<string, string, bool, T> otherwise)
        where T : Step
    {
        using var span = Source.StartActivity(context.Name)?.SetTag("notary.instance", context.InstanceId);
        using var over = new CancellationTokenSource(Longest);
        try
        {
            return await take(await door.OpenAsync(over.Token).ConfigureAwait(false), over.Token).ConfigureAwait(false);
        }
        catch (FaultException e)
        {
            return otherwise(e.Fault.Code(), e.Message, e.Fault == Fault.EvidenceInvalid);
        }
        catch (Exception e) when (StorageFailure.Is(e, default) || e is HttpRequestException or TimeoutException)
        {
            return otherwise(Fault.StorageUnavailable.Code(), e.Message.Split('\n')[0], false);
        }
    }
}
