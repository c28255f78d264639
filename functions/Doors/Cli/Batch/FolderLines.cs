namespace Notary.Cli;

/// <summary>A folder's files as lines of a batch, hashed on all cores; by their paths, so that the same folder gives the same lines.</summary>
internal static class FolderLines
{
    /// <summary>Files hashed before their lines are written: what is in memory at once.</summary>
    private const int Chunk = 4096;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <exception cref="CliException">A file cannot be read, or its path is no name of an item.</exception>
    public static async Task WriteAsync(string folder, Stream output, TextWriter error, CancellationToken c)
    {
        var paths = Directory.EnumerateFiles(folder, "*",
            new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0)
            throw new CliException("the folder holds no files");

        var (buffer, done, said) = (new ArrayBufferWriter<byte>(), 0, Stopwatch.GetTimestamp());
        foreach (var some in paths.Chunk(Chunk))
        {
            var found = new (Digest Sha256, long Size)[some.Length];
            var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = c };
            await Parallel.ForAsync(0, some.Length, options, async (i, token) =>
            {
                await using var file = Terminal.Open(Path.Combine(folder, some[i]));
                found[i] = (new Digest(await SHA256.HashDataAsync(file, token)), file.Position);
            });

            buffer.ResetWrittenCount();
            for (var i = 0; i < some.Length; i++)
            {
                // Its name on the disk is what the depositor knows it by; where that is too long for one the last part says most.
                var name = some[i].Length <= Manifest.MaxNameLength ? some[i] : Path.GetFileName(some[i]);
                if (name.Any(char.IsControl) || name.Contains('\uFFFD', StringComparison.Ordinal))
                    throw new CliException($"the name of {ReportPrinter.Printable(some[i])} has control characters or is not UTF-8: no item has such");

                BatchSource.Write(buffer, found[i].Sha256, name, found[i].Size, null, some[i].Length <= Manifest.MaxNameLength ? some[i] : null, []);
            }

            await output.WriteAsync(buffer.WrittenMemory, c);
            done += some.Length;
            if (Stopwatch.GetElapsedTime(said) > Between)
            {
                said = Stopwatch.GetTimestamp();
                await error.WriteLineAsync($"hashed {done} of {paths.Count} files");
            }
        }
    }
}
