namespace Notary.Cli;

/// <summary>One line of a list: a digest, and the name beside it if there is one.</summary>
internal readonly record struct ListedDigest(Digest Sha256, string? Name);

/// <summary>Reads lists of digests: one of 64 lower-case hexadecimal digits a line, alone or as <c>sha256sum</c> prints it with a name.</summary>
/// <remarks>GNU coreutils: two blanks, or a blank and '*', before the name; a line that begins with '\' has \\, \n and \r in its name written so.</remarks>
internal static class DigestList
{
    private const int DigestLength = 2 * Digest.Size;

    /// <summary>The API's bound on a name.</summary>
    private const int MaxNameBytes = 255;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="CliException">A line is none of these, with its number.</exception>
    public static async Task<IReadOnlyList<ListedDigest>> ReadAsync(Stream input, bool withNames, CancellationToken c)
    {
        var list = new List<ListedDigest>();
        using var lines = new StreamReader(input, Utf8, detectEncodingFromByteOrderMarks: false);
        for (var number = 1; ; number++)
        {
            try
            {
                if (await lines.ReadLineAsync(c) is not { } line)
                    return list;

                if (line.Length > 0)
                    list.Add(Parse(line, withNames));
            }
            catch (Exception e) when (e is FormatException or DecoderFallbackException)
            {
                throw new CliException($"line {number} of the list {(e is FormatException ? e.Message : "or one near it is not UTF-8")}", e);
            }
        }
    }

    /// <exception cref="FormatException">The line is neither.</exception>
    internal static ListedDigest Parse(string line, bool withNames)
    {
        var escaped = line[0] == '\\';
        var text = escaped ? line[1..] : line;
        if (!Digest.TryParse(text[..Math.Min(DigestLength, text.Length)], out var digest)
            || (text.Length > DigestLength && (text.Length < DigestLength + 3 || text[DigestLength] != ' ' || text[DigestLength + 1] is not (' ' or '*')))
            || (escaped && text.Length == DigestLength))
        {
            throw new FormatException("is not a SHA-256 digest, alone or as sha256sum prints it");
        }

        if (!withNames || text.Length == DigestLength)
            return new ListedDigest(digest, null);

        var name = text[(DigestLength + 2)..];
        name = escaped ? Unescape(name) : name;
        return Encoding.UTF8.GetByteCount(name) <= MaxNameBytes && !name.Any(char.IsControl)
            ? new ListedDigest(digest, name)
            : throw new FormatException(
                $"has a name of more than {MaxNameBytes} bytes or with control characters, which deposits do not take; --no-names leaves names out");
    }

    private static string Unescape(string name)
    {
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
}
