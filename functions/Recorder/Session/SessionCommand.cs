using Notary.Recorder.Cleanliness;
using Notary.Recorder.Desktop;
using Notary.Recorder.Recording;
using Notary.Recorder.View;
using Notary.Recorder.Windows;

namespace Notary.Recorder.Session;

/// <summary><c>notary-recorder session</c>: a whole session on this machine, until its input, its user or the time says that it ends.</summary>
internal static class SessionCommand
{
    public static Command Build(Terminal terminal)
    {
        var folder = new Option<string>("--out") { Description = "The session's folder; must be empty or not there.", Required = true };
        var page = Parsed("--page", "Where the browser is led.", Site);
        page.Required = true;
        var session = Parsed("--session", "The session's id, a UUIDv7; without it there is a new one.",
            text => DepositId.TryParse(text, out var id) ? id : (DepositId?)null);
        var awaits = new Option<bool>("--await-input") { Description = "Connects keyboard and pointer only at the word input." };
        var authorities = Several("--authority", $"An RFC 3161 authority; at least {CleanlinessSettings.LeastAuthorities}.", Site);
        var allow = Several("--allow", "ADDRESS:PORT of a service that the desktop may reach although it is private.", EndPoint);
        var resolver = Parsed("--resolver", "ADDRESS:PORT of the resolver; without it names do not resolve.", EndPoint);
        var uplink = new Option<string?>("--uplink") { Description = "The interface to the public network; without it there is none." };
        var vantage = Parsed("--vantage", "An http proxy by which captured pages are asked for a second time.", Site);
        var image = Parsed("--image", "The pinned digest of the image.", text => Digest.TryParse(text, out var digest) ? digest : (Digest?)null);
        var probe = Parsed("--probe", "An https site whose certificates are compared, before input, with those that this machine is shown.", Secure);
        var roots = Parsed("--probe-roots", "A file with the roots, PEM, that they lead to; without it those of the desktop.", Pem);
        var port = Parsed("--port", "Of the view on 127.0.0.1; 0 takes a free one.", Number(0, ushort.MaxValue));
        var ancestor = Parsed("--ancestor", "The origin whose pages may show the view in a frame; without it none may.", ViewPlace.Origin);
        var view = Parsed("--view-url", "Where a proxy shows the view: https://HOST/…/, with {port} for the port that it leads to.", ViewPlace.Template);
        var rate = Parsed("--frames", "Frames a second; 10.", Number(1, ForensicsFormat.MaxRate));
        var idle = Parsed("--idle", "Minutes without input; 20.", Number(1, 24 * 60));
        var longest = Parsed("--longest", "Minutes in all; 240.", Number(1, 24 * 60));
        var command = new Command("session", "Holds a session: a desktop, measured, recorded, and shown through a link that it prints. "
            + "Commands on standard input: mark TEXT, capture, link (a new one), upload FILE NAME, input, close exit|idle|longest|aborted.")
        { folder, page, session, awaits, authorities, allow, resolver, uplink, vantage, image, probe, roots, port, ancestor, view, rate, idle, longest };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!OperatingSystem.IsWindows() && LocalDesktop.Missing() is { } why)
                throw new WrongCallException(why);

            if (parsed.GetValue(authorities) is not { Length: >= CleanlinessSettings.LeastAuthorities } urls)
                throw new WrongCallException($"a clock is judged by {CleanlinessSettings.LeastAuthorities} authorities: give --authority for each");

            if (Directory.Exists(parsed.GetValue(folder)) && Directory.EnumerateFileSystemEntries(parsed.GetValue(folder)!).Any())
                throw new WrongCallException($"{parsed.GetValue(folder)} is not empty: one folder, one session");

            if (parsed.GetValue(uplink) is { } way && !LocalDesktop.Forwards(way))
                throw new WrongCallException($"this machine does not forward for {way}: set net.ipv4.conf.{way}.forwarding to 1");

            return await RunAsync(new SessionOptions
            {
                Folder = Path.GetFullPath(parsed.GetValue(folder)!),
                Page = parsed.GetValue(page)!,
                Session = parsed.GetValue(session),
                AwaitInput = parsed.GetValue(awaits),
                Authorities = [.. urls.Select(u => u!)],
                Allow = [.. (parsed.GetValue(allow) ?? []).Select(a => a!)],
                Resolver = parsed.GetValue(resolver),
                Uplink = parsed.GetValue(uplink),
                Vantage = parsed.GetValue(vantage),
                Image = parsed.GetValue(image),
                Probe = parsed.GetValue(probe),
                ProbeRoots = parsed.GetValue(roots),
                Port = parsed.GetValue(port) ?? 0,
                View = new ViewPlace(parsed.GetValue(ancestor), parsed.GetValue(view)),
                FramesPerSecond = parsed.GetValue(rate) ?? 10,
                Idle = TimeSpan.FromMinutes(parsed.GetValue(idle) ?? 20),
                Longest = TimeSpan.FromMinutes(parsed.GetValue(longest) ?? 240),
            }, terminal, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(SessionOptions options, Terminal terminal, CancellationToken cancel)
    {
        await using IHeldSession session = OperatingSystem.IsWindows()
            ? new WindowsSession(options, terminal, new BootTime()) : new DesktopSession(options, terminal, new BootTime());
        var clean = await session.StartAsync(cancel);
        var reason = clean ? options.AwaitInput ? await AwaitAsync(terminal, cancel) : null : CloseReason.Aborted;
        if (reason is null)
        {
            await session.ConnectAsync(cancel);
            reason = await FollowAsync(session, terminal, cancel);
        }

        return await session.CloseAsync(reason.Value) == CloseReason.Broken || !clean ? Exit.Broken : Exit.Closed;
    }

    /// <returns>Null when input may be connected; else why it will not be.</returns>
    private static async Task<CloseReason?> AwaitAsync(Terminal terminal, CancellationToken cancel)
    {
        try
        {
            while (await Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(cancel) is { } line)
            {
                if (line == "input")
                    return null;

                if (Commands.Closes(line) is { } reason)
                    return reason;

                await terminal.Error.WriteLineAsync("notary-recorder: not understood; there are: input; close exit|idle|longest|aborted");
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end by a signal: as good as an end of the input.
        }

        return CloseReason.Aborted;
    }

    private static async Task<CloseReason> FollowAsync(IHeldSession session, Terminal terminal, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ended = session.EndedAsync(over.Token);
        try
        {
            while (true)
            {
                // A read of the console cannot be cancelled: it is left where it is.
                var reading = Task.Run(terminal.Input.ReadLine, CancellationToken.None);
                if (await Task.WhenAny(reading, ended).WaitAsync(cancel) == ended)
                    return await ended;

                if (await reading is not { } line)
                    return CloseReason.Aborted;

                if (Commands.Closes(line) is { } reason)
                    return reason;

                if (Commands.Marks(line) is { } note)
                    await session.MarkAsync(note, cancel);
                else if (Commands.Uploads(line) is var (file, name))
                    await session.UploadAsync(file, name, cancel);
                else if (line == "capture")
                    session.Capture();
                else if (line == "link")
                    session.Link();
                else
                    await terminal.Error.WriteLineAsync($"notary-recorder: not understood; there are: capture; link; upload FILE NAME; {Commands.Words}");
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end by a signal: as good as an end of the input.
            return CloseReason.Aborted;
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Option<T?> Parsed<T>(string name, string description, Func<string, T?> parse) => new(name)
    {
        Description = description,
        CustomParser = result => One(result, name, parse),
    };

    private static Option<T?[]> Several<T>(string name, string description, Func<string, T?> parse) => new(name)
    {
        Description = description,
        CustomParser = result => [.. result.Tokens.Select(token => Read(result, name, token.Value, parse))],
    };

    private static T? One<T>(System.CommandLine.Parsing.ArgumentResult result, string name, Func<string, T?> parse)
        => result.Tokens.Count == 0 ? default : Read(result, name, result.Tokens[0].Value, parse);

    private static T? Read<T>(System.CommandLine.Parsing.ArgumentResult result, string name, string text, Func<string, T?> parse)
    {
        if (parse(text) is { } value)
            return value;

        result.AddError($"{name} cannot be {text}.");
        return default;
    }

    private static Uri? Site(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) ? url : null;

    private static Uri? Secure(string text) => Site(text) is { } url && url.Scheme == Uri.UriSchemeHttps ? url : null;

    private static string? Pem(string path)
        => File.Exists(path) && File.ReadAllText(path) is var text && text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal) ? text : null;

    private static IPEndPoint? EndPoint(string text) => IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 ? endpoint : null;

    private static Func<string, int?> Number(int least, int most)
        => text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n : null;
}
