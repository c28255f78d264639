using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Cli;

/// <summary>A file in blocks to a signed address that is signed anew while it runs. What storage has taken is not sent again, also by another try.</summary>
internal sealed class BlockUpload(string path, long size, UploadState? state, TextWriter error) : IDisposable
{
    /// <summary>What a lost connection costs at most. A larger file has larger ones.</summary>
    private const int LeastBlock = 8 * 1024 * 1024;

    /// <summary>Of a blob, by storage.</summary>
    private const int MaxBlocks = 50_000;

    /// <summary>Blocks on their way at once.</summary>
    private const int AtOnce = 4;

    private const int MiB = 1024 * 1024;

    /// <summary>Well before an address of <see cref="AddressUpload.AddressMinutes"/> has run out.</summary>
    private static readonly TimeSpan Renew = TimeSpan.FromMinutes(AddressUpload.AddressMinutes * 2 / 3.0);

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly int blockBytes = (int)Math.Max(LeastBlock, (size + ((long)MaxBlocks * MiB) - 1) / ((long)MaxBlocks * MiB) * MiB);
    private readonly SemaphoreSlim one = new(1, 1);
    private HashSet<int>? done;
    private BlockBlobClient? blob;
    private long signedAt, saidAt = Stopwatch.GetTimestamp();

    private int Count => (int)((size + blockBytes - 1) / blockBytes);

    /// <summary>Sends what is missing, and then the list.</summary>
    /// <param name="sign">Gives an address that was just signed.</param>
    /// <param name="c">Stops.</param>
    /// <exception cref="RequestFailedException">As storage answered; InvalidBlockList: blocks are gone, and the next try sends all.</exception>
    public async Task PutAsync(Func<Task<Uri>> sign, CancellationToken c)
    {
        done ??= [.. state?.Done(blockBytes) ?? new HashSet<int>()];
        blob = null;
        if (done.Count > 0)
            await error.WriteLineAsync($"{done.Count} of {Count} blocks are there already");

        using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
        var missing = Enumerable.Range(0, Count).Except(done).ToList();
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = c }, async (index, stop) =>
        {
            var bytes = new byte[(int)Math.Min(blockBytes, size - ((long)index * blockBytes))];
            for (var at = 0; at < bytes.Length;)
            {
                var read = await RandomAccess.ReadAsync(file, bytes.AsMemory(at), ((long)index * blockBytes) + at, stop);
                at += read > 0 ? read : throw new CliException("the file became shorter while it was sent");
            }

            await StageAsync(index, bytes, sign, stop);
            await KeepAsync(index, stop);
        });

        try
        {
            await (await ClientAsync(sign, c)).CommitBlockListAsync([.. Enumerable.Range(0, Count).Select(Name)],
                new CommitBlockListOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, c);
        }
        catch (RequestFailedException e) when (e.ErrorCode == "InvalidBlockList")
        {
            // Storage keeps blocks for a week; or they were committed by a try whose answer was lost, and taken since: a look at the upload tells.
            done.Clear();
            state?.Keep(blockBytes, done);
            throw;
        }
    }

    public void Dispose() => one.Dispose();

    private static string Name(int index) => Convert.ToBase64String(Encoding.ASCII.GetBytes(index.ToString("D8", CultureInfo.InvariantCulture)));

    private async Task StageAsync(int index, byte[] bytes, Func<Task<Uri>> sign, CancellationToken c)
    {
        for (var again = false; ; again = true)
        {
            var client = await ClientAsync(sign, c);
            try
            {
                await client.StageBlockAsync(Name(index), new MemoryStream(bytes), cancellationToken: c);
                return;
            }
            catch (RequestFailedException e) when (e.Status == 403 && !again)
            {
                // The address ran out earlier than it should: this machine slept, or its clock is off.
                Interlocked.CompareExchange(ref blob, null, client);
            }
        }
    }

    private async Task<BlockBlobClient> ClientAsync(Func<Task<Uri>> sign, CancellationToken c)
    {
        await one.WaitAsync(c);
        try
        {
            if (blob is not { } known || Stopwatch.GetElapsedTime(signedAt) > Renew)
            {
                // The version of the service that the local server knows too.
                blob = known = new BlockBlobClient(await sign(), new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
                signedAt = Stopwatch.GetTimestamp();
            }

            return known;
        }
        finally
        {
            one.Release();
        }
    }

    private async Task KeepAsync(int index, CancellationToken c)
    {
        await one.WaitAsync(c);
        try
        {
            done!.Add(index);
            state?.Keep(blockBytes, done);
            if (Stopwatch.GetElapsedTime(saidAt) > Between)
            {
                saidAt = Stopwatch.GetTimestamp();
                var sent = Math.Min(size, (long)done.Count * blockBytes);
                await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"sent {sent} of {size} bytes, {100.0 * sent / size:0.0} %"));
            }
        }
        finally
        {
            one.Release();
        }
    }
}
