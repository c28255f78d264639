using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Notary.Servers;

/// <summary>Where Azurite keeps its files and listens.</summary>
public sealed record AzuriteOptions
{
    /// <summary>The folder with its state; null for a temporary one that is deleted at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>Loopback ports of the three services; 0 picks free ones.</summary>
    public int BlobPort { get; init; }

    public int QueuePort { get; init; }

    public int TablePort { get; init; }
}

/// <summary>Azure Storage for tests and local runs: Azurite as three processes, so that one service's work does not stall the others.</summary>
/// <remarks>
/// Azurite acknowledges before it saves (every five seconds): killed with SIGKILL it loses acknowledged writes. It is
/// stopped with SIGTERM here, and storage faults belong in a fault proxy.
/// </remarks>
public sealed class Azurite : IAsyncDisposable
{
    /// <summary>The account every emulator has.</summary>
    public const string DefaultAccount = "devstoreaccount1";

    /// <summary>The emulator's published key: no secret, and good for every account below.</summary>
    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Spare accounts, so that tests sharing one Azurite share no container, queue or table.</summary>
    private const int SpareAccounts = 400;

    /// <summary>A port picked free may be taken before Azurite binds it.</summary>
    private const int StartAttempts = 3;

    private readonly string folder;
    private readonly bool temporary;
    private readonly ChildProcess[] services;
    private int accountsUsed;

    private Azurite(string folder, bool temporary, Uri blob, Uri queue, Uri table, ChildProcess[] services)
    {
        this.folder = folder;
        this.temporary = temporary;
        this.services = services;
        BlobEndpoint = blob;
        QueueEndpoint = queue;
        TableEndpoint = table;
    }

    /// <summary>The blob service without an account, such as http://127.0.0.1:40001/.</summary>
    public Uri BlobEndpoint { get; }

    public Uri QueueEndpoint { get; }

    public Uri TableEndpoint { get; }

    /// <summary>Blob, queue and table process, to be stalled with SIGSTOP.</summary>
    public IReadOnlyList<ChildProcess> Services => services;

    /// <summary>The default account's connection string.</summary>
    public string ConnectionString => ConnectionStringFor(DefaultAccount);

    /// <summary>Starts the three services and waits until each accepts connections.</summary>
    public static async Task<Azurite> StartAsync(AzuriteOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new AzuriteOptions();
        var temporary = options.Folder is null;
        var folder = options.Folder ?? Directory.CreateTempSubdirectory("notary-azurite-").FullName;
        var starts = new[]
        {
            StartServiceAsync("blob", options.BlobPort, folder, cancel),
            StartServiceAsync("queue", options.QueuePort, folder, cancel),
            StartServiceAsync("table", options.TablePort, folder, cancel),
        };
        try
        {
            var services = await Task.WhenAll(starts);
            return new Azurite(folder, temporary, services[0].Uri, services[1].Uri, services[2].Uri, [.. services.Select(s => s.Child)]);
        }
        catch
        {
            foreach (var started in starts.Where(s => s.IsCompletedSuccessfully))
                await (await started).Child.DisposeAsync();

            throw;
        }
    }

    /// <summary>A connection string of one of Azurite's accounts, optionally by way of proxies in front of its services.</summary>
    public string ConnectionStringFor(string account, Uri? blob = null, Uri? queue = null, Uri? table = null)
        => $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={AccountKey};BlobEndpoint={blob ?? BlobEndpoint}{account};"
            + $"QueueEndpoint={queue ?? QueueEndpoint}{account};TableEndpoint={table ?? TableEndpoint}{account};";

    /// <summary>The name of an account that nobody else in this process uses, empty at first.</summary>
    public string NewAccount()
    {
        var number = Interlocked.Increment(ref accountsUsed);
        return number <= SpareAccounts ? Spare(number) : throw new InvalidOperationException($"all {SpareAccounts} spare accounts are used");
    }

    /// <summary>Lets pages of an origin put blobs by a signed address, as infra/modules/storage-account.bicep does.</summary>
    public async Task AdmitPagesAsync(string account, Uri origin, CancellationToken cancel = default)
    {
        var service = new BlobServiceClient(ConnectionStringFor(account), new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        var properties = (await service.GetPropertiesAsync(cancel)).Value;
        properties.Cors =
        [
            new BlobCorsRule
            {
                AllowedOrigins = origin.GetLeftPart(UriPartial.Authority),
                AllowedMethods = "PUT",
                AllowedHeaders = "content-type,if-none-match",
                ExposedHeaders = "x-ms-error-code",
                MaxAgeInSeconds = 3600,
            },
        ];
        await service.SetPropertiesAsync(properties, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(services.Select(s => s.DisposeAsync().AsTask()));
        if (temporary)
            Directory.Delete(folder, recursive: true);
    }

    private static string Spare(int number) => $"notarytest{number:000}";

    private static async Task<(Uri Uri, ChildProcess Child)> StartServiceAsync(string service, int port, string folder, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var chosen = port == 0 ? ChildProcess.FreePort() : port;
            try
            {
                var child = await ChildProcess.StartAsync(Describe(service, chosen, folder), cancel);
                return (new Uri($"http://127.0.0.1:{chosen}/"), child);
            }
            catch (InvalidOperationException) when (port == 0 && attempt < StartAttempts)
            {
            }
        }
    }

    private static ChildStart Describe(string service, int port, string folder)
        => new(
            Repository.NodeTool($"azurite-{service}"),
            $"--{service}Host", "127.0.0.1", $"--{service}Port", $"{port}",
            "--location", folder, "--silent", "--disableTelemetry")
        {
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string?>
            {
                ["AZURITE_ACCOUNTS"] = string.Join(';',
                    Enumerable.Range(1, SpareAccounts).Select(Spare).Prepend(DefaultAccount).Select(name => $"{name}:{AccountKey}")),
            },
            // The port alone would also be ready when another process had taken it.
            Ready = async (child, stop) => child.StandardOutput.Contains("successfully", StringComparison.Ordinal)
                && await ChildProcess.AcceptsAsync(port, stop),
            // Saving a large state takes a while, and what is not saved is lost.
            StopTimeout = TimeSpan.FromSeconds(30),
        };
}
