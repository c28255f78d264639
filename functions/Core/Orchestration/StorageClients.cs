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
    public QueueClientOptions CreateOptions() => storage.QueueOptions();

    public QueueServiceClient CreateClient(QueueClientOptions options) => storage.Open(options);
}

internal sealed class TableClients(StorageAccount storage) : IStorageServiceClientProvider<TableServiceClient, TableClientOptions>
{
    public TableClientOptions CreateOptions() => storage.TableOptions();

    public TableServiceClient CreateClient(TableClientOptions options) => storage.Open(options);
}
