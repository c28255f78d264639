namespace Notary.Lotteries;

/// <content>Reading. A tenant sees its own draws; the public what is published; the office all.</content>
public sealed partial class Lottery
{
    /// <summary>A tenant's draw; null for a stranger's as for none.</summary>
    public async Task<DrawView?> FindAsync(Tenant tenant, Digest id, CancellationToken cancel)
        => await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) is { } row ? await FoundAsync(row, cancel).ConfigureAwait(false) : null;

    /// <summary>A page of a tenant's draws, newest first.</summary>
    /// <exception cref="FaultException">Malformed: the limit, or a continuation that no page gave.</exception>
    public async Task<DrawPage> ListAsync(Tenant tenant, int limit, string? continuation, CancellationToken cancel)
    {
        var (rows, next) = await table.ListAsync(DrawKeys.Tenant(tenant.Id), row => row.Tenant == tenant.Id, limit, continuation, cancel).ConfigureAwait(false);
        return new([.. rows.Select(row => Views.Line(row) with { SubmittedAt = row.SubmittedAt, Unanswered = row.Objections - row.Answered })], next);
    }

    /// <summary>A page of all published draws, newest first.</summary>
    /// <exception cref="FaultException">As the other.</exception>
    public async Task<DrawPage> PublishedAsync(int limit, string? continuation, CancellationToken cancel)
    {
        var (rows, next) = await table.ListAsync(DrawKeys.Published, row => row.State != DrawState.Draft, limit, continuation, cancel).ConfigureAwait(false);
        return new([.. rows.Select(Views.Line)], next);
    }

    /// <summary>A published draw as everybody sees it.</summary>
    /// <exception cref="FaultException">NotFound: also a draft.</exception>
    public async Task<DrawView> PublicAsync(Digest id, CancellationToken cancel)
        => await FoundAsync(await FindPublicAsync(id, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false) with { SubmittedAt = null };

    /// <summary>What is known of a published draw's file; null when it is not there.</summary>
    /// <exception cref="FaultException">NotFound: the draw itself is not.</exception>
    public async Task<DrawFileView?> FileAsync(Digest id, string name, CancellationToken cancel)
        => (await FindPublicAsync(id, cancel).ConfigureAwait(false)).Files.TryGetValue(name, out var file)
            ? new DrawFileView(name, file.Bytes, file.Sha256) : null;

    /// <summary>The bytes of a published draw's file from <paramref name="offset"/> on.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<Stream> OpenFileAsync(Digest id, string name, long offset, long? length, CancellationToken cancel)
        => (await FindPublicAsync(id, cancel).ConfigureAwait(false)).Files.TryGetValue(name, out var file)
            ? await files.OpenAsync(file, offset, length, cancel).ConfigureAwait(false) : throw NotFound();

    /// <summary>A published draw's list.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<PublicList> CandidatesAsync(Digest id, CancellationToken cancel)
        => await lists.GetAsync(await FindPublicAsync(id, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);

    private async Task<DrawRow> FindPublicAsync(Digest id, CancellationToken cancel)
        => await table.FindAsync(id, cancel).ConfigureAwait(false) is { } row && row.State != DrawState.Draft ? row : throw NotFound();

    private async Task<DrawView> ViewAsync(Tenant tenant, Digest id, CancellationToken cancel)
        => await FoundAsync(await DemandAsync(tenant, id, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);

    private async Task<DrawView> FoundAsync(DrawRow row, CancellationToken cancel)
        => Views.Of(row, await ApprovalsAsync(row.DrawId, cancel).ConfigureAwait(false), await looks.ChainAsync(row, cancel).ConfigureAwait(false));
}
