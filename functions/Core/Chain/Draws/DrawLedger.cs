using Azure;

namespace Notary.Chain.Draws;

/// <summary>The account's next free nonce in the books.</summary>
internal sealed record DrawNonce(long Next, ETag ETag);

/// <summary>The sender's books in table <c>chain</c>: one partition an account and chain, so that a nonce and what it is spent on are written
/// in one transaction.</summary>
/// <remarks>
/// Rows: <c>next</c> and <c>nonce-N</c> as the anchors' books have them, and <c>draw-C-ID-NAME</c> (<see cref="DrawRecord"/>). Every write is
/// under the ETag that was read; false means that another instance was first, or that this one was and the answer was lost: read again.
/// </remarks>
internal sealed class DrawLedger(TableClient table, long chainId, Address account, Address contract)
{
    private const string NextRow = "next";
    private const string NextNonce = "NextNonce";
    private const string Call = "Call";

    private readonly string partition = string.Create(CultureInfo.InvariantCulture, $"{chainId}-{account.ToLowerHex()[2..]}");
    private readonly string contractKey = contract.ToLowerHex()[2..];

    public Task<DrawRecord?> FindAsync(Digest drawId, string name, CancellationToken cancel) => FindAsync(Key(drawId, name), cancel);

    public async Task<DrawNonce> NonceAsync(CancellationToken cancel)
    {
        var next = await table.GetEntityIfExistsAsync(partition, NextRow, cancel: cancel).ConfigureAwait(false);
        return next.HasValue ? new DrawNonce(next.Value!.GetInt64(NextNonce) ?? 0, next.Value.ETag) : new DrawNonce(0, default);
    }

    /// <summary>Gives the record's newest nonce to it: record, nonce and head in one transaction.</summary>
    public Task<bool> AllocateAsync(DrawNonce head, DrawRecord record, CancellationToken cancel)
    {
        var nonce = record.Newest!.Nonce;
        var key = Key(record.DrawId, record.Name);
        var next = new TableEntity(partition, NextRow) { { NextNonce, nonce + 1 } };
        var given = new TableEntity(partition, NonceKey(nonce)) { { Call, key }, { "Contract", contractKey } };
        return TryAsync([Put(next, head.ETag), Put(given, default), Put(record.ToRow(partition, key), record.ETag)], cancel);
    }

    /// <summary>Writes a record without taking a nonce.</summary>
    public Task<bool> PutAsync(DrawRecord record, CancellationToken cancel)
        => TryAsync([Put(record.ToRow(partition, Key(record.DrawId, record.Name)), record.ETag)], cancel);

    /// <summary>What was signed last for each of the nonces from <paramref name="from"/> to before <paramref name="to"/>, in order, at most
    /// <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<AnchorVariant>> GivenAsync(long from, long to, int most, CancellationToken cancel)
    {
        var variants = new List<AnchorVariant>();
        for (var nonce = from; nonce < to && nonce < from + most; nonce++)
        {
            var row = await table.GetEntityIfExistsAsync(partition, NonceKey(nonce), cancel: cancel).ConfigureAwait(false);
            if (row.HasValue && row.Value!.GetString(Call) is { } key && await FindAsync(key, cancel).ConfigureAwait(false) is { } record
                && record.Variants.LastOrDefault(v => v.Nonce == nonce) is { } variant)
            {
                variants.Add(variant);
            }
        }

        return variants;
    }

    private static string NonceKey(long nonce) => string.Create(CultureInfo.InvariantCulture, $"nonce-{nonce:D19}");

    private static TableTransactionAction Put(TableEntity row, ETag read)
        => read == default ? new(TableTransactionActionType.Add, row) : new(TableTransactionActionType.UpdateReplace, row, read);

    private string Key(Digest drawId, string name) => $"draw-{contractKey}-{drawId}-{name}";

    private async Task<DrawRecord?> FindAsync(string key, CancellationToken cancel)
    {
        var row = await table.GetEntityIfExistsAsync(partition, key, cancel: cancel).ConfigureAwait(false);
        return row.HasValue ? DrawRecord.Read(row.Value!) : null;
    }

    private async Task<bool> TryAsync(TableTransactionAction[] actions, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }
}
