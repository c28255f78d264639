using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Notary.Host;

/// <summary>Traces and metrics over OTLP/HTTP, when an endpoint is set. The framework's own sources are listened to; nothing is sent otherwise.</summary>
internal sealed class Telemetry(HostSettings settings) : IHostedService, IDisposable
{
    private TracerProvider? traces;
    private MeterProvider? metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Otlp is { } endpoint)
        {
            var resource = ResourceBuilder.CreateDefault().AddService("notary-host");
            traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.AspNetCore", "Notary.*")
                .AddOtlpExporter(o => Configure(o, endpoint, "v1/traces"))
                .Build();
            metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Notary.*", StorageAccount.MeterName)
                .AddOtlpExporter(o => Configure(o, endpoint, "v1/metrics"))
                .Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // What the last requests said goes out before the process ends.
        traces?.ForceFlush(FlushMilliseconds);
        metrics?.ForceFlush(FlushMilliseconds);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }

    // The Functions host kills without a drain; a dead collector must not hold back a restart.
    private const int FlushMilliseconds = 2000;

    private static void Configure(OtlpExporterOptions options, Uri endpoint, string signal)
    {
        // HTTP: one protocol through every proxy; gRPC would need HTTP/2 to the collector.
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + signal);
    }
}
