using System.Diagnostics.Metrics;

namespace Notary.Storage;

/// <summary>Counts every request that reaches the wire, retries included, as <c>notary.storage.calls</c> of meter <c>Notary.Storage</c>.</summary>
/// <remarks>Tags: <c>service</c> (blob, queue, table) and <c>method</c>. Calls per deposit are what storage costs and what bounds the throughput.</remarks>
internal sealed class StorageCalls(string service) : HttpPipelineSynchronousPolicy
{
    /// <summary>The meter's name, for listeners and exporters.</summary>
    public const string MeterName = "Notary.Storage";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("notary.storage.calls",
        "{call}", "Requests sent to Azure Storage, retries included.");

    public override void OnSendingRequest(HttpMessage message)
        => Calls.Add(1, new("service", service), new("method", message.Request.Method.Method));
}
