namespace Notary.Evidence.Ethereum;

/// <summary>An Ethereum address: 20 bytes, written in EIP-55's mixed case.</summary>
public readonly struct Address : IEquatable<Address>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 20;

    private readonly byte[]? value;

    /// <summary>Takes exactly 20 bytes.</summary>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public Address(ReadOnlySpan<byte> bytes)
        => value = bytes.Length == Size ? bytes.ToArray() : throw new ArgumentException($"an address has {Size} bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>The address of a public key: the last 20 bytes of the hash of its 64 coordinate bytes.</summary>
    /// <param name="publicKey">x‖y (64 bytes) or 0x04‖x‖y (65 bytes).</param>
    public static Address OfPublicKey(ReadOnlySpan<byte> publicKey)
    {
        var point = publicKey.Length == 65 && publicKey[0] == 4 ? publicKey[1..] : publicKey;
        return point.Length == 64 ? new Address(Keccak256.Hash(point).AsSpan(12))
            : throw new ArgumentException("a public key has 64 bytes, or 65 after 0x04", nameof(publicKey));
    }

    /// <summary>Reads <c>0x</c> and 40 digits: all of one case, or mixed with a right EIP-55 checksum.</summary>
    public static bool TryParse(string? text, out Address address)
    {
        address = default;
        if (text is not { Length: 2 + (2 * Size) } || !Hex.TryBytes(text, out var bytes))
            return false;

        address = new Address(bytes);
        var digits = text.AsSpan(2);
        var oneCase = digits.IndexOfAnyInRange('a', 'f') < 0 || digits.IndexOfAnyInRange('A', 'F') < 0;
        return oneCase || address.ToString() == text;
    }

    /// <summary>Like <see cref="TryParse"/>, throwing.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static Address Parse(string? text)
        => TryParse(text, out var address)
            ? address : throw new FaultException(Fault.Malformed, "an address is 0x and 40 hexadecimal digits, in one case or with its EIP-55 checksum");

    /// <summary>The 20 bytes in a new array.</summary>
    public byte[] ToArray() => value is null ? new byte[Size] : [.. value];

    /// <summary><c>0x</c> and 40 lower-case digits, for what is compared as text.</summary>
    public string ToLowerHex() => Hex.Of(ToArray());

    /// <summary>The EIP-55 form.</summary>
    public override string ToString()
    {
        var digits = Convert.ToHexStringLower(ToArray());
        var hash = Keccak256.Hash(Encoding.ASCII.GetBytes(digits));
        return "0x" + string.Concat(digits.Select((c, i) => ((hash[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 8) != 0 ? char.ToUpperInvariant(c) : c));
    }

    public bool Equals(Address other) => ToArray().AsSpan().SequenceEqual(other.ToArray());

    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    public override int GetHashCode() => BitConverter.ToInt32(ToArray(), 0);

    public static bool operator ==(Address left, Address right) => left.Equals(right);

    public static bool operator !=(Address left, Address right) => !left.Equals(right);
}
