namespace Notary.Recorder.Recording;

/// <summary>Questions to programs that are run to their end.</summary>
internal static class Tools
{
    /// <summary>Characters of a version in the first link.</summary>
    private const int MostVersion = 100;

    /// <summary>On Windows it stands beside this program: nobody's PATH decides what records.</summary>
    public static string Ffmpeg { get; } = OperatingSystem.IsWindows() ? Path.Combine(AppContext.BaseDirectory, "ffmpeg.exe") : "ffmpeg";

    /// <summary>Versions of what records.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> VersionsAsync(RecordingOptions options, CancellationToken cancel)
    {
        var ffmpeg = await Child.RunAsync(Ffmpeg, ["-hide_banner", "-version"], options.Environment, cancel);

        var versions = new Dictionary<string, string>(options.Tools)
        {
            ["ffmpeg"] = First(ffmpeg, "ffmpeg version "),
            ["notary-recorder"] = typeof(Tools).Assembly.GetName().Version!.ToString(3),
        };
        return versions;
    }

    /// <summary>Decodes one frame of a segment, which may still be growing.</summary>
    /// <returns>A PNG.</returns>
    /// <exception cref="IOException">It cannot be.</exception>
    public static async Task<byte[]> PictureAsync(string video, int index, CancellationToken cancel)
    {
        using var ffmpeg = await Child.StartAsync(Ffmpeg,
            ["-hide_banner", "-nostats", "-loglevel", "error", "-i", video,
                "-vf", $"select=gte(n\\,{index.ToString(CultureInfo.InvariantCulture)})", "-frames:v", "1",
                "-f", "image2pipe", "-c:v", "png", "-"], new Dictionary<string, string>());
        try
        {
            var complaint = ffmpeg.StandardError.ReadToEndAsync(cancel);
            using var picture = new MemoryStream();
            await ffmpeg.StandardOutput.BaseStream.CopyToAsync(picture, cancel);
            return picture.Length > 0 ? picture.ToArray() : throw new IOException($"ffmpeg made no picture: {Child.LastLine(await complaint)}");
        }
        finally
        {
            Child.Kill(ffmpeg);
        }
    }

    private static string First(string text, string after)
        => text.Split('\n')[0] is var line && line.StartsWith(after, StringComparison.Ordinal)
            && line[after.Length..].Split(' ')[0] is { Length: > 0 and <= MostVersion } version
            ? version : throw new IOException("ffmpeg does not say its version");
}
