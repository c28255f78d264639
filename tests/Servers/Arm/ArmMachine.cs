using System.Text.RegularExpressions;

namespace Notary.Servers.Arm;

/// <summary>A machine that a deployment made: what the extension's command would start in it runs here, until the machine is deleted.</summary>
internal sealed partial class ArmMachine(ArmServerOptions options) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-machine-");
    private Process? process;

    public bool Running => process is { HasExited: false };

    public Process? Process => process;

    /// <summary>As start-session.ps1 does.</summary>
    /// <returns>The registration token that it registers with.</returns>
    public string Start(string command)
    {
        var said = Argument().Matches(command).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        var key = Path.Combine(folder.FullName, "key");
        File.WriteAllText(key, said["RecorderKey"]);
        var start = new ProcessStartInfo(options.Recorder) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["agent", "--session", said["SessionId"], "--platform", said["Platform"], "--key-file", key,
            "--out", Path.Combine(folder.FullName, "recording"), .. options.Desktop is { } desktop ? (string[])["--program", desktop] : []])
            start.ArgumentList.Add(argument);

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return said["RegistrationToken"];
    }

    public void Dispose()
    {
        if (process is not null)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);

            process.WaitForExit();
            process.Dispose();
        }

        folder.Delete(recursive: true);
    }

    [GeneratedRegex("-([A-Za-z]+) \"([^\"]*)\"")]
    private static partial Regex Argument();
}
