using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Deposits;

/// <summary>Repairs, once a minute, what a crash or a lost nudge left behind.</summary>
/// <remarks>
/// Rows need no repair: the sequencer and the runner find them. What remains are blobs that nobody will ever name:
/// originals whose row was never written, and stages whose swap was lost.
/// </remarks>
public sealed class Sweeper(StorageAccount storage, Sequencer sequencer, Uploads uploads, TimeProvider clock, ILogger<Sweeper> logger)
{
    /// <summary>Nothing younger is touched: the slowest upload has long ended or failed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>Blobs looked at by one run: a run is one minute's work at most, the next goes on.</summary>
    private const int MaxBlobs = 2000;

    /// <summary>Digits of an id that all ids of about four and a half hours share (48-bit milliseconds, 24 bits dropped).</summary>
    private const int PrefixDigits = 6;

    private readonly DepositTable deposits = new(storage);
    private DateTimeOffset orphansSweptAt;

    /// <summary>One sweep.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        sequencer.Nudge();
        await uploads.SweepAsync(cancel).ConfigureAwait(false);
        if (clock.GetUtcNow() - orphansSweptAt > TimeSpan.FromHours(1))
        {
            await SweepStagesAsync(cancel).ConfigureAwait(false);
            await SweepOriginalsAsync(cancel).ConfigureAwait(false);
            orphansSweptAt = clock.GetUtcNow();
        }
    }

    private async Task SweepStagesAsync(CancellationToken cancel)
    {
        var staging = storage.Container(Names.Staging);
        await foreach (var blob in staging.GetBlobsAsync(prefix: Names.StagePrefix, cancellationToken: cancel).Take(MaxBlobs).ConfigureAwait(false))
        {
            // A stage that was swapped is deleted within seconds by whoever finishes it, so an old one lost its swap.
            if (blob.Properties.LastModified < clock.GetUtcNow() - Grace && !await sequencer.IsHeadStageAsync(blob.Name, cancel).ConfigureAwait(false))
            {
                await staging.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task SweepOriginalsAsync(CancellationToken cancel)
    {
        var originals = storage.Container(Names.Originals);
        var prefix = Guid.CreateVersion7(clock.GetUtcNow() - Grace - TimeSpan.FromHours(5)).ToString("D")[..PrefixDigits];
        await foreach (var blob in originals.GetBlobsAsync(BlobTraits.Metadata, prefix: prefix, cancellationToken: cancel).Take(MaxBlobs).ConfigureAwait(false))
        {
            if (!DepositId.TryParse(blob.Name.Split('/')[0], out var id) || !blob.Metadata.TryGetValue(OriginalStore.OwnerMetadata, out var tenant)
                || await deposits.FindAsync(tenant, id, cancel).ConfigureAwait(false) is not null)
            {
                continue;
            }

            try
            {
                await originals.DeleteBlobIfExistsAsync(blob.Name, DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel).ConfigureAwait(false);
                logger.LogInformation("original {Blob} had no deposit and is gone", blob.Name);
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Under retention: it stays, encrypted and nameless, until the policy lets it go.
            }
        }
    }
}
