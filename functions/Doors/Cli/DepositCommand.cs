using System.CommandLine.Parsing;

namespace Notary.Cli;

/// <summary><c>notary deposit FILE</c>: hands a file in and, with --wait, follows it until its evidence is complete.</summary>
/// <remarks>Everything it sends carries one idempotency key: sent again, by itself after a lost connection or by a person with --idempotency-key,
/// it is one deposit.</remarks>
internal static class DepositCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Default of --timeout: anchoring waits for the batch and its confirmations, which a slow chain makes long.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    private sealed record Request(
        DepositSource Source, string? Name, IReadOnlyList<(string Name, string Text)> Notes, string Query, MediaTypeHeaderValue MediaType, string Key)
        : IDisposable
    {
        public void Dispose() => Source.Dispose();
    }

    public static Command Build(Terminal terminal) => Build(terminal, resumes: false);

    /// <summary><c>notary upload FILE</c>: the same by an address of storage; what was done is kept beside the file, to go on with after a kill.</summary>
    public static Command BuildUpload(Terminal terminal) => Build(terminal, resumes: true);

    private static Command Build(Terminal terminal, bool resumes)
    {
        var (url, key) = ServerOptions.Create("The tenant's key");
        var file = new Argument<string>("FILE") { Description = "The file to deposit; - for standard input." };
        var name = new Option<string?>("--name") { Description = "The name to deposit it under; FILE's own when absent, none for a pipe." };
        var mediaType = new Option<string>("--media-type") { Description = "RFC 6838 media type.", DefaultValueFactory = _ => "application/octet-stream" };
        var notes = new Option<string[]>("--note") { Description = "name=text; may be repeated." };
        var once = new Option<string?>("--idempotency-key") { Description = "Of an earlier try that was cut off: what it deposited is not deposited again." };
        var retries = ServerOptions.Number("--retries", "How often to try again after a lost connection.", least: 0, absent: Patience.DefaultRetries);
        var via = new Option<Via>("--via")
            { Description = "auto, body or address: a file over 64 MiB goes to a signed address of storage where the server bounds its bodies." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the deposit is certified, showing its states." };
        var timeout = new Option<TimeSpan>("--timeout")
        {
            Description = "How long to wait, hh:mm:ss.",
            DefaultValueFactory = _ => DefaultTimeout,
            CustomParser = Time
        };
        var folder = new Option<string?>("--out") { Description = "Write the receipt, and after --wait the bundle, into this folder." };
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON object." };
        var command = resumes ? new Command("upload", "Deposits a large file by way of storage; the same command goes on with what was cut off.")
            : new Command("deposit", "Deposits a file.") { via };
        foreach (var option in new Option[] { url, key, name, mediaType, notes, once, retries, wait, timeout, folder, json })
            command.Add(option);

        command.Add(file);
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetValue(url)!, ServerOptions.Key(parsed.GetValue(key)));
            var started = Stopwatch.GetTimestamp();
            var state = resumes ? OpenState(parsed.GetValue(file)!, parsed.GetValue(url)!) : null;
            using var request = await PrepareAsync(parsed.GetValue(file)!, terminal.Input, parsed.GetValue(name), parsed.GetValue(notes) ?? [],
                parsed.GetValue(mediaType)!, parsed.GetValue(once) ?? state?.Key ?? Guid.NewGuid().ToString(), state?.Sha256, cancel);
            state?.Begin(request.Key, request.Source.Sha256);
            using var blocks = new BlockUpload(request.Source.Path, request.Source.Size, state, terminal.Error);
            var patience = new Patience(parsed.GetValue(retries), terminal.Error);
            var output = parsed.GetValue(folder) is { } path ? Directory.CreateDirectory(Terminal.Named(path)).FullName : null;
            var id = "";
            try
            {
                var chosen = resumes ? Via.Address : parsed.GetValue(via);
                var byAddress = await patience.TryAsync(() => AddressUpload.IsForAsync(api, chosen, request.Source.Size, cancel), cancel);
                var receipt = await patience.TryAsync(
                    () => byAddress ? SendAsync(api, request, blocks, state, parsed.GetValue(timeout), cancel)
                        : UploadAsync(api, request, terminal, cancel), cancel);
                if (ReceiptCheck.Mistake(ApiClient.Json(receipt), request.Source.Sha256, request.Source.Size, out id) is { } mistake)
                {
                    await terminal.Error.WriteLineAsync($"notary: the receipt is wrong: {mistake}");
                    return Exit.Failed;
                }

                state?.End();
                await terminal.Error.WriteLineAsync($"{id}: Received");
                if (output is not null)
                    await File.WriteAllBytesAsync(Path.Combine(output, $"{id}.receipt.json"), receipt, cancel);

                var reached = parsed.GetValue(wait) ? await FollowAsync(api, id, parsed.GetValue(timeout), patience, terminal, cancel) : "Received";
                var bundle = output is not null && reached == "Certified"
                    ? await patience.TryAsync(() => DownloadAsync(api, id, output, cancel), cancel) : null;
                var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
                await terminal.Output.WriteLineAsync(!parsed.GetValue(json)
                    ? $"{id} {reached} after {seconds} s{(bundle is null ? "" : ": " + bundle)}" : new JsonObject
                    {
                        ["id"] = id,
                        ["state"] = reached,
                        ["bundle"] = bundle,
                        ["seconds"] = seconds,
                    }.ToJsonString(ReportPrinter.Readable));
                return reached switch { "Failed" => Exit.Failed, "Certified" => Exit.Passed, _ => parsed.GetValue(wait) ? Exit.Unjudged : Exit.Passed };
            }
            catch (Exception e) when ((e is OperationCanceledException && cancel.IsCancellationRequested)
                || e is HttpRequestException or HttpIOException or BusyException)
            {
                var what = e is OperationCanceledException ? "interrupted" : e.Message.Split('\n')[0].TrimEnd().TrimEnd('.');
                throw new CliException(
                    id.Length == 0
                        ? $"{what}; whether it was deposited is not known: run the same command {Again(resumes, request)}, and it is deposited once"
                        : $"{what}; {id} is deposited and goes on by itself: the same command {Again(resumes: false, request)} follows it again",
                    e);
            }
        });
        return command;
    }

    private static string Again(bool resumes, Request request) => resumes ? "again" : $"with --idempotency-key {request.Key}";

    private static UploadState OpenState(string path, Uri server)
        => File.Exists(path) ? UploadState.Open(path, server) : throw new CliException("`notary upload` goes on with a file; a pipe is for `notary deposit -`");

    /// <summary>Hashes first, so that the platform refuses a body damaged on the way (RFC 9530) instead of certifying it.</summary>
    private static async Task<Request> PrepareAsync(
        string path, Stream input, string? name, string[] notes, string mediaType, string key, Digest? known, CancellationToken c)
    {
        if (!MediaTypeHeaderValue.TryParse(mediaType, out var type))
            throw new CliException("--media-type is not a media type");

        if (key.Length is 0 or > 255 || !key.All(ch => ch is >= ' ' and <= '~'))
            throw new CliException("--idempotency-key is 1 to 255 printable ASCII characters");

        var named = ServerOptions.Notes(notes).ToList();
        if (named.DistinctBy(note => note.Name).Count() != named.Count)
            throw new CliException("--note names the same note twice");

        string Named(string? given) => given is null ? "" : $"name={Escape(given)}";
        var (query, notesQuery) = (Named(name), string.Concat(named.Select(note => $"&note.{Escape(note.Name)}={Escape(note.Text)}")));
        var source = known is { } digest ? DepositSource.Known(path, digest) : await DepositSource.ReadAsync(path, input, c);
        if (name is null && !source.IsPipe)
            query = Named(name = Path.GetFileName(path));

        return new Request(source, name, named, (query + notesQuery).TrimStart('&'), type, key);
    }

    private static TimeSpan Time(ArgumentResult result)
    {
        if (result.Tokens.Count > 0 && TimeSpan.TryParseExact(result.Tokens[0].Value, "c", CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero)
            return time;

        result.AddError("--timeout is hh:mm:ss.");
        return default;
    }

    private static string Escape(string text)
    {
        try
        {
            return Uri.EscapeDataString(text);
        }
        catch (UriFormatException e)
        {
            throw new CliException("a name or note is not Unicode text", e);
        }
    }

    private static async Task<byte[]> UploadAsync(ApiClient api, Request request, Terminal terminal, CancellationToken c)
    {
        await using var file = new ReadProgress(request.Source.Open(), terminal.Error);
        var content = new StreamContent(file);
        content.Headers.ContentType = request.MediaType;
        var message = new HttpRequestMessage(HttpMethod.Post, $"v1/deposits/file?{request.Query}") { Content = content };
        message.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(request.Source.Sha256.ToArray())}:");
        message.Headers.Add("Idempotency-Key", request.Key);

        // The Functions host keeps a counted body in memory whole and streams a chunked one; whoever is refused is told before he sends.
        message.Headers.TransferEncodingChunked = true;
        message.Headers.ExpectContinue = true;
        return await api.SendAsync(message, c);
    }

    private static Task<byte[]> SendAsync(ApiClient api, Request request, BlockUpload blocks, UploadState? state, TimeSpan timeout, CancellationToken c)
    {
        var wanted = new JsonObject
        {
            ["name"] = request.Name,
            ["mediaType"] = request.MediaType.ToString(),
            ["notes"] = new JsonObject(request.Notes.Select(note => KeyValuePair.Create(note.Name, (JsonNode?)note.Text))),
            ["contentDigest"] = request.Source.Sha256.ToString(),
            ["size"] = request.Source.Size,
        };
        return AddressUpload.SendAsync(api, wanted, request.Key, blocks, state, timeout, c);
    }

    private static async Task<string> FollowAsync(ApiClient api, string id, TimeSpan timeout, Patience patience, Terminal terminal, CancellationToken c)
    {
        var (started, shown) = (Stopwatch.GetTimestamp(), "Received");
        while (true)
        {
            var view = await patience.TryAsync(() => api.GetAsync($"v1/deposits/{id}", c), c);
            if (view["state"] is not JsonValue value || !value.TryGetValue<string>(out var state)
                || !Enum.TryParse<DepositState>(state, out var known) || !Enum.IsDefined(known))
                throw new CliException("the deposit has no state that is known here");

            if (known.ToString() != shown)
            {
                shown = known.ToString();
                await terminal.Error.WriteLineAsync($"{id}: {shown} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
            }

            if (known is DepositState.Certified or DepositState.Failed)
                return shown;

            if (Stopwatch.GetElapsedTime(started) > timeout)
            {
                await terminal.Error.WriteLineAsync($"notary: {id} is still {shown}; it goes on without you");
                return shown;
            }

            await Task.Delay(Poll, c);
        }
    }

    /// <summary>The whole bundle under its name or nothing: a download cut short must not look like evidence.</summary>
    private static async Task<string> DownloadAsync(ApiClient api, string id, string folder, CancellationToken c)
    {
        var path = Path.Combine(folder, $"{id}.evidence.zip");
        await using (var file = File.Create(path + ".part"))
        {
            await api.DownloadAsync($"v1/deposits/{id}/bundle", file, c);
        }

        File.Move(path + ".part", path, overwrite: true);
        return path;
    }
}
