namespace Notary.Cli;

/// <summary>What is deposited: read once for its digest, and again for each time it is sent.</summary>
/// <remarks>A pipe can be read only once, so it is kept in a temporary file, readable by its owner alone, until the command ends.</remarks>
internal sealed class DepositSource : IDisposable
{
    private readonly string path;
    private readonly bool temporary;

    private DepositSource(string path, bool temporary, Digest sha256, long size)
        => (this.path, this.temporary, Sha256, Size) = (path, temporary, sha256, size);

    public Digest Sha256 { get; }

    public long Size { get; }

    /// <summary>Whether it came from a pipe, whose own name says nothing.</summary>
    public bool IsPipe => temporary;

    /// <param name="given">A file, or <c>-</c> for <paramref name="input"/>.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="c">Stops.</param>
    public static async Task<DepositSource> ReadAsync(string given, Stream input, CancellationToken c)
    {
        if (given == "-")
            return await SpoolAsync(input, c);

        await using var file = Terminal.Open(given, "`notary deposit - --name NAME < file` deposits it");
        return file.CanSeek
            ? new DepositSource(given, false, new Digest(await SHA256.HashDataAsync(file, c)), file.Position)
            : await SpoolAsync(file, c);
    }

    /// <summary>A file whose digest is known from an earlier try.</summary>
    public static DepositSource Known(string path, Digest sha256) => new(path, false, sha256, new FileInfo(path).Length);

    /// <summary>Where it lies.</summary>
    public string Path => path;

    public FileStream Open() => Terminal.Open(path);

    public void Dispose()
    {
        if (temporary)
            File.Delete(path);
    }

    private static async Task<DepositSource> SpoolAsync(Stream pipe, CancellationToken c)
    {
        var path = System.IO.Path.GetTempFileName();
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            await pipe.CopyToAsync(file, c);
            file.Position = 0;
            return new DepositSource(path, true, new Digest(await SHA256.HashDataAsync(file, c)), file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
