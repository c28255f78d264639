using System.Text;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>Undoes how scripts, data and style sheets write characters.</summary>
public static class Escapes
{
    /// <summary>Hexadecimal digits of a code point.</summary>
    private const int MaxDigits = 6;

    /// <summary>Of JavaScript and JSON: <c>\uXXXX</c>, <c>\u{X}</c>, <c>\xXX</c>; <c>\n</c>, <c>\r</c>, <c>\t</c> are a space, any other <c>\c</c> is c.
    /// Character references after that.</summary>
    public static string OfScript(string text)
    {
        var (plain, at) = (new StringBuilder(text.Length), 0);
        while (at < text.Length)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                plain.Append(text[at++]);
                continue;
            }

            var kind = text[at + 1];
            var braced = kind == 'u' && at + 2 < text.Length && text[at + 2] == '{';
            var (from, length) = braced ? (at + 3, text.IndexOf('}', at + 3, Math.Min(MaxDigits + 1, text.Length - at - 3)) - at - 3)
                : kind == 'u' ? (at + 2, 4) : kind == 'x' ? (at + 2, 2) : (0, 0);
            if (length is > 0 and <= MaxDigits && from + length <= text.Length && Hex(text.AsSpan(from, length)) is { } value)
            {
                // Two halves of a surrogate pair are each written so.
                if (value <= char.MaxValue)
                    plain.Append((char)value);
                else if (Rune.IsValid(value))
                    plain.Append(new Rune(value));

                at = from + length + (braced ? 1 : 0);
                continue;
            }

            plain.Append(kind is 'n' or 'r' or 't' ? ' ' : kind);
            at += 2;
        }

        return Markup.Decode(plain.ToString());
    }

    /// <summary>Of CSS: a backslash, one to six hexadecimal digits, and perhaps a space.</summary>
    public static string OfStyle(string text)
    {
        var (plain, at) = (new StringBuilder(text.Length), 0);
        while (at < text.Length)
        {
            if (text[at++] != '\\')
            {
                plain.Append(text[at - 1]);
                continue;
            }

            var end = at;
            while (end < text.Length && end < at + MaxDigits && char.IsAsciiHexDigit(text[end]))
                end++;

            if (end > at && Hex(text.AsSpan(at, end - at)) is { } value && Rune.IsValid(value))
                plain.Append(new Rune(value));

            at = end < text.Length && end > at && text[end] == ' ' ? end + 1 : end;
        }

        return plain.ToString();
    }

    private static int? Hex(ReadOnlySpan<char> digits)
        => int.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out var value) ? value : null;
}
