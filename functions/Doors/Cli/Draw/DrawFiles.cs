using System.IO.Compression;

namespace Notary.Cli;

/// <summary>The files of a draw, in a folder or in a zip, by the names that docs/draw-format.md gives them.</summary>
internal sealed class DrawFiles : IDisposable
{
    public const string Draw = "draw.json", Reveals = "reveals.json", Result = "result.json", Winners = "winners.csv", Public = "public.csv";
    public const string Csv = "list.csv", NdJson = "list.ndjson", Secret = "list-secret.txt";

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
