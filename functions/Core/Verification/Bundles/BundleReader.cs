using System.IO.Compression;

namespace Notary.Verification;

/// <summary>An original in a bundle, not read yet.</summary>
internal sealed record OriginalPart(int Item, string Name, Func<Stream> Open, uint? Crc)
{
    /// <summary>Bytes read of it at most; one more is too many.</summary>
    public long MaxSize { get; init; } = long.MaxValue - 1;
}

/// <summary>A bundle taken apart.</summary>
/// <param name="Files">Members within their bounds, by name; originals are not among them.</param>
/// <param name="Faults">What is wrong with the container, each with the member's name.</param>
/// <remarks>Disposed when everything is judged: the files' memory is then somebody else's.</remarks>
internal sealed record BundleParts(
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files, IReadOnlyList<OriginalPart> Originals, IReadOnlyList<Verdict> Faults) : IDisposable
{
    /// <summary>Arrays of the shared pool that hold files.</summary>
    public List<byte[]> Rented { get; init; } = [];

    public void Dispose()
    {
        Rented.ForEach(array => ArrayPool<byte>.Shared.Return(array));
        Rented.Clear();
    }

    public IReadOnlyList<int> OriginalItems => [.. Originals.Select(o => o.Item)];
}

/// <summary>Takes a bundle apart within fixed bounds of memory, whoever made it.</summary>
internal static class BundleReader
{
    public const string Container = "container";

    /// <summary>Bytes. Larger members are read into rented memory: the collector treats arrays of 85,000 bytes and more as long-lived,
    /// which one letter after the other is not.</summary>
    private const int FewBytes = 64 * 1024;

    /// <summary>Bytes read of a foreign zip before its members are known: a directory of millions of them would fill memory.</summary>
    private const int MaxForeignDirectory = 2 * 1024 * 1024;

    /// <summary>How far an original in a foreign zip may unfold, beside a first MiB: what people pack unfolds less, and a bomb a thousandfold.</summary>
    private const int MaxRatio = 100;

    /// <param name="zip">Seekable.</param>
    public static BundleParts Read(Stream zip)
    {
        if (ZipDirectory.Read(zip, out var damaged) is { } members)
            return FromLayout(zip, members);

        // Not one of our zips, or not any more. The members are still judged, as far as any zip reader can find them.
        var faults = new List<Verdict>
            { Verdict.Fail(Rung.Bytes, Container, "container-changed", $"{damaged}; what could be read of the members is judged for itself") };
        try
        {
            zip.Position = 0;
            var bounded = new BudgetStream(zip, MaxForeignDirectory);
            var archive = new ZipArchive(bounded, ZipArchiveMode.Read, leaveOpen: true);
            var entries = archive.Entries;
            bounded.Lift();
            return FromAnyZip(entries, zip.Length, faults);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return new BundleParts(new Dictionary<string, ReadOnlyMemory<byte>>(), [],
                [Verdict.Fail(Rung.Bytes, Container, "not-a-bundle", "the file cannot be read as a zip: it is no evidence bundle, or it is badly damaged")]);
        }
    }

    private static BundleParts FromLayout(Stream zip, IReadOnlyList<ZipMember> members)
    {
        var (files, originals, faults) = (new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), new List<OriginalPart>(), new List<Verdict>());
        var rented = new List<byte[]>();
        foreach (var member in members)
        {
            if (!Admit(member.Name, member.Size, files, originals, faults))
                continue;

            if (BundleMembers.TryOriginal(member.Name, out var item))
            {
                originals.Add(new OriginalPart(item, member.Name, () => new WindowStream(zip, member.DataOffset, member.Size), member.Crc));
                continue;
            }

            var size = (int)member.Size;
            var array = size > FewBytes ? ArrayPool<byte>.Shared.Rent(size) : new byte[size];
            if (size > FewBytes)
                rented.Add(array);

            ZipDirectory.ReadAt(zip, member.DataOffset, array.AsSpan(0, size));
            Keep(member.Name, array.AsMemory(0, size), member.Crc, files, faults);
        }

        if (!members.Select(m => m.Name).SequenceEqual(members.Select(m => m.Name).OrderBy(BundleMembers.Order)))
            faults.Add(Verdict.Fail(Rung.Bytes, Container, "container-changed", "the members are not in the order in which the platform writes them"));

        return new BundleParts(files, originals, faults) { Rented = rented };
    }

    private static BundleParts FromAnyZip(System.Collections.ObjectModel.ReadOnlyCollection<ZipArchiveEntry> entries, long length, List<Verdict> faults)
    {
        var (files, originals) = (new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), new List<OriginalPart>());
        if (entries.Count > BundleMembers.MaxMembers)
            faults.Add(Verdict.Fail(Rung.Bytes, Container, "container-changed",
                $"the zip has {entries.Count} members, and no bundle has more than {BundleMembers.MaxMembers}; the first of them are judged"));

        // Members that share their bytes are each small and together without bound.
        var packed = entries.Where(e => BundleMembers.TryOriginal(e.FullName, out _)).Sum(e => Math.Clamp(e.CompressedLength, 0, length));
        foreach (var entry in entries.Take(BundleMembers.MaxMembers))
        {
            if (!Admit(entry.FullName, entry.Length, files, originals, faults))
                continue;

            if (BundleMembers.TryOriginal(entry.FullName, out var item))
            {
                if (packed <= length)
                    originals.Add(new OriginalPart(item, entry.FullName, entry.Open, null)
                    { MaxSize = (1024 * 1024) + (Math.Clamp(entry.CompressedLength, 0, length) * MaxRatio) });
                else
                    faults.Add(Verdict.Fail(Rung.Bytes, entry.FullName, "member-damaged", $"{entry.FullName} lies over other members of the zip"));

                continue;
            }

            try
            {
                using var content = entry.Open();
                if (Bounded(content, (int)BundleMembers.MaxSize(entry.FullName)) is { } bytes)
                    Keep(entry.FullName, bytes, entry.Crc32, files, faults);
                else
                    faults.Add(TooLarge(entry.FullName));
            }
            catch (Exception e) when (IsUnreadable(e))
            {
                faults.Add(Verdict.Fail(Rung.Bytes, entry.FullName, "member-damaged", $"{Printable(entry.FullName)} cannot be unpacked"));
            }
        }

        return new BundleParts(files, originals, faults);
    }

    private static bool Admit(string name, long size, Dictionary<string, ReadOnlyMemory<byte>> files, List<OriginalPart> originals, List<Verdict> faults)
    {
        var max = BundleMembers.MaxSize(name);
        if (max == 0)
            faults.Add(Verdict.Fail(Rung.Bytes, Printable(name), "member-unknown", $"{Printable(name)} is not a member that a bundle may have"));
        else if (files.ContainsKey(name) || originals.Any(o => o.Name == name))
            faults.Add(Verdict.Fail(Rung.Bytes, name, "member-repeated", $"{name} is there more than once"));
        else if (size > max)
            faults.Add(TooLarge(name));
        else
            return true;

        return false;
    }

    private static void Keep(string name, ReadOnlyMemory<byte> bytes, uint crc, Dictionary<string, ReadOnlyMemory<byte>> files, List<Verdict> faults)
    {
        files.Add(name, bytes);
        if (Crc32.HashToUInt32(bytes.Span) != crc)
            faults.Add(Verdict.Fail(Rung.Bytes, name, "member-damaged", $"{name} does not have the checksum that the zip states for it"));
    }

    private static Verdict TooLarge(string name) => Verdict.Fail(Rung.Bytes, name, "member-too-large", $"{name} is larger than such a member can be");

    /// <summary>A zip states sizes that its data need not keep: reading stops one byte past the bound.</summary>
    private static byte[]? Bounded(Stream content, int max)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (content.Read(buffer, 0, (int)Math.Min(buffer.Length, max + 1L - bytes.Length)) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > max)
                return null;
        }

        return bytes.ToArray();
    }

    /// <summary>Everything a zip reader throws at damaged or hostile files.</summary>
    internal static bool IsUnreadable(Exception e)
        => e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException or InvalidOperationException;

    // The name comes from a stranger and ends up on a terminal; names of members are ASCII.
    private static string Printable(string name)
        => string.Concat(name.Take(100).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
