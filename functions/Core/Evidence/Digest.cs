namespace Notary.Evidence;

/// <summary>A SHA-256 value: 32 bytes, written as 64 lower-case hexadecimal digits.</summary>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Length of the value in bytes.</summary>
    public const int Size = 32;

    private static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    private readonly UInt128 high;
    private readonly UInt128 low;

    /// <summary>Takes exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"a SHA-256 digest has {Size} bytes, not {bytes.Length}", nameof(bytes));

        high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>Four 64-bit words, the first bytes in the first word's highest.</summary>
    internal Digest(ulong a, ulong b, ulong c, ulong d)
    {
        high = new UInt128(a, b);
        low = new UInt128(c, d);
    }

    internal (ulong A, ulong B, ulong C, ulong D) Words => ((ulong)(high >> 64), (ulong)high, (ulong)(low >> 64), (ulong)low);

    /// <summary>SHA-256 of <paramref name="data"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(data, hash);
        return new Digest(hash);
    }

    /// <summary>Reads 64 lower-case hexadecimal digits; upper case and anything else is refused.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is not { Length: Size * 2 } || text.AsSpan().ContainsAnyExcept(LowerHex))
            return false;

        digest = new Digest(Convert.FromHexString(text));
        return true;
    }

    /// <summary>Reads 64 hexadecimal digits of either case, as callers send them: Windows prints upper case. Evidence itself has one spelling,
    /// <see cref="TryParse"/>'s.</summary>
    public static bool TryParseAnyCase(string? text, out Digest digest) => TryParse(text?.ToLowerInvariant(), out digest);

    /// <summary>Like <see cref="TryParse"/>, throwing <see cref="FormatException"/>.</summary>
    public static Digest Parse(string text)
        => TryParse(text, out var digest) ? digest : throw new FormatException("a digest is 64 lower-case hexadecimal digits");

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination, high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination[16..], low);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    public override string ToString() => Convert.ToHexStringLower(ToArray());

    public bool Equals(Digest other) => high == other.high && low == other.low;

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(high, low);

    public int CompareTo(Digest other) => high != other.high ? high.CompareTo(other.high) : low.CompareTo(other.low);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
