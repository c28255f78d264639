namespace Notary.Evidence;

/// <summary>Writes the lexical forms of RFC 8785: strings (§3.2.2.2) and numbers (§3.2.2.3). Order is the caller's business.</summary>
internal readonly struct JcsWriter(ArrayBufferWriter<byte> output)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f" +
        "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    public void Raw(ReadOnlySpan<byte> ascii) => output.Write(ascii);

    public void String(ReadOnlySpan<char> text)
    {
        Raw("\""u8);
        while (text.IndexOfAny(Escaped) is >= 0 and var at)
        {
            Utf8(text[..at]);
            Escape(text[at]);
            text = text[(at + 1)..];
        }

        Utf8(text);
        Raw("\""u8);
    }

    public void Number(double value)
    {
        if (!double.IsFinite(value))
            throw new FaultException(Fault.Malformed, "a number is beyond what IEEE 754 double precision holds");

        Raw(Encoding.ASCII.GetBytes(EcmaScript(value)));
    }

    /// <summary>Number::toString of ECMA-262 §6.1.6.1.20, which RFC 8785 §3.2.2.3 prescribes.</summary>
    public static string EcmaScript(double value)
    {
        if (value == 0)
        {
            return "0"; // also −0
        }

        var (digits, pointAt) = Split(Shortest(Math.Abs(value)));
        var sign = value < 0 ? "-" : "";
        var k = digits.Length;
        return pointAt switch
        {
            _ when k <= pointAt && pointAt <= 21 => sign + digits + new string('0', pointAt - k),
            > 0 and <= 21 => $"{sign}{digits[..pointAt]}.{digits[pointAt..]}",
            > -6 and <= 0 => $"{sign}0.{new string('0', -pointAt)}{digits}",
            _ => $"{sign}{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e{(pointAt > 0 ? "+" : "-")}{Math.Abs(pointAt - 1)}",
        };
    }

    /// <summary>The fewest digits that read back as the same double, as ECMA-262 asks.</summary>
    private static string Shortest(double value)
    {
        // "R" means to be that, but the runtime takes the doubles on both sides of a power of two to be equally far away, and so
        // writes some powers of two as a number that reads back as their lower neighbour: 2⁻⁹⁵⁸ is one. These need all 17 digits.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return double.Parse(text, CultureInfo.InvariantCulture) == value ? text : value.ToString("E16", CultureInfo.InvariantCulture);
    }

    /// <summary>Significant digits without zeros at either end, and n of ECMA-262: value = 0.digits × 10ⁿ.</summary>
    private static (string Digits, int PointAt) Split(string text)
    {
        var exponent = 0;
        if (text.IndexOf('E', StringComparison.Ordinal) is >= 0 and var e)
        {
            exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var point = text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var p ? p : text.Length;
        var digits = text.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0'), point - leading + exponent);
    }

    private void Utf8(ReadOnlySpan<char> text)
    {
        try
        {
            var span = output.GetSpan(Strict.GetMaxByteCount(text.Length));
            output.Advance(Strict.GetBytes(text, span));
        }
        catch (EncoderFallbackException e)
        {
            throw new FaultException(Fault.Malformed, "a string holds a lone surrogate", e);
        }
    }

    private void Escape(char c)
    {
        ReadOnlySpan<byte> named = c switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\t' => "\\t"u8,
            '\n' => "\\n"u8,
            '\f' => "\\f"u8,
            '\r' => "\\r"u8,
            _ => [],
        };
        Raw(named.IsEmpty ? Encoding.ASCII.GetBytes($"\\u{(int)c:x4}") : named);
    }
}
