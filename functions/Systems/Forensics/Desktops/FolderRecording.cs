namespace Notary.Forensics.Desktops;

/// <summary>A recording in a folder of this machine.</summary>
internal sealed class FolderRecording(string folder) : IRecording
{
    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>(
        [.. new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(file => (file.Attributes & FileAttributes.ReparsePoint) == 0)
            .Select(file => Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'))]);

    public Task<bool> HasAsync(string name, CancellationToken cancel) => Task.FromResult(File.Exists(Path.Combine(folder, name)));

    public Task<Stream?> OpenAsync(string name, long offset, CancellationToken cancel)
    {
        var path = Path.Combine(folder, name);
        return Task.FromResult<Stream?>(!File.Exists(path) ? null
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) { Position = offset });
    }

    // Under a name of its own first: a file that is there is whole.
    public async Task WriteAsync(string name, byte[] bytes, CancellationToken cancel)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{folder}.{Guid.NewGuid():N}.draft";
        await File.WriteAllBytesAsync(draft, bytes, cancel).ConfigureAwait(false);
        File.Move(draft, path, overwrite: true);
    }
}
