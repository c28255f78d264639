using System.Net.Http.Json;

namespace Notary.Soak;

/// <summary>Many clients upload large files at the same time; the app's memory stays bounded.</summary>
internal static class UploadRun
{
    /// <summary>Clients are of several tenants: one alone does not get all of the app's slots.</summary>
    private const int Tenants = 4;

    private const double MaxPeakMiB = 512;

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var stage = await Stage.StartAsync();
        var keys = new string[Tenants];
        for (var i = 0; i < Tenants; i++)
            keys[i] = await stage.App.CreateTenantAsync(stage.Platform.OperatorKey, $"uploader-{i}", $"Uploader {i}");

        var done = 0;
        var clock = Stopwatch.StartNew();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, options.Clients).Select(client => Task.Run(async () =>
        {
            var wrong = await UploadAsync(stage, keys[client % Tenants], client, options.MiB);
            SoakOptions.Say(SoakOptions.Text($"{Interlocked.Increment(ref done)}/{options.Clients} uploads, VmRSS {stage.MemoryMiB("VmRSS"):0} MiB {wrong}"));
            return wrong;
        })));
        var rate = (double)options.Clients * options.MiB / clock.Elapsed.TotalSeconds;
        var (peak, right) = (stage.MemoryMiB("VmHWM"), outcomes.Count(wrong => wrong is null));
        return new Result(
            "uploads",
            SoakOptions.Text($"{options.Clients} clients at once x {options.MiB} MiB, {right} receipts and originals right, ",
                $"{options.Clients - right} wrong; {rate:0} MiB/s together; app's VmHWM {peak:0} MiB"),
            SoakOptions.Text($"all right, VmHWM <= {MaxPeakMiB} MiB"),
            right == options.Clients && peak <= MaxPeakMiB);
    }

    /// <returns>What is wrong; null when the receipt and the head of what was kept are right.</returns>
    private static async Task<string?> UploadAsync(Stage stage, string key, int client, int mib)
    {
        using var http = stage.App.Client(key);
        http.Timeout = Timeout.InfiniteTimeSpan;
        using var content = new Pattern(client, mib);
        using var body = new StreamContent(content, Pattern.BlockBytes);
        using var answer = await http.PostAsync(new Uri("v1/deposits/file?name=large.bin&letter=onRequest", UriKind.Relative), body);
        if (!answer.IsSuccessStatusCode)
            return $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}";

        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var item = receipt.GetProperty("manifest").GetProperty("items")[0];
        if (item.GetProperty("digests").GetProperty("sha-256").GetString() != content.Sha256
            || item.GetProperty("size").GetInt64() != (long)mib * Pattern.BlockBytes)
            return "the receipt is for other bytes";

        using var some = new HttpRequestMessage(HttpMethod.Get, $"v1/deposits/{receipt.GetProperty("id").GetString()}/original")
        { Headers = { Range = new(0, sizeof(int) - 1) } };
        using var kept = await http.SendAsync(some);
        return BitConverter.ToInt32(await kept.Content.ReadAsByteArrayAsync()) == client ? null : "what was kept begins otherwise";
    }

    /// <summary>Random blocks, stamped with client and number, made and hashed while they are read.</summary>
    private sealed class Pattern(int client, int blocks) : Stream
    {
        public const int BlockBytes = 1024 * 1024;

        private readonly byte[] block = RandomNumberGenerator.GetBytes(BlockBytes);
        private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long position;

        /// <summary>Of the whole, once it was read to its end: whoever sends a stream disposes of it.</summary>
        public string Sha256 { get; private set; } = "";

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => (long)blocks * BlockBytes;

        public override long Position
        {
            get => position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var at = (int)(position % BlockBytes);
            BitConverter.TryWriteBytes(block, client);
            BitConverter.TryWriteBytes(block.AsSpan(sizeof(int)), (int)(position / BlockBytes));
            var part = block.AsSpan(at, (int)Math.Min(Math.Min(buffer.Length, BlockBytes - at), Length - position));
            part.CopyTo(buffer);
            sha.AppendData(part);
            position += part.Length;
            Sha256 = position == Length ? Convert.ToHexStringLower(sha.GetCurrentHash()) : Sha256;
            return part.Length;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => Task.FromResult(Read(buffer.AsSpan(offset, count)));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            sha.Dispose();
            base.Dispose(disposing);
        }
    }
}
