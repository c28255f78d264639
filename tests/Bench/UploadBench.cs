using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Bench;

/// <summary>One large file through the app, against the same SDK encrypting and uploading it by itself.</summary>
internal static class UploadBench
{
    private const int WarmUpBytes = 32 * 1024 * 1024;
    private const double MaxPeakMiB = 300;

    /// <summary>Shrinks the file, for a trial; the figures that count are of 1,024.</summary>
    private static readonly int MiB = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_UPLOAD_MIB") ?? "1024", CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var file = Path.GetTempFileName();
        try
        {
            var sha256 = await FillAsync(file);
            var ratios = new List<double>();
            var (ours, peers) = (new List<double>(), new List<double>());
            double peak = 0;
            for (var pair = 0; pair < Pairs.Count; pair++)
            {
                // A platform for each pair: Azurite keeps what it was given, and the next pair should not find its disk full.
                await using var platform = await Platform.StartAsync(new PlatformOptions());
                await using var app = await BenchApp.StartAsync(platform);
                var peer = await PeerAsync(platform);
                await WarmAsync(app.Tenant, peer);
                if (pair % 2 == 0)
                {
                    ours.Add(await OursAsync(app.Tenant, file, sha256));
                    peers.Add(await AloneAsync(peer, file));
                }
                else
                {
                    peers.Add(await AloneAsync(peer, file));
                    ours.Add(await OursAsync(app.Tenant, file, sha256));
                }

                ratios.Add(ours[^1] / peers[^1]);
                await Console.Error.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"upload: pair {pair + 1} of {Pairs.Count}, {ratios[^1]:0.00}x"));
                peak = Math.Max(peak, app.PeakMiB);
            }

            return
            [
                new Ratio(
                    "upload", "the same SDK encrypting (v2) and uploading the same file to the same Azurite without the app, "
                        + "same blocks and concurrency", 0.9, ratios,
                    string.Create(CultureInfo.InvariantCulture, $"medians {ours.Order().ElementAt(ours.Count / 2):0} and "
                        + $"{peers.Order().ElementAt(peers.Count / 2):0} MiB/s; {MiB:#,0} MiB over HTTP, hashed, encrypted, stored, receipt durable")),
                new Ceiling("app's peak memory", peak, "MiB", MaxPeakMiB,
                    string.Create(CultureInfo.InvariantCulture, $"VmHWM, the largest of {Pairs.Count} processes after {MiB:#,0} MiB each")),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<double> OursAsync(HttpClient tenant, string file, Digest sha256)
    {
        await using var content = Open(file);
        var clock = Stopwatch.StartNew();
        await Deposit.FileAsync(tenant, content, sha256);
        return MiB / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> AloneAsync(Func<Stream, Task<BlobClient>> peer, string file)
    {
        await using var content = Open(file);
        var clock = Stopwatch.StartNew();
        var blob = await peer(content);
        var seconds = clock.Elapsed.TotalSeconds;
        return (await blob.GetPropertiesAsync()).Value.ContentLength > content.Length
            ? MiB / seconds
            : throw new InvalidOperationException("the peer's blob is shorter than its plaintext");
    }

    /// <summary>Both sides give back what they were given, before anything is timed.</summary>
    private static async Task WarmAsync(HttpClient tenant, Func<Stream, Task<BlobClient>> peer)
    {
        var content = RandomNumberGenerator.GetBytes(WarmUpBytes);
        var id = await Deposit.FileAsync(tenant, new MemoryStream(content), Digest.Of(content));
        var back = await tenant.GetByteArrayAsync(new Uri($"v1/deposits/{id}/original", UriKind.Relative));
        var other = await (await peer(new MemoryStream(content))).DownloadContentAsync();
        if (!back.AsSpan().SequenceEqual(content) || !other.Value.Content.ToMemory().Span.SequenceEqual(content))
            throw new InvalidOperationException("what came back is not what went in");
    }

    private static async Task<Func<Stream, Task<BlobClient>>> PeerAsync(Platform platform)
    {
        var key = await VaultKeyEncryption.OpenAsync(new KeyClient(platform.Vault.Url, new LoopbackCredential(platform.Vault.Token)), KeyNames.KeyEncryption);
        var container = new BlobContainerClient(platform.Azurite.ConnectionStringFor(platform.Azurite.NewAccount()), "peer",
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        await container.CreateAsync();
        var ours = new StorageOptions();
        return async content =>
        {
            var blob = container.GetBlobClient(Guid.NewGuid().ToString("N")).WithClientSideEncryptionOptions(
                new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0)
                {
                    KeyEncryptionKey = key,
                    KeyResolver = key,
                    KeyWrapAlgorithm = VaultKeyEncryption.Algorithm
                });
            var transfer = new StorageTransferOptions
            {
                InitialTransferSize = ours.UploadBlockBytes,
                MaximumTransferSize = ours.UploadBlockBytes,
                MaximumConcurrency = ours.UploadConcurrency
            };
            await blob.UploadAsync(content, new BlobUploadOptions { TransferOptions = transfer });
            return blob;
        };
    }

    /// <summary>Random bytes, so that nothing on the way can compress them.</summary>
    private static async Task<Digest> FillAsync(string file)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var piece = new byte[1024 * 1024];
        for (var i = 0; i < MiB; i++)
        {
            RandomNumberGenerator.Fill(piece);
            sha.AppendData(piece);
            await stream.WriteAsync(piece);
        }

        return new Digest(sha.GetHashAndReset());
    }

    private static FileStream Open(string file)
        => new(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
