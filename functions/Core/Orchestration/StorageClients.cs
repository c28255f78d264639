using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Notary.Storage;

namespace Notary.Orchestration;

/// <summary>The hub speaks to the app's own account: same options, same identity, calls counted with the others.</summary>
internal sealed class BlobClients(StorageAccount storage) : IStorageServiceClientProvider<BlobServiceClient, BlobClientOptions>
{
    public BlobClientOptions CreateOptions() => storage.BlobOptions();

    public BlobServiceClient CreateClient(BlobClientOptions options) => storage.Open(options);
}

internal sealed class QueueClients(StorageAccount storage) : IStorageServiceClientProvider<QueueServiceClient, QueueClientOptions>
{
    private readonly PatientLooks looks = new(TimeProvider.System);

    public QueueClientOptions CreateOptions()
    {
        var options = storage.QueueOptions();
        options.AddPolicy(looks, Azure.Core.HttpPipelinePosition.PerCall);
        return options;
    }

    public QueueServiceClient CreateClient(QueueClientOptions options) => storage.Open(options);
}

internal sealed class TableClients(StorageAccount storage) : IStorageServiceClientProvider<TableServiceClient, TableClientOptions>
{
    public TableClientOptions CreateOptions() => storage.TableOptions();

    public TableServiceClient CreateClient(TableClientOptions options) => storage.Open(options);
}
