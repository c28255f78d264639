using System.Net;

namespace Notary.Cli;

/// <summary><c>notary witness</c>: watches logs, and cosigns what continues what it has seen (docs/cli.md).</summary>
internal static class WitnessCommand
{
    public static Command Build(Terminal terminal)
        => new("witness", "Watches logs for lies: cosigns checkpoints that continue what it has seen (C2SP tlog-witness).")
        {
            BuildKeygen(terminal), BuildWatch(terminal), BuildServe(terminal),
        };

    private static Command BuildKeygen(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The witness's name, an address without https://, say witness.example/w1." };
        var file = KeyFile();
        var command = new Command("keygen", "Makes a witness's key and prints its public line.") { name, file };
        command.SetAction(async (p, _) =>
        {
            await terminal.Output.WriteLineAsync(WitnessKey.Create(p.GetValue(file)!, p.GetValue(name)!).Public.ToString());
            return Exit.Passed;
        });
        return command;
    }

    private static Command BuildWatch(Terminal terminal)
    {
        var line = new Argument<string?>("KEY")
        {
            Description = "The log's key, name+id+base64: ECDSA P-256 or Ed25519; its name is the log's origin.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var trust = new Option<string?>("--trust") { Description = "In place of KEY: the trust file of a platform, whose log's key it has." };
        var state = State();
        var command = new Command("watch", "Begins to watch a log, from its first checkpoint on.") { line, trust, state };
        command.SetAction(async (p, cancel) =>
        {
            var key = (p.GetValue(line), p.GetValue(trust)) switch
            {
                ({ } text, null) => VerifierKey.Parse(text),
                (null, { } file) when await VerifyCommand.ReadTrustAsync(file, cancel) is var roots
                    => new VerifierKey(roots.Origin, VerifierKey.Ecdsa, roots.LogKeySpki),
                _ => throw new CliException("a log is named by its KEY or by --trust FILE, one of them"),
            };
            if (key.Type == VerifierKey.CosignatureV1)
                throw new CliException("this is a witness's key, and no log's");

            Directory.CreateDirectory(Terminal.Named(p.GetValue(state)!));
            WitnessLog.Create(p.GetValue(state)!, key);
            await terminal.Output.WriteLineAsync($"watches {key.Name}");
            return Exit.Passed;
        });
        return command;
    }

    private static Command BuildServe(Terminal terminal)
    {
        var (file, state) = (KeyFile(), State());
        var listen = new Option<string>("--listen")
            { Description = "Address and port; TLS is a proxy's before it.", DefaultValueFactory = _ => "127.0.0.1:7780" };
        var command = new Command("serve", "Answers POST /add-checkpoint until it is interrupted.") { file, state, listen };
        command.SetAction(async (p, cancel) =>
        {
            if (!IPEndPoint.TryParse(p.GetValue(listen)!, out var where))
                throw new CliException("--listen is an address and a port, such as 127.0.0.1:7780");

            var key = await WitnessKey.ReadAsync(p.GetValue(file)!, cancel);
            var logs = new Dictionary<string, WitnessLog>(StringComparer.Ordinal);
            try
            {
                foreach (var path in Directory.EnumerateFiles(Terminal.Named(p.GetValue(state)!), "*" + WitnessLog.Suffix))
                {
                    var log = WitnessLog.Open(path);
                    if (!logs.TryAdd(log.Key.Name, log))
                        throw new CliException($"{path} is a second file of {log.Key.Name}: which of them is the newer one nobody can say");
                }

                if (logs.Count == 0)
                    throw new CliException("no log is watched: notary witness watch begins with one");

                await new WitnessServer(new WitnessJudge(key, logs, TimeProvider.System), terminal.Error)
                    .RunAsync(where, at => terminal.Output.WriteLineAsync($"{key.Public} watches {logs.Count} log(s) on {at}"), cancel);
                return Exit.Passed;
            }
            finally
            {
                foreach (var log in logs.Values)
                    log.Dispose();
            }
        });
        return command;
    }

    private static Option<string> KeyFile() => new("--key-file") { Description = "The witness's key; nobody else may read it.", Required = true };

    private static Option<string> State() => new("--state") { Description = "A folder: what was cosigned of each log, one file each.", Required = true };
}
