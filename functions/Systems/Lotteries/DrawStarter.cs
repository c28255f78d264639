namespace Notary.Lotteries;

/// <summary>Starts and wakes the orchestration of a draw. Whatever becomes of the call, the rows say what is to be done, and the sweep sees to it.</summary>
public sealed partial class DrawStarter(DurableDoor door, ILogger<DrawStarter> log)
{
    /// <summary>One is at work, and looks at once.</summary>
    public async Task WakeAsync(Digest id, CancellationToken cancel)
    {
        try
        {
            if (!await StartAsync(id, cancel).ConfigureAwait(false))
                await door.Client.RaiseEventAsync(DrawTasks.Instance(id), StepOrchestrator<string>.Look, null, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FaultException || StorageFailure.Is(e, cancel))
        {
            Log.NotWoken(log, id, e.Message);
        }
    }

    /// <summary>Starting twice is starting once.</summary>
    /// <returns>False when one is at work already.</returns>
    internal Task<bool> StartAsync(Digest id, CancellationToken cancel)
        => door.StartAsync(DrawTasks.Draw, DrawTasks.Instance(id), new Journey<string>(Steps.Freeze, id.ToString()), cancel);

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Warning, "draw {Draw} was not woken and is by the next sweep: {Reason}")]
        public static partial void NotWoken(ILogger log, Digest draw, string reason);
    }
}
