namespace Notary.Host.Http;

/// <summary>The query, decoded strictly: UTF-8 or refused, each name once, no name the route does not know.</summary>
/// <remarks>ASP.NET's own reader replaces broken UTF-8 by U+FFFD, so two different requests would give one file name.</remarks>
internal sealed class QueryReader
{
    // A query longer than this is no query of ours; Kestrel's bound on the request line is larger.
    private const int MaxLength = 16 * 1024;
    private const int MaxParameters = 64;
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd"];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <param name="http">The request.</param>
    /// <param name="known">The names the route takes; one that ends in '.' is a prefix.</param>
    public QueryReader(HttpContext http, params ReadOnlySpan<string> known)
        : this(http, strict: true, known)
    {
    }

    private QueryReader(HttpContext http, bool strict, ReadOnlySpan<string> known)
    {
        var query = http.Request.QueryString.Value ?? "";
        if (query.Length > MaxLength)
            throw new FaultException(Fault.Malformed, "the query is too long");

        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (!strict && !Known(at < 0 ? part : part[..at], known))
                continue;

            var name = Decode(at < 0 ? part : part[..at]);
            if (!Known(name, known))
                throw new FaultException(Fault.Malformed, "the query has a parameter this route does not know");

            if (!values.TryAdd(name, at < 0 ? "" : Decode(part[(at + 1)..])) || values.Count > MaxParameters)
                throw new FaultException(Fault.Malformed, "the query names a parameter twice or has too many");
        }
    }

    /// <summary>The query of a page for people: what messengers and campaigns add to an address is none of the page's business.</summary>
    public static QueryReader OfPage(HttpContext http, params ReadOnlySpan<string> known) => new(http, strict: false, known);

    public string? Find(string name) => values.GetValueOrDefault(name);

    /// <summary>Where a list goes on; null for its beginning, which a form's empty field says too.</summary>
    public string? Continuation => Find("continuation") is { Length: > 0 } text ? text : null;

    /// <summary>The parameters whose names begin with <paramref name="prefix"/>, without it.</summary>
    public IReadOnlyDictionary<string, string> Group(string prefix)
        => values.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(v => v.Key[prefix.Length..], v => v.Value, StringComparer.Ordinal);

    public int Number(string name, int absent, int min, int max)
        => Find(name) is not { } text ? absent
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value
            : throw new FaultException(Fault.Malformed, $"{name} is an integer from {min} to {max}");

    public bool Flag(string name)
        => Find(name) switch { null or "false" => false, "true" => true, _ => throw new FaultException(Fault.Malformed, $"{name} is true or false") };

    /// <summary>Whether the one of two words is chosen that is not the usual one.</summary>
    public bool Chosen(string name, string usual, string other)
        => Find(name) is not { } text || text == usual ? false
            : text == other ? true : throw new FaultException(Fault.Malformed, $"{name} is {usual} or {other}");

    /// <summary>A time of RFC 3339 in UTC, with or without fractions of a second; a date alone is its beginning.</summary>
    public DateTimeOffset? Time(string name)
        => Find(name) is not { Length: > 0 } text ? null
            : DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : throw new FaultException(Fault.Malformed, $"{name} is a time such as 2026-11-22T05:00:00Z, or a date");

    /// <summary>A day; the years are bounded so that none can be counted off either end.</summary>
    public DateOnly? Day(string name)
        => Find(name) is not { Length: > 0 } text ? null
            : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1900 and < 3000 ? day
            : throw new FaultException(Fault.Malformed, $"{name} is a date such as 2026-11-30");

    public Digest? Digest(string name)
        => Find(name) is not { } text ? null
            : Evidence.Digest.TryParseAnyCase(text, out var digest) ? digest
            : throw new FaultException(Fault.Malformed, $"{name} is 64 hexadecimal digits");

    /// <summary>Percent-decodes UTF-8; '+' is a blank, as HTML forms and URLSearchParams write it.</summary>
    public static string Decode(string text, bool plusIsBlank = true)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        try
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '%')
                {
                    bytes[length++] = i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])
                        ? byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                        : throw new FaultException(Fault.Malformed, "the query is not percent-encoded");
                    i += 2;
                }
                else if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length)
                {
                    length += Utf8.GetBytes(text, i++, 2, bytes, length);
                }
                else
                {
                    length += Utf8.GetBytes(text[i] == '+' && plusIsBlank ? " " : text[i].ToString(), 0, 1, bytes, length);
                }
            }

            return Utf8.GetString(bytes, 0, length);
        }
        catch (ArgumentException e)
        {
            throw new FaultException(Fault.Malformed, "the query is not UTF-8", e);
        }
    }

    private static bool Known(string name, ReadOnlySpan<string> known)
    {
        foreach (var one in known)
        {
            if (name == one || (one[^1] == '.' && name.Length > one.Length && name.StartsWith(one, StringComparison.Ordinal)))
                return true;
        }

        return false;
    }
}
