using Microsoft.Extensions.Primitives;

namespace Notary.Host.Http;

/// <summary>One range of bytes that is there; <see cref="Length"/> 0 says that none is (416).</summary>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>
    /// The range of a Range header over <paramref name="size"/> bytes (RFC 9110 §14.1.2). Null where the header is to be
    /// ignored: absent, another unit, malformed, or several ranges, which a server need not serve.
    /// </summary>
    public static ByteRange? Of(StringValues header, long size)
    {
        const string unit = "bytes=";
        if (header is not [{ } one] || !one.StartsWith(unit, StringComparison.OrdinalIgnoreCase) || one.Contains(',', StringComparison.Ordinal)
            || one[unit.Length..].Trim().Split('-') is not [var first, var last])
        {
            return null;
        }

        if (first.Length == 0)
            return TryNumber(last, out var suffix) ? new ByteRange(size - Math.Min(suffix, size), Math.Min(suffix, size)) : null;

        var to = long.MaxValue;
        if (!TryNumber(first, out var from) || !(last.Length == 0 || TryNumber(last, out to)))
            return null;

        return to < from ? null : from >= size ? new ByteRange(size, 0) : new ByteRange(from, Math.Min(to, size - 1) - from + 1);
    }

    // A number may have any length; beyond every size they are all the same.
    private static bool TryNumber(string text, out long number)
    {
        var isNumber = text.Length > 0 && text.All(char.IsAsciiDigit);
        number = isNumber && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;
        return isNumber;
    }
}
