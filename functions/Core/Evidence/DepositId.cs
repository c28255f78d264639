namespace Notary.Evidence;

/// <summary>A deposit's identifier: a UUIDv7 (RFC 9562), written in lower case with hyphens, so ids sort by time of receipt.</summary>
public readonly record struct DepositId : IComparable<DepositId>
{
    private readonly Guid value;

    private DepositId(Guid value) => this.value = value;

    /// <summary>A new id whose first 48 bits are the clock's milliseconds.</summary>
    public static DepositId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>
    /// A new id with room above it for <see cref="Plus"/>: ids of one request then sort in its order and lie together
    /// (RFC 9562 §6.2, method 2). The topmost of the 62 last bits is left clear, so that counting never overflows.
    /// </summary>
    public static DepositId NewSeries(TimeProvider clock)
    {
        Span<byte> bytes = stackalloc byte[16];
        New(clock).value.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[8] &= 0b1101_1111;
        return new DepositId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The id <paramref name="count"/> places after this one of a series.</summary>
    public DepositId Plus(int count)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) + (ulong)count);
        return new DepositId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The id's first 48 bits: the clock when it was made, to the millisecond.</summary>
    public DateTimeOffset Time
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            value.TryWriteBytes(bytes, bigEndian: true, out _);
            return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16);
        }
    }

    /// <summary>Accepts only the canonical lower-case form of a version 7 UUID: one evidence, one spelling.</summary>
    public static bool TryParse(string? text, out DepositId id)
    {
        id = default;

        // The version of RFC 9562 §5.7 in the variant of §4.1: its two bits are 10.
        if (!Guid.TryParseExact(text, "D", out var guid) || guid.Version != 7 || (guid.Variant & 0b1100) != 0b1000 || guid.ToString("D") != text)
            return false;

        id = new DepositId(guid);
        return true;
    }

    /// <summary>Takes either case, as callers send it (RFC 9562 §4: output is lower case, input either).</summary>
    public static bool TryParseAnyCase(string? text, out DepositId id) => TryParse(text?.ToLowerInvariant(), out id);

    /// <summary>Like <see cref="TryParse"/>, throwing <see cref="FormatException"/>.</summary>
    public static DepositId Parse(string text)
        => TryParse(text, out var id) ? id : throw new FormatException("a deposit id is a UUIDv7 in lower case");

    public int CompareTo(DepositId other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => value.ToString("D");

    public static bool operator <(DepositId left, DepositId right) => left.CompareTo(right) < 0;

    public static bool operator >(DepositId left, DepositId right) => left.CompareTo(right) > 0;

    public static bool operator <=(DepositId left, DepositId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DepositId left, DepositId right) => left.CompareTo(right) >= 0;
}
