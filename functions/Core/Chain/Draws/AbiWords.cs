using System.Buffers.Binary;

namespace Notary.Chain.Draws;

/// <summary>What a contract answered or logged, in words of 32 bytes (Solidity contract ABI specification).</summary>
/// <exception cref="FaultException"><see cref="Fault.Malformed"/> from every member when there is no such word, or it holds something larger.</exception>
internal sealed class AbiWords(ReadOnlyMemory<byte> data)
{
    private const int Size = 32;

    public Digest Digest(int index) => new(Word(index));

    public long Number(int index)
    {
        var word = Word(index);
        var value = BinaryPrimitives.ReadInt64BigEndian(word[(Size - sizeof(long))..]);
        return value >= 0 && !word[..(Size - sizeof(long))].ContainsAnyExcept((byte)0) ? value : throw Malformed();
    }

    /// <summary>An enumeration, a flag or a count of one byte.</summary>
    public int Small(int index) => Number(index) is var value && value <= byte.MaxValue ? (int)value : throw Malformed();

    public Address Address(int index)
        => Word(index) is var word && !word[..(Size - Evidence.Ethereum.Address.Size)].ContainsAnyExcept((byte)0)
            ? new Address(word[(Size - Evidence.Ethereum.Address.Size)..])
            : throw Malformed();

    /// <summary>The items, of so many words each, of the list that the word at <paramref name="index"/> points to.</summary>
    public IEnumerable<AbiWords> Items(int index, int words)
    {
        var list = At(index);
        var count = list.Number(0);
        if (count > list.Length / words)
            throw Malformed();

        for (var i = 0; i < count; i++)
            yield return list.From(1 + (i * words));
    }

    /// <summary>The bytes that the word at <paramref name="index"/> points to.</summary>
    public byte[] Bytes(int index)
    {
        var at = At(index);
        var count = at.Number(0);
        return count <= (at.Length - 1) * Size ? at.From(1).Rest[..(int)count].ToArray() : throw Malformed();
    }

    private int Length => data.Length / Size;

    private ReadOnlySpan<byte> Rest => data.Span;

    private AbiWords At(int index)
        => Number(index) is var offset && offset % Size == 0 && offset < data.Length ? From((int)(offset / Size)) : throw Malformed();

    private AbiWords From(int word) => word <= Length ? new AbiWords(data[(word * Size)..]) : throw Malformed();

    private ReadOnlySpan<byte> Word(int index) => index < Length ? data.Span.Slice(index * Size, Size) : throw Malformed();

    private static FaultException Malformed() => new(Fault.Malformed, "a node answered words of the draw registry that cannot be read");
}
