namespace Notary.Evidence.Forensics;

/// <summary>Gives a fragment another time: what an encoder thinks of the time need not be what a recorder can answer for.</summary>
public static class FragmentTimes
{
    private const uint DefaultDuration = 0x8, Description = 0x2;

    /// <summary>Overwrites decode time and duration in place.</summary>
    /// <param name="fragment">moof and mdat as <see cref="Fragment.Take"/> accepts them.</param>
    /// <param name="decodeTime">In the track's timescale.</param>
    /// <param name="duration">Likewise; written where tfhd has it.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no such fragment, or one with room for 32 bits of time only.</exception>
    public static void Set(Span<byte> fragment, long decodeTime, uint duration)
    {
        ReadOnlySpan<byte> boxes = fragment;
        var traf = Boxes.Only(Boxes.Take(ref boxes, out _), "traf"u8);
        var tfdt = Writable(fragment, Boxes.Only(traf, "tfdt"u8));
        if (tfdt.Length != Boxes.Full + 8 || tfdt[0] != 1)
            throw Boxes.Bad("tfdt has no room for the time");

        BinaryPrimitives.WriteInt64BigEndian(tfdt[Boxes.Full..], decodeTime);

        // §8.8.7: flags, the track's number, then what the flags announce.
        var tfhd = Writable(fragment, Boxes.Only(traf, "tfhd"u8));
        var flags = BinaryPrimitives.ReadUInt32BigEndian(tfhd);
        var place = 8 + ((flags & Description) != 0 ? 4 : 0);
        if ((flags & DefaultDuration) != 0 && !BinaryPrimitives.TryWriteUInt32BigEndian(tfhd[place..], duration))
            throw Boxes.Bad("a box ends within a number");
    }

    private static Span<byte> Writable(Span<byte> whole, ReadOnlySpan<byte> part)
        => ((ReadOnlySpan<byte>)whole).Overlaps(part, out var start) ? whole.Slice(start, part.Length) : throw Boxes.Bad("a box is empty");
}
