namespace Notary.Infra.Tests;

/// <summary>Puts an executable of our own where a script looks for a tool.</summary>
internal static class StandIn
{
    public static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
