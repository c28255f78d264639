namespace Notary.Evidence.Forensics;

/// <summary>A moof and its mdat with one sample: a frame.</summary>
/// <param name="DecodeTime">In the track's timescale.</param>
/// <param name="Duration">Likewise.</param>
/// <param name="IsSync">Can be decoded without another.</param>
/// <param name="Bytes">Both boxes.</param>
/// <param name="Sample">The frame within them.</param>
public readonly record struct Fragment(long DecodeTime, uint Duration, bool IsSync, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Sample)
{
    // ISO/IEC 14496-12 §8.8.7 (tfhd), §8.8.8 (trun), §8.8.3.1 (flags of a sample).
    private const uint BaseOffset = 0x1, Description = 0x2, DefaultDuration = 0x8, DefaultSize = 0x10, DefaultFlags = 0x20;
    private const uint DurationIsEmpty = 0x10000, BaseIsMoof = 0x20000;
    private const uint DataOffset = 0x1, FirstFlags = 0x4, SampleDuration = 0x100, SampleSize = 0x200, SampleFlags = 0x400, Composition = 0x800;
    private const uint IsNonSync = 0x10000;

    /// <summary>Takes the first fragment away.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it is not a moof with one sample and an mdat with just that.</exception>
    public static Fragment Take(FragmentHead head, ref ReadOnlyMemory<byte> bytes)
    {
        var boxes = bytes.Span;
        var moof = Boxes.Take(ref boxes, out var type);
        if (!type.SequenceEqual("moof"u8))
            throw Boxes.Bad("a fragment does not begin with moof");

        var mdat = Boxes.Take(ref boxes, out type);
        if (!type.SequenceEqual("mdat"u8))
            throw Boxes.Bad("moof is not followed by mdat");

        var (start, length) = (moof.Length + (2 * Boxes.Header), mdat.Length);
        var (time, sample, offset) = Track(head, Boxes.Only(moof, "traf"u8));
        if (sample.Size != length || offset != start)
            throw Boxes.Bad("a sample is not the whole of its mdat");

        var fragment = new Fragment(time, sample.Duration, (sample.Flags & IsNonSync) == 0, bytes[..(start + length)], bytes.Slice(start, length));
        bytes = bytes[(start + length)..];
        return fragment;
    }

    private static (long Time, SampleDefaults Sample, uint Offset) Track(FragmentHead head, ReadOnlySpan<byte> traf)
    {
        var tfhd = Boxes.Only(traf, "tfhd"u8);
        var flags = Boxes.U32(ref tfhd);
        const uint Known = Description | DefaultDuration | DefaultSize | DefaultFlags | BaseIsMoof;
        if (Boxes.U32(ref tfhd) != head.Track || (flags & ~Known) != 0)
            throw Boxes.Bad((flags & BaseOffset) != 0 ? "a fragment counts from the file's beginning"
                : (flags & DurationIsEmpty) != 0 ? "a fragment is empty" : "a fragment is of another track, or has an unknown form");

        if ((flags & Description) != 0)
            Boxes.U32(ref tfhd);

        var defaults = head.Defaults;
        var sample = new SampleDefaults(
            (flags & DefaultDuration) != 0 ? Boxes.U32(ref tfhd) : defaults.Duration,
            (flags & DefaultSize) != 0 ? Boxes.U32(ref tfhd) : defaults.Size,
            (flags & DefaultFlags) != 0 ? Boxes.U32(ref tfhd) : defaults.Flags);

        var tfdt = Boxes.Only(traf, "tfdt"u8);
        var version = (int)(Boxes.U32(ref tfdt) >> 24);
        var time = Boxes.Long(ref tfdt, version);
        if (version > 1 || time > long.MaxValue || !tfdt.IsEmpty)
            throw Boxes.Bad("tfdt has an unknown form");

        return ((long)time, Run(Boxes.Only(traf, "trun"u8), sample, out var offset), offset);
    }

    private static SampleDefaults Run(ReadOnlySpan<byte> trun, SampleDefaults sample, out uint offset)
    {
        var flags = Boxes.U32(ref trun) & 0xffffff;
        if (Boxes.U32(ref trun) != 1)
            throw Boxes.Bad("a fragment has not one sample");

        offset = (flags & DataOffset) != 0 ? Boxes.U32(ref trun) : 0;
        if ((flags & FirstFlags) != 0)
            sample = sample with { Flags = Boxes.U32(ref trun) };

        if ((flags & SampleDuration) != 0)
            sample = sample with { Duration = Boxes.U32(ref trun) };

        if ((flags & SampleSize) != 0)
            sample = sample with { Size = Boxes.U32(ref trun) };

        if ((flags & SampleFlags) != 0)
            sample = sample with { Flags = Boxes.U32(ref trun) };

        // Frames that are shown in another order than they are decoded in would have a second time each.
        if ((flags & Composition) != 0 && Boxes.U32(ref trun) != 0)
            throw Boxes.Bad("a frame is not shown when it is decoded");

        return trun.IsEmpty ? sample : throw Boxes.Bad("trun has an unknown form");
    }
}
