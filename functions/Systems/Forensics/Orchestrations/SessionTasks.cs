namespace Notary.Forensics;

/// <summary>Names of this room's orchestration and activity.</summary>
public static class SessionTasks
{
    /// <summary>Orchestration of one session.</summary>
    public const string Session = "forensics";

    internal const string Advance = "advance-session";

    /// <summary>The instance about a session.</summary>
    public static string Instance(DepositId id) => $"{Session}-{id}";

    /// <summary>Tells the registry what there is.</summary>
    public static void Add(DurableTaskRegistry registry)
    {
        registry.AddOrchestrator<SessionOrchestrator>(Session);
        registry.AddActivity<AdvanceSession>(Advance);
    }
}

/// <summary>Hands out what the activity works with, once it is open.</summary>
public sealed class SessionWorkDoor(Func<CancellationToken, ValueTask<SessionWork?>> open)
{
    /// <exception cref="FaultException">What stands in the way of opening; also that there are no desktops here.</exception>
    public async ValueTask<SessionWork> OpenAsync(CancellationToken cancel)
        => await open(cancel).ConfigureAwait(false) ?? throw new FaultException(Fault.DesktopsNotConfigured, "no desktop provider is configured");
}
