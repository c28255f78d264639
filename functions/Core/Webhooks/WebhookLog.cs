namespace Notary.Webhooks;

/// <summary>Lines that alerts read (infra/modules/alerts.bicep): their numbers and names are public.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(50, LogLevel.Warning, "endpoint {Endpoint} of {Tenant} is disabled: {Reason}")]
    public static partial void Disabled(ILogger logger, string tenant, string endpoint, DisabledReason reason);
}
