namespace Notary.Host.Functions;

/// <summary>What comes without a caller. A failure leaves as an exception: only that brings a message back.</summary>
public sealed class EventFunctions(Errands errands)
{
    /// <summary>Each minute.</summary>
    public const string EveryMinute = "0 * * * * *";

    /// <summary>Event Grid says that a blob was created in the uploads container.</summary>
    [Function("OnUpload")]
    public Task OnUploadAsync([QueueTrigger(Names.UploadsQueue, Connection = Settings.StorageConnection)] string message,
        [DurableClient] DurableTaskClient client, CancellationToken cancel)
        => errands.TakeUploadAsync(message, client, cancel);

    /// <summary>Uploads whose event was lost.</summary>
    [Function("SweepUploads")]
    public Task SweepUploadsAsync([TimerTrigger(EveryMinute)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancel)
        => errands.SweepUploadsAsync(client, cancel);

    /// <summary>The trail's head, once a day.</summary>
    [Function("DepositTrail")]
    public Task DepositTrailAsync([TimerTrigger(EveryMinute)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancel)
        => errands.DepositTrailAsync(client, cancel);

    /// <summary>The pulse, and whatever a crash has left undone.</summary>
    [Function("Sweep")]
    public Task SweepAsync([TimerTrigger(EveryMinute)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancel)
        => errands.SweepAsync(client, cancel);
}
