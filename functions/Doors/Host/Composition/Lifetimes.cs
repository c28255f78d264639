namespace Notary.Host.Composition;

internal static class Lifetimes
{
    /// <summary>Waits until the server listens: background services are started before it.</summary>
    public static async Task StartedAsync(IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancel);
    }
}
