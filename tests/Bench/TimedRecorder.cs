using System.Text.Json.Nodes;
using Notary.Evidence.Forensics;
using Notary.Recorder.Tests;

namespace Notary.Bench;

/// <summary><c>notary-recorder</c> as a process whose whole tree's processor time is known at its end.</summary>
internal sealed class TimedRecorder
{
    /// <summary>As it is deployed (scripts/bench).</summary>
    private static readonly string Program = Path.Combine(Repository.Root, "artifacts", "recorder", "notary-recorder");

    private readonly string folder;
    private readonly TaskCompletionSource<LinkBody.Open> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task reading;

    private TimedRecorder(Process process, string folder)
    {
        (Process, this.folder) = (process, folder);
        reading = ReadAsync();
    }

    public Process Process { get; }

    /// <summary>Seconds from each segment's last frame until its digest was durable and told.</summary>
    public List<double> Delays { get; } = [];

    /// <param name="desk">What to record.</param>
    /// <param name="folder">Where to.</param>
    public static TimedRecorder Start(Desk desk, string folder)
        => new(Run(desk, [Program, "record", "--display", desk.Display, "--xauthority", desk.Authority, "--out", folder]), folder);

    /// <summary>Starts a program whose shell tells at the end how long it and all below it kept a processor busy.</summary>
    public static Process Run(Desk desk, string[] program)
    {
        var start = new ProcessStartInfo("bash", ["-c", "TIMEFORMAT='%U %S'; time \"$@\"", "bash", .. program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["DISPLAY"], start.Environment["XAUTHORITY"]) = (desk.Display, desk.Authority);
        return Process.Start(start)!;
    }

    /// <returns>Processor seconds, and what was said besides.</returns>
    public static async Task<(double Seconds, string Said)> TimeAsync(Process process)
    {
        using (process)
        {
            var said = (await process.StandardError.ReadToEndAsync()).TrimEnd().Split('\n');
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? (said[^1].Split(' ').Sum(t => double.Parse(t, CultureInfo.InvariantCulture)), string.Join('\n', said[..^1]))
                : throw new InvalidOperationException(string.Join('\n', said));
        }
    }

    /// <summary>The first link, once there is a first segment.</summary>
    public Task<LinkBody.Open> OpenAsync() => opened.Task;

    public async Task CloseAsync()
    {
        await Process.StandardInput.WriteLineAsync("close exit");
        await Process.StandardInput.FlushAsync();
        await reading;
    }

    private async Task ReadAsync()
    {
        while (await Process.StandardOutput.ReadLineAsync() is { } line)
        {
            var now = TimeProvider.System.GetUtcNow();
            var link = Read((int)JsonNode.Parse(line)!["n"]!);
            if (link.Body is LinkBody.Open open)
                opened.SetResult(open);

            if (link.Body is LinkBody.Segment segment)
                Delays.Add((now - segment.LastArrival.At).TotalSeconds);
        }

        opened.TrySetException(new InvalidOperationException("the recorder wrote no link"));
    }

    // The line is durable before it is told.
    private Link Read(int n) => ChainLine.TryRead(
        Encoding.UTF8.GetBytes(File.ReadLines(Path.Combine(folder, ForensicsFormat.ChainFile)).ElementAt(n)), out var link, out _)
        ? Link.Parse(link) : throw new InvalidOperationException($"link {n} cannot be read");
}
