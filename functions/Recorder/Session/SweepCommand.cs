using Notary.Recorder.Desktop;

namespace Notary.Recorder.Session;

/// <summary><c>notary-recorder sweep</c>: clears what killed recorders left on this machine, and nothing of the living.</summary>
internal static class SweepCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("sweep", "Clears what killed recorders left on this machine: processes, namespaces, rules, folders.");
        command.SetAction(async (_, cancel) =>
        {
            if (LocalDesktop.Missing() is { } why)
                throw new WrongCallException(why);

            await terminal.Output.WriteLineAsync(new JsonObject { ["swept"] = await LocalDesktop.SweepAsync(cancel) }.ToJsonString());
            return Exit.Closed;
        });
        return command;
    }
}
