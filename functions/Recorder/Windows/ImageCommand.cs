namespace Notary.Recorder.Windows;

/// <summary><c>notary-recorder image</c>: writes down what a fresh image holds, for the sessions of its machines.</summary>
internal static class ImageCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("image", "On Windows: writes beside this program what the image holds, and prints that list's SHA-256.");
        command.SetAction(async (_, cancel) =>
        {
            if (!OperatingSystem.IsWindows())
                throw new WrongCallException("image is for Windows");

            await terminal.Output.WriteLineAsync(new JsonObject { ["image"] = (await ImageList.WriteAsync(cancel)).ToString() }.ToJsonString());
            return Exit.Closed;
        });
        return command;
    }
}
