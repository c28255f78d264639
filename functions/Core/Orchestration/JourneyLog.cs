namespace Notary.Orchestration;

/// <summary>What an alert listens for (infra/modules/alerts.bicep).</summary>
internal static partial class JourneyLog
{
    [LoggerMessage(4006, LogLevel.Error, "process {Kind} {Id} is parked at step {Step} and waits for a person: {Why}")]
    public static partial void Parked(ILogger log, string kind, string id, string step, string? why);
}
