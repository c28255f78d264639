using System.Text.Encodings.Web;
using Notary.Evidence.Batches;

namespace Notary.Cli;

/// <summary>One request's share of a source: so many lines of its file.</summary>
/// <param name="From">Lines before it.</param>
/// <param name="Sha256">Of its bytes.</param>
internal sealed record BatchPart(long From, int Lines, long Offset, long Length, Digest Sha256);

/// <summary>What is deposited as batches: a file of NDJSON, as it was given or made of a CSV or a folder. A made one lies in a temporary file,
/// readable by its owner alone, until the command ends.</summary>
internal sealed class BatchSource : IDisposable
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string path;
    private readonly bool temporary;

    private BatchSource(string path, bool temporary) => (this.path, this.temporary) = (path, temporary);

    /// <param name="given">A folder, a <c>.csv</c>, any other file as NDJSON, or <c>-</c> for NDJSON from standard input.</param>
    /// <param name="terminal">For standard input, and to tell how far it is.</param>
    /// <param name="c">Stops.</param>
    /// <exception cref="CliException">It cannot be read; a line of a CSV with its number.</exception>
    public static async Task<BatchSource> ReadAsync(string given, Terminal terminal, CancellationToken c)
    {
        if (Directory.Exists(given))
            return await SpoolAsync((output, token) => FolderLines.WriteAsync(given, output, terminal.Error, token), c);

        if (given == "-")
            return await SpoolAsync((output, token) => terminal.Input.CopyToAsync(output, token), c);

        await using var file = Terminal.Open(given);
        if (Path.GetExtension(given).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            return await SpoolAsync((output, token) => CsvLines.WriteAsync(file, output, token), c);

        return file.CanSeek ? new BatchSource(given, temporary: false) : await SpoolAsync((output, token) => file.CopyToAsync(output, token), c);
    }

    /// <summary>Cuts the file into parts of so many lines, none larger than a request may be, and hashes each.</summary>
    public async IAsyncEnumerable<BatchPart> PartsAsync(int most, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken c)
    {
        await using var file = Terminal.Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, from, offset, length, lines, open) = (new byte[1 << 20], 0L, 0L, 0L, 0, false);
        while (await file.ReadAsync(buffer, c) is > 0 and var read)
        {
            for (var at = 0; at < read;)
            {
                var end = buffer.AsSpan(at, read - at).IndexOf((byte)'\n');
                var take = end < 0 ? read - at : end + 1;

                // Only between lines is there a choice.
                if (!open && (lines == most || length > BatchFormat.MaxBytes - BatchFormat.MaxLine))
                {
                    yield return Part();
                }

                hash.AppendData(buffer.AsSpan(at, take));
                (length, at, open) = (length + take, at + take, end < 0);
                if (!open)
                    lines++;
            }
        }

        if (open)
            lines++;

        if (lines > 0)
            yield return Part();

        BatchPart Part()
        {
            var part = new BatchPart(from, lines, offset, length, new Digest(hash.GetHashAndReset()));
            (from, offset, length, lines) = (from + lines, offset + length, 0, 0);
            return part;
        }
    }

    public FileStream Open() => Terminal.Open(path);

    public void Dispose()
    {
        if (temporary)
            File.Delete(path);
    }

    /// <summary>Writes one line as a batch takes it.</summary>
    internal static void Write(ArrayBufferWriter<byte> output, Digest sha256, string? name, long? size, string? mediaType, string? reference,
        IReadOnlyList<(string Name, string Text)> notes)
    {
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            json.WriteStartObject();
            json.WriteString("sha-256", sha256.ToString());
            if (name is not null)
                json.WriteString("name", name);

            if (size is { } bytes)
                json.WriteNumber("size", bytes);

            if (mediaType is not null)
                json.WriteString("mediaType", mediaType);

            if (reference is not null)
                json.WriteString("reference", reference);

            if (notes.Count > 0)
            {
                json.WriteStartObject("notes");
                foreach (var (note, text) in notes)
                    json.WriteString(note, text);

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static async Task<BatchSource> SpoolAsync(Func<Stream, CancellationToken, Task> write, CancellationToken c)
    {
        var source = new BatchSource(Path.GetTempFileName(), temporary: true);
        try
        {
            await using var file = new FileStream(source.path, FileMode.Open, FileAccess.Write, FileShare.None, 1 << 20);
            await write(file, c);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
