using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Notary.Storage;

/// <summary>The door to one storage account: the SDK's clients, all with the same retries and timeouts.</summary>
/// <remarks>
/// A write may be <em>done but reported failed</em>: the answer is lost, the pipeline sends the request again, and the
/// second answer is 409 (it exists) or 412 (the ETag moved). So 409 and 412 mean "not by this answer": re-read and
/// compare before concluding that somebody else was first. Any other failure that is left after the retries is
/// "unknown": re-read as well.
/// </remarks>
public sealed class StorageAccount
{
    /// <summary>The meter that counts storage calls (<c>notary.storage.calls</c> by service and method).</summary>
    public const string MeterName = StorageCalls.MeterName;

    /// <summary>Tries after the first: a node that restarts or a partition that moves is back within seconds.</summary>
    internal const int MaxRetries = 4;

    /// <summary>First pause between tries; it doubles, with jitter.</summary>
    internal static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between tries, also where the service asks for longer: callers have deadlines of their own.</summary>
    internal static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(4);

    /// <summary>Silence on one table or queue request before it is tried again; such a request carries at most 4 MiB. Five tries fit into a minute.</summary>
    internal static readonly TimeSpan SmallCallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Silence on one blob request: a block of 8 MiB at 2 Mbit/s takes 34 s. Five tries fit into the 230 s that Azure's front end waits.</summary>
    internal static readonly TimeSpan BlobCallTimeout = TimeSpan.FromSeconds(40);

    private readonly TokenCredential? credential;
    private readonly StorageClock clock;
    private readonly TableClientOptions tableOptions;
    private readonly ConcurrentDictionary<string, TableClient> tables = new(StringComparer.Ordinal);

    private StorageAccount(StorageOptions options, TokenCredential? credential, StorageClock clock)
    {
        Options = options;
        this.credential = credential;
        this.clock = clock;
        Blobs = Open(BlobOptions());
        Queues = Open(QueueOptions());
        tableOptions = TableOptions();
    }

    /// <summary>The SDK's blob service client, for signatures (SAS) over single blobs.</summary>
    public BlobServiceClient Blobs { get; }

    internal StorageOptions Options { get; }

    private QueueServiceClient Queues { get; }

    /// <summary>Makes the clients; sends nothing.</summary>
    /// <param name="options">Validated here.</param>
    /// <param name="credential">Needed with service addresses, ignored with a connection string.</param>
    /// <param name="time">Our clock, which storage's is compared with; the system's when not given.</param>
    /// <exception cref="ArgumentException">A setting is missing or out of range.</exception>
    public static StorageAccount Open(StorageOptions options, TokenCredential? credential = null, TimeProvider? time = null)
    {
        options.Validate();
        return options.ConnectionString is null && credential is null
            ? throw new ArgumentException("Storage: service addresses need a token credential", nameof(credential))
            : new(options, credential, new StorageClock(time ?? TimeProvider.System));
    }

    /// <summary>Options of a client of one's own: the version that the local server knows too, our retries, calls counted.</summary>
    public BlobClientOptions BlobOptions() => Configure(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06), "blob", BlobCallTimeout);

    /// <inheritdoc cref="BlobOptions"/>
    /// <remarks>Text as it is, as host.json says ("none"): Event Grid sends plain or base64, so whoever reads must look anyway.</remarks>
    public QueueClientOptions QueueOptions()
        => Configure(new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.None },
            "queue", SmallCallTimeout);

    /// <inheritdoc cref="BlobOptions"/>
    public TableClientOptions TableOptions() => Configure(new TableClientOptions(), "table", SmallCallTimeout);

    /// <summary>A client of one's own, to this account and by its identity.</summary>
    public BlobServiceClient Open(BlobClientOptions options)
        => Options.ConnectionString is { } text ? new(text, options) : new(Options.BlobServiceUri!, credential, options);

    /// <inheritdoc cref="Open(BlobClientOptions)"/>
    public QueueServiceClient Open(QueueClientOptions options)
        => Options.ConnectionString is { } text ? new(text, options) : new(Options.QueueServiceUri!, credential, options);

    /// <inheritdoc cref="Open(BlobClientOptions)"/>
    public TableServiceClient Open(TableClientOptions options)
        => Options.ConnectionString is { } text ? new(text, options) : new(Options.TableServiceUri!, credential, options);

    public BlobContainerClient Container(string name) => Blobs.GetBlobContainerClient(name);

    public QueueClient Queue(string name) => Queues.GetQueueClient(name);

    /// <summary>One client a table: each has a pipeline of its own.</summary>
    public TableClient Table(string name) => tables.GetOrAdd(
        name,
        _ => Options.ConnectionString is { } text
            ? new StrictTableClient(text, name, tableOptions) : new StrictTableClient(Options.TableServiceUri!, name, credential!, tableOptions));

    /// <summary>How far at least our clock is ahead of storage's, by the latest answer; negative when it is behind. Zero before the first.</summary>
    public TimeSpan ClockOffset => clock.Offset;

    /// <summary>Asks storage for its time and answers <see cref="ClockOffset"/>.</summary>
    public async Task<TimeSpan> CompareClocksAsync(CancellationToken cancel)
    {
        await Container(Names.Staging).GetPropertiesAsync(cancellationToken: cancel).ConfigureAwait(false);
        return ClockOffset;
    }

    /// <summary>Creates what is missing of <see cref="Names"/>. Safe to repeat and to run twice at once.</summary>
    public Task EnsureCreatedAsync(CancellationToken cancel = default)
        => Task.WhenAll(
        [
            .. Names.AllContainers.Select(name => Container(name).CreateIfNotExistsAsync(cancellationToken: cancel)),
            .. Names.AllQueues.Select(name => Queue(name).CreateIfNotExistsAsync(cancellationToken: cancel)),
            .. Names.AllTables.Select(name => Table(name).CreateIfNotExistsAsync(cancel)),
        ]);

    private T Configure<T>(T options, string service, TimeSpan timeout)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = MaxRetries;
        options.Retry.Delay = RetryDelay;
        options.Retry.MaxDelay = MaxRetryDelay;
        options.Retry.NetworkTimeout = timeout;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.AddPolicy(new StorageCalls(service), HttpPipelinePosition.PerRetry);
        options.AddPolicy(clock, HttpPipelinePosition.PerRetry);
        return options;
    }
}
