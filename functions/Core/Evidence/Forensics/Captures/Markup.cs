using System.Text;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>A document's markup apart from its text, by rules that fit on a page (docs/forensics-format.md §10).</summary>
/// <param name="Texts">Between the tags, character references undone, folded, none empty, in order.</param>
/// <param name="Rest">All else: tags with their attributes, comments, scripts and styles.</param>
public sealed record Markup(IReadOnlyList<string> Texts, string Rest)
{
    /// <summary>Elements whose content is no text of the page; a title is shown by the window.</summary>
    private static readonly string[] Raw = ["script", "style", "title"];

    /// <summary>Of ISO 8859-1, from 160 on (HTML 4.01 §24.2).</summary>
    private static readonly string[] Latin =
        ("nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo "
        + "frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve "
        + "Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute "
        + "ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml").Split(' ');

    private static readonly Dictionary<string, int> Names = new(Latin.Select((name, i) => KeyValuePair.Create(name, 160 + i)), StringComparer.Ordinal)
    {
        ["amp"] = '&',
        ["lt"] = '<',
        ["gt"] = '>',
        ["quot"] = '"',
        ["apos"] = '\'',
        ["hellip"] = 0x2026,
        ["mdash"] = 0x2014,
        ["ndash"] = 0x2013,
        ["lsquo"] = 0x2018,
        ["rsquo"] = 0x2019,
        ["ldquo"] = 0x201C,
        ["rdquo"] = 0x201D,
        ["bull"] = 0x2022,
        ["trade"] = 0x2122,
        ["euro"] = 0x20AC,
        ["ensp"] = 0x2002,
        ["emsp"] = 0x2003,
        ["larr"] = 0x2190,
        ["rarr"] = 0x2192,
    };

    /// <summary>Characters of a reference between its ampersand and its semicolon.</summary>
    private const int MaxReference = 10;

    /// <summary>All texts as one, a space between two.</summary>
    public string Text => Captures.Texts.Fold(string.Join(' ', Texts));

    /// <summary>Reads HTML. Never fails: what is no markup is text.</summary>
    public static Markup Read(string html)
    {
        var (texts, rest, from, at) = (new List<string>(), new StringBuilder(), 0, 0);
        while (at < html.Length)
        {
            var end = html[at] == '<' ? End(html, at) : 0;
            if (end == 0)
            {
                at++;
                continue;
            }

            Take(at);
            rest.Append(html, at, end - at).Append(' ');
            from = at = end;
        }

        Take(html.Length);
        return new Markup(texts, rest.ToString());

        void Take(int to)
        {
            if (Captures.Texts.Fold(Decode(html[from..to])) is { Length: > 0 } text)
                texts.Add(text);
        }
    }

    /// <summary>Undoes character references: numbers, and the names above.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('&', StringComparison.Ordinal))
            return text;

        var (decoded, at) = (new StringBuilder(text.Length), 0);
        while (at < text.Length)
        {
            var end = text[at] == '&' ? text.IndexOf(';', at, Math.Min(text.Length - at, MaxReference + 2)) : -1;
            if (end > 0 && CodePoint(text.AsSpan(at + 1, end - at - 1)) is { } rune)
            {
                decoded.Append(rune);
                at = end + 1;
            }
            else
            {
                decoded.Append(text[at++]);
            }
        }

        return decoded.ToString();
    }

    private static Rune? CodePoint(ReadOnlySpan<char> name)
    {
        int value;
        if (name.StartsWith("#x", StringComparison.OrdinalIgnoreCase))
            return int.TryParse(name[2..], NumberStyles.AllowHexSpecifier, null, out value) && Rune.IsValid(value) ? new Rune(value) : null;

        if (name.StartsWith("#", StringComparison.Ordinal))
            return int.TryParse(name[1..], NumberStyles.None, null, out value) && Rune.IsValid(value) ? new Rune(value) : null;

        return Names.TryGetValue(name.ToString(), out value) ? new Rune(value) : null;
    }

    /// <summary>Where the markup ends that begins there; 0 when it is text.</summary>
    private static int End(string html, int at)
    {
        if (string.CompareOrdinal(html, at, "<!--", 0, 4) == 0)
            return html.IndexOf("-->", at + 4, StringComparison.Ordinal) is >= 0 and var comment ? comment + 3 : html.Length;

        if (at + 1 >= html.Length || !(char.IsAsciiLetter(html[at + 1]) || html[at + 1] is '/' or '!' or '?'))
            return 0;

        var end = at + 1;
        while (end < html.Length && html[end] != '>')
        {
            if (html[end++] != '=')
                continue;

            while (end < html.Length && html[end] is ' ' or '\t' or '\n' or '\f' or '\r')
                end++;

            if (end < html.Length && html[end] is '"' or '\'')
                end = html.IndexOf(html[end], end + 1) is >= 0 and var quote ? quote + 1 : html.Length;
        }

        end = Math.Min(end + 1, html.Length);
        foreach (var name in Raw)
        {
            // An element's name ends where no letter or digit follows.
            if (Is(html, at + 1, name) && at + 1 + name.Length < html.Length && !char.IsAsciiLetterOrDigit(html[at + 1 + name.Length]))
                return Close(html, end, name);
        }

        return end;
    }

    private static int Close(string html, int from, string name)
    {
        while ((from = html.IndexOf("</", from, StringComparison.Ordinal)) >= 0 && !Is(html, from + 2, name))
            from += 2;

        return from < 0 ? html.Length : from;
    }

    private static bool Is(string html, int at, string name)
        => at + name.Length <= html.Length && Ascii.EqualsIgnoreCase(html.AsSpan(at, name.Length), name);
}
