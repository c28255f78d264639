using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Notary.Evidence.Batches;

namespace Notary.Bench;

/// <summary>A batch of a million from HTTP to its 201: against hashing and writing alone, against single deposits, and in memory.</summary>
internal static class BulkBench
{
    private const int Items = 1_000_000;

    /// <summary>Single deposits of a run.</summary>
    private const int Singles = 400;

    /// <summary>Bytes of a block as the platform stages them.</summary>
    private const int BlockBytes = 4 * 1024 * 1024;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        var body = Body();
        byte[]? lines = null;
        var ceiling = await Pairs.MeasureAsync(
            "batch of a million", "hashing the same leaves into the same tree on all cores and staging the same blobs to the same Azurite", 0.5, "items/s",
            async () =>
            {
                await using var app = await BenchApp.StartAsync(platform);
                await SendAsync(app.Tenant, Body(1000), 1000);
                var clock = Stopwatch.StartNew();
                var id = await SendAsync(app.Tenant, body, Items);
                var rate = Items / clock.Elapsed.TotalSeconds;
                lines ??= await LinesAsync(app.Storage, id);
                return rate;
            },
            async () =>
            {
                var storage = StorageAccount.Open(
                    new StorageOptions { ConnectionString = platform.Azurite.ConnectionStringFor(platform.Azurite.NewAccount()) });
                var container = storage.Container(Names.Batches);
                await container.CreateIfNotExistsAsync();
                var clock = Stopwatch.StartNew();
                await PeerAsync(container, lines!);
                return Items / clock.Elapsed.TotalSeconds;
            },
            $"{Items} bare digests with a reference each, {body.Length / 1024 / 1024} MiB over HTTP; read, checked, salted, hashed, stored, acknowledged");

        await using var app = await BenchApp.StartAsync(platform);
        await Deposit.AgainAsync(app.Tenant);
        await Load.RunAsync(Singles, () => Deposit.AgainAsync(app.Tenant));
        var singles = await Pairs.MeasureAsync("against single deposits", "digest deposits one by one, by the same app", 100, "items/s",
            async () =>
            {
                var clock = Stopwatch.StartNew();
                await SendAsync(app.Tenant, body, Items);
                return Items / clock.Elapsed.TotalSeconds;
            },
            () => Load.RunAsync(Singles, () => Deposit.DigestAsync(app.Tenant)), warm: false);
        return [ceiling, singles, await MemoryAsync(platform, body)];
    }

    /// <summary>Four tenants at once, which are as many as an instance takes; each batch is indexed afterwards.</summary>
    private static async Task<Ceiling> MemoryAsync(Platform platform, byte[] body)
    {
        await using var app = await BenchApp.StartAsync(platform);
        var tenants = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => app.TenantAsync($"bulk-{n}")));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(tenants.Select(tenant => SendAsync(tenant, body, Items)));
        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var tenant in tenants)
        {
            while ((await tenant.GetStringAsync(new Uri("v1/batches/items?reference=none", UriKind.Relative)))
                .Contains("\"unindexed\":[\"", StringComparison.Ordinal))
                await Task.Delay(200);

            tenant.Dispose();
        }

        return new Ceiling("memory, four at once", app.PeakMiB, "MiB", 400,
            Figure.Say($"four requests of {Items} items, {seconds:0.0} s together, then indexed"));
    }

    private static byte[] Body(int items = Items)
    {
        var text = new StringBuilder(items * 120);
        Span<byte> seed = stackalloc byte[sizeof(int)];
        for (var n = 0; n < items; n++)
        {
            BitConverter.TryWriteBytes(seed, n);
            text.Append("{\"sha-256\":\"").Append(Digest.Of(seed)).Append("\",\"reference\":\"R/2026/").Append(n).Append("\"}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static async Task<DepositId> SendAsync(HttpClient tenant, byte[] body, int items)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(BatchFormat.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/batches?letter=onRequest") { Content = content };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await tenant.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        using var receipt = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        var manifest = Manifest.Parse(Jcs.Canonicalize(receipt.RootElement.GetProperty("manifest")));
        return manifest.ItemCount == items ? manifest.Id : throw new InvalidOperationException($"a batch of {items} was acknowledged as {manifest.ItemCount}");
    }

    private static async Task<byte[]> LinesAsync(StorageAccount storage, DepositId id)
        => (await storage.Container(Names.Batches).GetBlobClient(Names.BatchItems(id)).DownloadContentAsync()).Value.Content.ToArray();

    /// <summary>What no intake can do without.</summary>
    private static async Task PeerAsync(BlobContainerClient container, byte[] lines)
    {
        var writing = WriteAsync(container.GetBlockBlobClient("items"), lines);
        var ends = new int[Items + 1];
        for (int i = 0, at = 0; i < Items; i++)
            ends[i + 1] = at = Array.IndexOf(lines, (byte)'\n', at) + 1;

        var leaves = new Digest[Items];
        Parallel.ForEach(Partitioner.Create(0, Items), range =>
        {
            for (var i = range.Item1; i < range.Item2; i++)
                leaves[i] = BatchItem.Leaf(lines.AsSpan(ends[i], ends[i + 1] - ends[i] - 1));
        });
        var tree = new BatchTree();
        tree.Append(leaves);
        tree.Root();
        var blob = new byte[(Items * Digest.Size) + (Items / 2)];
        for (var i = 0; i < Items; i++)
            leaves[i].CopyTo(blob.AsSpan(i * Digest.Size));

        await writing;
        await WriteAsync(container.GetBlockBlobClient("tree"), blob);
    }

    private static async Task WriteAsync(BlockBlobClient blob, byte[] bytes)
    {
        var ids = new List<string>();
        for (var at = 0; at < bytes.Length; at += BlockBytes)
        {
            ids.Add(Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ids.Count:D8}")));
            await blob.StageBlockAsync(ids[^1], new MemoryStream(bytes, at, Math.Min(BlockBytes, bytes.Length - at)));
        }

        await blob.CommitBlockListAsync(ids);
    }
}
