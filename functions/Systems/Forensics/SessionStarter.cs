namespace Notary.Forensics;

/// <summary>Starts and wakes the orchestration of a session. Whatever becomes of the call, the rows say what is to be done, and the sweep sees to it.</summary>
public sealed partial class SessionStarter(DurableDoor door, ILogger<SessionStarter> log)
{
    /// <summary>Starting twice is starting once.</summary>
    /// <returns>False when one is at work already, or when it could not be started.</returns>
    public async Task<bool> StartAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        try
        {
            return await door.StartAsync(SessionTasks.Session, SessionTasks.Instance(id),
                new Journey<SessionPlace>(nameof(SessionState.Requested), new SessionPlace(tenant, id.ToString())), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FaultException || StorageFailure.Is(e, cancel))
        {
            Log.NotWoken(log, id, e.Message);
            return false;
        }
    }

    /// <summary>It looks at once.</summary>
    public async Task WakeAsync(DepositId id, CancellationToken cancel)
    {
        try
        {
            await door.Client.RaiseEventAsync(SessionTasks.Instance(id), StepOrchestrator<SessionPlace>.Look, null, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.NotWoken(log, id, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(95, LogLevel.Warning, "session {Session} was not woken and looks by itself: {Reason}")]
        public static partial void NotWoken(ILogger log, DepositId session, string reason);
    }
}
