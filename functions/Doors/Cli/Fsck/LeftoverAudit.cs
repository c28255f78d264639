using Azure.Storage.Blobs.Models;

namespace Notary.Cli;

/// <summary>I8: uploads and stages are taken up or cleared away; what is younger than the grace is work under way.</summary>
internal sealed partial class LeftoverAudit(Audit audit)
{
    /// <summary>Beginnings without an end that no restart explains.</summary>
    private const int MaxBegun = 2;

    /// <summary>Above functionTimeout: what began before is not under way.</summary>
    private static readonly TimeSpan LongestTake = TimeSpan.FromMinutes(15);

    public async Task RunAsync(CancellationToken c)
    {
        await foreach (var blob in audit.Storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: c))
        {
            audit.Findings.Count("upload blobs");
            var row = blob.Name.Split('/') is [var tenant, var id] && DepositId.TryParse(id, out _)
                ? await audit.Tables.FindAsync(Names.Deposits, RawTables.Shard(tenant), $"u|{tenant}|{id}", c) : null;
            var done = row is not null && (row["DepositId"] is not null || row["Fault"] is not null);
            if (!done && row?["Begun"] is >= MaxBegun and int begun && audit.Now - row.Timestamp > LongestTake)
            {
                audit.Findings.Add("I8", $"uploads/{blob.Name}", "upload-ends-process", $"taking this upload in was begun {begun} times and never ended");
                continue;
            }

            Judge($"uploads/{blob.Name}", blob,
                row is null ? ("upload-orphan", "nobody was promised this upload")
                    : done ? ("upload-leftover", "this upload is dealt with and was not cleared away")
                    : ("upload-stuck", "this upload was never taken in"), "upload-under-way");
        }

        await foreach (var blob in audit.Storage.Container(Names.Staging).GetBlobsAsync(cancellationToken: c))
        {
            var place = $"staging/{blob.Name}";
            if (blob.Name == Names.CheckpointBlob)
                continue;

            if (!StageName().IsMatch(blob.Name))
                audit.Findings.Add("I8", place, "blob-unknown", "no such file belongs into staging");
            else if ((await audit.Tables.HeadAsync(c))?.Stage != blob.Name)
                Judge(place, blob, ("stage-orphan", "this batch lost its swap and was not cleared away"), "stage-under-way");
        }
    }

    private void Judge(string place, BlobItem blob, (string Code, string Reason) leak, string underWay)
    {
        if (audit.IsOld(blob.Properties.LastModified))
            audit.Findings.Add("I8", place, leak.Code, leak.Reason);
        else
            audit.Findings.Note("I8", place, underWay, "work under way, or left over and not yet due for clearing away");
    }

    [GeneratedRegex("^stage/[0-9]{20}-[0-9a-f]{32}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex StageName();
}
