using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Notary.Evidence;
using Notary.Storage;
using Notary.Verification;

namespace Notary.Cli;

/// <summary>The log from its raw entries: every checkpoint's root recomputed, every tile's bytes compared, every signature and token judged.</summary>
internal sealed partial class LogAudit(StorageAccount storage, TrustRoots trust, Findings findings, Action<string> progress)
{
    private const int Width = 256;
    private const int EntryBytes = 34;

    private readonly BlobContainerClient log = storage.Container(Names.Log);
    private readonly List<string> bundles = [];
    private bool rootsHold = true;
    private readonly Dictionary<string, TokenVerifier> authorities = trust.Authorities.ToDictionary(a => a.Name, a => new TokenVerifier(a.Roots, a.PolicyOid), StringComparer.Ordinal);

    /// <summary>Reads the entries of the newest checkpoint and audits all that is built on them. Null when there is no readable log.</summary>
    public async Task<PlainTree?> RunAsync(RawRows rows, CancellationToken c)
    {
        // The head first: what its swap made part of the log may still be on its way to the tiles, so the published size rules.
        var published = await PublishedAsync(c);
        var size = rows.Checkpoints.Count > 0 ? Math.Max(0, rows.Checkpoints[^1].Size) : 0;
        if (size != published && rows.Checkpoints.All(k => k.Size != published) && published != 0)
        {
            findings.Add("I2", "staging/checkpoint", "checkpoint-unknown", $"the published checkpoint of size {published} has no row");
        }

        if (await EntriesAsync(Math.Max(size, published), c) is not { } entries)
        {
            return null;
        }

        var tree = new PlainTree(entries);
        findings.Count("entries", entries.Count);
        Checkpoints(rows, tree);
        await TilesAsync(entries, tree, c);
        return tree;
    }

    private async Task<long> PublishedAsync(CancellationToken c)
    {
        try
        {
            var note = (await storage.Container(Names.Staging).GetBlobClient("checkpoint").DownloadContentAsync(c)).Value.Content.ToString();
            return Judge("staging/checkpoint", note)?.Size ?? 0;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
    }

    private Checkpoint? Judge(string where, string note)
    {
        if (!SignedNote.TryVerify(note, trust.Origin, trust.LogKeySpki, out var body))
        {
            findings.Add("I2", where, "signature", "the checkpoint is not signed by the log's key");
            return null;
        }

        var checkpoint = Checkpoint.Parse(body);
        if (checkpoint.Origin != trust.Origin)
        {
            findings.Add("I2", where, "origin", "the checkpoint is of another log");
            return null;
        }

        return checkpoint;
    }

    private async Task<List<Digest>?> EntriesAsync(long size, CancellationToken c)
    {
        var entries = new List<Digest>((int)Math.Min(size, int.MaxValue));
        for (long bundle = 0; entries.Count < size; bundle++)
        {
            var want = (int)Math.Min(Width, size - (bundle * Width));
            if (await BundleAsync(bundle, want, c) is not { } bytes)
            {
                return null;
            }

            for (var i = 0; i < want; i++)
            {
                entries.Add(new Digest(bytes.AsSpan((i * EntryBytes) + 2, 32)));
            }

            if (bundle % 100 == 99)
            {
                progress($"{entries.Count} of {size} entries read");
            }
        }

        return entries;
    }

    /// <summary>A bundle of at least <paramref name="want"/> entries: the partial one of that width or the full one.</summary>
    private async Task<byte[]?> BundleAsync(long index, int want, CancellationToken c)
    {
        foreach (var path in want == Width ? [Path("entries", index, Width)] : new[] { Path("entries", index, want), Path("entries", index, Width) })
        {
            try
            {
                var bytes = (await log.GetBlobClient(path).DownloadContentAsync(c)).Value.Content.ToArray();
                if (bytes.Length >= want * EntryBytes)
                {
                    bundles.Add(path);
                    return bytes;
                }

                findings.Add("I2", $"log/{path}", "tile-differs", "the entry bundle is cut short");
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
            }
        }

        findings.Add("I2", $"log/{Path("entries", index, want)}", "tile-missing", "the entry bundle is missing");
        return null;
    }

    private void Checkpoints(RawRows rows, PlainTree tree)
    {
        long last = 0;
        DateTimeOffset? lastAt = null;
        foreach (var row in rows.Checkpoints)
        {
            findings.Count("checkpoints");
            if (row.Note is null || Judge(row.Where, row.Note) is not { } checkpoint)
            {
                continue;
            }

            if (checkpoint.Size != row.Size || row.Root != checkpoint.Root.ToString() || row.Size <= last || row.At < lastAt)
            {
                findings.Add("I2", row.Where, "checkpoint-row", "size, root or time of the row disagree with its checkpoint or its predecessor");
            }
            else if (checkpoint.Size > tree.Size || tree.Root(checkpoint.Size) != checkpoint.Root)
            {
                rootsHold = false;
                findings.Add("I2", row.Where, "root-differs", $"the log's entries do not give the signed root of size {checkpoint.Size}");
            }

            (last, lastAt) = (Math.Max(last, row.Size), row.At);
            Tokens(row);
        }

        if (rows.Head is { } head && (head.GetInt64("Size") ?? 0) > 0)
        {
            // A head without row is a swap whose publication is under way; only a head behind the rows is wrong.
            if (head.GetInt64("Size") < last || head.GetString("Note") is not { } note || Judge("checkpoints/log/head", note) is not { } newest || newest.Size != head.GetInt64("Size")
                || (newest.Size <= tree.Size && tree.Root(newest.Size) != newest.Root))
            {
                findings.Add("I2", "checkpoints/log/head", "head", "the sequencer's record disagrees with the log");
            }
            else if (head.GetBinary("Range") is not { } range || Edge(range) != newest.Root)
            {
                findings.Add("I2", "checkpoints/log/head", "head", "the sequencer's right edge does not give its root");
            }
        }
    }

    /// <summary>Root of a right edge: subtrees' roots, largest first, folded from the right.</summary>
    private static Digest? Edge(byte[] range)
    {
        if (range.Length == 0 || range.Length % 32 != 0)
        {
            return null;
        }

        var root = range[^32..];
        for (var at = range.Length - 64; at >= 0; at -= 32)
        {
            root = System.Security.Cryptography.SHA256.HashData([1, .. range.AsSpan(at, 32), .. root]);
        }

        return new Digest(root);
    }

    private void Tokens(CheckpointRecord row)
    {
        foreach (var (authority, token) in row.Tokens)
        {
            findings.Count("tokens");
            JudgeToken(findings, authorities, row.Where, authority, token, Digest.Of(Encoding.UTF8.GetBytes(row.Note!)), row.At);
        }

        if (row.StampedAt is not null && trust.Authorities.FirstOrDefault(a => !row.Tokens.ContainsKey(a.Name)) is { } missing)
        {
            findings.Add("I6", row.Where, "token-missing", $"the checkpoint counts as stamped without the token of {missing.Name}");
        }
    }

    /// <summary>One token, and whether its time is not before <paramref name="notBefore"/>.</summary>
    public static TokenCheck? JudgeToken(Findings findings, Dictionary<string, TokenVerifier> authorities, string where, string authority, byte[] token, Digest imprint, DateTimeOffset? notBefore)
    {
        if (!authorities.TryGetValue(authority, out var verifier))
        {
            findings.Add("I6", where, "authority-unknown", $"the trust roots do not know {authority}");
            return null;
        }

        var check = verifier.Check(token, imprint);
        if (!check.Ok)
        {
            findings.Add("I6", where, $"token-{check.Code}", $"the token of {authority}: {check.Reason}");
            return null;
        }

        if (check.GenTime < notBefore - AuditTime.MaxSkew)
        {
            findings.Add("I5", where, "time-order", $"{authority} stamped this before it was there");
        }

        return check;
    }

    private async Task TilesAsync(List<Digest> entries, PlainTree tree, CancellationToken c)
    {
        var full = new HashSet<(string Level, long Index)>();
        await foreach (var blob in log.GetBlobsAsync(cancellationToken: c))
        {
            var where = $"log/{blob.Name}";
            if (TilePath().Match(blob.Name) is not { Success: true } match || !TryNumber(match.Groups["n"].Value, out var index))
            {
                findings.Add("I2", where, "blob-unknown", "no such file belongs to a log");
                continue;
            }

            findings.Count("tiles");
            var level = match.Groups["l"].Value;
            var width = match.Groups["w"].Success ? int.Parse(match.Groups["w"].Value, CultureInfo.InvariantCulture) : Width;
            if (width == Width)
            {
                full.Add((level, index));
            }

            // Tiles of a batch that is being published lie beyond what was read; the next audit sees them.
            if (Expected(entries, tree, level, index, width) is { } expected
                && !(await log.GetBlobClient(blob.Name).DownloadContentAsync(c)).Value.Content.ToMemory().Span.SequenceEqual(expected))
            {
                findings.Add("I2", where, "tile-differs", "the tile is not what the log's entries give");

                // Hashes that differ under a signed root that does not follow from the entries: it is the entries that were changed.
                if (level == "0" && !rootsHold)
                {
                    findings.Add("I2", $"log/{bundles[(int)index]}", "entries-differ", "the entries are not those whose hashes the log has, nor those of the signed root");
                }
            }
        }

        for (var (level, count) = (0, tree.Size); count >= Width; level++, count /= Width)
        {
            for (long index = 0; index < count / Width; index++)
            {
                foreach (var name in level == 0 ? new[] { "0", "entries" } : [level.ToString(CultureInfo.InvariantCulture)])
                {
                    if (!full.Contains((name, index)))
                    {
                        findings.Add("I2", $"log/{Path(name, index, Width)}", "tile-missing", "a full tile of the log is missing");
                    }
                }
            }
        }
    }

    private static byte[]? Expected(List<Digest> entries, PlainTree tree, string level, long index, int width)
    {
        var bytes = new List<byte>(width * EntryBytes);
        var height = level == "entries" ? 0 : int.Parse(level, CultureInfo.InvariantCulture);
        var span = height > 6 ? long.MaxValue : 1L << (8 * height);
        for (long i = 0; i < width; i++)
        {
            var start = ((index * Width) + i) * span;
            if (span == long.MaxValue || start + span > tree.Size)
            {
                return null;
            }

            if (level == "entries")
            {
                bytes.AddRange([0, 32, .. entries[(int)start].ToArray()]);
            }
            else
            {
                bytes.AddRange(tree.Hash(start, span).ToArray());
            }
        }

        return [.. bytes];
    }

    private static string Path(string level, long index, int width)
    {
        var text = (index % 1000).ToString("d3", CultureInfo.InvariantCulture);
        for (index /= 1000; index > 0; index /= 1000)
        {
            text = $"x{(index % 1000).ToString("d3", CultureInfo.InvariantCulture)}/{text}";
        }

        return $"tile/{level}/{text}{(width == Width ? "" : $".p/{width.ToString(CultureInfo.InvariantCulture)}")}";
    }

    private static bool TryNumber(string path, out long number)
        => long.TryParse(path.Replace("x", "", StringComparison.Ordinal).Replace("/", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number < long.MaxValue / (Width * Width);

    [GeneratedRegex("^tile/(?<l>entries|0|[1-9][0-9]?)/(?<n>(x[0-9]{3}/){0,5}[0-9]{3})(\\.p/(?<w>[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?\\z")]
    private static partial Regex TilePath();
}

/// <summary>How far honest clocks may differ: as in the verdict ladder (docs/evidence-format.md).</summary>
internal static class AuditTime
{
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(120);
}
