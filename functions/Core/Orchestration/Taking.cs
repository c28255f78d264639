using System.Diagnostics;
using Notary.Storage;

namespace Notary.Orchestration;

/// <summary>Takes one step in an activity: a span of its own, bounded in time, and what its work throws is what the step found out.</summary>
public static class Taking
{
    /// <summary>The longest activity: a host that ends functions after ten minutes must find none at work.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(8);

    /// <param name="context">The activity's.</param>
    /// <param name="source">Of its span.</param>
    /// <param name="take">The work.</param>
    /// <param name="otherwise">The step when a fault stood in the way.</param>
    public static async Task<T> RunAsync<T>(
        TaskActivityContext context, ActivitySource source, Func<CancellationToken, Task<T>> take, Func<Step, T> otherwise) where T : Step
    {
        using var span = source.StartActivity(context.Name)?.SetTag("notary.instance", context.InstanceId);
        using var over = new CancellationTokenSource(Longest);
        try
        {
            return await take(over.Token).ConfigureAwait(false);
        }
        catch (FaultException e)
        {
            return otherwise(new Step(e.Fault.Code(), e.Message, e.Fault == Fault.EvidenceInvalid));
        }
        catch (Exception e) when (StorageFailure.Is(e, default) || e is HttpRequestException or TimeoutException or IOException)
        {
            return otherwise(Step.NotNow(Fault.StorageUnavailable, e.Message.Split('\n')[0]));
        }
    }
}
