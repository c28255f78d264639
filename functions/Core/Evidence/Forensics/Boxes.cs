namespace Notary.Evidence.Forensics;

/// <summary>Boxes of ISO/IEC 14496-12 §4.2, one after the other. Only 32-bit sizes: nothing of a frame is larger.</summary>
internal static class Boxes
{
    /// <summary>Size and type.</summary>
    public const int Header = 8;

    /// <summary>Version and flags of a full box.</summary>
    public const int Full = 4;

    /// <summary>Takes the first box away.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it is not whole.</exception>
    public static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> type)
    {
        var size = bytes.Length < Header ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (size < Header || size > bytes.Length)
            throw Bad("a box ends beyond what holds it");

        type = bytes.Slice(4, 4);
        var content = bytes[Header..(int)size];
        bytes = bytes[(int)size..];
        return content;
    }

    /// <summary>The content of the only box of that type.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: there is none, or another.</exception>
    public static ReadOnlySpan<byte> Only(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type)
    {
        ReadOnlySpan<byte> found = default;
        var count = 0;
        while (!boxes.IsEmpty)
        {
            var content = Take(ref boxes, out var each);
            if (each.SequenceEqual(type))
            {
                found = content;
                count++;
            }
        }

        return count == 1 ? found : throw Bad($"there is not one box {Encoding.ASCII.GetString(type)} but {count}");
    }

    /// <summary>Takes a number of four bytes away.</summary>
    public static uint U32(scoped ref ReadOnlySpan<byte> content)
    {
        if (content.Length < 4)
            throw Bad("a box ends within a number");

        var value = BinaryPrimitives.ReadUInt32BigEndian(content);
        content = content[4..];
        return value;
    }

    /// <summary>Takes a number away that version 1 of a box writes in eight bytes.</summary>
    public static ulong Long(scoped ref ReadOnlySpan<byte> content, int version)
        => version == 0 ? U32(ref content) : ((ulong)U32(ref content) << 32) | U32(ref content);

    public static FaultException Bad(string what) => new(Fault.Malformed, $"the video: {what}");
}
