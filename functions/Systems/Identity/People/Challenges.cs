namespace Notary.Identity.People;

/// <summary>What a challenge was made for: an answer to one is no answer to another.</summary>
internal enum Ceremony
{
    SignIn,
    Invitation,
    AnotherPasskey,
    Upstream,
}

/// <summary>A challenge that was taken: it opens nothing any more.</summary>
/// <param name="Options">What the browser was told, as JSON of the library.</param>
/// <param name="Subject">What it was made for, such as an invitation's id and the name that was given; the ceremony's own text.</param>
internal sealed record TakenChallenge(string Options, string Subject);

/// <summary>Challenges of passkeys' ceremonies (Web Authentication Level 3 §13.4.3): each belongs to one browser and one ceremony, lives for minutes
/// and is answered once.</summary>
/// <remarks>One row for each browser: whoever begins again has forgotten the one before. What nobody answers goes with the minute's sweep.</remarks>
public sealed class Challenges
{
    /// <summary>Rows deleted by one sweep: ten transactions.</summary>
    private const int MaxSwept = 10 * TableRows.MaxTransactionActions;

    private readonly TableClient table;
    private readonly TimeProvider clock;

    public Challenges(StorageAccount storage, TimeProvider clock) => (table, this.clock) = (storage.Table(Names.People), clock);

    internal async Task KeepAsync(Secret browser, Ceremony ceremony, string options, string subject, CancellationToken cancel)
        => await table.UpsertEntityAsync(new TableEntity(PeopleKeys.Challenges, RowOf(browser))
        {
            { "Ceremony", ceremony.ToString() },
            { "Options", options },
            { "Subject", subject },
            { "ExpiresAt", clock.GetUtcNow() + PeopleRules.ChallengeLife },
        }, TableUpdateMode.Replace, cancel);

    /// <summary>Takes the browser's challenge away; null when it has none for this ceremony, or another request was faster.</summary>
    internal async Task<TakenChallenge?> TakeAsync(Secret browser, Ceremony ceremony, CancellationToken cancel)
    {
        if (await table.FindAsync(PeopleKeys.Challenges, RowOf(browser), cancel) is not { } row
            || row.GetString("Ceremony") != ceremony.ToString())
            return null;

        try
        {
            using var gone = await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancel);
            return gone.Status == StatusCodes.Status404NotFound || clock.GetUtcNow() >= row.GetDateTimeOffset("ExpiresAt")
                ? null : new TakenChallenge(row.GetString("Options")!, row.GetString("Subject")!);
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return null;
        }
    }

    /// <summary>Deletes those that nobody has answered.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {PeopleKeys.Challenges} and ExpiresAt lt {clock.GetUtcNow()}");
        var old = await table.QueryAsync(filter, select: ["PartitionKey", "RowKey"], cancel: cancel).Take(MaxSwept).ToListAsync(cancel);
        foreach (var row in old)
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
    }

    private static string RowOf(Secret browser) => Convert.ToHexStringLower(browser.Hash());
}
