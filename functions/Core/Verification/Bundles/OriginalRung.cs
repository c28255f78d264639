namespace Notary.Verification;

/// <summary>Originals, in the bundle or handed in, against the digests that the manifest fixed.</summary>
internal static class OriginalRung
{
    private const int ReadBytes = 256 * 1024;

    public static async Task<IReadOnlyList<Verdict>> JudgeAsync(BundleParts parts, BundleFacts facts, Stream? given, CancellationToken c)
    {
        var verdicts = new List<Verdict>();
        if (facts.Manifest is not { } manifest)
            return verdicts;

        foreach (var part in parts.Originals)
            verdicts.Add(await PartAsync(part, manifest, c));

        if (given is not null)
        {
            // A device has no end; what is larger than every item is none of them. With an item of a batch the bundle is about that one.
            IReadOnlyList<ManifestItem> items = facts.Item is { } one ? [one.AsManifestItem()] : manifest.Items;
            var largest = items.Max(i => i.Size ?? long.MaxValue);
            var (digest, size, _) = await HashAsync(given, largest, c);
            var at = items.ToList().FindIndex(i => i.Sha256 == digest && (i.Size is null || i.Size == size));
            verdicts.Add(at >= 0
                ? Verdict.Pass(Rung.Bytes, "original",
                    facts.Item is null ? $"the file given is item {at} of the manifest, byte for byte" : "the file given is the item, byte for byte")
                : Verdict.Fail(Rung.Bytes, "original", "original-differs",
                    size > largest ? $"the file given is not what was deposited: it is larger than {largest} bytes"
                        : $"the file given is not what was deposited: its SHA-256 is {digest}"));
        }

        return verdicts;
    }

    private static async Task<Verdict> PartAsync(OriginalPart part, Manifest manifest, CancellationToken c)
    {
        if (part.Item >= manifest.Items.Count)
            return Verdict.Fail(Rung.Bytes, part.Name, "member-unknown", $"the manifest has no item {part.Item}");

        var item = manifest.Items[part.Item];
        try
        {
            await using var content = part.Open();
            var (digest, size, crc) = await HashAsync(content, Math.Min(item.Size ?? long.MaxValue, part.MaxSize), c);
            return size > part.MaxSize
                ? Verdict.Fail(Rung.Bytes, part.Name, "member-too-large", $"{part.Name} unfolds to more than it is unpacked to")
                : digest != item.Sha256 || (item.Size is { } stated && stated != size)
                ? Verdict.Fail(Rung.Bytes, part.Name, "original-differs", $"{part.Name} is not what was deposited")
                : part.Crc is { } expected && expected != crc
                ? Verdict.Fail(Rung.Bytes, part.Name, "member-damaged", $"{part.Name} does not have the checksum that the zip states for it")
                : Verdict.Pass(Rung.Bytes, part.Name, $"{part.Name} is item {part.Item} of the manifest, byte for byte");
        }
        catch (Exception e) when (BundleReader.IsUnreadable(e))
        {
            return Verdict.Fail(Rung.Bytes, part.Name, "member-damaged", $"{part.Name} cannot be unpacked");
        }
    }

    /// <summary>Stops one byte past <paramref name="expected"/>: a zip can unfold a few bytes into terabytes.</summary>
    private static async Task<(Digest Digest, long Size, uint Crc)> HashAsync(Stream content, long expected, CancellationToken c)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (size, crc) = (0L, new Crc32());

        // Rented: a fresh buffer of this size for every bundle keeps the collector busier than the hash.
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            while (size <= expected && await content.ReadAsync(buffer, c) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                crc.Append(buffer.AsSpan(0, read));
                size += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (new Digest(hash.GetHashAndReset()), size, crc.GetCurrentHashAsUInt32());
    }
}
