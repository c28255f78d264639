namespace Notary.Bench.Scale;

/// <summary>What the services say of themselves. Targets, not promises; looked up in stored copies of the pages on 30 November 2026.</summary>
internal static class Published
{
    /// <summary>Entities a second of one table partition, of 1 KiB (learn.microsoft.com/azure/storage/tables/scalability-targets).</summary>
    public const double PartitionEntities = 2_000;

    /// <summary>Requests a second of one general-purpose v2 account outside the large regions, where it is 40,000
    /// (learn.microsoft.com/azure/storage/common/scalability-targets-standard-account).</summary>
    public const double AccountRequests = 20_000;

    /// <summary>MiB a second into one account outside the large regions, 25 Gbit/s (same page).</summary>
    public const double AccountIngressMiB = 25e9 / 8 / 1024 / 1024;

    /// <summary>Messages a second of one queue (learn.microsoft.com/azure/storage/queues/scalability-targets).</summary>
    public const double QueueMessages = 2_000;

    /// <summary>Signatures a second with EC keys in a hardware module, one vault: 2,000 in 10 s
    /// (learn.microsoft.com/azure/key-vault/general/service-limits).</summary>
    public const double VaultSignatures = 200;

    /// <summary>Keys unwrapped a second with RSA of 3,072 bits in a hardware module, one vault: 500 in 10 s (same page). Originals are read so; they are
    /// written with the key's public half, without the vault.</summary>
    public const double VaultUnwraps = 50;

    /// <summary>Vaults' worth of operations that one subscription has in a region (same page).</summary>
    public const int VaultsOfSubscription = 5;

    /// <summary>Activities a second that one orchestration fans out to
    /// (learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider, "Performance targets").</summary>
    public const double FanOut = 100;

    /// <summary>Answers a second that one orchestration takes in (same page). Both assume extended sessions, which are off here.</summary>
    public const double FanIn = 150;

    /// <summary>Partitions of a task hub at most (same page).</summary>
    public const int HubPartitions = 16;

    /// <summary>Instances of one Flex Consumption app at most (learn.microsoft.com/azure/azure-functions/flex-consumption-plan).</summary>
    public const int Instances = 1_000;

    /// <summary>Processors of an instance of 4,096 MB, which production has (same page).</summary>
    public const int InstanceCores = 2;

    /// <summary>Memory of such an instance in GB.</summary>
    public const double InstanceGB = 4;

    /// <summary>Events a second into a custom or partner topic (learn.microsoft.com/azure/event-grid/quotas-limits). For the system topic that uploads
    /// use the page names no rate; this one is taken.</summary>
    public const double EventGridEvents = 5_000;
}

/// <summary>List prices in US dollars, region East US. The price pages are not in the stored copies: only those of Functions were seen quoted; the others
/// are as generally known in 2026 and to be compared with the calculator before anybody decides by them.</summary>
internal static class Prices
{
    /// <summary>One entity of a table written, or one query. An entity group transaction counts each of its entities: the dearer reading of the page.</summary>
    public const double TableOperation = 0.00036 / 10_000;

    /// <summary>One write to the hot tier with read-access geo-zone-redundancy; local redundancy is some 0.05 for 10,000.</summary>
    public const double BlobWrite = 0.10 / 10_000;

    /// <summary>One read of the hot tier.</summary>
    public const double BlobRead = 0.004 / 10_000;

    /// <summary>One queue operation.</summary>
    public const double QueueOperation = 0.0004 / 10_000;

    /// <summary>One operation of a key of EC or RSA above 2,048 bits.</summary>
    public const double VaultOperation = 0.15 / 10_000;

    /// <summary>One event, delivered.</summary>
    public const double Event = 0.60 / 1_000_000;

    /// <summary>One second of one GB on demand (modal.com/blog/azure-function-pricing-guide quotes the page).</summary>
    public const double GBSecond = 0.000026;

    /// <summary>One execution (the same).</summary>
    public const double Execution = 0.40 / 1_000_000;

    /// <summary>One GB of blobs for a month, hot, read-access geo-zone-redundant.</summary>
    public const double BlobGBMonth = 0.0518;

    /// <summary>One GB of tables for a month, read-access geo-zone-redundant.</summary>
    public const double TableGBMonth = 0.1266;
}
