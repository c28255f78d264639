using System.Numerics;

namespace Notary.Evidence.Ethereum;

/// <summary>Reads what a contract answered, which any node can make up: whatever is out of bounds is a <see cref="FormatException"/>.</summary>
/// <param name="data">The whole answer.</param>
/// <param name="start">Where this struct begins: offsets count from there.</param>
public readonly struct AbiReader(ReadOnlyMemory<byte> data, int start = 0)
{
    /// <summary>The word at a place.</summary>
    public byte[] Bytes(int place) => Slice(start + (place * (long)AbiValue.Word), AbiValue.Word).ToArray();

    public Digest Digest(int place) => new(Bytes(place));

    public BigInteger Large(int place) => new(Bytes(place), isUnsigned: true, isBigEndian: true);

    /// <summary>A number below 2⁶³.</summary>
    public long Number(int place)
        => Large(place) is var number && number <= long.MaxValue ? (long)number : throw new FormatException("a number in the answer is too large");

    public Address Address(int place) => new(Bytes(place).AsSpan(AbiValue.Word - Ethereum.Address.Size));

    /// <summary>The string to which the word at a place points.</summary>
    public string Text(int place)
    {
        var from = start + Offset(place);
        var length = new AbiReader(data, from).Number(0);
        return Encoding.UTF8.GetString(Slice(from + (long)AbiValue.Word, length).Span);
    }

    /// <summary>The struct of variable length to which the word at a place points.</summary>
    public AbiReader Struct(int place) => new(data, start + Offset(place));

    /// <summary>The array of words to which the word at a place points.</summary>
    public IReadOnlyList<AbiReader> Words(int place)
    {
        var (reader, from) = (new AbiReader(data, start + Offset(place)), start + Offset(place));
        var count = reader.Number(0);
        _ = reader.Slice(from + (long)AbiValue.Word, Math.Min(count, int.MaxValue) * AbiValue.Word);
        var all = data;
        return [.. Enumerable.Range(1, (int)count).Select(i => new AbiReader(all, from + (i * AbiValue.Word)))];
    }

    private int Offset(int place)
        => Number(place) is var offset && offset <= data.Length - start ? (int)offset : throw new FormatException("an offset in the answer leads out of it");

    private ReadOnlyMemory<byte> Slice(long from, long length)
        => length >= 0 && from >= 0 && from + length <= data.Length
            ? data.Slice((int)from, (int)length) : throw new FormatException("the answer is too short");
}
