namespace Notary.Cli;

/// <summary>A CSV's rows (RFC 4180, UTF-8) as lines of a batch. Its heading names the columns.</summary>
internal static class CsvLines
{
    private const string NotePrefix = "note.";
    private const int FlushBytes = 1 << 20;

    private static readonly string[] Known = ["sha-256", "name", "size", "mediaType", "reference"];

    /// <exception cref="CliException">The heading or a row is not as it should be, with the row's number.</exception>
    public static async Task WriteAsync(Stream input, Stream output, CancellationToken c)
    {
        using var lines = new StreamReader(input, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        var buffer = new ArrayBufferWriter<byte>();
        string[]? columns = null;
        var number = 0;
        try
        {
            while (await lines.ReadLineAsync(c) is { } line)
            {
                number++;
                if (line.Length == 0)
                    continue;

                var fields = DigestForms.Fields(line, ',') ?? throw new FormatException("has a quote that is not closed");
                if (columns is null)
                    columns = Columns(fields);
                else
                    Row(buffer, columns, fields);

                if (buffer.WrittenCount < FlushBytes)
                    continue;

                await output.WriteAsync(buffer.WrittenMemory, c);
                buffer.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            // The line that could not be decoded was not counted.
            var (line, what) = e is FormatException ? (number, e.Message) : (number + 1, "is not UTF-8");
            throw new CliException($"line {line} of the CSV {what}", e);
        }

        await output.WriteAsync(buffer.WrittenMemory, c);
    }

    private static string[] Columns(string[] heading)
    {
        var wrong = heading.FirstOrDefault(name => !Known.Contains(name)
            && !(name.StartsWith(NotePrefix, StringComparison.Ordinal) && name.Length > NotePrefix.Length));
        if (wrong is not null || heading.Distinct().Count() != heading.Length || !heading.Contains(Known[0]))
            throw new FormatException($"is no heading of a batch: columns are {string.Join(", ", Known)} and {NotePrefix}…, each once, and sha-256 is needed");

        return heading;
    }

    private static void Row(ArrayBufferWriter<byte> output, string[] columns, string[] fields)
    {
        if (fields.Length != columns.Length)
            throw new FormatException($"has {fields.Length} fields under {columns.Length} columns");

        // An empty field says nothing.
        string? Of(string column) => Array.IndexOf(columns, column) is >= 0 and var at && fields[at].Length > 0 ? fields[at] : null;
        if (!Digest.TryParseAnyCase(Of("sha-256"), out var sha256))
            throw new FormatException("has no SHA-256 of 64 hexadecimal digits");

        long? size = null;
        if (Of("size") is { } text)
            size = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes
                : throw new FormatException("has a size that is no number");

        var notes = columns.Where(name => name.StartsWith(NotePrefix, StringComparison.Ordinal) && Of(name) is not null)
            .Select(name => (name[NotePrefix.Length..], Of(name)!)).ToList();
        BatchSource.Write(output, sha256, Of("name"), size, Of("mediaType"), Of("reference"), notes);
    }
}
