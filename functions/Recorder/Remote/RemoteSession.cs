namespace Notary.Recorder.Remote;

/// <summary>
/// One session for a platform elsewhere.
///  1. The order: page, authorities, limits.
///  2. <c>session</c> in a process of its own; its input is what the platform says.
///  3. Whenever it has sealed a link: the files that the link names, then the link. What is sealed is on the platform before the next is.
///  4. It has ended: what is left of it, then this ends too. When the platform takes no more, the session is closed as its input is.
/// </summary>
internal sealed class RemoteSession(PlatformDoor door, string folder, string program, string[] more, Terminal terminal)
{
    private const string Upload = "upload", Uploaded = "uploaded";

    /// <summary>Characters that the platform takes of a refusal's reason.</summary>
    private const int MaxRefusal = 1000;

    /// <summary>Bytes of lines in one request.</summary>
    private const int MaxLines = 512 * 1024;

    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<JsonObject> answers = new();
    private readonly HashSet<string> brought = new(StringComparer.Ordinal);
    private long offset;

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var process = await BeginAsync(cancel);
        var reading = ReadAsync(process);
        var obeying = ObeyAsync(process, over.Token);
        var bringing = BringAsync(reading, over.Token);
        try
        {
            // The first that fails, or the last that is brought.
            while (!bringing.IsCompleted)
            {
                await Task.WhenAny(bringing, obeying.IsCompletedSuccessfully ? bringing : obeying);
                if (obeying.IsFaulted || obeying.IsCanceled)
                    break;
            }

            await (obeying.IsFaulted || obeying.IsCanceled ? obeying : bringing);
        }
        catch (GoneException e)
        {
            await terminal.Error.WriteLineAsync($"notary-recorder: {e.Message}");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end by a signal.
        }
        finally
        {
            // The end of its input closes it.
            await over.CancelAsync();
            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
            await Task.WhenAll((Task)reading, obeying, bringing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return process.ExitCode;
    }

    private async Task<Process> BeginAsync(CancellationToken cancel)
    {
        var order = await door.OrderAsync(cancel);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        foreach (var argument in (string[])["session", "--session", (string)order["session"]!, "--await-input", "--out", folder,
            "--page", (string)order["page"]!,
            .. order["authorities"]!.AsArray().SelectMany(url => (string[])["--authority", (string)url!]),
            "--idle", order["idleMinutes"]!.ToString(), "--longest", order["longestMinutes"]!.ToString(), .. more])
            start.ArgumentList.Add(argument);

        return Process.Start(start) ?? throw new IOException($"{program} did not start");
    }

    private async Task ReadAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            await terminal.Output.WriteLineAsync(line);
            if (AnswerIn(line) is { } answer)
                answers.Enqueue(answer);

            news.Writer.TryWrite(true);
        }

        await process.WaitForExitAsync();
    }

    private async Task ObeyAsync(Process process, CancellationToken cancel)
    {
        for (long after = 0; ;)
        {
            foreach (var command in (await door.CommandsAsync(after, cancel))["commands"]!.AsArray())
            {
                after = (long)command!["number"]!;
                var text = (string)command["text"]!;
                if (text.Split(' ', 3) is [Upload, var file, _] && !await FetchAsync(file, cancel))
                    continue;

                try
                {
                    await process.StandardInput.WriteLineAsync(text.AsMemory(), cancel);
                    await process.StandardInput.FlushAsync(cancel);
                }
                catch (IOException)
                {
                    // It has ended; what it left is being brought.
                    return;
                }
            }
        }
    }

    /// <summary>Puts a file where the session takes it from, or has it said that it cannot be.</summary>
    private async Task<bool> FetchAsync(string file, CancellationToken cancel)
    {
        var why = IsName(file) ? await door.FetchAsync(file, StagedAt(file), cancel) : "it is no name of a file";
        if (why is null)
            return true;

        answers.Enqueue(new JsonObject { ["kind"] = Uploaded, ["file"] = file, ["refused"] = why });
        news.Writer.TryWrite(true);
        return false;
    }

    private async Task AnswerAsync(JsonObject said, CancellationToken cancel)
    {
        var file = (string)said["file"]!;
        await door.AnswerAsync(file, said["refused"] is { } why ? new JsonObject { ["refused"] = Short((string)why!) }
            : new JsonObject { ["size"] = (long)said["size"]!, ["digest"] = (string)said["digest"]! }, cancel);
        File.Delete(StagedAt(file));
    }

    /// <summary>A line that says what became of a file; null for any other.</summary>
    private static JsonObject? AnswerIn(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject said && (string?)said["kind"] == Uploaded && IsName((string?)said["file"] ?? "") ? said : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What else a session says is for whoever reads it.
            return null;
        }
    }

    private string StagedAt(string file) => Path.Combine(Path.GetDirectoryName(folder)!, file);

    // The platform names files by a digest; nothing else is written to this disk.
    private static bool IsName(string file) => file.Length == 2 * Digest.Size && file.All(char.IsAsciiHexDigitLower);

    private static string Short(string why) => why.Length <= MaxRefusal ? why : why[..MaxRefusal];

    private async Task BringAsync(Task reading, CancellationToken cancel)
    {
        for (var ended = false; !ended;)
        {
            ended = reading.IsCompleted;
            news.Reader.TryRead(out _);

            // What an answer speaks of was sealed before: it is there when the answer is.
            var said = answers.Count;
            while (await BringSomeAsync(cancel))
            {
            }

            for (; said > 0 && answers.TryDequeue(out var answer); said--)
                await AnswerAsync(answer, cancel);

            if (!ended)
                await Task.WhenAny(news.Reader.WaitToReadAsync(cancel).AsTask(), reading);

            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <returns>False when all is there.</returns>
    private async Task<bool> BringSomeAsync(CancellationToken cancel)
    {
        var lines = await SealedLines.ReadAsync(Path.Combine(folder, ForensicsFormat.ChainFile), offset, MaxLines, cancel)
            ?? throw new InvalidDataException("the chain that was recorded here is gone");
        if (lines.Length == 0)
            return false;

        foreach (var name in SealedLines.Links(lines).SelectMany(LinkFiles.Of).Where(brought.Add))
            await door.PutAsync(name, Path.Combine(folder, name), cancel);

        await door.AppendAsync(offset, lines, cancel);
        offset += lines.Length;
        return true;
    }
}
