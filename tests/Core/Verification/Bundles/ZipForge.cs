using System.Buffers.Binary;
using System.IO.Compression;

namespace Notary.Verification.Tests;

/// <summary>A member of a forged zip: what its local header says and what the directory says, which may differ.</summary>
internal sealed record ForgedMember(string Name, byte[] Data)
{
    public string? LocalName { get; init; }

    public bool Deflated { get; init; }

    public ushort Flags { get; init; }

    /// <summary>Unix mode in the high half.</summary>
    public uint Attributes { get; init; } = 0x81A4_0000;

    public byte[] Extra { get; init; } = [];

    /// <summary>What the directory claims; null for the truth.</summary>
    public uint? Size { get; init; }

    public uint? PackedSize { get; init; }

    /// <summary>Another member's place in the file.</summary>
    public int? SameAs { get; init; }
}

/// <summary>Writes zips that no honest program writes, and bundles laid out as ours around anything.</summary>
internal static class ZipForge
{
    /// <summary>Any members in a zip by hand (APPNOTE 6.3.10), not in our layout.</summary>
    public static byte[] Zip(IReadOnlyList<ForgedMember> members, byte[]? trailer = null)
    {
        using var output = new MemoryStream();
        using var directory = new MemoryStream();
        var offsets = new List<uint>();
        foreach (var m in members)
        {
            var packed = m.Deflated ? Deflate(m.Data) : m.Data;
            offsets.Add(m.SameAs is { } other ? offsets[other] : (uint)output.Position);
            var (name, local) = (Encoding.UTF8.GetBytes(m.Name), Encoding.UTF8.GetBytes(m.LocalName ?? m.Name));
            byte[] sizes = [.. U32(Crc32.HashToUInt32(m.Data)), .. U32(m.PackedSize ?? (uint)packed.Length), .. U32(m.Size ?? (uint)m.Data.Length)];
            byte[] common = [.. U16(20), .. U16((ushort)(0x0800 | m.Flags)), .. U16(m.Deflated ? 8 : 0), .. U16(0), .. U16(0x21)];
            if (m.SameAs is null)
                output.Write([.. U32(0x04034b50), .. common, .. U32(Crc32.HashToUInt32(m.Data)), .. U32((uint)packed.Length),
                    .. U32((uint)m.Data.Length), .. U16(local.Length), .. U16(0), .. local, .. packed]);

            directory.Write([.. U32(0x02014b50), .. U16(0x0314), .. common, .. sizes, .. U16(name.Length), .. U16(m.Extra.Length),
                .. U16(0), .. U16(0), .. U16(0), .. U32(m.Attributes), .. U32(offsets[^1]), .. name, .. m.Extra]);
        }

        var start = (uint)output.Position;
        directory.WriteTo(output);
        output.Write(trailer ?? [.. U32(0x06054b50), .. U16(0), .. U16(0), .. U16(members.Count),
            .. U16(members.Count), .. U32((uint)directory.Length), .. U32(start), .. U16(0)]);
        return output.ToArray();
    }

    /// <summary>Members laid out exactly as the platform does, in its order, whatever they hold.</summary>
    public static byte[] Lay(IEnumerable<(string Name, byte[] Data)> members)
    {
        using var output = new MemoryStream();
        var (laid, offset) = (new List<ZipMember>(), 0L);
        foreach (var (name, data) in members)
        {
            var member = new ZipMember(name, data.Length, Crc32.HashToUInt32(data), false, offset);
            output.Write([.. ZipLayout.LocalHeader(member), .. data]);
            laid.Add(member);
            offset = member.End;
        }

        output.Write(ZipLayout.Directory(laid, offset));
        return output.ToArray();
    }

    /// <summary>A genuine bundle's members, one changed, with a recipe that fits them as far as one can be written.</summary>
    public static byte[] With(SampleEvidence sample, string name, Func<byte[], byte[]> change)
    {
        var files = BundleWriter.Files(sample.Contents);
        files[name] = change(files[name]);
        var digests = files.Where(f => f.Key != BundleMembers.Recipe).ToDictionary(f => f.Key, f => Digest.Of(f.Value));
        files[BundleMembers.Recipe] = VerifyRecipe.Bytes(
            VerifyRecipe.Version, new RecipeSource(Manifest.Parse(sample.Contents.Manifest.Span), sample.Contents.Anchor, digests, []))!;
        return Lay(files.OrderBy(f => BundleMembers.Order(f.Key)).Select(f => (f.Key, f.Value)));
    }

    public static byte[] Deflate(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(data);
        }

        return packed.ToArray();
    }

    public static byte[] U16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return bytes;
    }

    public static byte[] U32(uint value) => BitConverter.GetBytes(value);

    public static byte[] U64(ulong value) => BitConverter.GetBytes(value);
}
