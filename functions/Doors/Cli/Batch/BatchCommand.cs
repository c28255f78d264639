using Notary.Evidence.Batches;

namespace Notary.Cli;

/// <summary><c>notary batch FILE|FOLDER</c>: deposits up to a million items by one request, and more by several.</summary>
/// <remarks>
/// A request's idempotency key follows from what it holds and its place in the list: whatever cut a run off, the same
/// command again deposits only what is missing and gets every receipt.
/// </remarks>
internal static class BatchCommand
{
    public static Command Build(Terminal terminal)
    {
        var (url, key) = ServerOptions.Create("The tenant's key");
        var from = new Argument<string>("FILE")
        {
            Description = "A folder, whose files are hashed; a .csv with the columns sha-256, name, size, mediaType, reference, note.…; "
                + "any other file as NDJSON; - for NDJSON from standard input.",
        };
        var notes = new Option<string[]>("--note") { Description = "name=text, of each batch as a whole; may be repeated." };
        var letter = new Option<string>("--letter") { Description = "When a batch's letter is issued.", DefaultValueFactory = _ => "eager" };
        letter.AcceptOnlyFromAmong("eager", "onRequest");
        var run = new Option<string>("--run")
        {
            Description = "A word that makes this another run: what an earlier one deposited of the same list is deposited again.",
            DefaultValueFactory = _ => "",
        };
        var size = ServerOptions.Number("--chunk", $"Items of a batch, at most {BatchFormat.MaxItems}.", least: 1, absent: BatchFormat.MaxItems);
        var retries = ServerOptions.Number("--retries", "How often to try again after a lost connection.", least: 0, absent: Patience.DefaultRetries);
        var output = new Option<string?>("--out") { Description = "Write the receipts into this file instead of standard output." };
        var command = new Command("batch", "Deposits a list or a folder as batches, each item a deposit.") { from, url, key, notes, letter, run, size,
            retries, output };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetValue(url)!, ServerOptions.Key(parsed.GetValue(key)));
            var query = string.Join('&', ServerOptions.Notes(parsed.GetValue(notes) ?? [])
                .Select(n => $"note.{Uri.EscapeDataString(n.Name)}={Uri.EscapeDataString(n.Text)}").Prepend($"letter={parsed.GetValue(letter)}"));
            using var source = await BatchSource.ReadAsync(parsed.GetValue(from)!, terminal, cancel);
            var patience = new Patience(parsed.GetValue(retries), terminal.Error);
            await using var written = parsed.GetValue(output) is { } path ? File.CreateText(Terminal.Named(path)) : null;
            var done = 0L;
            try
            {
                await foreach (var part in source.PartsAsync(Math.Min(parsed.GetValue(size), BatchFormat.MaxItems), cancel))
                {
                    var own = Key(parsed.GetValue(run)!, query, part);
                    var receipt = ApiClient.Json(await patience.TryAsync(() => SendAsync(api, source, part, query, own, terminal.Error, cancel), cancel));
                    if (Mistake(receipt, part) is { } mistake)
                    {
                        await terminal.Error.WriteLineAsync($"notary: the receipt of items {part.From + 1} to {part.From + part.Lines} is wrong: {mistake}");
                        return Exit.Failed;
                    }

                    await (written ?? terminal.Output).WriteLineAsync(receipt.ToJsonString(ReportPrinter.Readable));
                    done += part.Lines;
                    await terminal.Error.WriteLineAsync($"deposited {done} items");
                }
            }
            catch (Exception e) when ((e is OperationCanceledException && cancel.IsCancellationRequested)
                || e is HttpRequestException or HttpIOException or BusyException)
            {
                var what = e is OperationCanceledException ? "interrupted" : e.Message.Split('\n')[0].TrimEnd().TrimEnd('.');
                throw new CliException($"{what}; {done} items are known to be deposited: the same command again deposits the others and nothing twice", e);
            }

            return done > 0 ? Exit.Passed : throw new CliException("the list holds no items");
        });
        return command;
    }

    private static string Key(string run, string query, BatchPart part)
        => "batch-" + Digest.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run}\n{query}\n{part.From}\n{part.Sha256}")));

    private static async Task<byte[]> SendAsync(ApiClient api, BatchSource source, BatchPart part, string query, string key, TextWriter error,
        CancellationToken c)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, $"v1/batches?{query}") { Content = new PackedPart(source, part, error) };
        message.Headers.Add("Idempotency-Key", key);
        try
        {
            return await api.SendAsync(message, c);
        }
        catch (CliException e) when (e is not BusyException && part.From > 0)
        {
            throw new CliException($"{e.Message} (lines are counted from line {part.From + 1} of the list)", e);
        }
    }

    /// <summary>What is wrong with a receipt: it must be of a batch of so many items, and state its manifest's digest.</summary>
    private static string? Mistake(JsonNode receipt, BatchPart part)
    {
        try
        {
            var manifest = Manifest.Parse(Jcs.Canonicalize(receipt["manifest"]));
            return manifest.ItemCount != part.Lines ? $"it is of {manifest.ItemCount?.ToString(CultureInfo.InvariantCulture) ?? "no"} items"
                : ApiClient.Text(receipt, "manifestDigest") != manifest.ToDigest().ToString() ? "its manifest has another digest than it states"
                : ApiClient.Text(receipt, "id") != manifest.Id.ToString() ? "its manifest has another id" : null;
        }
        catch (FaultException e)
        {
            return e.Message;
        }
    }
}
