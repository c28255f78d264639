namespace Notary.Verification;

/// <summary>Writes bundles. The bytes depend on the contents alone: the same evidence gives the same file.</summary>
public static class BundleWriter
{
    // Large enough that the checksum, not the number of writes, is the cost.
    private const int CopyBytes = 128 * 1024;

    /// <summary>Writes the zip to <paramref name="output"/>, front to back, without seeking; originals are streamed.</summary>
    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/> when an original is not as long or not the content that the manifest says:
    /// nothing that fails verification is handed out as whole.</exception>
    public static async Task WriteAsync(Stream output, BundleContents contents, CancellationToken c)
    {
        var files = Files(contents);
        var manifest = Manifest.Parse(contents.Manifest.Span);
        var members = new List<ZipMember>();
        var offset = 0L;
        foreach (var (name, bytes) in files.OrderBy(f => BundleMembers.Order(f.Key)))
        {
            var member = new ZipMember(name, bytes.Length, Crc32.HashToUInt32(bytes), false, offset);
            await output.WriteAsync(ZipLayout.LocalHeader(member), c);
            await output.WriteAsync(bytes, c);
            members.Add(member);
            offset = member.End;
        }

        foreach (var original in contents.Originals.OrderBy(o => o.Item))
        {
            var member = new ZipMember(BundleMembers.Original(original.Item), original.Size, original.Crc32 ?? 0, original.Crc32 is null, offset);
            await output.WriteAsync(ZipLayout.LocalHeader(member), c);
            member = member with { Crc = await CopyAsync(original, manifest.Items[original.Item].Sha256, output, c) };
            if (original.Crc32 is { } known && known != member.Crc)
                throw new FaultException(Fault.EvidenceInvalid, $"original {original.Item} does not have the CRC-32 that was kept for it");

            await output.WriteAsync(ZipLayout.Descriptor(member), c);
            members.Add(member);
            offset = member.End;
        }

        await output.WriteAsync(ZipLayout.Directory(members, offset), c);
        await output.FlushAsync(c);
    }

    /// <summary>Tells bundles apart without writing them: the digest of every member's name and digest, and of which originals are in it (the
    /// manifest has theirs).</summary>
    public static Digest Fingerprint(BundleContents contents)
        => Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n',
            [
                .. Files(contents).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} {Digest.Of(f.Value)}"),
                .. contents.Originals.Select(o => BundleMembers.Original(o.Item)).Order(StringComparer.Ordinal),
            ])));

    /// <summary>Every member but the originals, by name.</summary>
    internal static Dictionary<string, byte[]> Files(BundleContents contents)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [BundleMembers.Manifest] = contents.Manifest.ToArray(),
            [BundleMembers.Inclusion] = Encoding.UTF8.GetBytes(contents.Inclusion.ToText()),
            [BundleMembers.Checkpoint] = Encoding.UTF8.GetBytes(contents.Inclusion.CheckpointNote),
            [BundleMembers.Anchor] = Jcs.Canonicalize(contents.Anchor.ToJson()),
            [BundleMembers.Letter] = contents.Letter.ToArray(),
            [BundleMembers.Trust] = contents.Trust.Of(contents.Trust.ContractOf(contents.Anchor)).ToBytes(),
        };
        if (contents.Item is { } item)
        {
            files.Add(BundleMembers.Item, item.Bytes.ToArray());
            files.Add(BundleMembers.ItemProof, Encoding.UTF8.GetBytes(item.Proof.ToText()));
        }

        foreach (var token in contents.Tokens)
            files.Add(BundleMembers.Token(token.Over, token.Authority), TokenResponse.Wrap(token.Token));

        foreach (var (name, bytes) in BundleMembers.PemFiles(contents.Trust))
            files.Add(name, bytes);

        var digests = files.ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        var source = new RecipeSource(Manifest.Parse(contents.Manifest.Span), contents.Anchor, digests, [.. contents.Originals.Select(o => o.Item)]);
        files.Add(BundleMembers.Recipe, VerifyRecipe.Bytes(VerifyRecipe.VersionFor(source.Manifest), source)!);
        return files;
    }

    private static async Task<uint> CopyAsync(BundleOriginal original, Digest expected, Stream output, CancellationToken c)
    {
        var (crc, left, buffer) = (new Crc32(), original.Size, new byte[CopyBytes]);
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        await using var content = await original.OpenAsync(c);
        while (await content.ReadAsync(buffer, c) is > 0 and var read)
        {
            left -= read;
            if (left < 0)
                break;

            crc.Append(buffer.AsSpan(0, read));
            hash.AppendData(buffer, 0, read);
            await output.WriteAsync(buffer.AsMemory(0, read), c);
        }

        return left == 0 && new Digest(hash.GetHashAndReset()) == expected
            ? crc.GetCurrentHashAsUInt32()
            : throw new FaultException(Fault.EvidenceInvalid, $"original {original.Item} is not the content that the manifest fixed");
    }
}
