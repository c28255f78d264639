namespace Notary.Chain.Draws;

/// <summary>Does things about draws on chain by one account, each once, whatever happens in between.</summary>
/// <remarks>
/// As the anchors' sender: nonce, what it is for and the signed bytes are recorded in one table transaction before the first broadcast, and what
/// may be on its way is what is sent again. The account should send nothing but draws: a nonce that somebody else left open nobody here can fill.
/// Faults: those of <see cref="ChainClient"/>; <see cref="Fault.Conflict"/> when the books hold that call of that draw with other
/// values; <see cref="Fault.StorageConflict"/> when other instances won every race; storage's own exceptions.
/// </remarks>
public sealed class DrawSender
{
    // Races lost in a row before giving up: each means another instance got something done.
    private const int MaxAttempts = 6;

    // Nonces before ours whose transactions are sent again when the chain lost them: one reorganisation of 64 blocks.
    private const int MaxRefilled = 64;

    // Measured: publishing with 64 kept places takes 1,625,900, fixing a seed of 64 reveals by drand 568,900. Beyond this it is not our contract.
    private const long MaxGas = 4_000_000;

    private readonly ChainClient chain;
    private readonly ChainSigner signer;
    private readonly Address contract;
    private readonly ChainOptions options;
    private readonly DrawLedger ledger;

    /// <param name="chain">To the nodes of <paramref name="options"/>.</param>
    /// <param name="signer">The account that sends and pays.</param>
    /// <param name="contract">The draw registry.</param>
    /// <param name="table">Table <see cref="Names.Chain"/>.</param>
    /// <param name="options">For chain, fees, confirmations and patience. Validated here.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public DrawSender(ChainClient chain, ChainSigner signer, Address contract, TableClient table, ChainOptions options)
    {
        options.Validate();
        (this.chain, this.signer, this.contract, this.options) = (chain, signer, contract, options);
        ledger = new DrawLedger(table, options.ChainId, signer.Address, contract);
    }

    /// <summary>The account that sends.</summary>
    public Address Account => signer.Address;

    /// <summary>Records and broadcasts the call, or does what moves it on; so call it until it is <see cref="DrawSending.Mined"/> deep enough,
    /// or <see cref="DrawSending.Refused"/>.</summary>
    public async Task<DrawSending> SendAsync(DrawCall call, CancellationToken cancel = default)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var record = await ledger.FindAsync(call.DrawId, call.Name, cancel).ConfigureAwait(false)
                ?? new DrawRecord(call.DrawId, call.Name, [], "", default);
            if (!record.Makes(call.Data))
                throw new FaultException(Fault.Conflict, $"the books hold {call.Name} of draw {call.DrawId} with other values");

            var status = await chain.OnOneAsync(node => LookAsync(node, record), cancel).ConfigureAwait(false) switch
            {
                Sight.Found(var mined) => await SeenAsync(record, mined, cancel).ConfigureAwait(false),
                Sight.Absent absent => await PressOnAsync(call, record, absent, cancel).ConfigureAwait(false),
                var other => throw new InvalidOperationException($"unhandled {other.GetType().Name}"),
            };
            if (status is not null)
                return status;
        }

        throw new FaultException(Fault.StorageConflict, $"other instances changed {call.Name} of draw {call.DrawId} {MaxAttempts} times in a row");
    }

    private abstract record Sight
    {
        public sealed record Found(DrawSending.Mined Mined) : Sight;

        /// <summary>In no canonical block, or reverted in one: its nonce is spent then.</summary>
        public sealed record Absent(long Head, long Nonce, long ConfirmedNonce, bool NewestKnown) : Sight;
    }

    private async Task<Sight> LookAsync(NodeView node, DrawRecord record)
    {
        // The head first: a block that comes while we read can then only make the depth look smaller than it is.
        var head = (await node.HeadAsync().ConfigureAwait(false)).Number;
        foreach (var variant in record.Variants.Reverse())
        {
            if (await node.ReceiptAsync(variant.Hash).ConfigureAwait(false) is not { } receipt || Hex.Long(NodeRlp.Text(receipt, "status")) != 1)
                continue;

            // Some nodes go on serving receipts of blocks that were reorganised away.
            var (number, hash) = (Hex.Long(NodeRlp.Text(receipt, "blockNumber")), NodeRlp.Text(receipt, "blockHash"));
            if (await node.BlockAsync(number).ConfigureAwait(false) is { } block && block.Hash == hash)
                return new Sight.Found(new DrawSending.Mined(variant.Hash, number, hash, block.Time, Math.Max(1, head - number + 1)));
        }

        return new Sight.Absent(
            head,
            await node.NonceAsync(signer.Address).ConfigureAwait(false),
            await node.NonceAsync(signer.Address, Math.Max(0, head - options.Confirmations + 1)).ConfigureAwait(false),
            record.Newest is { } newest && await node.KnowsAsync(newest.Hash).ConfigureAwait(false));
    }

    private async Task<DrawSending> SeenAsync(DrawRecord record, DrawSending.Mined mined, CancellationToken cancel)
    {
        // Only to tell a reorganisation from a first wait; whoever writes it is right.
        if (record.SeenIn != mined.BlockHash)
            await ledger.PutAsync(record with { SeenIn = mined.BlockHash }, cancel).ConfigureAwait(false);

        return mined;
    }

    // Null: another instance was first, look again.
    private async Task<DrawSending?> PressOnAsync(DrawCall call, DrawRecord record, Sight.Absent absent, CancellationToken cancel)
    {
        if (record.Newest is not { } newest)
            return await AllocateAsync(call, record, absent, cancel).ConfigureAwait(false);

        if (absent.Nonce <= newest.Nonce)
            return await PushAsync(call, record, newest, absent, cancel).ConfigureAwait(false);

        // Reverted, or the nonce went to another transaction. Signing anew while a reorganisation may still bring our own back would pay twice.
        return absent.ConfirmedNonce <= newest.Nonce
            ? Pending(record, $"nonce {newest.Nonce} is spent without effect; waiting until that is confirmed")
            : await AllocateAsync(call, record, absent, cancel).ConfigureAwait(false);
    }

    // Sends the newest variant again where it was lost, and outbids it where it is passed by.
    private async Task<DrawSending?> PushAsync(DrawCall call, DrawRecord record, AnchorVariant newest, Sight.Absent absent, CancellationToken cancel)
    {
        // Nothing of ours is mined before what has smaller nonces.
        foreach (var variant in await ledger.GivenAsync(absent.Nonce, newest.Nonce, MaxRefilled, cancel).ConfigureAwait(false))
            await chain.SendAsync(variant.Bytes, cancel).ConfigureAwait(false);

        var answer = absent.NewestKnown
            ? new SendAnswer(SendOutcome.Accepted, "in the pool") : await chain.SendAsync(newest.Bytes, cancel).ConfigureAwait(false);
        var passedBy = absent.Nonce == newest.Nonce && absent.Head - newest.AtBlock >= options.BumpAfterBlocks;
        if (passedBy && !absent.NewestKnown && answer.Outcome == SendOutcome.Accepted)
        {
            // It was not outbid but lost: give it its blocks again before paying more.
            var again = record with { Variants = [.. record.Variants.SkipLast(1), newest with { AtBlock = absent.Head }] };
            return await ledger.PutAsync(again, cancel).ConfigureAwait(false) ? Pending(again, "sent again") : null;
        }

        return passedBy || answer.Outcome is SendOutcome.Underpriced or SendOutcome.FeeTooLow
            ? await OutbidAsync(call, record, newest, absent, cancel).ConfigureAwait(false)
            : Pending(record, answer.Message);
    }

    private async Task<DrawSending?> OutbidAsync(DrawCall call, DrawRecord record, AnchorVariant newest, Sight.Absent absent, CancellationToken cancel)
    {
        var (passed, gas) = Bid.Of(newest.Bytes);
        var quote = await chain.FeesAsync(cancel).ConfigureAwait(false);

        // Twofold each time, as against a stranger's: deadlines do not wait for fees.
        if (record.Variants.Count >= DrawRecord.MaxVariants || FeePolicy.Next(passed, quote, options, contested: true) is not { } bid)
            return Pending(record, $"the bid of {passed.MaxFee} wei is at its cap; the base fee is {quote.BaseFee}");

        var signed = await SignAsync(newest.Nonce, (long)gas, bid, call.Data, cancel).ConfigureAwait(false);
        var raised = record with { Variants = [.. record.Variants, AnchorVariant.Of(signed, newest.Nonce, absent.Head)] };
        if (!await ledger.PutAsync(raised, cancel).ConfigureAwait(false))
            return null;

        return Pending(raised, $"bid raised to {bid.MaxFee} wei: {(await chain.SendAsync(signed, cancel).ConfigureAwait(false)).Message}");
    }

    private async Task<DrawSending?> AllocateAsync(DrawCall call, DrawRecord record, Sight.Absent absent, CancellationToken cancel)
    {
        long gas;
        try
        {
            gas = await chain.EstimateGasAsync(signer.Address, contract, call.Data, cancel).ConfigureAwait(false);
        }
        catch (FaultException e) when (e.Fault == Fault.ChainRefused)
        {
            // Nodes estimate on top of their pool, where another instance may have put this very call since the books were read.
            var now = await ledger.FindAsync(call.DrawId, call.Name, cancel).ConfigureAwait(false);
            return (now?.ETag ?? default) == record.ETag ? new DrawSending.Refused(DrawReverts.NameOf(e), DrawReverts.Explain(e)) : null;
        }

        // Nonces below the chain's were spent by others with this key; above it, by our own that are not mined yet.
        var head = await ledger.NonceAsync(cancel).ConfigureAwait(false);
        var nonce = Math.Max(head.Next, absent.Nonce);
        var bid = FeePolicy.First(await chain.FeesAsync(cancel).ConfigureAwait(false), options);
        var signed = await SignAsync(nonce, Math.Min(gas + (gas / 4), MaxGas), bid, call.Data, cancel).ConfigureAwait(false);
        var full = record with { Variants = [.. record.Variants.TakeLast(DrawRecord.MaxVariants - 1), AnchorVariant.Of(signed, nonce, absent.Head)] };
        if (!await ledger.AllocateAsync(head, full, cancel).ConfigureAwait(false))
            return null;

        // From here on the bytes are recorded, so a failed broadcast is no failure: the next call repeats it.
        try
        {
            return Pending(full, (await chain.SendAsync(signed, cancel).ConfigureAwait(false)).Message);
        }
        catch (FaultException e) when (e.Fault is Fault.ChainUnreachable)
        {
            return Pending(full, e.Message);
        }
    }

    private Task<byte[]> SignAsync(long nonce, long gas, Bid bid, byte[] data, CancellationToken cancel)
        => signer.SignAsync(bid.Transaction(options.ChainId, nonce, gas, contract.ToLowerHex(), data), cancel);

    private static DrawSending.Pending Pending(DrawRecord record, string why) => new(record.Newest?.Hash ?? "", record.SeenIn.Length > 0, why);
}
