using System.IO.Compression;
using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>A recording's files: a folder, or a zip of it. Safe on several threads.</summary>
/// <remarks>A zip only carries its members: what of it is no member's bytes is not evidence and not judged.</remarks>
public sealed class RecordingPackage : IDisposable
{
    /// <summary>Files of a package: three of each segment, four of each head, and as many again.</summary>
    private const int MaxFiles = 8 * ForensicsFormat.MaxLinks;

    /// <summary>Folders within folders: no name of the format has more than four parts.</summary>
    private const int MaxDepth = 6;

    /// <summary>Bytes read of a zip before its members are known.</summary>
    private const int MaxDirectory = 64 * 1024 * 1024;

    /// <summary>How far a zip may unfold beside a first MiB: events fold to a tenth, and a bomb to a thousandth.</summary>
    private const int MaxRatio = 100;

    private readonly string? folder;
    private readonly ZipArchive? zip;
    private readonly Dictionary<string, ZipArchiveEntry?> files = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long budget;

    /// <param name="folder">Is read as it is now, and must not change meanwhile.</param>
    public RecordingPackage(string folder)
    {
        this.folder = folder;
        Walk(new DirectoryInfo(folder), "", 0);
    }

    /// <param name="zip">Seekable; the package owns it from now on.</param>
    /// <exception cref="InvalidDataException">It is no zip, or one with too many members.</exception>
    public RecordingPackage(Stream zip)
    {
        budget = (1024 * 1024) + (zip.Length * MaxRatio);
        var bounded = new BudgetStream(zip, MaxDirectory);
        try
        {
            this.zip = new ZipArchive(bounded, ZipArchiveMode.Read);
            Members(this.zip.Entries);
        }
        catch (Exception e) when (BundleReader.IsUnreadable(e))
        {
            zip.Dispose();
            throw new InvalidDataException($"the zip cannot be read: {e.Message}", e);
        }

        bounded.Lift();
    }

    /// <summary>What no package has: links to elsewhere, members twice, folders without end.</summary>
    internal List<(string Name, string Why)> Odd { get; } = [];

    internal IEnumerable<string> Names => files.Keys;

    internal bool Has(string name) => files.ContainsKey(name);

    /// <summary>The file's bytes, in memory that goes back when it is disposed; null when it is not there, or longer than <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged there.</exception>
    internal Rented? Read(string name, int most)
    {
        if (!files.TryGetValue(name, out var entry))
            return null;

        var rented = new Rented();
        try
        {
            if (entry is null)
            {
                using var file = Open(name);
                rented.Fill(file, most, RandomAccess.GetLength(file.SafeFileHandle));
            }
            else
            {
                lock (gate)
                {
                    if (budget <= 0)
                        throw new InvalidDataException("the zip unfolds further than any recording");

                    using var member = entry.Open();
                    rented.Fill(member, (int)Math.Min(most, budget), entry.Length);
                    budget -= rented.Bytes.Length;
                }
            }
        }
        catch (Exception e)
        {
            rented.Dispose();
            if (entry is not null && BundleReader.IsUnreadable(e))
                throw new InvalidDataException($"{name} cannot be unpacked", e);

            throw;
        }

        if (rented.Bytes.Length <= most)
            return rented;

        rented.Dispose();
        return null;
    }

    /// <summary>Size and digest of a file of any size; null when it is not there, longer than <paramref name="most"/>, or damaged in the zip.</summary>
    internal Part? Measure(string name, long most)
    {
        if (!files.TryGetValue(name, out var entry))
            return null;

        lock (gate)
        {
            try
            {
                using var content = entry is null ? Open(name) : entry.Open();
                return Measure(content, most, bounded: entry is not null);
            }
            catch (Exception e) when (entry is not null && BundleReader.IsUnreadable(e))
            {
                return null;
            }
        }
    }

    public void Dispose() => zip?.Dispose();

    private void Members(IEnumerable<ZipArchiveEntry> entries)
    {
        foreach (var entry in entries.Where(e => !e.FullName.EndsWith('/')))
        {
            if (files.Count + Odd.Count == MaxFiles)
                throw new InvalidDataException($"it has more than {MaxFiles} members");

            if (!files.TryAdd(entry.FullName, entry))
                Odd.Add((entry.FullName, "is there twice"));
        }
    }

    private Part? Measure(Stream content, long most, bool bounded)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size) = (new byte[1 << 16], 0L);
        for (int read; (read = content.Read(buffer)) > 0; size += read)
        {
            if (size + read > most || (bounded && (budget -= read) < 0))
                return null;

            hash.AppendData(buffer, 0, read);
        }

        return new Part(size, new Digest(hash.GetHashAndReset()));
    }

    private FileStream Open(string name) => new(Path.Combine(folder!, name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private void Walk(DirectoryInfo place, string prefix, int depth)
    {
        foreach (var each in place.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            var name = prefix + each.Name;
            if (files.Count + Odd.Count == MaxFiles)
                throw new InvalidDataException($"the folder has more than {MaxFiles} files");

            if ((each.Attributes & FileAttributes.ReparsePoint) != 0)
                Odd.Add((name, "leads elsewhere"));
            else if (each is DirectoryInfo inner && depth == MaxDepth)
                Odd.Add((name, "is a folder too deep"));
            else if (each is DirectoryInfo next)
                Walk(next, name + "/", depth + 1);
            else
                files.Add(name, null);
        }
    }
}
