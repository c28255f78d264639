namespace Notary.Host.Composition;

/// <summary>Has what tenants use written down while the process lives, and once more when it ends.</summary>
internal sealed partial class UsageLoop(UsageMeter meter, Rooms rooms, ILogger<UsageLoop> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The table is there before the first row is.
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await rooms.DemandStorageAsync(stoppingToken);
                break;
            }
            catch (Exception e) when (e is FaultException or OperationCanceledException)
            {
            }
        }

        await meter.RunLoopAsync(e => Log.NotWritten(log, e.Message.Split('\n')[0]), stoppingToken);
    }

    private static partial class Log
    {
        [LoggerMessage(36, LogLevel.Warning, "usage is not written yet: {Reason}")]
        public static partial void NotWritten(ILogger log, string reason);
    }
}
