namespace Notary.Evidence.Forensics;

/// <summary>What ftyp and moov say of a fragmented file with one track of pictures (ISO/IEC 14496-12).</summary>
/// <param name="Bytes">Both boxes.</param>
/// <param name="Timescale">Units of a second.</param>
/// <param name="Track">Its number.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Defaults">Of samples whose fragment does not say.</param>
public sealed record FragmentHead(ReadOnlyMemory<byte> Bytes, uint Timescale, uint Track, int Width, int Height, SampleDefaults Defaults)
{
    /// <summary>Reads both boxes.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: they are not these, have samples of their own, or more than a track.</exception>
    public static FragmentHead Parse(ReadOnlyMemory<byte> bytes)
    {
        var boxes = bytes.Span;
        Boxes.Take(ref boxes, out var type);
        if (!type.SequenceEqual("ftyp"u8))
            throw Boxes.Bad("it does not begin with ftyp");

        var moov = Boxes.Take(ref boxes, out type);
        if (!type.SequenceEqual("moov"u8) || !boxes.IsEmpty)
            throw Boxes.Bad("ftyp is not followed by moov alone");

        var track = Boxes.Only(moov, "trak"u8);
        var (number, width, height) = Header(Boxes.Only(track, "tkhd"u8));
        var media = Boxes.Only(track, "mdia"u8);
        var samples = Boxes.Only(Boxes.Only(media, "minf"u8), "stbl"u8);
        if (Entries(Boxes.Only(samples, "stts"u8)) != 0 || Entries(Boxes.Only(samples, "stsd"u8)) != 1)
            throw Boxes.Bad("moov has samples, or more than one description of them");

        var timescale = Timescales(Boxes.Only(media, "mdhd"u8));
        var defaults = Extends(Boxes.Only(Boxes.Only(moov, "mvex"u8), "trex"u8), number);
        return timescale == 0 ? throw Boxes.Bad("its timescale is 0") : new FragmentHead(bytes, timescale, number, width, height, defaults);
    }

    /// <summary>Microseconds from the session's first frame to this decode time, rounded down.</summary>
    /// <param name="decodeTime">Of the frame, in this timescale.</param>
    /// <param name="first">Of the session's first frame.</param>
    public long Time(long decodeTime, long first) => (long)Int128.Clamp((Int128)(decodeTime - first) * ForensicsFormat.Second / Timescale, -1, long.MaxValue);

    // §8.3.2: two times, the track's number, a reserved word, the length; in version 1 the times and the length have eight bytes.
    private static (uint Number, int Width, int Height) Header(ReadOnlySpan<byte> tkhd)
    {
        var version = (int)(Boxes.U32(ref tkhd) >> 24);
        Boxes.Long(ref tkhd, version);
        Boxes.Long(ref tkhd, version);
        var number = Boxes.U32(ref tkhd);
        Boxes.U32(ref tkhd);
        Boxes.Long(ref tkhd, version);
        const int Matrix = 8 + 8 + 36; // reserved, layer and volume, matrix
        if (version > 1 || tkhd.Length != Matrix + 8)
            throw Boxes.Bad("tkhd has an unknown form");

        tkhd = tkhd[Matrix..];
        var (width, height) = (Boxes.U32(ref tkhd), Boxes.U32(ref tkhd)); // 16.16
        return (number, (int)(width >> 16), (int)(height >> 16));
    }

    // §8.4.2.
    private static uint Timescales(ReadOnlySpan<byte> mdhd)
    {
        var version = (int)(Boxes.U32(ref mdhd) >> 24);
        Boxes.Long(ref mdhd, version);
        Boxes.Long(ref mdhd, version);
        return Boxes.U32(ref mdhd);
    }

    private static uint Entries(ReadOnlySpan<byte> table)
    {
        Boxes.U32(ref table);
        return Boxes.U32(ref table);
    }

    // §8.8.3.
    private static SampleDefaults Extends(ReadOnlySpan<byte> trex, uint track)
    {
        Boxes.U32(ref trex);
        if (Boxes.U32(ref trex) != track)
            throw Boxes.Bad("trex is of another track");

        Boxes.U32(ref trex);
        return new SampleDefaults(Boxes.U32(ref trex), Boxes.U32(ref trex), Boxes.U32(ref trex));
    }
}

/// <summary>What holds of a sample unless its fragment says otherwise.</summary>
/// <param name="Duration">In the track's timescale.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Flags">§8.8.3.1.</param>
public readonly record struct SampleDefaults(uint Duration, uint Size, uint Flags);
