using System.Text;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>Texts in the one form in which they are compared (docs/forensics-format.md §10).</summary>
public static class Texts
{
    private const char Space = ' ';

    /// <summary>From here on letters stand without spaces between words: CJK radicals and all above.</summary>
    private const int Wide = 0x2E80;

    // GB 18030: what Chinese sites use that are not UTF-8.
    private static readonly Encoding Strict = new UTF8Encoding(false, true), Other = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;

    /// <summary>A body as characters: UTF-8, or else GB 18030.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Other.GetString(bytes);
        }
    }

    /// <summary>White space becomes one space, and none between two wide letters or at an end; what is not seen is left out.</summary>
    public static string Fold(string text)
    {
        var (folded, last, pending) = (new StringBuilder(text.Length), 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsUnseen(rune.Value))
                continue;

            if (IsWhite(rune.Value))
            {
                pending = true;
                continue;
            }

            if (pending && last != 0 && !(last >= Wide && rune.Value >= Wide))
                folded.Append(Space);

            folded.Append(rune);
            (last, pending) = (rune.Value, false);
        }

        return folded.ToString();
    }

    /// <summary>Whether a folded text stands in another, as words of their own where it begins or ends with an ASCII letter or digit.</summary>
    public static bool Stand(string text, string within)
    {
        for (var at = 0; (at = within.IndexOf(text, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var end = at + text.Length;
            if ((at == 0 || !(IsWord(text[0]) && IsWord(within[at - 1]))) && (end == within.Length || !(IsWord(text[^1]) && IsWord(within[end]))))
                return true;
        }

        return false;
    }

    /// <summary>The first code points, for a list.</summary>
    public static string Quote(string text)
        => string.Concat(text.EnumerateRunes().Take(CaptureFormat.MaxQuoted));

    /// <summary>What a folded text is put together from: it is cut at spaces, before and after digits, and at punctuation, which is left out.</summary>
    public static IEnumerable<string> Pieces(string text)
    {
        var (from, kind) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            var next = i == text.Length || IsPunctuation(text[i]) ? 0 : char.IsAsciiDigit(text[i]) ? 1 : 2;
            if (next == kind)
                continue;

            if (kind != 0)
                yield return text[from..i];

            (from, kind) = (i, next);
        }
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c);

    private static bool IsPunctuation(char c)
        => c < 0x80 ? !char.IsAsciiLetterOrDigit(c) : c is (>= '\u2010' and <= '\u2027') or (>= '\u3000' and <= '\u303F') or (>= '\uFF00' and <= '\uFF0F');

    private static bool IsWhite(int c)
        => c is (>= 9 and <= 13) or 0x20 or 0x85 or 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000;

    // Soft hyphens, joiners, marks of direction and of byte order.
    private static bool IsUnseen(int c) => c is 0xAD or (>= 0x200B and <= 0x200F) or 0x2060 or 0xFEFF;
}
