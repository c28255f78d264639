using System.IO.Compression;
using Notary.Verification;

namespace Notary.Lotteries;

/// <content>The bundle: all that a stranger needs to judge the draw, with the evidence of both deposits.</content>
public sealed partial class DrawWork
{
    /// <summary>The earliest that a zip can tell: the same draw gives the same names and times.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private async Task<DrawStep> BundleAsync(DrawRow row, CancellationToken cancel)
    {
        var (commitment, result) = (await FollowAsync(row, row.CommitmentDeposit!, cancel).ConfigureAwait(false),
            await FollowAsync(row, row.ResultDeposit!, cancel).ConfigureAwait(false));
        if (commitment.State != DepositState.Certified || result.State != DepositState.Certified)
            return Wait("letters", clock.GetUtcNow() + settings.Poll);

        // Blocks have come since it was deep enough, and may have been others than those.
        if (await StandsAsync(row, cancel).ConfigureAwait(false) is { } missing)
            return missing;

        var approvals = await Lottery.ReadApprovalsAsync(table, row.DrawId, cancel).ConfigureAwait(false);
        if (!row.Plan.Rehearsal)
        {
            var bytes = new DrawApprovals(row.DrawId, settings.PublicUrl.Host, approvals).ToBytes();
            row = With(row, FileNames.Approvals, await files.WriteAsync(row.DrawId, bytes, cancel).ConfigureAwait(false));
        }

        async Task<byte[]> ReadAsync(string name) => await files.ReadAsync(row.Files[name], cancel).ConfigureAwait(false);
        var deposit = await deposits.FindAsync(Organiser(row), DepositId.Parse(result.Id), cancel).ConfigureAwait(false);
        if (await certifier.IssueAsync(row, settings.PublicUrl, DrawDocument.Parse(await ReadAsync(FileNames.Draw).ConfigureAwait(false)),
            DrawReveals.Parse(await ReadAsync(FileNames.Reveals).ConfigureAwait(false)),
            DrawResult.Parse(await ReadAsync(FileNames.Result).ConfigureAwait(false)),
            approvals, deposit!.Index!.Value, cancel).ConfigureAwait(false) is { } certificate)
            row = With(row, FileNames.Certificate, await files.WriteAsync(row.DrawId, certificate, cancel).ConfigureAwait(false));

        var bundle = await files.WriteAsync(row.DrawId, output => WriteBundleAsync(row, commitment, result, output, cancel), cancel).ConfigureAwait(false);
        row = With(row, FileNames.Bundle, bundle) with { CommitmentDeposit = commitment, ResultDeposit = result, State = DrawState.Certified };
        return await GoAsync(row, Steps.End, cancel).ConfigureAwait(false);
    }

    private async Task WriteBundleAsync(DrawRow row, FollowedDeposit commitment, FollowedDeposit result, Stream output, CancellationToken cancel)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, null, cancel).ConfigureAwait(false);
        foreach (var name in FileNames.All.Where(n => row.Files.ContainsKey(n) && n != FileNames.Bundle))
        {
            await using var content = await files.OpenAsync(row.Files[name], 0, null, cancel).ConfigureAwait(false);
            await using var entry = await OpenAsync(zip, name, CompressionLevel.Optimal, cancel).ConfigureAwait(false);
            await content.CopyToAsync(entry, cancel).ConfigureAwait(false);
        }

        foreach (var (name, deposit) in new[] { ("commitment", commitment), ("result", result) })
        {
            var contents = await deposits.BundleAsync(Organiser(row), DepositId.Parse(deposit.Id), withOriginals: false, cancel).ConfigureAwait(false);
            await using var entry = await OpenAsync(zip, $"evidence/{name}.zip", CompressionLevel.NoCompression, cancel).ConfigureAwait(false);
            await BundleWriter.WriteAsync(entry, contents, cancel).ConfigureAwait(false);
        }
    }

    private static Task<Stream> OpenAsync(ZipArchive zip, string name, CompressionLevel level, CancellationToken cancel)
    {
        var entry = zip.CreateEntry(name, level);
        entry.LastWriteTime = NoTime;
        return entry.OpenAsync(cancel);
    }
}
