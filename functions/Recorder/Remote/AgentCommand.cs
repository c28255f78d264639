namespace Notary.Recorder.Remote;

/// <summary><c>notary-recorder agent</c>: a session on a machine that was made for it, for a platform that is elsewhere. It asks the platform what it is
/// to record, runs <c>session</c> beside itself, tells it what the platform says, and brings the platform what it has sealed.</summary>
internal static class AgentCommand
{
    private const int KeyLength = 64;

    public static Command Build(Terminal terminal)
    {
        var session = new Option<string>("--session") { Description = "The session's id.", Required = true };
        var platform = new Option<string>("--platform") { Description = "The platform's address: https, or http on this machine.", Required = true };
        var key = new Option<string>("--key-file") { Description = "A file with the session's key.", Required = true };
        var folder = new Option<string>("--out") { Description = "The session's folder; must be empty or not there.", Required = true };
        var program = new Option<string?>("--program") { Description = "What records, in this program's place." };
        var more = new Option<string[]>("--with") { Description = "One more of the session's arguments; as often as there are." };
        var command = new Command("agent", "Holds a session for a platform elsewhere.") { session, platform, key, folder, program, more };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!DepositId.TryParse(parsed.GetValue(session)!, out var id))
                throw new WrongCallException("--session is a UUIDv7");

            if (!Uri.TryCreate(parsed.GetValue(platform), UriKind.Absolute, out var url)
                || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
                throw new WrongCallException("--platform is an https address, or http on this machine: the key goes there");

            var secret = (await File.ReadAllTextAsync(parsed.GetValue(key)!, cancel)).Trim();
            if (secret.Length != KeyLength)
                throw new WrongCallException("--key-file holds no session's key");

            using var door = new PlatformDoor(new Uri(url, $"/v1/forensics/agents/{id}"), secret, terminal);
            return await new RemoteSession(door, Path.GetFullPath(parsed.GetValue(folder)!), parsed.GetValue(program) ?? Environment.ProcessPath!,
                parsed.GetValue(more) ?? [], terminal).RunAsync(cancel);
        });
        return command;
    }
}
