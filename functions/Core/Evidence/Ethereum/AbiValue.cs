namespace Notary.Evidence.Ethereum;

/// <summary>A value as the Solidity contract ABI specification encodes it.</summary>
public abstract record AbiValue
{
    /// <summary>Bytes of a word.</summary>
    public const int Word = 32;

    private AbiValue()
    {
    }

    /// <summary>A number, address or 32 bytes: one word.</summary>
    public sealed record One(byte[] Bytes) : AbiValue;

    /// <summary>A string.</summary>
    public sealed record Text(string Value) : AbiValue;

    /// <summary>A struct's members in order.</summary>
    public sealed record Struct(params IReadOnlyList<AbiValue> Members) : AbiValue;

    /// <summary>An array of any length.</summary>
    public sealed record List(params IReadOnlyList<AbiValue> Items) : AbiValue;

    private bool IsDynamic => this switch
    {
        Struct s => s.Members.Any(m => m.IsDynamic),
        One => false,
        _ => true,
    };

    /// <summary>A number that is not negative.</summary>
    public static One Of(long number)
    {
        var word = new byte[Word];
        BinaryPrimitives.WriteInt64BigEndian(word.AsSpan(Word - 8), number);
        return new One(word);
    }

    public static One Of(Address address) => new([.. new byte[Word - Address.Size], .. address.ToArray()]);

    public static One Of(Digest digest) => new(digest.ToArray());

    /// <summary>A call's data: the selector of <paramref name="signature"/> and its arguments.</summary>
    /// <param name="signature">As the specification writes it, <c>vote(uint256,bool)</c>.</param>
    public static byte[] Call(string signature, params IReadOnlyList<AbiValue> arguments)
        => [.. Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).AsSpan(0, 4), .. Encode(arguments)];

    /// <summary>Arguments, or a struct's members: first what has its place, an offset for what has none, then the latter.</summary>
    public static byte[] Encode(IReadOnlyList<AbiValue> values)
    {
        var encoded = values.Select(v => (v.IsDynamic, Bytes: v.Encode())).ToArray();
        long next = encoded.Sum(e => e.IsDynamic ? Word : e.Bytes.Length);
        var (head, tail) = (new List<byte>(), new List<byte>());
        foreach (var (isDynamic, bytes) in encoded)
        {
            head.AddRange(isDynamic ? Of(next + tail.Count).Bytes : bytes);
            if (isDynamic)
                tail.AddRange(bytes);
        }

        return [.. head, .. tail];
    }

    private byte[] Encode() => this switch
    {
        One one => one.Bytes,
        Text text => EncodeText(Encoding.UTF8.GetBytes(text.Value)),
        Struct members => Encode(members.Members),
        List list => [.. Of(list.Items.Count).Bytes, .. Encode(list.Items)],
        _ => throw new InvalidOperationException($"unhandled {GetType().Name}"),
    };

    private static byte[] EncodeText(byte[] bytes) => [.. Of(bytes.Length).Bytes, .. bytes, .. new byte[(Word - (bytes.Length % Word)) % Word]];
}
