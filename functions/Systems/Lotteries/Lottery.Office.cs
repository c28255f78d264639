namespace Notary.Lotteries;

/// <content>What the office's staff sees: all that the public sees, and what waits for its notaries before anybody else may see it.</content>
public sealed partial class Lottery
{
    /// <summary>What waits for notaries now, oldest first: submitted plans, and steps of published draws.</summary>
    public async Task<IReadOnlyList<DrawLine>> WaitingAsync(CancellationToken cancel)
    {
        var submitted = await table.SubmittedAsync(cancel).ConfigureAwait(false);
        var active = await table.ActiveAsync(cancel).ConfigureAwait(false);
        var rows = (await Task.WhenAll(submitted.Select(s => s.Id).Concat(active.Select(a => a.Id)).Distinct().Select(id => table.FindAsync(id, cancel)))
            .ConfigureAwait(false)).OfType<DrawRow>().Where(row => Open(row) is not null).ToList();
        foreach (var (id, version) in submitted.Where(s => rows.TrueForAll(row => row.DrawId != s.Id)))
            await table.DropSubmittedAsync(id, version, cancel).ConfigureAwait(false);

        return [.. rows.OrderBy(row => row.UpdatedAt).Select(Views.Line)];
    }

    /// <summary>Any draw, for the office; null for none and for a draft that was not submitted.</summary>
    public async Task<DrawView?> OfficeAsync(Digest id, CancellationToken cancel)
        => await table.FindAsync(id, cancel).ConfigureAwait(false) is { } row && IsSeenByOffice(row)
            ? await FoundAsync(row, cancel).ConfigureAwait(false) : null;

    /// <summary>The step that waits for notaries now, and the digest of what they approve; null when none does.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<(string Step, string Digest)?> OpenStepAsync(Digest id, CancellationToken cancel)
        => Open(await OfficeRowAsync(id, cancel).ConfigureAwait(false)) is var (step, digest) ? (DrawApproval.Word(step), digest.ToString()) : null;

    /// <summary>The bytes of a draw's file, also of a submitted draft's plan and list; null when there is none of that name.</summary>
    /// <exception cref="FaultException">NotFound: the draw itself is not.</exception>
    public async Task<Stream?> OfficeFileAsync(Digest id, string name, CancellationToken cancel)
    {
        var row = await OfficeRowAsync(id, cancel).ConfigureAwait(false);
        if (row.State == DrawState.Draft)
        {
            return name == FileNames.Plan ? new MemoryStream(row.Document!.ToBytes(), writable: false)
                : name == FileNames.List ? await files.OpenAsync(row.List!.File, 0, null, cancel).ConfigureAwait(false) : null;
        }

        return row.Files.TryGetValue(name, out var file) ? await files.OpenAsync(file, 0, null, cancel).ConfigureAwait(false) : null;
    }

    private static bool IsSeenByOffice(DrawRow row) => row.State != DrawState.Draft || row.SubmittedAt is not null;

    private async Task<DrawRow> OfficeRowAsync(Digest id, CancellationToken cancel)
        => await table.FindAsync(id, cancel).ConfigureAwait(false) is { } row && IsSeenByOffice(row) ? row : throw NotFound();
}
