using Azure;

namespace Notary.Chain;

/// <summary>Where the sender's account stands: the next free nonce and, of this contract, the largest size that has one.</summary>
internal sealed record NonceHead(long NextNonce, long LastSize, ETag NonceTag, ETag SizeTag);

/// <summary>The sender's books in table <c>chain</c>: one partition an account and chain, so that a nonce and what it is spent on are written
/// in one transaction.</summary>
/// <remarks>
/// Rows: <c>next</c> (the next free nonce), <c>nonce-N</c> (what nonce N was given to), <c>size-C</c> (contract C's largest
/// size) and <c>anchor-C-S</c> (<see cref="AnchorRecord"/>). Every write is under the ETag that was read; false means that
/// another instance was first, or that this one was and the answer was lost: read again.
/// </remarks>
internal sealed class AnchorLedger(TableClient table, long chainId, Address account, params IReadOnlyList<Address> contracts)
{
    private const string NextRow = "next";
    private const string NextNonce = "NextNonce";
    private const string LastSize = "LastSize";
    private const string Size = "Size";

    private readonly string partition = string.Create(CultureInfo.InvariantCulture, $"{chainId}-{account.ToLowerHex()[2..]}");

    /// <summary>The contract's first, then those of the contracts before it.</summary>
    private readonly string[] contractKeys = [.. contracts.Select(c => c.ToLowerHex()[2..])];

    /// <summary>What is recorded of a size. What was sent to an earlier contract is looked for, and nothing of it is sent again by itself.</summary>
    public async Task<AnchorRecord?> FindAsync(long size, CancellationToken cancel)
    {
        if (await FindAsync(contractKeys[0], size, cancel).ConfigureAwait(false) is { } record)
            return record;

        foreach (var former in contractKeys.Skip(1))
        {
            if (await FindAsync(former, size, cancel).ConfigureAwait(false) is { } sent)
                return new AnchorRecord(size, sent.Root, [], sent.SeenIn, default) { Former = sent.Variants };
        }

        return null;
    }

    public async Task<NonceHead> HeadAsync(CancellationToken cancel)
    {
        var next = await table.GetEntityIfExistsAsync(partition, NextRow, cancel: cancel).ConfigureAwait(false);
        var last = await table.GetEntityIfExistsAsync(partition, SizeKey, cancel: cancel).ConfigureAwait(false);
        return new NonceHead(
            next.HasValue ? next.Value!.GetInt64(NextNonce) ?? 0 : 0,
            last.HasValue ? last.Value!.GetInt64(LastSize) ?? 0 : 0,
            next.HasValue ? next.Value!.ETag : default,
            last.HasValue ? last.Value!.ETag : default);
    }

    /// <summary>Gives the record's newest nonce to it: record, nonce and heads in one transaction.</summary>
    /// <returns>The record as it is in the books now.</returns>
    public async Task<AnchorRecord?> AllocateAsync(NonceHead head, AnchorRecord record, CancellationToken cancel)
    {
        var nonce = record.Newest!.Nonce;
        var next = new TableEntity(partition, NextRow) { { NextNonce, nonce + 1 } };
        var last = new TableEntity(partition, SizeKey) { { LastSize, Math.Max(head.LastSize, record.Size) } };
        var given = new TableEntity(partition, NonceKey(nonce)) { { Size, record.Size }, { "Contract", contractKeys[0] } };
        ETag? written = null;
        var first = await TryAsync(async () => written = (await table.SubmitTransactionAsync([Put(next, head.NonceTag), Put(last, head.SizeTag),
            Put(given, default), Put(record.ToRow(partition, AnchorKey(record.Size)), record.ETag)], cancel).ConfigureAwait(false)).Value[^1].Headers.ETag)
            .ConfigureAwait(false);
        return first ? record with { ETag = written ?? default } : null;
    }

    /// <summary>Writes a record without taking a nonce.</summary>
    public Task<bool> PutAsync(AnchorRecord record, CancellationToken cancel)
        => TryAsync(() => table.SubmitTransactionAsync([Put(record.ToRow(partition, AnchorKey(record.Size)), record.ETag)], cancel));

    /// <summary>What was signed last for each of the nonces from <paramref name="from"/> to before <paramref name="to"/> that was given to an anchor,
    /// here or at an earlier contract, in order, at most <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<AnchorVariant>> GivenAsync(long from, long to, int most, CancellationToken cancel)
    {
        var variants = new List<AnchorVariant>();
        for (var nonce = from; nonce < to && nonce < from + most; nonce++)
        {
            var row = await table.GetEntityIfExistsAsync(partition, NonceKey(nonce), cancel: cancel).ConfigureAwait(false);
            if (row.HasValue && row.Value!.GetString("Contract") is { } key && contractKeys.Contains(key)
                && await FindAsync(key, row.Value.GetInt64(Size) ?? 0, cancel).ConfigureAwait(false) is { } record
                && record.Variants.LastOrDefault(v => v.Nonce == nonce) is { } variant)
            {
                variants.Add(variant);
            }
        }

        return variants;
    }

    private async Task<AnchorRecord?> FindAsync(string key, long size, CancellationToken cancel)
    {
        var row = await table.GetEntityIfExistsAsync(partition, AnchorKey(key, size), cancel: cancel).ConfigureAwait(false);
        return row.HasValue ? AnchorRecord.Read(row.Value!) : null;
    }

    private string SizeKey => "size-" + contractKeys[0];

    private static string NonceKey(long nonce) => string.Create(CultureInfo.InvariantCulture, $"nonce-{nonce:D19}");

    private string AnchorKey(long size) => AnchorKey(contractKeys[0], size);

    private static string AnchorKey(string contract, long size) => string.Create(CultureInfo.InvariantCulture, $"anchor-{contract}-{size:D19}");

    private static TableTransactionAction Put(TableEntity row, ETag read)
        => read == default ? new(TableTransactionActionType.Add, row) : new(TableTransactionActionType.UpdateReplace, row, read);

    private static async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }
}
