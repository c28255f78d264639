using System.IO.Compression;

namespace Notary.Cli;

/// <summary>The files of a draw, in a folder or in a zip, by the names that docs/draw-format.md gives them.</summary>
internal sealed class DrawFiles : IDisposable
{
    public const string Draw = "draw.json", Reveals = "reveals.json", Result = "result.json", Winners = "winners.csv", Public = "public.csv";
    public const string Plan = "plan.json", Approvals = "approvals.json", Certificate = "certificate.pdf";
    public const string CommitmentEvidence = "evidence/commitment.zip", ResultEvidence = "evidence/result.zip";
    public const string Csv = "list.csv", NdJson = "list.ndjson", Secret = "list-secret.txt";

    /// <summary>Bytes of a deposit's evidence: all that it must hold, at its largest.</summary>
    private const long MaxEvidence = 64 * 1024 * 1024;

    private readonly string path;
    private readonly ZipArchive? zip;

    private DrawFiles(string path, ZipArchive? zip) => (this.path, this.zip) = (path, zip);

    /// <exception cref="CliException">It is neither.</exception>
    public static DrawFiles Open(string path)
    {
        if (Directory.Exists(Terminal.Named(path)))
            return new DrawFiles(path, null);

        var file = Terminal.Open(path);
        try
        {
            return new DrawFiles(path, new ZipArchive(file, ZipArchiveMode.Read));
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            file.Dispose();
            throw new CliException($"{path} is neither a folder nor a zip", e);
        }
    }

    public bool Has(string name) => zip is null ? File.Exists(Path.Combine(path, name)) : zip.GetEntry(name) is not null;

    /// <summary>All names, folders among them only with what is in them; a zip may have one twice.</summary>
    public IReadOnlyList<string> Names => zip is null
        ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(path, f).Replace('\\', '/'))]
        : [.. zip.Entries.Select(e => e.FullName).Where(n => !n.EndsWith('/'))];

    /// <exception cref="CliException">It is not there.</exception>
    public Stream Read(string name)
        => !Has(name) ? throw new CliException($"{path} has no {name}") : zip is null ? Terminal.Open(Path.Combine(path, name)) : zip.GetEntry(name)!.Open();

    /// <summary>A small file whole.</summary>
    public async Task<byte[]> BytesAsync(string name, CancellationToken cancel)
    {
        await using var file = Read(name);
        var bytes = new byte[DrawDocument.MaxBytes + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return length < bytes.Length ? bytes[..length] : throw new CliException($"{name} is too large");
    }

    /// <summary>A deposit's evidence, to be read at any place.</summary>
    public async Task<Stream> EvidenceAsync(string name, CancellationToken cancel)
    {
        await using var from = Read(name);
        var to = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        try
        {
            var buffer = new byte[1 << 16];
            while (await from.ReadAsync(buffer, cancel) is > 0 and var read)
            {
                if (to.Length + read > MaxEvidence)
                    throw new CliException($"{name} is too large");

                await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            }

            to.Position = 0;
            return to;
        }
        catch
        {
            await to.DisposeAsync();
            throw;
        }
    }

    /// <summary>The list as strangers see it: from the organiser's own, if it is there, else from the public one.</summary>
    /// <param name="rules">Of the draw.</param>
    /// <param name="encoding">Of the organiser's list.</param>
    /// <param name="refusals">Takes a line for each of the first refused rows.</param>
    /// <param name="progress">Told how many candidates were read.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="CliException">Rows are refused, or there is no list.</exception>
    public async Task<PublicList> ListAsync(
        DrawRules rules, Encoding? encoding, TextWriter refusals, IProgress<long> progress, CancellationToken cancel)
    {
        if (OwnList is not { } own)
        {
            await using var rows = Read(Public);
            return await PublicListReader.ReadAsync(rows, rules, progress, cancel);
        }

        await using var list = Read(own);
        try
        {
            var format = own == Csv ? ListFormat.Csv : ListFormat.NdJson;
            return await ListImport.ReadAsync(list, format, encoding, rules, await SecretAsync(cancel), progress, cancel);
        }
        catch (ListRefusedException e)
        {
            foreach (var refusal in e.Refusals)
                await refusals.WriteLineAsync(refusal.ToString());

            throw new CliException($"{own}: {e.Message}", e);
        }
    }

    /// <summary>The organiser's list's name, or null.</summary>
    public string? OwnList => Has(Csv) ? Csv : Has(NdJson) ? NdJson : null;

    /// <exception cref="CliException">It is not one.</exception>
    public async Task<ListSecret> SecretAsync(CancellationToken cancel)
        => Digest.TryParse(Encoding.ASCII.GetString(await BytesAsync(Secret, cancel)).TrimEnd('\r', '\n'), out var secret)
            ? new ListSecret(secret.ToArray()) : throw new CliException($"{Secret} does not hold 64 lower-case hexadecimal digits");

    public void Dispose() => zip?.Dispose();
}
