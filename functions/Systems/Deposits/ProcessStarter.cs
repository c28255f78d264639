using System.Text.Json.Nodes;
using Notary.Processes;

namespace Notary.Deposits;

/// <summary>Starts what follows a batch. Every start is idempotent, because a batch may be finished more than once.</summary>
public sealed class ProcessStarter(ProcessStore processes, TimeProvider clock)
{
    internal async Task StartAsync(long size, Stage stage, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await processes.CreateAsync(CheckpointProcess.Name, DepositKeys.Size(size), "stamp", [], now, cancel).ConfigureAwait(false);
        await processes.CreateManyAsync(
            stage.Entries.Where(entry => !entry.LetterOnRequest).Select(entry => Certificate(entry.Tenant, entry.Id, entry.CorrelationId, now)),
            cancel).ConfigureAwait(false);
    }

    /// <summary>Starts the way to a letter that was not wanted at first.</summary>
    internal Task StartCertificateAsync(string tenant, string id, CancellationToken cancel)
        => processes.CreateManyAsync([Certificate(tenant, id, null, clock.GetUtcNow())], cancel);

    private static NewProcess Certificate(string tenant, string id, string? correlationId, DateTimeOffset due)
        => new(CertificateProcess.Name, id, "stamp", new JsonObject { ["tenant"] = tenant, ["correlationId"] = correlationId }, due);
}
