using System.Collections.Concurrent;

namespace Notary.Chain.Explorer;

/// <summary>What anybody may look at on the chain: blocks, transactions, anchors and what they cover. All of it is computed from what nodes answer, and
/// from nothing that the office keeps.</summary>
/// <remarks>Faults: <see cref="Fault.ChainUnreachable"/> and the others of <see cref="ChainClient"/>.</remarks>
public sealed class ChainExplorer
{
    /// <summary>Transactions of a block and events of a transaction that are shown.</summary>
    public const int MaxShown = 200;

    /// <summary>Bytes of a call's or an event's data that are shown.</summary>
    public const int MaxData = 1_024;

    /// <summary>Rows of a page: each may cost a question to a node.</summary>
    public const int MaxPage = 50;

    /// <summary>Times of blocks that are remembered; then all are asked for anew.</summary>
    private const int MaxTimes = 20_000;

    /// <summary>How old what is shown of the events may be.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>How long a reader waits for events to be read; what is there by then is shown, and how far it goes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ChainClient client;
    private readonly ChainOptions options;
    private readonly NodeStandings standings;
    private readonly EventTrail trail = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> times = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private KnownContracts? contracts;
    private Task following = Task.CompletedTask;
    private DateTimeOffset followed = DateTimeOffset.MinValue;

    /// <param name="client">The office's nodes.</param>
    /// <param name="options">The same that the client has.</param>
    public ChainExplorer(ChainClient client, ChainOptions options) => (this.client, this.options, standings) = (client, options, new NodeStandings(client));

    /// <summary>The chain at a glance.</summary>
    public async Task<ChainView> ChainAsync(CancellationToken cancel)
    {
        await FollowAsync(cancel).ConfigureAwait(false);
        var nodes = standings.NowAsync(cancel);
        return await AskAsync(async node =>
        {
            var known = await KnownAsync(node).ConfigureAwait(false);
            var head = await node.HeadAsync().ConfigureAwait(false);
            var (count, readTo, _) = trail.Now;
            var newest = await LinesAsync(node, head.Number, trail.Before(long.MaxValue, 1)).ConfigureAwait(false);
            return new ChainView(options.ChainId, known.Anchor.ToString(), known.Kind, known.Consortium?.ToString(), known.Former?.ToString(),
                options.Confirmations, Line(head), await nodes.ConfigureAwait(false), count, newest is [var anchor] ? anchor : null, readTo);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Blocks below a number, newest first.</summary>
    /// <param name="before">Null for the newest.</param>
    /// <param name="count">1 to <see cref="MaxPage"/>.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<BlocksPage> BlocksAsync(long? before, int count, CancellationToken cancel) => AskAsync(async node =>
    {
        var head = await node.HeadAsync().ConfigureAwait(false);
        var first = Math.Min(before ?? long.MaxValue, head.Number + 1) - 1;
        var wanted = Enumerable.Range(0, (int)Math.Min(count, first + 1)).Select(i => node.BlockAsync(first - i));
        var blocks = await Task.WhenAll(wanted).ConfigureAwait(false);
        return new BlocksPage([.. blocks.OfType<NodeBlock>().Select(Line)], first - count >= 0 ? first - count + 1 : null);
    }, cancel);

    /// <summary>A block by its number or its hash; null when there is none.</summary>
    public Task<BlockView?> BlockAsync(string which, CancellationToken cancel) => AskAsync(async node =>
    {
        var known = await KnownAsync(node).ConfigureAwait(false);
        var head = await node.HeadAsync().ConfigureAwait(false);
        var hash = which;
        if (long.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            if (number > head.Number || await node.BlockAsync(number).ConfigureAwait(false) is not { } named)
                return null;

            hash = named.Hash;
        }

        if (!IsHash(hash) || await node.WholeBlockAsync(hash).ConfigureAwait(false) is not { } block)
            return null;

        // Nodes go on serving blocks that a reorganisation has left behind.
        var canonical = await node.BlockAsync(block.Number).ConfigureAwait(false) is { } there && there.Hash == block.Hash;
        var all = block.Transactions;
        return (BlockView?)new BlockView(block.Number, block.Hash, NodeRlp.Text(block.Json, "parentHash"), block.Time,
            canonical ? Math.Max(1, head.Number - block.Number + 1) : 0, block.ReceiptsRoot, block.TransactionsRoot,
            [.. all.Take(MaxShown).Select(t => TransactionReader.Line(known, t))], all.Length);
    }, cancel);

    /// <summary>A transaction in a canonical block; null when there is none.</summary>
    public Task<TransactionView?> TransactionAsync(string hash, CancellationToken cancel) => AskAsync(async node =>
    {
        if (!IsHash(hash) || await node.ReceiptAsync(hash).ConfigureAwait(false) is not { } receipt)
            return null;

        var known = await KnownAsync(node).ConfigureAwait(false);
        var head = await node.HeadAsync().ConfigureAwait(false);
        var number = Hex.Long(NodeRlp.Text(receipt, "blockNumber"));
        if (await node.BlockAsync(number).ConfigureAwait(false) is not { } canonical || canonical.Hash != NodeRlp.Text(receipt, "blockHash")
            || await node.WholeBlockAsync(canonical.Hash).ConfigureAwait(false) is not { } block)
            return null;

        var transactions = block.Transactions;
        var index = Array.FindIndex(transactions, t => NodeRlp.Text(t, "hash") == hash);
        if (index < 0)
            return null;

        var line = TransactionReader.Line(known, transactions[index]);
        var data = Hex.Bytes(NodeRlp.Text(transactions[index], "input"));
        var logs = receipt.GetProperty("logs").EnumerateArray().ToList();
        return (TransactionView?)new TransactionView(hash, number, block.Hash, block.Time, index, Math.Max(1, head.Number - number + 1), line.From, line.To,
            line.To is null ? TransactionReader.AddressOf(receipt, "contractAddress") : null, Hex.Long(NodeRlp.Text(transactions[index], "nonce")),
            Hex.Long(NodeRlp.Text(receipt, "status")) == 1, Hex.Long(NodeRlp.Text(receipt, "gasUsed")),
            await TransactionReader.IsProvedAsync(node, block, index, receipt).ConfigureAwait(false), line.Call, TransactionReader.Shown(data),
            [.. logs.Take(MaxShown).Select((log, i) => new EventView(i, Address.Parse(NodeRlp.Text(log, "address")).ToString(), known.Event(log),
                [.. log.GetProperty("topics").EnumerateArray().Select(RpcNode.Text)], TransactionReader.Shown(Hex.Bytes(NodeRlp.Text(log, "data")))))]);
    }, cancel);

    /// <summary>Anchors of smaller sizes, newest first.</summary>
    /// <param name="before">Null for the newest.</param>
    /// <param name="count">1 to <see cref="MaxPage"/>.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<AnchorsPage> AnchorsAsync(long? before, int count, CancellationToken cancel)
    {
        await FollowAsync(cancel).ConfigureAwait(false);
        return await AskAsync(async node =>
        {
            var head = await node.HeadAsync().ConfigureAwait(false);
            var entries = trail.Before(before ?? long.MaxValue, count + 1);
            var (total, readTo, _) = trail.Now;
            var shown = await LinesAsync(node, head.Number, entries.Take(count)).ConfigureAwait(false);
            return new AnchorsPage(shown, total, entries.Count > count ? entries[count - 1].Size : null, readTo, head.Number);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>The anchor that covers a log index: the first of a size beyond it; null while there is none.</summary>
    public async Task<AnchorLine?> CoveringAsync(long index, CancellationToken cancel)
    {
        await FollowAsync(cancel).ConfigureAwait(false);
        return await AskAsync(async node =>
        {
            // First: where no node answers, that is not to say that there is none.
            var head = await node.HeadAsync().ConfigureAwait(false);
            return trail.Covering(index) is { } entry ? (await LinesAsync(node, head.Number, [entry]).ConfigureAwait(false)).SingleOrDefault() : null;
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Members, rules and proposals with every vote.</summary>
    public async Task<ConsortiumView> ConsortiumAsync(CancellationToken cancel)
    {
        await FollowAsync(cancel).ConfigureAwait(false);
        return await AskAsync(async node =>
        {
            var head = await node.HeadAsync().ConfigureAwait(false);
            return (await KnownAsync(node).ConfigureAwait(false)).Consortium is { } contract
                ? ConsortiumReader.Read(trail, contract, head) : new ConsortiumView(null, null, [], [], [], 0, trail.Now.ReadTo, head.Number);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>One of the newest proposals, with what the contract answers about it now; null when there is none.</summary>
    public async Task<ProposalNow?> ProposalAsync(long id, CancellationToken cancel)
    {
        var view = await ConsortiumAsync(cancel).ConfigureAwait(false);
        return view.Contract is not { } contract || view.Proposals.FirstOrDefault(p => p.Id == id) is not { } proposal ? null
            : await AskAsync(async node =>
            {
                async Task<byte[]> CallAsync(string name)
                    => await node.CallAsync(Address.Parse(contract), ConsortiumContract.EncodeAsk(name, id)).ConfigureAwait(false);
                try
                {
                    var quorum = new AbiReader(await CallAsync("quorumOf").ConfigureAwait(false));
                    return new ProposalNow(proposal, ConsortiumContract.ReadProposal(await CallAsync("proposalOf").ConfigureAwait(false)).Change,
                        (int)quorum.Number(0), (int)quorum.Number(1));
                }
                catch (FormatException e)
                {
                    throw new FaultException(Fault.Malformed, "a node answers what the consortium's contract cannot", e);
                }
            }, cancel).ConfigureAwait(false);
    }

    /// <summary>An account, with the newest of its anchors.</summary>
    public async Task<AccountView> AccountAsync(Address account, CancellationToken cancel)
    {
        await FollowAsync(cancel).ConfigureAwait(false);
        return await AskAsync(async node =>
        {
            var known = await KnownAsync(node).ConfigureAwait(false);
            var head = await node.HeadAsync().ConfigureAwait(false);
            var (count, newest) = trail.Of(account, MaxPage);
            var kind = account == known.Anchor ? AccountKind.Anchor : account == known.Former ? AccountKind.FormerAnchor
                : account == known.Consortium ? AccountKind.Consortium
                : (await node.CodeAsync(account).ConfigureAwait(false)).Length > 0 ? AccountKind.Contract : AccountKind.Account;
            return new AccountView(account.ToString(), kind, await node.NonceAsync(account).ConfigureAwait(false), count,
                await LinesAsync(node, head.Number, newest).ConfigureAwait(false), trail.Now.ReadTo, head.Number);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Whether the text is a block's or transaction's hash.</summary>
    public static bool IsHash(string text) => text.Length == 2 + (2 * Digest.Size) && !text.AsSpan().ContainsAnyInRange('A', 'F') && Hex.TryBytes(text, out _);

    /// <summary>Asks one node. Anybody reads what comes of it: which nodes there are, and what became of one, is not for them.</summary>
    private async Task<T> AskAsync<T>(Func<NodeView, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await client.OnOneAsync(ask, cancel).ConfigureAwait(false);
        }
        catch (FaultException e) when (e.Fault is Fault.ChainUnreachable or Fault.ChainRefused or Fault.ChainWrong)
        {
            throw new FaultException(e.Fault, "no node of the chain has an answer just now", e);
        }
    }

    /// <summary>Reads events up to the head, one reading at a time for all readers, each of whom waits a little for it.</summary>
    private async Task FollowAsync(CancellationToken cancel)
    {
        Task reading;
        lock (gate)
        {
            if (following.IsCompleted && client.Clock.GetUtcNow() - followed >= Fresh)
            {
                followed = client.Clock.GetUtcNow();
                following = Task.Run(() => client.OnOneAsync(async node =>
                {
                    await trail.FollowAsync(node, await KnownAsync(node).ConfigureAwait(false)).ConfigureAwait(false);
                    return true;
                }, CancellationToken.None), CancellationToken.None);
            }

            reading = following;
        }

        // What it failed of is met again by the reader's own questions, or by the next reading.
        await Task.WhenAny(reading, Task.Delay(Patience, client.Clock, cancel)).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        _ = reading.Exception;
    }

    private async Task<KnownContracts> KnownAsync(NodeView node)
        => contracts ??= await KnownContracts.ReadAsync(node, options.ContractAddress).ConfigureAwait(false);

    private async Task<IReadOnlyList<AnchorLine>> LinesAsync(NodeView node, long head, IEnumerable<EventTrail.Entry> entries)
    {
        var lines = await Task.WhenAll(entries.Select(async e => await TimeAsync(node, e.Block, e.BlockHash).ConfigureAwait(false) is not { } time ? null
            : new AnchorLine(e.Size, e.Root, e.Covers, e.Sender.ToString(), e.Contract.ToString(), e.Block, e.BlockHash, time, e.Transaction,
                Math.Max(1, head - e.Block + 1)))).ConfigureAwait(false);

        // One whose block is gone meanwhile stands nowhere.
        return [.. lines.OfType<AnchorLine>()];
    }

    /// <summary>A block's time, for whoever has its hash; null when the chain has another block there now.</summary>
    private async Task<DateTimeOffset?> TimeAsync(NodeView node, long number, string hash)
    {
        if (times.TryGetValue(hash, out var time))
            return time;

        if (await node.BlockAsync(number).ConfigureAwait(false) is not { } block || block.Hash != hash)
            return null;

        if (times.Count >= MaxTimes)
            times.Clear();

        return times[hash] = block.Time;
    }

    private static BlockLine Line(NodeBlock block) => new(block.Number, block.Hash, block.Time, block.Transactions.Length);
}
