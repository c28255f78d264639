namespace Notary.Host.Http;

/// <summary>A file's name: the query's <c>name</c>, or <c>filename*</c> (RFC 8187) or <c>filename</c> of Content-Disposition (RFC 6266).</summary>
internal static class FileName
{
    /// <exception cref="FaultException">Malformed, also when query and header say different names.</exception>
    public static string? Of(HttpRequest request, string? inQuery)
    {
        var inHeader = request.Headers.ContentDisposition is [{ Length: > 0 } header] ? Parse(header)
            : request.Headers.ContentDisposition.Count > 1 ? throw Wrong()
            : null;
        return inQuery is null || inHeader is null || inQuery == inHeader
            ? inQuery ?? inHeader
            : throw new FaultException(Fault.Malformed, "the query and Content-Disposition name the file differently");
    }

    private static string? Parse(string header)
    {
        string? plain = null, extended = null;
        foreach (var (name, value) in Parameters(header))
        {
            if (name.Equals("filename*", StringComparison.OrdinalIgnoreCase) && extended is null)
            {
                extended = Extended(value);
            }
            else if (name.Equals("filename", StringComparison.OrdinalIgnoreCase) && plain is null)
            {
                plain = value;
            }
        }

        return extended ?? plain;
    }

    // RFC 8187 §3.2.1: charset "'" [ language ] "'" value-chars. The language says how to read the name aloud: it is checked and not kept.
    private static string Extended(string value)
    {
        if (value.Split('\'', 3) is not [var charset, var language, var encoded]
            || !charset.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) || !language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw Wrong();

        try
        {
            return QueryReader.Decode(encoded, plusIsBlank: false);
        }
        catch (FaultException e)
        {
            // It is not the query that is wrong.
            throw new FaultException(Fault.Malformed, "filename* of Content-Disposition is not percent-encoded UTF-8 (RFC 8187)", e);
        }
    }

    // type *( ";" name "=" ( token | quoted-string ) )
    private static IEnumerable<(string Name, string Value)> Parameters(string header)
    {
        var at = header.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0 && at < header.Length)
        {
            var equals = header.IndexOf('=', at);
            if (equals < 0)
                throw Wrong();

            var name = header[(at + 1)..equals].Trim();
            at = equals + 1;
            if (at < header.Length && header[at] == '"')
            {
                var text = new System.Text.StringBuilder();
                for (at++; at < header.Length && header[at] != '"'; at++)
                {
                    at += header[at] == '\\' && at + 1 < header.Length ? 1 : 0;
                    text.Append(header[at]);
                }

                if (at >= header.Length)
                    throw Wrong();

                yield return (name, text.ToString());
                at = header.IndexOf(';', at);
            }
            else
            {
                var end = header.IndexOf(';', at) is >= 0 and var next ? next : header.Length;
                yield return (name, header[at..end].Trim());
                at = end;
            }
        }
    }

    private static FaultException Wrong() => new(Fault.Malformed, "Content-Disposition is not well formed (RFC 6266)");
}
