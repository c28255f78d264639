namespace Notary.Chain;

/// <summary>Takes roots of the log to the anchor contract, each size paid for once, and watches them there.</summary>
/// <remarks>
/// One nonce allocator for any number of app instances: a nonce, what it is given to and the signed bytes are written in
/// one table transaction under the ETag that was read, and only then broadcast. So whatever happens afterwards, the
/// bytes that may be on their way are known, and are what is sent again.
/// The contract may be of either kind, <c>EvidenceAnchor.sol</c> or <c>ConsortiumAnchor.sol</c>: they are called alike (decision 38).
/// Sizes should be submitted one after another: the contract takes growing sizes only, so of two under way at once the
/// smaller is lost if the larger is mined first (<see cref="AnchorStatus.Superseded"/>).
/// Faults: those of <see cref="ChainClient"/>; <see cref="Fault.EvidenceInvalid"/> when the chain or the books hold another
/// root for the size; <see cref="Fault.StorageConflict"/> when other instances won every race; storage's own exceptions.
/// </remarks>
public sealed class AnchorSender
{
    // Races lost in a row before giving up: each means another instance got something done.
    private const int MaxAttempts = 6;

    // Nonces before ours whose transactions are sent again when the chain lost them: one reorganisation of 64 blocks.
    private const int MaxRefilled = 64;

    // Between two questions for the head.
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(200);

    // An anchor needs 53,424 gas, or 59,979 where a consortium is asked, the first of all 17,100 more. A lower estimate comes from a pool that holds the same
    // anchor by another member, which the contract would pass over; should that one be dropped, ours must not run dry.
    private const long MinGas = 100_000;

    // What a transfer of nothing to oneself needs.
    private const long TransferGas = 21_000;

    // Beyond this the contract is not ours.
    private const long MaxGas = 500_000;

    private readonly ChainClient chain;
    private readonly ChainSigner signer;
    private readonly ChainOptions options;
    private readonly AnchorLedger ledger;
    private readonly AnchorObserver observer;
    private readonly AnchorProver prover;

    // As it was written or read last: the step that follows need not read it again. Who takes it leaves none behind.
    private AnchorRecord? recent;

    /// <param name="chain">To the nodes of <paramref name="options"/>.</param>
    /// <param name="signer">The account that sends; a member the contract permits, with money.</param>
    /// <param name="table">Table <see cref="Names.Chain"/>.</param>
    /// <param name="options">Validated here.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public AnchorSender(ChainClient chain, ChainSigner signer, TableClient table, ChainOptions options)
    {
        options.Validate();
        this.chain = chain;
        this.signer = signer;
        this.options = options;
        ledger = new AnchorLedger(table, options.ChainId, signer.Address, options.Contracts);
        observer = new AnchorObserver(options, signer.Address);
        prover = new AnchorProver(options);
    }

    /// <summary>The account that sends.</summary>
    public Address Account => signer.Address;

    /// <summary>Records and broadcasts the anchor of this size; once recorded, returns what is recorded. Nothing was paid when it throws.</summary>
    /// <exception cref="FaultException"><see cref="Fault.ChainRefused"/> when the contract would revert it; see the class for the others.</exception>
    public async Task<AnchorSubmission> SubmitAsync(long size, Digest root, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await ledger.FindAsync(size, cancel).ConfigureAwait(false) is { } recorded)
            {
                return recorded.Root == root
                    ? await BroadcastAsync(recorded, cancel).ConfigureAwait(false)
                    : throw new FaultException(Fault.EvidenceInvalid, $"size {size} is recorded with another root: two histories of one log");
            }

            var blank = new AnchorRecord(size, root, [], "", default);
            var allocation = await LookAsync(blank, cancel).ConfigureAwait(false) switch
            {
                AnchorSight.Found(var mined)
                    => new Allocation(await ledger.PutAsync(blank with { SeenIn = mined.BlockHash }, cancel).ConfigureAwait(false) ? blank : null, null, null),
                AnchorSight.Absent absent => await AllocateAsync(blank, absent, cancel).ConfigureAwait(false),
                var other => throw new InvalidOperationException($"unhandled {other.GetType().Name}"),
            };
            switch (allocation)
            {
                case { SupersededBy: { } by }:
                    return new AnchorSubmission(size, root, null, null, by, false, $"size {by} is anchored or on its way");
                case { Refused: { } why }:
                    throw new FaultException(Fault.ChainRefused, why);
                case { Record: { } record }:
                    recent = record.ETag == default ? null : record;
                    return await BroadcastAsync(record, cancel).ConfigureAwait(false);
            }
        }

        throw Lost(size);
    }

    /// <summary>How the anchor stands; does what moves it on, so call it until it is <see cref="AnchorStatus.Mined"/> deep enough.</summary>
    public async Task<AnchorStatus> CheckAsync(long size, CancellationToken cancel = default)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await ledger.FindAsync(size, cancel).ConfigureAwait(false) is not { } record)
                return new AnchorStatus.NotSubmitted();

            if (await StepAsync(record, cancel).ConfigureAwait(false) is { } status)
                return status;
        }

        throw Lost(size);
    }

    /// <summary>Like <see cref="CheckAsync"/> again and again until the anchor is <see cref="AnchorStatus.Mined"/> that deep, can be no more,
    /// or the time is over; then how it stands.</summary>
    /// <remarks>
    /// Costs one read of the books unless they were just written, and one write when the anchor is first seen in a block; more only when another bid or
    /// nonce is needed. Between blocks a node is asked for the head alone, every 200 ms; another hash of the same number is another head.
    /// </remarks>
    /// <param name="depth">From 1; see <see cref="AnchorStatus.Mined.Depth"/>.</param>
    /// <param name="atMost">How long to watch; a question under way is awaited.</param>
    public async Task<AnchorStatus> WatchAsync(long size, int depth, TimeSpan atMost, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        AnchorRecord? record = null;
        AnchorStatus status = new AnchorStatus.NotSubmitted();
        var (started, seen) = (chain.Clock.GetTimestamp(), "");
        do
        {
            var head = (await chain.OnOneAsync(node => node.HeadAsync(), cancel).ConfigureAwait(false)).Hash;
            for (var attempt = 0; head != seen; attempt++)
            {
                record ??= Take(size) ?? await ledger.FindAsync(size, cancel).ConfigureAwait(false);
                if (record is null)
                    return status;

                if (await StepAsync(record, cancel).ConfigureAwait(false) is { } now)
                {
                    (status, seen) = (now, head);
                    // What another bid or nonce changed in the books is read when it is needed.
                    record = now switch
                    {
                        AnchorStatus.Mined { BlockHash: var block } => record with { SeenIn = block },
                        AnchorStatus.Pending pending when pending.Transaction != (record.Newest?.Hash ?? "") => null,
                        _ => record,
                    };
                }
                else
                {
                    record = attempt < MaxAttempts ? null : throw Lost(size);
                }
            }

            if (status is AnchorStatus.Superseded or AnchorStatus.Refused || (status is AnchorStatus.Mined mined && mined.Depth >= depth))
            {
                recent = record;
                return status;
            }

            await Task.Delay(WatchInterval, chain.Clock, cancel).ConfigureAwait(false);
        }
        while (chain.Clock.GetElapsedTime(started) < atMost);
        return status;
    }

    /// <summary>What proves the anchor offline, however deep it is; null while it is in no canonical block.</summary>
    public async Task<AnchorProof?> ProofAsync(long size, CancellationToken cancel = default)
    {
        if ((Take(size) ?? await ledger.FindAsync(size, cancel).ConfigureAwait(false)) is not { } record)
            return null;

        return await chain.OnOneAsync(
            async node => await observer.LookAsync(node, record).ConfigureAwait(false) is AnchorSight.Found(var mined)
                ? await prover.ProveAsync(node, record, mined).ConfigureAwait(false)
                : null,
            cancel).ConfigureAwait(false);
    }

    private AnchorRecord? Take(long size) => Interlocked.Exchange(ref recent, null) is { } known && known.Size == size ? known : null;

    private Task<AnchorSight> LookAsync(AnchorRecord record, CancellationToken cancel) => chain.OnOneAsync(node => observer.LookAsync(node, record), cancel);

    // Null: another instance was first, look again.
    private async Task<AnchorStatus?> StepAsync(AnchorRecord record, CancellationToken cancel)
        => await LookAsync(record, cancel).ConfigureAwait(false) switch
        {
            AnchorSight.Found(var mined) => await SeenAsync(record, mined, cancel).ConfigureAwait(false),
            AnchorSight.Absent absent => await PressOnAsync(record, absent, cancel).ConfigureAwait(false),
            var other => throw new InvalidOperationException($"unhandled {other.GetType().Name}"),
        };

    private async Task<AnchorStatus> SeenAsync(AnchorRecord record, AnchorStatus.Mined mined, CancellationToken cancel)
    {
        if (record.SeenIn != mined.BlockHash)
        {
            // Only to tell a reorganisation from a first wait; whoever writes it is right.
            await ledger.PutAsync(record with { SeenIn = mined.BlockHash }, cancel).ConfigureAwait(false);
        }

        return mined;
    }

    private async Task<AnchorStatus?> PressOnAsync(AnchorRecord record, AnchorSight.Absent absent, CancellationToken cancel)
    {
        if (absent.LatestSize > record.Size)
            return new AnchorStatus.Superseded(absent.LatestSize);

        if (record.Newest is { } newest && absent.Nonce <= newest.Nonce)
            return await PushAsync(record, newest, absent, cancel).ConfigureAwait(false);

        // The nonce went to another transaction, or to one that was reverted. Signing anew while a reorganisation may still
        // bring our own back would pay twice.
        if (record.Newest is { } spent && absent.ConfirmedNonce <= spent.Nonce)
            return Pending(record, $"nonce {spent.Nonce} is spent on another transaction; waiting until that is confirmed");

        return await AllocateAsync(record, absent, cancel).ConfigureAwait(false) switch
        {
            { SupersededBy: { } by } => new AnchorStatus.Superseded(by),
            { Refused: { } why } => new AnchorStatus.Refused(why),
            { Record: { } renewed } => Pending(renewed, "signed anew: " + (await BroadcastAsync(renewed, cancel).ConfigureAwait(false)).Why),
            _ => null,
        };
    }

    // Sends the newest variant again where it was lost, and outbids it where it is passed by.
    private async Task<AnchorStatus?> PushAsync(AnchorRecord record, AnchorVariant newest, AnchorSight.Absent absent, CancellationToken cancel)
    {
        // Nothing of ours is mined before what has smaller nonces.
        var earlier = await ledger.GivenAsync(absent.Nonce, newest.Nonce, MaxRefilled, cancel).ConfigureAwait(false);
        foreach (var variant in earlier)
            await chain.SendAsync(variant.Bytes, cancel).ConfigureAwait(false);

        if (record.Variants.LastOrDefault(v => v.Nonce == absent.Nonce && v != newest) is { } own && own.Nonce < newest.Nonce)
        {
            // A reorganisation took what had spent it. With the newest sent as well both would be paid for.
            return Pending(record, $"nonce {own.Nonce} is free again: {(await chain.SendAsync(own.Bytes, cancel).ConfigureAwait(false)).Message}");
        }

        if (earlier.Count == 0 && absent.Nonce < newest.Nonce && absent.Head - newest.AtBlock >= options.BumpAfterBlocks)
            return await FillAsync(record, newest, absent, cancel).ConfigureAwait(false);

        var answer = absent.NewestKnown
            ? new SendAnswer(SendOutcome.Accepted, "in the pool") : await chain.SendAsync(newest.Bytes, cancel).ConfigureAwait(false);
        var passedBy = absent.Nonce == newest.Nonce && absent.Head - newest.AtBlock >= options.BumpAfterBlocks;
        if (passedBy && !absent.NewestKnown && answer.Outcome == SendOutcome.Accepted)
        {
            // It was not outbid but lost: give it its blocks again before paying more.
            return await ledger.PutAsync(
                record with { Variants = [.. record.Variants.SkipLast(1), newest with { AtBlock = absent.Head }] }, cancel).ConfigureAwait(false)
                ? Pending(record, "sent again")
                : null;
        }

        return passedBy || answer.Outcome is SendOutcome.Underpriced or SendOutcome.FeeTooLow
            ? await OutbidAsync(record, newest, absent, contested: answer.Outcome == SendOutcome.Underpriced, cancel).ConfigureAwait(false)
            : Pending(record, answer.Message);
    }

    // A stranger's transaction before ours is gone, by a reorganisation, and nobody sends it again. An empty one takes its
    // place; the anchor itself there would leave the newest variant to be paid for in vain.
    private async Task<AnchorStatus?> FillAsync(AnchorRecord record, AnchorVariant newest, AnchorSight.Absent absent, CancellationToken cancel)
    {
        var bid = FeePolicy.First(await chain.FeesAsync(cancel).ConfigureAwait(false), options);
        var filler = AnchorVariant.Of(
            await SignAsync(absent.Nonce, TransferGas, bid, signer.Address, [], cancel).ConfigureAwait(false), absent.Nonce, absent.Head);
        var filled = record with { Variants = [.. record.Variants.SkipLast(1), filler, newest with { AtBlock = absent.Head }] };
        return await ledger.PutAsync(filled, cancel).ConfigureAwait(false)
            ? Pending(filled,
                $"nonce {absent.Nonce} is free again and is filled: {(await chain.SendAsync(filler.Bytes, cancel).ConfigureAwait(false)).Message}")
            : null;
    }

    private async Task<AnchorStatus?> OutbidAsync(
        AnchorRecord record, AnchorVariant newest, AnchorSight.Absent absent, bool contested, CancellationToken cancel)
    {
        var (passed, gas) = Bid.Of(newest.Bytes);
        var quote = await chain.FeesAsync(cancel).ConfigureAwait(false);
        if (record.Variants.Count >= AnchorRecord.MaxVariants || FeePolicy.Next(passed, quote, options, contested) is not { } bid)
            return Pending(record, $"the bid of {passed.MaxFee} wei is at its cap; the base fee is {quote.BaseFee}");

        var signed = await SignAsync(newest.Nonce, (long)gas, bid, options.ContractAddress, Call(record), cancel).ConfigureAwait(false);
        var raised = record with { Variants = [.. record.Variants, AnchorVariant.Of(signed, newest.Nonce, absent.Head)] };
        if (!await ledger.PutAsync(raised, cancel).ConfigureAwait(false))
            return null;

        var answer = await chain.SendAsync(signed, cancel).ConfigureAwait(false);
        return Pending(raised, $"bid raised to {bid.MaxFee} wei: {answer.Message}");
    }

    // All null: another instance was first.
    private readonly record struct Allocation(AnchorRecord? Record, long? SupersededBy, string? Refused);

    private async Task<Allocation> AllocateAsync(AnchorRecord record, AnchorSight.Absent absent, CancellationToken cancel)
    {
        var head = await ledger.HeadAsync(cancel).ConfigureAwait(false);
        var largest = Math.Max(head.LastSize, absent.LatestSize);
        if (largest > record.Size)
            return new Allocation(null, largest, null);

        var data = Call(record);
        long gas;
        try
        {
            gas = await chain.EstimateGasAsync(signer.Address, options.ContractAddress, data, cancel).ConfigureAwait(false);
        }
        catch (FaultException e) when (e.Fault == Fault.ChainRefused)
        {
            // Nodes estimate on top of their pool, where a larger size may stand that is in no block yet.
            return Reverts.StaleBehind(e) is { } ahead && ahead > record.Size
                ? new Allocation(null, ahead, null)
                : new Allocation(null, null,
                    await AnchorRight.ExplainAsync(chain, options.ContractAddress, signer.Address, e, cancel).ConfigureAwait(false));
        }

        // Nonces below the chain's were spent by others with this key; above it, by our own that are not mined yet.
        var nonce = Math.Max(head.NextNonce, absent.Nonce);
        var bid = FeePolicy.First(await chain.FeesAsync(cancel).ConfigureAwait(false), options);
        var signed = await SignAsync(nonce, Math.Clamp(gas + (gas / 4), MinGas, MaxGas), bid, options.ContractAddress, data, cancel).ConfigureAwait(false);
        var full = record with { Variants = [.. record.Variants.TakeLast(AnchorRecord.MaxVariants - 1), AnchorVariant.Of(signed, nonce, absent.Head)] };
        return new Allocation(await ledger.AllocateAsync(head, full, cancel).ConfigureAwait(false), null, null);
    }

    private static byte[] Call(AnchorRecord record) => ContractArtifact.EvidenceAnchor.Call("anchor", record.Size, record.Root);

    private Task<byte[]> SignAsync(long nonce, long gas, Bid bid, Address to, byte[] data, CancellationToken cancel)
        => signer.SignAsync(bid.Transaction(options.ChainId, nonce, gas, to.ToLowerHex(), data), cancel);

    // From here on the bytes are recorded, so a failed broadcast is no failure: the next check repeats it.
    private async Task<AnchorSubmission> BroadcastAsync(AnchorRecord record, CancellationToken cancel)
    {
        if (record.Newest is not { } newest)
            return new AnchorSubmission(record.Size, record.Root, null, null, null, true, "already anchored by another transaction");

        try
        {
            var answer = await chain.SendAsync(newest.Bytes, cancel).ConfigureAwait(false);
            // A spent nonce is what a mined anchor answers to being sent again; only a look tells.
            return new AnchorSubmission(record.Size, record.Root, newest.Hash, newest.Nonce, null,
                answer.Outcome is SendOutcome.Accepted or SendOutcome.NonceTooLow, answer.Message);
        }
        catch (FaultException e) when (e.Fault is Fault.ChainUnreachable)
        {
            return new AnchorSubmission(record.Size, record.Root, newest.Hash, newest.Nonce, null, false, e.Message);
        }
    }

    private static AnchorStatus.Pending Pending(AnchorRecord record, string why) => new(record.Newest?.Hash ?? "", record.SeenIn.Length > 0, why);

    private static FaultException Lost(long size)
        => new(Fault.StorageConflict, $"other instances changed the anchor of size {size} {MaxAttempts} times in a row");
}
