namespace Notary.Evidence.Ethereum;

/// <summary>One RLP item (Ethereum yellow paper, appendix B): a byte string or a list of items.</summary>
public sealed class RlpItem
{
    private readonly IReadOnlyList<RlpItem>? items;
    private readonly ReadOnlyMemory<byte> bytes;

    private RlpItem(ReadOnlyMemory<byte> bytes, IReadOnlyList<RlpItem>? items)
    {
        this.bytes = bytes;
        this.items = items;
    }

    public bool IsList => items is not null;

    /// <summary>The byte string's content.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a list.</exception>
    public ReadOnlyMemory<byte> Bytes => items is null ? bytes : throw Rlp.Bad("a list stands where bytes belong");

    /// <summary>The list's items.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a byte string.</exception>
    public IReadOnlyList<RlpItem> Items => items ?? throw Rlp.Bad("bytes stand where a list belongs");

    /// <summary>A byte string.</summary>
    public static RlpItem Of(ReadOnlyMemory<byte> bytes) => new(bytes, null);

    /// <summary>A byte string holding UTF-8 text.</summary>
    public static RlpItem Of(string text) => new(Encoding.UTF8.GetBytes(text), null);

    /// <summary>A scalar: big-endian without leading zeros, zero being the empty string.</summary>
    public static RlpItem Of(BigInteger value)
        => value.Sign < 0 ? throw new ArgumentOutOfRangeException(nameof(value))
            : new(value.IsZero ? default : value.ToByteArray(isUnsigned: true, isBigEndian: true), null);

    /// <summary>A list.</summary>
    public static RlpItem List(params IReadOnlyList<RlpItem> items) => new(default, items);

    /// <summary>Reads a scalar of at most 256 bits.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for a leading zero or a longer string.</exception>
    public BigInteger Scalar()
    {
        var span = Bytes.Span;
        return span.Length > 32 || (span.Length > 0 && span[0] == 0)
            ? throw Rlp.Bad("a scalar has a leading zero or more than 256 bits")
            : new BigInteger(span, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Reads a scalar of at most 64 bits.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public ulong ULong()
    {
        var value = Scalar();
        return value <= ulong.MaxValue ? (ulong)value : throw Rlp.Bad("a scalar exceeds 64 bits");
    }

    /// <summary>Reads a byte string of exactly <paramref name="length"/> bytes.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public byte[] Fixed(int length)
        => Bytes.Length == length ? Bytes.ToArray() : throw Rlp.Bad($"expected {length} bytes, got {Bytes.Length}");
}
