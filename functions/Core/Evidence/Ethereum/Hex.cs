namespace Notary.Evidence.Ethereum;

/// <summary>Ethereum's hexadecimal: <c>0x</c> and lower-case digits for bytes, no leading zero for quantities (JSON-RPC's "DATA" and "QUANTITY").</summary>
public static class Hex
{
    /// <summary><c>0x</c> followed by two lower-case digits a byte.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>The shortest form of a number: <c>0x0</c>, <c>0x1f</c>.</summary>
    public static string Quantity(BigInteger value)
        => value.Sign < 0
            ? throw new ArgumentOutOfRangeException(nameof(value))
            : "0x" + (value.IsZero ? "0" : value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'));

    /// <summary>Reads <c>0x</c> and an even number of digits of either case.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static byte[] Bytes(string? text)
        => TryBytes(text, out var bytes) ? bytes : throw new FaultException(Fault.Malformed, "hexadecimal data starts with 0x and has two digits a byte");

    /// <summary>Like <see cref="Bytes(string?)"/> with an exact length in bytes.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static byte[] Bytes(string? text, int length)
    {
        var bytes = Bytes(text);
        return bytes.Length == length ? bytes : throw new FaultException(Fault.Malformed, $"expected {length} bytes of hexadecimal data, got {bytes.Length}");
    }

    /// <summary>Reads <c>0x</c> and an even number of digits of either case.</summary>
    public static bool TryBytes(string? text, out byte[] bytes)
    {
        bytes = [];
        if (text is null || text.Length % 2 != 0 || !text.StartsWith("0x", StringComparison.Ordinal) || !text.AsSpan(2).IsHex())
            return false;

        bytes = Convert.FromHexString(text.AsSpan(2));
        return true;
    }

    /// <summary>Reads a quantity of at most 256 bits; leading zeros are tolerated because nodes differ.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static BigInteger Number(string? text)
    {
        const int maxDigits = 64;
        if (text is null || text.Length is < 3 or > maxDigits + 2 || !text.StartsWith("0x", StringComparison.Ordinal) || !text.AsSpan(2).IsHex())
            throw new FaultException(Fault.Malformed, "a quantity is 0x and 1 to 64 hexadecimal digits");

        return BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>A quantity that must fit a signed 64-bit integer.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static long Long(string? text)
    {
        var value = Number(text);
        return value <= long.MaxValue ? (long)value : throw new FaultException(Fault.Malformed, "a quantity exceeds 63 bits");
    }

    private static bool IsHex(this ReadOnlySpan<char> digits)
    {
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }
}
