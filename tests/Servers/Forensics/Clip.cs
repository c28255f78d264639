using System.Diagnostics;

namespace Notary.Servers.Forensics;

/// <summary>Real H.264 from ffmpeg: fragmented, a fragment for each frame, a key frame every four seconds.</summary>
public static class Clip
{
    public const int Rate = 10, Width = 320, Height = 240;

    private static readonly string[] Encoder =
    [
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-crf", "28", "-pix_fmt", "yuv420p",
        "-g", "40", "-keyint_min", "40", "-sc_threshold", "0",
        "-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_every_frame+skip_trailer",
    ];

    public const int FramesOfSegment = 4 * Rate;

    /// <param name="seconds">Of ffmpeg's moving test picture.</param>
    /// <param name="from">Seconds into it: other pictures.</param>
    public static Task<byte[]> MakeAsync(int seconds, int from = 0) => FfmpegAsync([], [
        "-f", "lavfi", "-i", Picture(from), "-t", $"{seconds}", .. Encoder, "pipe:1"]);

    private static string Picture(int from) => $"testsrc=size={Width}x{Height}:rate={Rate},trim=start={from},setpts=PTS-STARTPTS";

    /// <summary>SHA-256 of each frame, as ffmpeg sees it without decoding.</summary>
    public static async Task<string[]> FrameHashesAsync(byte[] video)
    {
        string[] arguments = ["-i", "pipe:0", "-map", "0:v", "-c", "copy", "-f", "framehash", "-hash", "sha256", "pipe:1"];
        var text = Encoding.ASCII.GetString(await FfmpegAsync(video, arguments));
        return [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(',')[^1].Trim())];
    }

    /// <summary>What ffmpeg writes of what it is given.</summary>
    public static async Task<byte[]> FfmpegAsync(byte[] input, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-threads", "1", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException(await errors);
    }
}
