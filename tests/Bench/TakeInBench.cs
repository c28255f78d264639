using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Bench;

/// <summary>One large upload taken in by the app, against the same SDK that downloads, hashes and encrypts a blob of the same size by itself.</summary>
internal static class TakeInBench
{
    /// <summary>The app's peak: whatever the upload's size, and far below the 2 GiB of an instance.</summary>
    private const double MaxPeakMiB = 400;

    /// <summary>Shrinks or enlarges the file.</summary>
    private static readonly int MiB = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_TAKEIN_MIB") ?? "1024", CultureInfo.InvariantCulture);

    private const int MiBPerBlock = 8;

    private const int WarmUpMiB = 80;

    /// <summary>Blocks under way at once while the source is made.</summary>
    private const int Staged = 4;

    private static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("NOTARY_BENCH_TAKEIN_PAIRS") ?? "5", CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var (ratios, ours, peers, peak) = (new List<double>(), new List<double>(), new List<double>(), 0.0);
        async Task OursAsync()
        {
            await using var platform = await Platform.StartAsync(new PlatformOptions());
            await using var app = await BenchApp.StartAsync(platform);
            await TakenInAsync(app, WarmUpMiB);
            ours.Add(await TakenInAsync(app, MiB));
            peak = Math.Max(peak, app.PeakMiB);
        }

        async Task AloneAsync()
        {
            await using var platform = await Platform.StartAsync(new PlatformOptions());
            var vault = new KeyClient(platform.Vault.Url, new LoopbackCredential(platform.Vault.Token));
            var key = await VaultKeyEncryption.OpenAsync(vault, KeyNames.KeyEncryption);
            var container = new BlobContainerClient(platform.Azurite.ConnectionStringFor(platform.Azurite.NewAccount()), "peer",
                new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
            await container.CreateAsync();
            await EncryptedAsync(container, key, WarmUpMiB);
            peers.Add(await EncryptedAsync(container, key, MiB));
        }

        // A platform for each half: Azurite keeps what it was given, and two large files with their copies may be more than the disk has.
        for (var pair = 0; pair < Count; pair++)
        {
            if (pair % 2 == 0)
            {
                await OursAsync();
                await AloneAsync();
            }
            else
            {
                await AloneAsync();
                await OursAsync();
            }

            ratios.Add(ours[^1] / peers[^1]);
            await Console.Error.WriteLineAsync(Figure.Say(
                $"takein: pair {pair + 1} of {Count}, {ratios[^1]:0.00}x ({ours[^1]:0} and {peers[^1]:0} MiB/s), peak {peak:0} MiB"));
        }

        return
        [
            new Ratio("take-in", "the same SDK downloading, hashing (SHA-256) and encrypting (v2) a blob of the same size, same blocks and concurrency", 0.85,
                ratios, Figure.Say($"medians {ours.Order().ElementAt(Count / 2):0} and {peers.Order().ElementAt(Count / 2):0} MiB/s; {MiB:#,0} MiB, ",
                    $"from the row that begins the taking to the deposit, progress saved each 64 MiB")),
            new Ceiling("app's peak memory, taking in", peak, "MiB", MaxPeakMiB, Figure.Say($"VmHWM after {MiB:#,0} MiB")),
        ];
    }

    private static async Task<double> TakenInAsync(BenchApp app, int size)
    {
        using var wanted = new StringContent("""{"letter":"onRequest"}""", Encoding.UTF8, "application/json");
        using var begun = await app.Tenant.PostAsync(new Uri("v1/uploads", UriKind.Relative), wanted);
        var ticket = (await begun.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>())!;
        var (url, id) = (new Uri(ticket.GetProperty("url").GetString()!), ticket.GetProperty("id").GetString()!);
        var path = url.AbsolutePath.Split("/uploads/")[1];
        var digest = await FillAsync(app.Storage.Container(Names.Uploads).GetBlockBlobClient(path), size);
        await app.Storage.Queue(Names.UploadsQueue).SendMessageAsync(new JsonObject
        {
            ["type"] = "Microsoft.Storage.BlobCreated",
            ["subject"] = $"/blobServices/default/containers/uploads/blobs/{path}",
            ["data"] = new JsonObject { ["api"] = "PutBlockList" },
        }.ToJsonString());

        // The queue is looked at every two seconds: the row says when the taking begins.
        var table = app.Storage.Table(Names.Deposits);
        async Task<Azure.Data.Tables.TableEntity> RowAsync()
            => await table.QueryAsync<Azure.Data.Tables.TableEntity>($"RowKey eq 'u|{path.Replace('/', '|')}'").FirstAsync();
        while ((await RowAsync()).GetInt32("Begun") is not > 0)
            await Task.Delay(20);

        var clock = Stopwatch.StartNew();
        JsonElement view;
        do
        {
            await Task.Delay(50);
            view = await app.Tenant.GetFromJsonAsync<JsonElement>(new Uri($"v1/uploads/{id}", UriKind.Relative));
        }
        while (view.GetProperty("state").GetString() == "waiting");
        var seconds = clock.Elapsed.TotalSeconds;
        var deposit = await app.Tenant.GetFromJsonAsync<JsonElement>(new Uri($"v1/deposits/{view.GetProperty("depositId").GetString()}", UriKind.Relative));
        return deposit.GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString() == digest
            ? size / seconds : throw new InvalidOperationException("the deposit is of another digest");
    }

    private static async Task<double> EncryptedAsync(BlobContainerClient container, VaultKeyEncryption key, int size)
    {
        var source = container.GetBlockBlobClient(Guid.NewGuid().ToString("N"));
        var digest = await FillAsync(source, size);
        var ours = new StorageOptions();
        var clock = Stopwatch.StartNew();
        using var sha = SHA256.Create();
        await using (var content = (await source.DownloadStreamingAsync()).Value.Content)
        await using (var hashed = new CryptoStream(content, sha, CryptoStreamMode.Read))
        {
            await container.GetBlobClient(Guid.NewGuid().ToString("N")).WithClientSideEncryptionOptions(
                new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0)
                {
                    KeyEncryptionKey = key, KeyResolver = key, KeyWrapAlgorithm = VaultKeyEncryption.Algorithm,
                }).UploadAsync(hashed, new BlobUploadOptions
                {
                    TransferOptions = new StorageTransferOptions
                    {
                        InitialTransferSize = ours.UploadBlockBytes,
                        MaximumTransferSize = ours.UploadBlockBytes,
                        MaximumConcurrency = ours.UploadConcurrency,
                    },
                });
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return Convert.ToHexStringLower(sha.Hash!) == digest ? size / seconds : throw new InvalidOperationException("the peer hashed other bytes");
    }

    /// <summary>Random bytes, straight into storage. There is no blob before its last block: an empty one would be taken in by the sweep.</summary>
    private static async Task<string> FillAsync(BlockBlobClient blob, int size)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (blocks, staging) = (new List<string>(), new Queue<Task>());
        for (var left = size; left > 0; left -= MiBPerBlock)
        {
            var block = new byte[Math.Min(left, MiBPerBlock) * 1024 * 1024];
            RandomNumberGenerator.Fill(block);
            sha.AppendData(block);
            blocks.Add(Convert.ToBase64String(BitConverter.GetBytes(blocks.Count)));
            staging.Enqueue(blob.StageBlockAsync(blocks[^1], new MemoryStream(block)));
            if (staging.Count == Staged)
                await staging.Dequeue();
        }

        await Task.WhenAll(staging);
        await blob.CommitBlockListAsync(blocks);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
