using System.Buffers.Binary;

namespace Notary.Verification;

/// <summary>One member as the zip's headers describe it.</summary>
/// <param name="Streamed">Written before its checksum was known: checksum and sizes follow the data. Who reads forwards
/// cannot tell where stored data of that kind ends, so it is only for originals that were taken in before their checksum was kept.</param>
/// <param name="Offset">Where its local header begins.</param>
internal sealed record ZipMember(string Name, long Size, uint Crc, bool Streamed, long Offset)
{
    public long DataOffset => Offset + ZipLayout.LocalHeaderLength(this);

    public long End => DataOffset + Size + ZipLayout.DescriptorLength(this);
}

/// <summary>
/// The one way in which a bundle's zip is laid out (APPNOTE 6.3.10): every member stored, in order, one after the other from
/// offset 0, with no time, comment or extra field but zip64's. Writer and reader share it: the reader writes every header again
/// and compares, so no byte of the container can change unseen.
/// </summary>
internal static class ZipLayout
{
    public const uint CentralSignature = 0x02014b50;
    public const uint EndSignature = 0x06054b50;
    public const uint End64Signature = 0x06064b50;
    public const int CentralFixed = 46;
    public const int EndFixed = 22;
    public const int End64Fixed = 56;
    public const int Locator64Fixed = 20;

    private const int LocalFixed = 30;
    private const int Field64 = 20;
    private const uint LocalSignature = 0x04034b50;
    private const uint DescriptorSignature = 0x08074b50;
    private const uint Locator64Signature = 0x07064b50;
    private const ushort Zip64Field = 1;
    private const ushort Utf8 = 0x0800;
    private const ushort SizesFollow = 0x0008;
    private const ushort Version = 20;
    private const ushort Version64 = 45;
    private const ushort Unix = 3 << 8;
    private const uint RegularFile = 0x81A4_0000; // 0100644, readable by all

    // 1980-01-01, the zip format's zero: a bundle's bytes depend on the evidence alone.
    private const ushort NoTime = 0;
    private const ushort NoDate = 0x0021;

    public static byte[] LocalHeader(ZipMember m)
    {
        var w = new Little();
        var large = m.Size >= uint.MaxValue;
        w.U32(LocalSignature).U16(large ? Version64 : Version).U16(Flags(m)).U16(0).U16(NoTime).U16(NoDate);
        w.U32(m.Streamed ? 0 : m.Crc);
        var size = large ? uint.MaxValue : m.Streamed ? 0 : (uint)m.Size;
        w.U32(size).U32(size).U16((ushort)m.Name.Length).U16((ushort)(large ? Field64 : 0)).Text(m.Name);
        if (large)
            w.U16(Zip64Field).U16(16).U64(m.Streamed ? 0 : m.Size).U64(m.Streamed ? 0 : m.Size);

        return w.ToArray();
    }

    public static byte[] Descriptor(ZipMember m)
    {
        var w = new Little();
        if (!m.Streamed)
            return [];

        w.U32(DescriptorSignature).U32(m.Crc);
        return m.Size >= uint.MaxValue ? w.U64(m.Size).U64(m.Size).ToArray() : w.U32((uint)m.Size).U32((uint)m.Size).ToArray();
    }

    /// <summary>Central directory and end records; <paramref name="start"/> is where they begin.</summary>
    public static byte[] Directory(IReadOnlyList<ZipMember> members, long start)
    {
        var w = new Little();
        foreach (var m in members)
        {
            var (largeSize, largeOffset) = (m.Size >= uint.MaxValue, m.Offset >= uint.MaxValue);
            var extra = (largeSize ? 16 : 0) + (largeOffset ? 8 : 0);
            var size = largeSize ? uint.MaxValue : (uint)m.Size;
            w.U32(CentralSignature).U16(Unix | Version64).U16(extra > 0 ? Version64 : Version).U16(Flags(m)).U16(0).U16(NoTime).U16(NoDate);
            w.U32(m.Crc).U32(size).U32(size).U16((ushort)m.Name.Length).U16((ushort)(extra > 0 ? extra + 4 : 0)).U16(0).U16(0).U16(0);
            w.U32(RegularFile).U32(largeOffset ? uint.MaxValue : (uint)m.Offset).Text(m.Name);
            if (extra > 0)
                w.U16(Zip64Field).U16((ushort)extra);

            if (largeSize)
                w.U64(m.Size).U64(m.Size);

            if (largeOffset)
                w.U64(m.Offset);
        }

        var length = w.Length;
        var far = start >= uint.MaxValue;
        if (far)
        {
            w.U32(End64Signature).U64(End64Fixed - 12).U16(Unix | Version64).U16(Version64).U32(0).U32(0);
            w.U64(members.Count).U64(members.Count).U64(length).U64(start);
            w.U32(Locator64Signature).U32(0).U64(start + length).U32(1);
        }

        w.U32(EndSignature).U16(0).U16(0).U16((ushort)members.Count).U16((ushort)members.Count);
        return w.U32((uint)length).U32(far ? uint.MaxValue : (uint)start).U16(0).ToArray();
    }

    public static int LocalHeaderLength(ZipMember m) => LocalFixed + m.Name.Length + (m.Size >= uint.MaxValue ? Field64 : 0);

    public static int DescriptorLength(ZipMember m) => !m.Streamed ? 0 : m.Size >= uint.MaxValue ? 24 : 16;

    private static ushort Flags(ZipMember m) => (ushort)(Utf8 | (m.Streamed ? SizesFollow : 0));

    private sealed class Little
    {
        private readonly ArrayBufferWriter<byte> bytes = new();

        public int Length => bytes.WrittenCount;

        public Little U16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.GetSpan(2), value);
            bytes.Advance(2);
            return this;
        }

        public Little U32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(4), value);
            bytes.Advance(4);
            return this;
        }

        public Little U64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(8), value);
            bytes.Advance(8);
            return this;
        }

        public Little Text(string ascii)
        {
            bytes.Write(Encoding.ASCII.GetBytes(ascii));
            return this;
        }

        public byte[] ToArray() => bytes.WrittenSpan.ToArray();
    }
}
