using Notary.Verification.Ethereum;

namespace Notary.Cli;

/// <summary>Anchors, what their rows prove and what the contract really recorded, both in the order of size beside the walk over the log.</summary>
internal sealed class AnchorAudit(Audit audit, ChainNode? node, LedgerAudit ledger, long fromBlock)
{
    private readonly AnchorContracts? contracts = node is null ? null : new AnchorContracts(node, audit.Trust, fromBlock);
    private IAsyncEnumerator<TableEntity> rows = null!;
    private IAsyncEnumerator<(JsonElement Event, long? Closed)>? events;
    private AnchorRecordRow? next;
    private (long Size, string Transaction, string Block, Digest Root)? nextEvent;
    private (long Size, string Transaction, string Block) seen;
    private long largestEvent;
    private long before;

    public async Task BeginAsync(CancellationToken c)
    {
        rows = audit.Tables.RangeAsync(Names.Checkpoints, "anchor", "0", c).GetAsyncEnumerator(c);
        next = await NextAsync();
        if (node is not null)
        {
            await node.DemandChainAsync(audit.Trust.ChainId, c);
            events = contracts!.EventsAsync(c).GetAsyncEnumerator(c);
            nextEvent = await NextEventAsync();
        }
    }

    /// <summary>The contract's events for sizes that the tree has just reached: each root is the log's.</summary>
    public async Task EventsAsync(EdgeTree tree, CancellationToken c)
    {
        for (; nextEvent is { } e && e.Size <= tree.Size; nextEvent = await NextEventAsync())
        {
            if (e.Size == tree.Size && tree.Root() != e.Root)
                audit.Findings.Add("I2", Place(e.Transaction), "anchored-root", $"the chain has another root for size {e.Size} than the log");

            seen = (e.Size, e.Transaction, e.Block);
        }
    }

    /// <summary>The anchor of a checkpoint that was just judged. Returns the time of its block while it is final and holds.</summary>
    /// <param name="times">genTimes of the checkpoint's tokens.</param>
    public async Task<DateTimeOffset?> AnchorAsync(CheckpointRecord checkpoint, IReadOnlyList<DateTimeOffset> times, Digest root, CancellationToken c)
    {
        for (; next is { } row && row.Size < checkpoint.Size; next = await NextAsync())
        {
            audit.Findings.Add("I2", row.Where, "anchor-unknown", "the anchored size has no checkpoint");
            before = row.Size;
        }

        if (next is not { } anchor || anchor.Size != checkpoint.Size)
            return null;

        next = await NextAsync();
        if (anchor.From is { } from && from != before)
            audit.Findings.Add("I8", anchor.Where, "anchor-row", $"the anchor's deposits begin at {from}, and the anchor before it ends at {before}");

        before = anchor.Size;
        audit.Anchors.Add(audit.Prints.Of(RawTables.Size(anchor.Size)), (anchor.Final ? Audit.AnchorFinal : 0) | (anchor.Settled ? Audit.AnchorSettled : 0));
        if (!anchor.Final)
        {
            if (anchor.Settled || anchor.Proof.Length > 0)
                audit.Findings.Add("I4", anchor.Where, "state-ahead", "the anchor is not final and is settled or has a proof");

            audit.Findings.Note("I4", anchor.Where, "anchor-taken-back", "a reorganisation took this anchor back; it is being made again");
            return null;
        }

        audit.Findings.Count("anchors");
        if (Judge(anchor, root) is not { } proof)
            return null;

        if (checkpoint.StampedAt is null)
            audit.Findings.Add("I6", anchor.Where, "anchor-unstamped", "the anchored checkpoint is not stamped");

        if (checkpoint.At > proof.BlockTime + Audit.MaxSkew)
            audit.Findings.Add("I5", anchor.Where, "time-order", "the block is older than the checkpoint that it anchors");
        else if (times.Any(t => t > proof.BlockTime + Audit.MaxSkew))
            audit.Findings.Add("I5", anchor.Where, "time-order", "the block is older than a token over the checkpoint that it anchors");

        await OnChainAsync(anchor, proof, c);
        await ledger.FinalAsync(anchor.Where, proof, c);
        return proof.BlockTime;
    }

    /// <summary>What is left beyond the walk.</summary>
    public async Task EndAsync(EdgeTree tree, CancellationToken c)
    {
        var head = (await audit.Tables.HeadAsync(c))?.Size ?? 0;
        for (; next is { } row; next = await NextAsync())
        {
            if (row.Size > head)
                audit.Findings.Add("I2", row.Where, "anchor-beyond", "the anchor is of a size that the log does not have");
            else if (row.Size <= tree.Size)
                audit.Findings.Add("I2", row.Where, "anchor-unknown", "the anchored size has no checkpoint");
        }

        for (; nextEvent is { } e; nextEvent = await NextEventAsync())
        {
            if (e.Size > head)
                audit.Findings.Add("I2", Place(e.Transaction), "anchored-beyond", $"the chain has an anchor of size {e.Size}, and the log ends at {head}");
        }

        if (contracts is not null && await contracts.RefusalAsync(c) is { } refusal)
            audit.Findings.Add("I8", $"chain {audit.Trust.ChainId} contract {audit.Trust.Contract}", "anchor-refused", $"no new anchor is taken of {refusal}");

        // Which anchor is under way: swapped before its anchor's row is written, told after it.
        if (await audit.Tables.FindAsync(Names.Checkpoints, "anchor", "head", c) is { } record && record["Final"] is true
            && record["Size"] is long size && await audit.Tables.AnchorAsync(size, c) is not { Final: true }
            && await audit.Tables.FindAsync(Names.Checkpoints, "anchor", "head", c) is { } again && again["Final"] is true && again["Size"] as long? == size
            && !await audit.IsActiveAsync(size, c))
        {
            audit.Findings.Add("I4", "checkpoints/anchor/head", "state-ahead", $"the anchor of size {size} counts as final and is not");
        }

        await rows.DisposeAsync();
        if (events is not null)
            await events.DisposeAsync();
    }

    private async Task OnChainAsync(AnchorRecordRow anchor, AnchorProof proof, CancellationToken c)
    {
        if (node is null || (seen.Size == anchor.Size && (seen.Transaction, seen.Block) == (proof.TransactionHash, proof.BlockHash)))
            return;

        // Anchored while the events were read, or taken back since the row was: ask both again before saying so.
        if (await node.MinedAsync(proof.TransactionHash, c) is not { Succeeded: true } mined || mined.Block != proof.BlockHash)
        {
            if (await audit.Tables.AnchorAsync(anchor.Size, c) is { Final: true } again && again.BlockHash == anchor.BlockHash)
                audit.Findings.Add("I2", anchor.Where, "anchor-not-on-chain", "the chain does not have this anchor in this block");
        }
        else if (seen.Size == anchor.Size)
        {
            audit.Findings.Add("I2", anchor.Where, "anchored-twice", $"size {anchor.Size} is on the chain by two transactions");
        }
    }

    private AnchorProof? Judge(AnchorRecordRow row, Digest root)
    {
        try
        {
            using var json = JsonDocument.Parse(row.Proof);
            var proof = AnchorProof.Parse(json.RootElement);
            var check = AnchorVerifier.Check(proof, row.Size, root, audit.Trust.ChainId, audit.Trust.ContractOf(proof), audit.Trust.Senders);
            if (check.Ok && row.BlockHash == proof.BlockHash)
                return proof;

            audit.Findings.Add("I2", row.Where, check.Ok ? "anchor-row" : check.Code, check.Ok ? "the row names another block than its proof" : check.Reason);
        }
        catch (Exception e) when (e is JsonException or FaultException or InvalidOperationException)
        {
            audit.Findings.Add("I2", row.Where, "anchor-malformed", "the anchor's proof cannot be read");
        }

        return null;
    }

    private async Task<AnchorRecordRow?> NextAsync() => await rows.MoveNextAsync() ? RawTables.Anchor(rows.Current) : null;

    /// <summary>The next event that can be read; a size that does not grow is said to be there twice.</summary>
    private async Task<(long Size, string Transaction, string Block, Digest Root)?> NextEventAsync()
    {
        while (events is not null && await events.MoveNextAsync())
        {
            audit.Findings.Count("events");
            var (entry, closed) = events.Current;
            var (transaction, block) = (ChainNode.Text(entry, "transactionHash") ?? "", ChainNode.Text(entry, "blockHash") ?? "");
            if (Read(entry) is not { } anchored)
            {
                audit.Findings.Add("I2", Place(transaction), "event", "the contract's event cannot be read");
            }
            else if (anchored.Size > closed)
            {
                audit.Findings.Add("I2", Place(transaction), "anchored-closed",
                    $"{anchored.Sender} anchored size {anchored.Size} at the earlier contract, closed at size {closed}: close it to that account too");
            }
            else if (anchored.Size <= largestEvent)
            {
                audit.Findings.Add("I2", Place(transaction), "anchored-twice", $"size {anchored.Size} is on the chain after size {largestEvent}");
            }
            else
            {
                largestEvent = anchored.Size;
                return (anchored.Size, transaction, block, anchored.Root);
            }
        }

        return null;
    }

    private Anchored? Read(JsonElement e)
        => e.TryGetProperty("topics", out var topics) && topics.ValueKind == JsonValueKind.Array && topics.GetArrayLength() == 2
            && Hex.TryBytes(topics[1].GetString(), out var size) && Hex.TryBytes(ChainNode.Text(e, "data"), out var data)
            && AnchorContract.TryDecodeAnchored(new EventLog(Address.Parse(audit.Trust.Contract), [AnchorContract.AnchoredTopic, size], data), out var anchored)
            ? anchored
            : null;

    private string Place(string transaction) => $"chain {audit.Trust.ChainId} transaction {transaction}";
}
