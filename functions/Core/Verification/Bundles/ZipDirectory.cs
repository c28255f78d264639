using System.Buffers.Binary;

namespace Notary.Verification;

/// <summary>Reads the directory of a zip that <see cref="BundleWriter"/> laid out; anything else is not understood, on purpose.</summary>
internal static class ZipDirectory
{
    /// <summary>Bytes of a directory: what the most members with the longest names need.</summary>
    private const int MaxDirectory = BundleMembers.MaxMembers * 256;

    /// <summary>The members, or null when the file is not laid out as <see cref="ZipLayout"/> writes it. Their data is not read.</summary>
    /// <param name="damaged">What differs from the layout, in words.</param>
    public static IReadOnlyList<ZipMember>? Read(Stream zip, out string damaged)
    {
        var members = new List<ZipMember>();
        if (!TryDirectory(zip, out var start, out var directory) || !TryMembers(directory, members))
        {
            damaged = "the zip's directory is damaged or not as the platform writes it";
            return null;
        }

        var offset = 0L;
        foreach (var member in members)
        {
            // Only an original was ever written before its checksum was known.
            if (member.Offset != offset || member.End > start || (member.Streamed && !BundleMembers.TryOriginal(member.Name, out _))
                || !Same(zip, member.Offset, ZipLayout.LocalHeader(member)) || !Same(zip, member.DataOffset + member.Size, ZipLayout.Descriptor(member)))
            {
                damaged = $"the zip's header of {member.Name} is damaged or not as the platform writes it";
                return null;
            }

            offset = member.End;
        }

        damaged = "the zip's directory is damaged or not as the platform writes it";
        return offset == start && directory.AsSpan().SequenceEqual(ZipLayout.Directory(members, start)) ? members : null;
    }

    public static void ReadAt(Stream zip, long offset, Span<byte> bytes)
    {
        zip.Position = offset;
        zip.ReadExactly(bytes);
    }

    private static byte[] ReadAt(Stream zip, long offset, int length)
    {
        var bytes = new byte[length];
        ReadAt(zip, offset, bytes);
        return bytes;
    }

    private static bool Same(Stream zip, long offset, byte[] expected) => ReadAt(zip, offset, expected.Length).AsSpan().SequenceEqual(expected);

    /// <summary>Everything from the central directory to the end of the file.</summary>
    private static bool TryDirectory(Stream zip, out long start, out byte[] directory)
    {
        (start, directory) = (0, []);
        if (zip.Length < ZipLayout.EndFixed)
            return false;

        var end = ReadAt(zip, zip.Length - ZipLayout.EndFixed, ZipLayout.EndFixed);
        start = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        const int Tail64 = ZipLayout.End64Fixed + ZipLayout.Locator64Fixed + ZipLayout.EndFixed;
        if (start == uint.MaxValue && zip.Length >= Tail64)
            start = BinaryPrimitives.ReadInt64LittleEndian(ReadAt(zip, zip.Length - Tail64 + 48, 8));

        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != ZipLayout.EndSignature || start < 0 || start > zip.Length || zip.Length - start > MaxDirectory)
            return false;

        directory = ReadAt(zip, start, (int)(zip.Length - start));
        return true;
    }

    private static bool TryMembers(ReadOnlySpan<byte> directory, List<ZipMember> members)
    {
        while (directory.Length >= ZipLayout.CentralFixed && BinaryPrimitives.ReadUInt32LittleEndian(directory) == ZipLayout.CentralSignature)
        {
            var (name, extra) = (BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]), BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]));
            if (directory.Length < ZipLayout.CentralFixed + name + extra || members.Count == BundleMembers.MaxMembers)
                return false;

            long size = BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]);
            var field = directory.Slice(ZipLayout.CentralFixed + name, extra);
            if (size == uint.MaxValue && field.Length >= 20)
            {
                size = BinaryPrimitives.ReadInt64LittleEndian(field[4..]);
                field = field[16..];
            }

            if (offset == uint.MaxValue && field.Length >= 12)
                offset = BinaryPrimitives.ReadInt64LittleEndian(field[4..]);

            var streamed = (directory[8] & 0x08) != 0;
            if (size < 0 || offset < 0 || size > long.MaxValue / 4 || offset > long.MaxValue / 4)
                return false;

            members.Add(new ZipMember(
                Encoding.ASCII.GetString(directory.Slice(ZipLayout.CentralFixed, name)), size,
                BinaryPrimitives.ReadUInt32LittleEndian(directory[16..]), streamed, offset));
            directory = directory[(ZipLayout.CentralFixed + name + extra)..];
        }

        return members.Count > 0;
    }
}
