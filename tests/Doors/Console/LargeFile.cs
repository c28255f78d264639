using System.Text.RegularExpressions;
using Azure.Storage.Blobs.Models;

namespace Notary.Pages.Tests;

/// <summary>A file on its way straight to storage, and who watches it there.</summary>
internal sealed class LargeFile : IDisposable
{
    /// <summary>As the page cuts a file.</summary>
    private const int BlockBytes = 8 * 1024 * 1024;

    private readonly AccountSite site;
    private readonly string folder = Directory.CreateTempSubdirectory("notary").FullName;
    private readonly int before;

    public LargeFile(AccountSite site, int seed, string name = "large.bin")
    {
        (this.site, before) = (site, site.Blobs.Requests.Count);
        Path = System.IO.Path.Combine(folder, name);
        Change(seed);
    }

    public string Path { get; }

    public string Sha256 { get; private set; } = "";

    /// <summary>More than the page sends as one request's body, and no multiple of a block.</summary>
    public const int Blocks = 9;

    /// <summary>Other bytes under the same name.</summary>
    public void Change(int seed)
    {
        var content = new byte[((Blocks - 1) * BlockBytes) + 4711];
        new Random(seed).NextBytes(content);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes(Path, content);
    }

    /// <summary>Lets so many blocks through and holds the next four, as many as are under way at once, until their sender goes.</summary>
    public FaultRule HoldAfter(int blocks) => site.Blobs.Add(new FaultRule("/uploads/.*comp=block&", FaultKind.Delay)
    { Method = "PUT", Nth = blocks + 1, Times = 4, Delay = TimeSpan.FromHours(1) });

    /// <summary>Each block that storage took, as often as it took it.</summary>
    public IReadOnlyList<string> Taken => [.. site.Blobs.Requests.Skip(before).Where(r => r is { Method: "PUT", Status: 201 })
        .Select(r => Regex.Match(r.Path, "/uploads/[^/]+/([^?]+)\\?.*comp=block&blockid=([^&]+)"))
        .Where(m => m.Success).Select(m => $"{m.Groups[1]} {m.Groups[2]}")];

    /// <summary>Ids of uploads to which blocks came.</summary>
    public IReadOnlyList<string> Uploads => [.. Taken.Select(t => t.Split(' ')[0]).Distinct()];

    public async Task UntilTakenAsync(int blocks)
    {
        while (Taken.Count < blocks)
            await Task.Delay(50);
    }

    /// <summary>What lies among the uploads, blocks without a list too.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync()
        => [.. await site.Storage.Container(Names.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, default)
            .Select(blob => blob.Name).Where(name => Uploads.Any(id => name.EndsWith(id, StringComparison.Ordinal))).ToListAsync()];

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
