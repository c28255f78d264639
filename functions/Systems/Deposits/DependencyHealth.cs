using Notary.Keys;

namespace Notary.Deposits;

/// <summary>One dependency's state, by name.</summary>
public sealed record DependencyState(string Name, bool Ok, string Detail);

/// <summary>Asks every dependency whether it would serve now.</summary>
/// <param name="logKey">The vault must know this key.</param>
public sealed class DependencyHealth(StorageAccount storage, KeyClient keys, string logKey, ChainClient chain, TimeAuthorities authorities)
{
    /// <summary>A dependency that does not answer by then is not ready.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>One state per dependency; never throws for a dependency's fault.</summary>
    public async Task<IReadOnlyList<DependencyState>> CheckAsync(CancellationToken cancel)
        => await Task.WhenAll(
            AskAsync("blobs", token => storage.Container(Names.Staging).ExistsAsync(token), cancel),
            AskAsync("tables",
                token => storage.Table(Names.Checkpoints).GetEntityIfExistsAsync(DepositKeys.LogPartition, DepositKeys.Head, cancel: token), cancel),
            AskAsync("queues", token => storage.Queue(Names.UploadsQueue).ExistsAsync(token), cancel),
            AskAsync("vault", token => keys.GetKeyAsync(logKey, cancel: token), cancel),
            AskAsync("chain", chain.EnsureAnswerAsync, cancel),
            Task.FromResult(Time())).ConfigureAwait(false);

    private DependencyState Time()
    {
        if (storage.ClockOffset is var offset && offset.Duration() > DepositService.MaxSkew)
            return new DependencyState("time", false, string.Create(CultureInfo.InvariantCulture,
                $"our clock is {offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} storage's: no deposit is taken"));

        var health = authorities.Health;
        return new DependencyState("time", health.State != TimeState.Stopped, health.Reason);
    }

    private static async Task<DependencyState> AskAsync(string name, Func<CancellationToken, Task> ask, CancellationToken cancel)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bounded.CancelAfter(Patience);
        try
        {
            await ask(bounded.Token).ConfigureAwait(false);
            return new DependencyState(name, true, "ok");
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new DependencyState(name, false, e switch
            {
                FaultException fault => fault.Fault.Code(),
                Azure.RequestFailedException { Status: 0 } or AggregateException or HttpRequestException => "unreachable",
                Azure.RequestFailedException failed => $"status {failed.Status}",
                OperationCanceledException => "no answer",
                _ => e.GetType().Name,
            });
        }
    }
}
