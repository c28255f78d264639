namespace Notary.Cli;

/// <summary>How far <c>notary upload</c> has come, in a file beside what is sent: after a kill the same command goes on, and hashes nothing again.</summary>
/// <remarks>It has no key and no address. It counts only for the same server and for a file of the same size and time of change.</remarks>
internal sealed class UploadState
{
    /// <summary>Ends its name, after the file's own.</summary>
    public const string Suffix = ".notary-upload";

    private readonly string path;
    private Kept kept;

    private UploadState(string path, Kept kept) => (this.path, this.kept) = (path, kept);

    /// <summary>The idempotency key of the first try; null before there was one.</summary>
    public string? Key => kept.Key;

    /// <summary>The file's digest; null where it has to be read.</summary>
    public Digest? Sha256 => kept.Sha256 is { } text && Digest.TryParse(text, out var digest) ? digest : null;

    /// <summary>What is kept of an earlier try, or nothing.</summary>
    /// <param name="file">What is sent.</param>
    /// <param name="server">Where to.</param>
    public static UploadState Open(string file, Uri server)
    {
        var info = new FileInfo(file);
        var now = new Kept(server.AbsoluteUri, info.Length, info.LastWriteTimeUtc.Ticks);
        var path = file + Suffix;
        try
        {
            if (JsonSerializer.Deserialize<Kept>(File.ReadAllBytes(path)) is { } there && there.Server == now.Server && there.Size == now.Size
                && there.Changed == now.Changed && (there.Expires is null || there.Expires > TimeProvider.System.GetUtcNow()))
                return new UploadState(path, there);
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            // None, or one that was cut off.
        }

        return new UploadState(path, now);
    }

    /// <summary>Blocks that storage has, as it has said.</summary>
    public IReadOnlySet<int> Done(int blockBytes)
        => kept.BlockBytes == blockBytes ? (kept.Done ?? []).SelectMany(range => Enumerable.Range(range[0], range[1])).ToHashSet() : new HashSet<int>();

    /// <summary>Keeps what the first try is known by.</summary>
    public void Begin(string key, Digest sha256) => Write(kept with { Key = key, Sha256 = sha256.ToString() });

    /// <summary>Keeps until when the platform waits for it.</summary>
    public void Expire(DateTimeOffset at) => Write(kept with { Expires = at });

    /// <summary>Keeps which blocks are there.</summary>
    public void Keep(int blockBytes, IEnumerable<int> done)
    {
        var ranges = new List<int[]>();
        foreach (var index in done.Order())
        {
            if (ranges.Count > 0 && ranges[^1][0] + ranges[^1][1] == index)
                ranges[^1][1]++;
            else
                ranges.Add([index, 1]);
        }

        Write(kept with { BlockBytes = blockBytes, Done = [.. ranges] });
    }

    /// <summary>It is a deposit: nothing is left to go on with.</summary>
    public void End() => File.Delete(path);

    private void Write(Kept now)
    {
        kept = now;
        File.WriteAllBytes(path + ".part", JsonSerializer.SerializeToUtf8Bytes(now));
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <param name="Server">Where it goes.</param>
    /// <param name="Size">The file's bytes.</param>
    /// <param name="Changed">When it was changed last, in ticks.</param>
    private sealed record Kept(string Server, long Size, long Changed)
    {
        public string? Key { get; init; }

        public string? Sha256 { get; init; }

        public DateTimeOffset? Expires { get; init; }

        public int BlockBytes { get; init; }

        /// <summary>First and count of each range.</summary>
        public int[][]? Done { get; init; }
    }
}
