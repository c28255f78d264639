using System.Text.Encodings.Web;

namespace Notary.Cli;

/// <summary><c>notary bulk FILE</c>: makes a deposit of each digest of a list, by requests of up to 10,000.</summary>
/// <remarks>
/// A request's idempotency key follows from what it holds and its place in the list: whatever cut a run off, the same
/// command again deposits only what is missing and gets every receipt.
/// </remarks>
internal static class BulkCommand
{
    /// <summary>The API's bound on the digests of a request.</summary>
    private const int MaxDigests = 10_000;

    /// <summary>Bytes of a request, below the API's 8 MiB: ten thousand long names are more.</summary>
    private const int MaxBody = 7 * 1024 * 1024;

    /// <summary>Bytes of an answer: ten thousand receipts with long names and notes, of which a manifest has each.</summary>
    private const int MaxReceipts = 64 * 1024 * 1024;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Chunk(int From, int Count, byte[] Body, string Key);

    public static Command Build(Terminal terminal)
    {
        var (url, key) = ServerOptions.Create("The tenant's key");
        var file = new Argument<string>("FILE")
        {
            Description = "The list: a SHA-256 digest a line, alone or as sha256sum, hashdeep or Get-FileHash print it; - for standard input.",
        };
        var notes = new Option<string[]>("--note") { Description = "name=text, in every deposit; may be repeated." };
        var nameless = new Option<bool>("--no-names") { Description = "Leave the names of the list out of the deposits." };
        var encoding = new Option<string>("--encoding")
        {
            Description = "Of a list without a byte order mark, such as gb18030.",
            DefaultValueFactory = _ => "utf-8",
        };
        var run = new Option<string>("--run")
        {
            Description = "A word that makes this another run: what an earlier one deposited of the same list is deposited again.",
            DefaultValueFactory = _ => "",
        };
        var size = ServerOptions.Number("--chunk", $"Digests of a request, at most {MaxDigests}.", least: 1, absent: MaxDigests);
        var retries = ServerOptions.Number("--retries", "How often to try again after a lost connection.", least: 0, absent: Patience.DefaultRetries);
        var output = new Option<string?>("--out") { Description = "Write the receipts into this file instead of standard output." };
        var command = new Command("bulk", "Deposits the digests of a list.") { file, url, key, notes, nameless, encoding, run, size, retries, output };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetValue(url)!, ServerOptions.Key(parsed.GetValue(key)));
            await using var input = parsed.GetValue(file) is "-" ? terminal.Input : Terminal.Open(parsed.GetValue(file)!);
            var list = await DigestList.ReadAsync(input, !parsed.GetValue(nameless), DigestList.EncodingOf(parsed.GetValue(encoding)!), cancel);
            if (list.Count == 0)
                throw new CliException("the list holds no digests");

            var patience = new Patience(parsed.GetValue(retries), terminal.Error);
            var chunks = Chunks(list, Head(ServerOptions.Notes(parsed.GetValue(notes) ?? [])),
                Math.Min(parsed.GetValue(size), MaxDigests), parsed.GetValue(run)!);
            await using var written = parsed.GetValue(output) is { } path ? File.CreateText(Terminal.Named(path)) : null;
            var done = 0;
            try
            {
                foreach (var chunk in chunks)
                {
                    var answer = await patience.TryAsync(() => SendAsync(api, chunk, cancel), cancel);
                    if (await WriteAsync(answer, list, chunk, written ?? terminal.Output) is { } mistake)
                    {
                        await terminal.Error.WriteLineAsync($"notary: {mistake}");
                        return Exit.Failed;
                    }

                    done += chunk.Count;
                    await terminal.Error.WriteLineAsync($"deposited {done} of {list.Count}");
                }
            }
            catch (Exception e) when ((e is OperationCanceledException && cancel.IsCancellationRequested)
                || e is HttpRequestException or HttpIOException or BusyException)
            {
                var what = e is OperationCanceledException ? "interrupted" : e.Message.Split('\n')[0].TrimEnd().TrimEnd('.');
                throw new CliException(
                    $"{what}; {done} of {list.Count} are known to be deposited: the same command again deposits the others and nothing twice", e);
            }

            return Exit.Passed;
        });
        return command;
    }

    /// <summary>What every request begins with.</summary>
    private static string Head(IEnumerable<(string Name, string Text)> notes)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in notes)
            all[name] = text;

        return all.Count == 0 ? "{\"items\":[" : $"{{\"notes\":{JsonSerializer.Serialize(all)},\"items\":[";
    }

    private static IEnumerable<Chunk> Chunks(IReadOnlyList<ListedDigest> list, string head, int size, string run)
    {
        var body = new ArrayBufferWriter<byte>();
        for (var (from, number) = (0, 0); from < list.Count; number++)
        {
            body.ResetWrittenCount();
            body.Write(Encoding.UTF8.GetBytes(head));
            var count = 0;
            for (; count < size && from + count < list.Count && body.WrittenCount < MaxBody; count++)
            {
                body.Write(count == 0 ? ""u8 : ","u8);
                Write(body, list[from + count]);
            }

            body.Write("]}"u8);
            var place = string.Create(CultureInfo.InvariantCulture, $"{run}\n{number}\n");
            yield return new Chunk(from, count, body.WrittenSpan.ToArray(),
                "bulk-" + Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(place), .. body.WrittenSpan])));
            from += count;
        }
    }

    private static void Write(ArrayBufferWriter<byte> body, ListedDigest item)
    {
        using var json = new Utf8JsonWriter(body, Plain);
        json.WriteStartObject();
        json.WriteStartObject("digests");
        json.WriteString("sha-256", item.Sha256.ToString());
        json.WriteEndObject();
        if (item.Name is not null)
            json.WriteString("name", item.Name);

        json.WriteEndObject();
    }

    private static Task<byte[]> SendAsync(ApiClient api, Chunk chunk, CancellationToken c)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "v1/deposits/bulk") { Content = new ByteArrayContent(chunk.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.Add("Idempotency-Key", chunk.Key);
        return api.SendAsync(message, c, MaxReceipts);
    }

    /// <summary>Writes the receipts a line each, as they came. Returns what is wrong with one, before any of them is written.</summary>
    private static async Task<string?> WriteAsync(byte[] answer, IReadOnlyList<ListedDigest> list, Chunk chunk, TextWriter output)
    {
        var receipts = ApiClient.Json(answer) is JsonObject found && found["receipts"] is JsonArray array ? array : [];
        if (receipts.Count != chunk.Count)
            return $"the server gave {receipts.Count} receipts for {chunk.Count} digests";

        for (var i = 0; i < chunk.Count; i++)
        {
            if (ReceiptCheck.Mistake(receipts[i], list[chunk.From + i].Sha256, size: null, out _) is { } mistake)
                return $"the receipt of digest {chunk.From + i + 1} is wrong: {mistake}";
        }

        foreach (var receipt in receipts)
            await output.WriteLineAsync(receipt!.ToJsonString(ReportPrinter.Readable));

        await output.FlushAsync();
        return null;
    }
}
