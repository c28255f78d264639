namespace Notary.Servers;

/// <summary>Runs <c>openssl</c> in a folder of its own: the stranger's tool that tokens must satisfy.</summary>
public sealed class OpenSsl : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-openssl-");

    /// <summary>The folder in which commands run; file arguments are relative to it.</summary>
    public string Folder => folder.FullName;

    public void Write(string file, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(PathOf(file), bytes);

    public void Write(string file, string text) => File.WriteAllText(PathOf(file), text);

    /// <summary>Writes certificates as one PEM bundle, such as <c>-CAfile</c> takes.</summary>
    public void Write(string file, params IEnumerable<X509Certificate2> certificates)
        => File.WriteAllText(PathOf(file), string.Join('\n', certificates.Select(c => c.ExportCertificatePem())) + '\n');

    public byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    /// <summary>Runs one command; output is standard output and error together.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("openssl did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().ConfigureAwait(false);
        return (process.ExitCode, await output.ConfigureAwait(false) + await error.ConfigureAwait(false));
    }

    /// <summary>Runs one command that must succeed.</summary>
    public async Task MustAsync(params string[] arguments)
    {
        var (exit, output) = await RunAsync(arguments).ConfigureAwait(false);
        if (exit != 0)
            throw new InvalidOperationException($"openssl {string.Join(' ', arguments)} ended with {exit}: {output}");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string PathOf(string file) => Path.Combine(Folder, file);
}
