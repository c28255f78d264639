namespace Notary.Chain.Explorer;

/// <summary>All anchors of a chain and all decisions of its consortium, read from events alone and kept in memory, each still where it was when last looked
/// at.</summary>
/// <remarks>
/// Nothing of it is stored: a process begins at block 0. What was read is tied to marks, blocks' hashes on the way; a reading begins by going back to
/// the newest mark that is still canonical and dropping what came after it. Events are only taken between two looks at the same block, so that those
/// of another branch are never mixed in.
/// </remarks>
internal sealed class EventTrail
{
    /// <summary>Blocks whose events are asked for at once: what public nodes answer.</summary>
    internal const int Span = 2_000;

    /// <summary>Marks that are kept. A reorganisation beneath the oldest has the chain read anew.</summary>
    private const int MaxMarks = 1_024;

    /// <summary>Anchors that are kept, the newest ones: some 200 MiB. One a minute fills it in two years.</summary>
    private const int MaxAnchors = 1_000_000;

    /// <summary>Events of the consortium. A decision has five or six: tens of thousands of decisions.</summary>
    private const int MaxDecisions = 200_000;

    private readonly Lock gate = new();
    private readonly List<Mark> marks = [];
    private readonly List<Entry> entries = [];
    private readonly List<(EventLog Log, EventPlace Place)> decisions = [];
    private readonly Dictionary<string, Address> addresses = new(StringComparer.Ordinal);
    private (long Block, int Index)? opened;
    private long head;

    /// <summary>An anchor where it stands.</summary>
    internal sealed record Entry(long Size, Digest Root, Address Sender, Address Contract, long Block, int Index, string BlockHash,
        string Transaction, long Covers);

    private readonly record struct Mark(long Number, string Hash);

    /// <summary>What was read up to now.</summary>
    /// <param name="ReadTo">The last block whose events are in it; -1 before the first.</param>
    /// <param name="Head">The newest block at the last look.</param>
    public (int Count, long ReadTo, long Head) Now
    {
        get
        {
            lock (gate)
                return (entries.Count, marks.Count > 0 ? marks[^1].Number : -1, head);
        }
    }

    /// <summary>What the consortium's contract said, in order.</summary>
    public IReadOnlyList<(EventLog Log, EventPlace Place)> Decisions
    {
        get
        {
            lock (gate)
                return [.. decisions];
        }
    }

    /// <summary>Anchors below a size, newest first.</summary>
    public IReadOnlyList<Entry> Before(long size, int count)
    {
        lock (gate)
        {
            var end = Find(size);
            return [.. Enumerable.Range(1, Math.Min(count, end)).Select(i => entries[end - i])];
        }
    }

    /// <summary>The anchor that covers a log index: the first of a size beyond it; null while there is none.</summary>
    public Entry? Covering(long index)
    {
        lock (gate)
            return Find(index + 1) is var at && at < entries.Count ? entries[at] : null;
    }

    /// <summary>How many an account sent, and its newest ones.</summary>
    public (int Count, IReadOnlyList<Entry> Newest) Of(Address sender, int count)
    {
        lock (gate)
        {
            var all = entries.Where(e => e.Sender == sender).ToList();
            return (all.Count, [.. Enumerable.Reverse(all).Take(count)]);
        }
    }

    /// <summary>Reads on, up to the head.</summary>
    /// <exception cref="NodeDownException">The chain changed under it, or a node answered nonsense: what was read stays, and the next call goes on.</exception>
    public async Task FollowAsync(NodeView node, KnownContracts contracts)
    {
        var newest = await node.HeadAsync().ConfigureAwait(false);
        await RewindAsync(node, newest).ConfigureAwait(false);
        for (var from = Now.ReadTo + 1; from <= newest.Number;)
        {
            var to = Math.Min(from + Span - 1, newest.Number);
            var mark = await HashAsync(node, to).ConfigureAwait(false);
            var found = new List<Entry>();
            foreach (var contract in contracts.Anchors)
            {
                foreach (var log in await node.LogsAsync(contract, [ContractArtifact.EvidenceAnchor.Topic("Anchored")], from, to).ConfigureAwait(false))
                    found.Add(Read(log, contract, from, to));
            }

            var openings = contracts.Former is null ? []
                : await node.LogsAsync(contracts.Anchor, [ContractArtifact.ConsortiumAnchor.Topic("Opened")], from, to).ConfigureAwait(false);
            var decided = contracts.Consortium is not { } consortium ? []
                : (await node.LogsAsync(consortium, [], from, to).ConfigureAwait(false)).Select(log => Decision(log, consortium, from, to)).ToList();
            if (await HashAsync(node, to).ConfigureAwait(false) != mark)
                throw new NodeDownException($"node {node.Name} changed its branch while its events were read");

            lock (gate)
                opened ??= openings.Select(Place).FirstOrDefault() is { } opening ? (opening.Block, opening.Index) : null;

            Add([.. found.Where(e => e.Contract != contracts.Former || !IsClosedAt(e))], decided, new Mark(to, mark), newest.Number);
            from = to + 1;
        }

        lock (gate)
            head = newest.Number;
    }

    private async Task RewindAsync(NodeView node, NodeBlock newest)
    {
        while (true)
        {
            Mark last;
            lock (gate)
            {
                if (marks.Count == 0)
                {
                    entries.Clear();
                    decisions.Clear();
                    opened = null;
                    return;
                }

                last = marks[^1];
            }

            if (last.Number <= newest.Number && (await node.BlockAsync(last.Number).ConfigureAwait(false))?.Hash == last.Hash)
                return;

            lock (gate)
            {
                marks.RemoveAt(marks.Count - 1);
                var kept = marks.Count > 0 ? marks[^1].Number : -1;
                entries.RemoveAll(e => e.Block > kept);
                decisions.RemoveAll(d => d.Place.Block > kept);
                opened = opened?.Block > kept ? null : opened;
            }
        }
    }

    private static async Task<string> HashAsync(NodeView node, long number)
        => (await node.BlockAsync(number).ConfigureAwait(false))?.Hash ?? throw new NodeDownException($"node {node.Name} lost block {number}");

    private Entry Read(JsonElement log, Address contract, long from, long to)
    {
        var place = Place(log);
        if (place.Block < from || place.Block > to || NodeRlp.Text(log, "address") != contract.ToLowerHex()
            || ContractArtifact.EvidenceAnchor.Anchored(log) is not var (size, root))
            throw new FaultException(Fault.Malformed, "a node answers with events that were not asked for");

        var data = NodeRlp.Text(log, "data");
        return new Entry(size, root, Shared("0x" + data[^(2 * Address.Size)..]), contract, place.Block, place.Index, place.BlockHash,
            place.Transaction, 0);
    }

    private static (EventLog Log, EventPlace Place) Decision(JsonElement log, Address contract, long from, long to)
    {
        var place = Place(log);
        return place.Block >= from && place.Block <= to && NodeRlp.Text(log, "address") == contract.ToLowerHex()
            ? (new EventLog(contract, [.. log.GetProperty("topics").EnumerateArray().Select(t => Hex.Bytes(t.GetString(), Digest.Size))],
                Hex.Bytes(NodeRlp.Text(log, "data"))), place)
            : throw new FaultException(Fault.Malformed, "a node answers with events that were not asked for");
    }

    private static EventPlace Place(JsonElement log) => new(Hex.Long(NodeRlp.Text(log, "blockNumber")), NodeRlp.Text(log, "blockHash"),
        NodeRlp.Text(log, "transactionHash"), (int)Hex.Long(NodeRlp.Text(log, "logIndex")));

    /// <summary>Whether the earlier contract was closed when this was written there: whoever was forgotten then can write what he likes, and it counts
    /// nowhere (decision 38).</summary>
    private bool IsClosedAt(Entry entry) => opened is { } at && (entry.Block, entry.Index).CompareTo(at) > 0;

    // Millions of anchors have a handful of senders.
    private Address Shared(string text)
    {
        if (!addresses.TryGetValue(text, out var address))
            addresses[text] = address = Address.Parse(text);

        return address;
    }

    private void Add(List<Entry> found, List<(EventLog Log, EventPlace Place)> decided, Mark mark, long newest)
    {
        lock (gate)
        {
            // Sizes grow strictly over both contracts: their order is the chain's.
            var covered = entries.Count > 0 ? entries[^1].Size : 0;
            var grown = new List<Entry>(found.Count);
            foreach (var entry in found.OrderBy(e => e.Size))
            {
                if (entry.Size <= covered)
                    throw new FaultException(Fault.Malformed, "a node tells anchors whose sizes do not grow");

                grown.Add(entry with { Covers = covered });
                covered = entry.Size;
            }

            if (decisions.Count + decided.Count > MaxDecisions)
                throw new FaultException(Fault.Malformed, $"the consortium's contract said more than {MaxDecisions} things");

            entries.AddRange(grown);
            decisions.AddRange(decided.OrderBy(d => (d.Place.Block, d.Place.Index)));
            if (entries.Count > MaxAnchors)
                entries.RemoveRange(0, entries.Count - MaxAnchors);

            marks.Add(mark);
            if (marks.Count > MaxMarks)
                marks.RemoveRange(0, MaxMarks / 2);

            head = newest;
        }
    }

    /// <summary>How many are of smaller sizes than this.</summary>
    private int Find(long size)
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Size < size)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
