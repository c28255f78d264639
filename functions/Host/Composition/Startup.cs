using Notary.Evidence;
using Notary.Host.Http;
using Notary.Storage;

namespace Notary.Host.Composition;

/// <summary>Opens what has to be opened by talking to a dependency, again and again until it works.</summary>
/// <remarks>
/// The process listens meanwhile: the Functions host gives up on a handler that dies three times in half an hour, so a
/// dependency that is down at the wrong moment must not end it.
/// </remarks>
internal sealed partial class Startup(StorageAccount storage, TimeProvider clock, ILogger<Startup> log) : BackgroundService
{
    // A restart after a kill is to be ready within five seconds; a dependency that is down is not hammered.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a request that comes too early waits before it is told 503.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => opened.Task.IsCompletedSuccessfully;

    /// <exception cref="FaultException">StorageUnavailable when it takes longer than a caller should wait.</exception>
    public async ValueTask DemandAsync(CancellationToken cancel)
    {
        if (IsOpen)
        {
            return;
        }

        try
        {
            await opened.Task.WaitAsync(Patience, clock, cancel);
        }
        catch (TimeoutException e)
        {
            throw new FaultException(Fault.StorageUnavailable, "the app is still starting; try again", e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start-up path: the server listens before the first dependency is asked.
        await Task.Yield();
        for (var pause = FirstPause; !stoppingToken.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await storage.EnsureCreatedAsync(stoppingToken);
                opened.SetResult();
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotYet(log, ProblemMiddleware.Explain(e).Fault.Code(), e.Message);
                await Task.Delay(pause, clock, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "not started yet: {Code}: {Reason}")]
        public static partial void NotYet(ILogger log, string code, string reason);
    }
}
