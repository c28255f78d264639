using Notary.Webhooks;

namespace Notary.Host.Composition;

/// <summary>What the rooms need to tell of something, and to deliver it.</summary>
internal sealed record WebhookTools(Telling Telling, Listeners Listeners, EventSink Sink, Sender Sender, WebhookBell Bell);
