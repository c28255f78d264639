using System.Diagnostics;

namespace Notary.Letters.Tests;

/// <summary>Runs the independent tools that letters are judged by.</summary>
internal static class Tool
{
    /// <summary>Exit code and both outputs of a program; <paramref name="pdf"/> is handed over as a file, named {} among the arguments.</summary>
    public static async Task<(int Code, string Output)> RunAsync(byte[] pdf, string program, params string[] arguments)
    {
        var path = Path.Combine(Path.GetTempPath(), $"letter-{Guid.NewGuid():N}.pdf");
        await File.WriteAllBytesAsync(path, pdf);
        try
        {
            var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument == "{}" ? path : argument);

            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, (await output).Replace(path, "{}", StringComparison.Ordinal) + await error);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The text of all pages as pdftotext extracts it, white space made single blanks.</summary>
    public static async Task<string> TextAsync(byte[] pdf)
    {
        var (code, text) = await RunAsync(pdf, "pdftotext", "-enc", "UTF-8", "-raw", "{}", "-");
        Assert.AreEqual(0, code, text);
        return string.Join(' ', text.Split((char[])[' ', '\n', '\r', '\t', '\f'], StringSplitOptions.RemoveEmptyEntries));
    }
}
