namespace Notary.Cli;

/// <summary>The forms in which common tools print SHA-256 digests. One reader for each list: two of the forms have headings.</summary>
/// <remarks>
/// 1. A digest alone. 2. GNU <c>sha256sum</c> and sha256deep: two blanks, or a blank and '*', before the name. 3. <c>sha256sum --tag</c>, BSD and
/// <c>openssl dgst</c>: SHA256 (name) = digest. A line of 2 or 3 that begins with '\' has \\, \n and \r in its name written so. 4. hashdeep: its
/// heading names the columns, the last is the name up to the line's end. 5. CSV with a column Hash, as PowerShell's
/// <c>Get-FileHash | Export-Csv</c> writes it, with Algorithm and Path beside it.
/// </remarks>
internal sealed partial class DigestForms(bool withNames)
{
    private const int DigestLength = 2 * Digest.Size;

    /// <summary>The API's bound on a name.</summary>
    private const int MaxNameLength = Manifest.MaxNameLength;

    /// <summary>What the newest heading said; null in a list without one.</summary>
    private Columns? columns;

    /// <param name="Separator">Between two fields.</param>
    /// <param name="Quoted">CSV (RFC 4180); hashdeep quotes nothing, so that its last field may hold anything.</param>
    /// <param name="Count">Fields of a line, those that nobody asks for among them.</param>
    private sealed record Columns(char Separator, bool Quoted, int Count, int Hash, int Name, int Algorithm);

    /// <summary>Null for a line that holds none: an empty one, a heading, a comment.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public ListedDigest? Read(string line)
    {
        if (line.Length == 0 || IsHeading(line))
            return null;

        var (digest, name) = (columns is null ? Plain(line) : Row(line, columns)) ?? throw Wrong();
        return new ListedDigest(digest, withNames && name is not null ? Bounded(name) : null);
    }

    private (Digest Digest, string? Name)? Plain(string line)
    {
        var escaped = line[0] == '\\';
        var text = escaped ? line[1..] : line;
        var (hex, name) = Tagged().Match(text) is { Success: true } tag ? (tag.Groups["hex"].Value, tag.Groups["name"].Value)
            : text.Length <= DigestLength ? (text, null)
            : text.Length > DigestLength + 2 && text[DigestLength] == ' ' && text[DigestLength + 1] is ' ' or '*'
                ? (text[..DigestLength], text[(DigestLength + 2)..])
            : ("", null);
        return Digest.TryParseAnyCase(hex, out var digest) && (name is not null || !escaped) ? (digest, escaped ? Unescape(name!) : name) : null;
    }

    private bool IsHeading(string line)
    {
        if (line.StartsWith("%%%% ", StringComparison.Ordinal))
        {
            // "%%%% HASHDEEP-1.0", and in the next line "%%%% size,md5,sha256,filename".
            var names = line[5..].Split(',');
            if (names.Length > 1)
                columns = new Columns(',', Quoted: false, names.Length, Index(names, "sha256"), Index(names, "filename"), Algorithm: -1);

            return columns is null or { Hash: >= 0 } ? true : throw new FormatException("says that the list has no SHA-256 digests");
        }

        // hashdeep says how it was called; Windows's PowerShell names a .NET type.
        if ((columns is { Quoted: false } && line.StartsWith("##", StringComparison.Ordinal)) || line.StartsWith("#TYPE ", StringComparison.Ordinal))
            return true;

        // A name may say "Hash" as well: what is a line of another form is no heading.
        foreach (var separator in line.Contains("Hash", StringComparison.OrdinalIgnoreCase) && Plain(line) is null ? ",;\t" : "")
        {
            if (Fields(line, separator) is { } names && Index(names, "Hash") is >= 0 and var hash && !names.Any(n => Digest.TryParseAnyCase(n, out _)))
            {
                columns = new Columns(separator, Quoted: true, names.Length, hash, Index(names, "Path"), Index(names, "Algorithm"));
                return true;
            }
        }

        return false;
    }

    private static (Digest Digest, string? Name)? Row(string line, Columns columns)
    {
        var fields = columns.Quoted ? Fields(line, columns.Separator) : line.Split(columns.Separator, columns.Count);
        if (fields?.Length != columns.Count)
            return null;

        if (columns.Algorithm >= 0 && !fields[columns.Algorithm].Equals("SHA256", StringComparison.OrdinalIgnoreCase))
            throw new FormatException("has the digest of another algorithm than SHA-256");

        return Digest.TryParseAnyCase(fields[columns.Hash], out var digest)
            ? (digest, columns.Name >= 0 && fields[columns.Name].Length > 0 ? fields[columns.Name] : null) : null;
    }

    /// <summary>The fields of a line of CSV; null when it is none.</summary>
    internal static string[]? Fields(string line, char separator)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] != separator || quoted)
                field.Append(line[i]);
            else
                Next();
        }

        Next();
        return quoted ? null : [.. fields];

        void Next()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }

    private static int Index(string[] names, string wanted) => Array.FindIndex(names, n => n.Equals(wanted, StringComparison.OrdinalIgnoreCase));

    private static string Bounded(string name)
        => name.Length <= MaxNameLength && !name.Any(char.IsControl) ? name : throw new FormatException(
            $"has a name of more than {MaxNameLength} characters or with control characters, which deposits do not take; --no-names leaves names out");

    private string Unescape(string name)
    {
        // Without names their bytes do not matter.
        if (!withNames)
            return name;

        var plain = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            plain.Append(name[i] != '\\' ? name[i] : (++i < name.Length ? name[i] : '\0') switch
            {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => throw new FormatException("has an escape that sha256sum does not write"),
            });
        }

        return plain.ToString();
    }

    private static FormatException Wrong() => new("is not a SHA-256 digest, alone or as sha256sum, hashdeep or Get-FileHash with Export-Csv print it");

    // openssl 3 says SHA2-256 and writes no blank before the sign.
    [GeneratedRegex("^SHA(2-)?256 ?\\((?<name>.+)\\) ?= (?<hex>[0-9A-Fa-f]{64})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Tagged();
}
