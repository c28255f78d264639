namespace Notary.Cli;

/// <summary>One line of a list: a digest, and the name beside it if there is one.</summary>
internal readonly record struct ListedDigest(Digest Sha256, string? Name);

/// <summary>Reads lists of digests, in the encodings in which people have them: a byte order mark decides, else what is said, else UTF-8.</summary>
internal static class DigestList
{
    /// <summary>What a decoder puts where bytes have no meaning (Unicode §3.9). A name that holds it was broken here or before.</summary>
    private const char Broken = '\uFFFD';

    private const char Mark = '\uFEFF';

    /// <summary>The encoding of that name, those of Windows's code pages among them.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static Encoding EncodingOf(string name)
    {
        var (encoder, decoder) = (EncoderFallback.ReplacementFallback, new DecoderReplacementFallback($"{Broken}"));
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name, encoder, decoder) ?? Encoding.GetEncoding(name, encoder, decoder);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CliException("--encoding is none that is known here; utf-8, utf-16, gb18030, gbk, big5 and windows-1252 are", e);
        }
    }

    /// <exception cref="CliException">A line cannot be read, with its number.</exception>
    public static async Task<IReadOnlyList<ListedDigest>> ReadAsync(Stream input, bool withNames, Encoding encoding, CancellationToken c)
    {
        var (list, forms) = (new List<ListedDigest>(), new DigestForms(withNames));
        using var lines = new StreamReader(input, encoding, detectEncodingFromByteOrderMarks: true);
        for (var number = 1; await lines.ReadLineAsync(c) is { } line; number++)
        {
            try
            {
                // Lists put together out of several have marks within.
                if (forms.Read(line.TrimStart(Mark)) is not { } digest)
                    continue;

                if (digest.Name?.Contains(Broken, StringComparison.Ordinal) == true)
                    throw new FormatException($"has a name that is not {lines.CurrentEncoding.WebName.ToUpperInvariant()}; "
                        + "--encoding names another, such as gb18030, and --no-names leaves names out");

                list.Add(digest);
            }
            catch (FormatException e)
            {
                throw new CliException($"line {number} of the list {e.Message}", e);
            }
        }

        return list;
    }
}
