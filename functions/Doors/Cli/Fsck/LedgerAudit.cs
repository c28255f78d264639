namespace Notary.Cli;

/// <summary>I9, the books of what was sent to the chain: every nonce given once and without gaps, every signed transaction recorded,
/// none paid for twice.</summary>
/// <remarks>Table <c>chain</c>, one partition for each chain and account (functions/Core/Chain): <c>next</c>, <c>nonce-N</c>, <c>size-C</c>,
/// <c>anchor-C-S</c>, <c>draw-C-ID-STEP</c>.</remarks>
internal sealed class LedgerAudit(Audit audit, ChainNode? node)
{
    /// <summary>A transaction as the books hold it.</summary>
    private sealed record Variant(long Nonce, string Hash, string Signed, long AtBlock);

    // A call names its function in four bytes; each of a draw's goes on with the draw.
    private const int SelectorSize = 4;

    private const int WordSize = 32;

    /// <summary>The word of a draw's publication that is its commitment, and that of its end that is the result; the first is the draw's id.</summary>
    public const int CommitmentWord = 2, ResultWord = 1;

    private readonly string contract = audit.Trust.Contract[2..];

    /// <summary>All that ever took this log's anchors.</summary>
    private readonly string[] contracts = [.. audit.Trust.FormerContracts.Append(audit.Trust.Contract).Select(c => c[2..])];

    /// <summary>The transaction of a final anchor is one that the books of its sender know.</summary>
    public async Task FinalAsync(string where, AnchorProof proof, CancellationToken c)
    {
        var sender = SignedTransaction.Decode(proof.Transaction).Sender.ToLowerHex();
        var partition = $"{proof.ChainId.ToString(CultureInfo.InvariantCulture)}-{sender[2..]}";
        var record = await audit.Tables.FindAsync(Names.Chain, partition, Key(proof.Contract[2..], proof.Size), c);
        if (record is null ? await audit.Tables.FindAsync(Names.Chain, partition, "next", c) is null : Variants(record) is not { Length: > 0 })
            audit.Findings.Count("anchors by other members");
        else if (record is null || Variants(record)!.All(v => v.Hash != proof.TransactionHash))
            audit.Findings.Add("I9", where, "transaction-unrecorded", $"the books of {sender} do not know transaction {proof.TransactionHash}, which it sent");
    }

    public async Task RunAsync(CancellationToken c)
    {
        var accounts = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var row in audit.Tables.AllAsync(Names.Chain, c))
        {
            audit.Secrets(row, Names.Chain);
            accounts.Add(row.PartitionKey);
        }

        foreach (var account in accounts)
            await AccountAsync(account, c);
    }

    private async Task AccountAsync(string partition, CancellationToken c)
    {
        if (partition.Split('-') is not [var chain, var hex] || !Address.TryParse("0x" + hex, out var account)
            || chain != audit.Trust.ChainId.ToString(CultureInfo.InvariantCulture))
        {
            audit.Findings.Note("I9", $"{Names.Chain}/{partition}", "other-chain", "these books are of another chain than the trust file's");
            return;
        }

        // The chain before the books: a nonce is written down before it is sent.
        var spent = node is null ? 0 : await node.NonceAsync(account.ToLowerHex(), c);
        long largest = 0;
        await foreach (var row in audit.Tables.RangeAsync(Names.Chain, partition, "anchor-", c))
        {
            audit.Findings.Count("recorded anchors");
            largest = Math.Max(largest, await RecordAsync(row, account, spent, c));
        }

        await foreach (var row in audit.Tables.RangeAsync(Names.Chain, partition, "draw-", c))
        {
            audit.Findings.Count("recorded steps of draws");
            await StepAsync(row, account, c);
        }

        await NoncesAsync(partition, spent, c);
        var last = await audit.Tables.FindAsync(Names.Chain, partition, $"size-{contract}", c) is { } size ? size["LastSize"] as long? ?? 0 : 0;
        if (last < largest)
            audit.Findings.Add("I9", $"{Names.Chain}/{partition}/size-{contract}", "size-behind",
                $"a transaction for size {largest} is recorded, and the largest size counts as {last}");
        else if (last > largest && await audit.Tables.FindAsync(Names.Chain, partition, Key(last), c) is null)
            audit.Findings.Add("I9", $"{Names.Chain}/{partition}/size-{contract}", "size-ahead",
                $"the largest size counts as {last}, and none over {largest} is recorded: anchors up to there would be held back");
    }

    /// <summary>One recorded anchor. Returns its size when it is of this contract and a nonce was given to it.</summary>
    private async Task<long> RecordAsync(TableEntity row, Address account, long spent, CancellationToken c)
    {
        var where = RawTables.Where(Names.Chain, row);
        if (Variants(row) is not { } variants || row["Size"] is not long size
            || !Digest.TryParse(row["Root"] as string, out var root) || row.RowKey.Split('-') is not ["anchor", var to, var key]
            || key != size.ToString("D19", CultureInfo.InvariantCulture))
        {
            audit.Findings.Add("I9", where, "ledger-malformed", "the record of an anchor cannot be read");
            return 0;
        }

        for (var i = 0; i < variants.Length; i++)
        {
            if (!Holds(variants[i], account, to, size, root) || (i > 0 && variants[i].Nonce < variants[i - 1].Nonce))
                audit.Findings.Add("I9", where, "transaction-differs",
                    $"recorded transaction {i} is not this account's, for this size and root, or not in order");
        }

        var nonces = variants.Select(v => v.Nonce).Distinct().ToList();
        foreach (var nonce in nonces)
        {
            if (await audit.Tables.FindAsync(Names.Chain, row.PartitionKey, NonceKey(nonce), c) is not { } given
                || given["Size"] as long? != size || given["Contract"] as string != to)
                audit.Findings.Add("I9", where, "nonce-not-given", $"nonce {nonce} is spent on this size and was not given to it");
        }

        if (contracts.Contains(to) && await audit.Tables.CheckpointAsync(size, c) is { } checkpoint && checkpoint.Root != root.ToString())
            audit.Findings.Add("I9", where, "ledger-root", "the recorded anchor is of another root than the log's");

        // Variants of one nonce shut each other out; only a second nonce can have been paid for as well.
        if (node is not null && nonces.Count > 1)
            await PaidOnceAsync(where, variants, spent, c);

        return to == contract && nonces.Count > 0 ? size : 0;
    }

    /// <summary>Whether the books of a draw's publisher have a transaction of that step with that word in it.</summary>
    public async Task<bool> HasAsync(Address registry, Digest draw, string step, int word, Digest value, CancellationToken c)
    {
        // A draw's id begins with the account that publishes it.
        var (account, to) = (new Address(draw.ToArray().AsSpan(0, Address.Size)), registry.ToLowerHex()[2..]);
        var partition = $"{audit.Trust.ChainId.ToString(CultureInfo.InvariantCulture)}-{account.ToLowerHex()[2..]}";
        return await audit.Tables.FindAsync(Names.Chain, partition, $"draw-{to}-{draw}-{step}", c) is { } row && Variants(row) is { } variants
            && variants.Any(v => Signed(v, account, to) is { } t && t.Data.Length >= SelectorSize + ((word + 1) * WordSize)
                && t.Data.AsSpan(SelectorSize + (word * WordSize), WordSize).SequenceEqual(value.ToArray()));
    }

    /// <summary>One recorded step of a draw; what the registry made of it is the chain's to tell.</summary>
    private async Task StepAsync(TableEntity row, Address account, CancellationToken c)
    {
        var where = RawTables.Where(Names.Chain, row);
        if (Variants(row) is not { } variants || row.RowKey.Split('-') is not ["draw", var to, var id, var step] || id != row["DrawId"] as string)
        {
            audit.Findings.Add("I9", where, "ledger-malformed", "the record of a draw's step cannot be read");
            return;
        }

        if (step == "publish" && await audit.Tables.FindAsync(Names.Draws, $"draw-{id}", "draw", c) is null)
            audit.Findings.Add("I12", where, "draw-missing", "this draw was published on chain, and is not kept");

        if (!variants.All(v => Signed(v, account, to) is { } t && t.Data.AsSpan().IndexOf(Convert.FromHexString(id)) == SelectorSize))
            audit.Findings.Add("I9", where, "transaction-differs", "a recorded transaction is not this account's, or not about this draw");

        foreach (var nonce in variants.Select(v => v.Nonce).Distinct())
        {
            if (await audit.Tables.FindAsync(Names.Chain, row.PartitionKey, NonceKey(nonce), c) is not { } given || given["Call"] as string != row.RowKey)
                audit.Findings.Add("I9", where, "nonce-not-given", $"nonce {nonce} is spent on this step and was not given to it");
        }
    }

    private async Task PaidOnceAsync(string where, Variant[] variants, long spent, CancellationToken c)
    {
        var paid = new List<string>();
        foreach (var nonce in variants.GroupBy(v => v.Nonce))
        {
            var mined = false;
            foreach (var variant in nonce)
            {
                if (await node!.MinedAsync(variant.Hash, c) is { } found)
                {
                    mined = true;
                    paid.AddRange(found.Succeeded ? [variant.Hash] : []);
                }
            }

            if (!mined && nonce.Key < spent)
                audit.Findings.Note("I9", where, "nonce-taken", $"nonce {nonce.Key} was given to this anchor and spent by somebody else with the same key");
        }

        if (paid.Count > 1)
            audit.Findings.Add("I9", where, "paid-twice", $"transactions {string.Join(" and ", paid)} anchor the same size");
    }

    private async Task NoncesAsync(string partition, long spent, CancellationToken c)
    {
        long? expected = null;
        await foreach (var row in audit.Tables.RangeAsync(Names.Chain, partition, "nonce-", c))
        {
            var where = RawTables.Where(Names.Chain, row);
            if (!long.TryParse(row.RowKey.AsSpan("nonce-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var nonce)
                || row.RowKey != NonceKey(nonce)
                || (row["Call"] as string ?? (row["Size"] is long size && row["Contract"] is string to ? Key(to, size) : null)) is not { } key)
            {
                audit.Findings.Add("I9", where, "ledger-malformed", "the record of a nonce cannot be read");
                continue;
            }

            audit.Findings.Count("nonces");
            Gap(partition, expected, nonce);
            expected = nonce + 1;
            if (await audit.Tables.FindAsync(Names.Chain, partition, key, c) is not { } record
                || Variants(record) is not { } variants || variants.All(v => v.Nonce != nonce))
                audit.Findings.Add("I9", where, "nonce-unsigned", $"nonce {nonce} was given to {key}, and no transaction with it is recorded");
        }

        var next = await audit.Tables.FindAsync(Names.Chain, partition, "next", c) is { } head ? head["NextNonce"] as long? : null;
        if (next < expected || (next is null && expected is not null))
            audit.Findings.Add("I9", $"{Names.Chain}/{partition}/next", "nonce-next", $"the next nonce counts as {next}, and {expected - 1} was given");

        // Given since the rows were read, or never.
        for (var nonce = expected; nonce < next; nonce++)
        {
            if (await audit.Tables.FindAsync(Names.Chain, partition, NonceKey(nonce.Value), c) is null)
            {
                Gap(partition, nonce, next.Value);
                break;
            }
        }

        if (spent > (next ?? long.MaxValue))
            audit.Findings.Add("I9", $"{Names.Chain}/{partition}/next", "nonce-foreign",
                $"the account has sent {spent} transactions, and the next nonce of the books is {next}: another program sends with its key");
    }

    private void Gap(string partition, long? from, long to)
    {
        if (from < to)
            audit.Findings.Add("I9", $"{Names.Chain}/{partition}/{NonceKey(from.Value)}",
                "nonce-gap", $"nonces {from} to {to - 1} were given to nothing, and later ones were");
    }

    private bool Holds(Variant variant, Address account, string to, long size, Digest root)
        => Signed(variant, account, to) is { } t
            && AnchorContract.TryDecodeAnchor(t.Data, out var signedSize, out var signedRoot) && signedSize == size && signedRoot == root;

    /// <summary>The transaction, when it is what the record says, by this account, to this contract.</summary>
    private SignedTransaction? Signed(Variant variant, Address account, string to)
    {
        try
        {
            var t = SignedTransaction.Decode(Hex.Bytes(variant.Signed));
            return Hex.Of(t.Hash) == variant.Hash && t.Nonce == (ulong)variant.Nonce
                && t.ChainId == (ulong)audit.Trust.ChainId && t.Sender == account && t.To?.ToLowerHex() == "0x" + to ? t : null;
        }
        catch (FaultException)
        {
            return null;
        }
    }

    private static Variant[]? Variants(TableEntity row)
    {
        try
        {
            var variants = JsonSerializer.Deserialize<Variant[]>(row["Variants"] as string ?? "null");
            return variants is not null && variants.All(v => v is { Hash: not null, Signed: not null }) ? variants : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string Key(long size) => Key(contract, size);

    private static string Key(string to, long size) => $"anchor-{to}-{size.ToString("D19", CultureInfo.InvariantCulture)}";

    private static string NonceKey(long nonce) => $"nonce-{nonce.ToString("D19", CultureInfo.InvariantCulture)}";
}
