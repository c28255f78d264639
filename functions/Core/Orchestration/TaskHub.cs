using Notary.Storage;

namespace Notary.Orchestration;

/// <summary>The task hub on one machine: the Durable Task Framework over Azure Storage, in the app's own process. Functions brings its own,
/// configured by host.json.</summary>
/// <remarks>
/// Names and numbers are host.json's (a test compares them), but for the visibility timeouts, which Functions wants to be a minute at least.
/// No extended sessions: while an instance has one, the framework moves what earlier generations of it left, such as timers that nobody waits for any
/// more, round its own list without a pause, at the price of a processor and of everything that waits behind; and a queue changes hands only when all
/// have ended.
/// </remarks>
public sealed class TaskHub : IDisposable
{
    /// <summary>Prefix of the hub's tables, queues and containers.</summary>
    public const string Name = Names.TaskHub;

    /// <summary>Control queues. Changing it needs another hub.</summary>
    public const int Partitions = 2;

    /// <summary>The longest pause between looks at a queue that is empty. What this process sends wakes it at once.</summary>
    public static readonly TimeSpan IdlePoll = TimeSpan.FromSeconds(5);

    /// <summary>Activities at once in one process.</summary>
    public const int ActivitiesAtOnce = 8;

    /// <summary>How long a killed process's messages stay hidden; messages in work are renewed, so it bounds no step's length.</summary>
    public static readonly TimeSpan Visibility = TimeSpan.FromSeconds(20);

    /// <summary>How long a message is hidden that was read too early.</summary>
    internal static readonly TimeSpan PutBack = TimeSpan.FromSeconds(5);

    // How long a killed process keeps its control queues.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(5);

    /// <summary>Speaks to no dependency yet.</summary>
    public TaskHub(StorageAccount storage, ILoggerFactory logs)
        => Service = new AzureStorageOrchestrationService(new AzureStorageOrchestrationServiceSettings
        {
            TaskHubName = Name,
            PartitionCount = Partitions,
            StorageAccountClientProvider = new StorageAccountClientProvider(new BlobClients(storage), new QueueClients(storage), new TableClients(storage)),
            ControlQueueVisibilityTimeout = Visibility,
            WorkItemQueueVisibilityTimeout = Visibility,
            LeaseInterval = Lease,
            LeaseRenewInterval = LeaseRenewal,
            LeaseAcquireInterval = LeaseRenewal,
            UseAppLease = false,
            MaxQueuePollingInterval = IdlePoll,
            MaxConcurrentTaskActivityWorkItems = ActivitiesAtOnce,
            ExtendedSessionsEnabled = false,
            ThrowExceptionOnInvalidDedupeStatus = true,
            WorkerId = Guid.NewGuid().ToString("N"),
            LoggerFactory = logs,
        });

    internal AzureStorageOrchestrationService Service { get; }

    /// <summary>A client to it; makes the hub where there is none yet.</summary>
    public DurableTaskClient Client() => new InProcessTaskClient(this);

    public void Dispose() => Service.Dispose();
}
