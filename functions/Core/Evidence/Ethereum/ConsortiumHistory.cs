namespace Notary.Evidence.Ethereum;

/// <summary>Where an event stands on a chain.</summary>
/// <param name="Block">Its block's number.</param>
/// <param name="BlockHash">Its block's hash.</param>
/// <param name="Transaction">Its transaction's hash.</param>
/// <param name="Index">Its place among the block's events.</param>
public sealed record EventPlace(long Block, string BlockHash, string Transaction, int Index);

/// <summary>An account that a member acts or acted by.</summary>
/// <param name="Account">The account.</param>
/// <param name="From">Seconds since 1970 from which it is valid.</param>
/// <param name="Until">Seconds since 1970 before which it is.</param>
/// <param name="Retired">Whether a vote has replaced it.</param>
public sealed record MemberAccount(Address Account, long From, long Until, bool Retired);

/// <summary>A member as events tell him.</summary>
/// <param name="Number">For ever his.</param>
/// <param name="Name">Public.</param>
/// <param name="Certificate">SHA-256 of his certificate's DER.</param>
/// <param name="Root">SHA-256 of the root certificate that leads to.</param>
/// <param name="Nodes">What his nodes may do.</param>
/// <param name="Status">How he stands.</param>
/// <param name="Reason">Why he is suspended.</param>
/// <param name="Accounts">All he ever had, in order.</param>
/// <param name="Admitted">Where he was admitted.</param>
/// <param name="Left">Where he was removed.</param>
public sealed record MemberHistory(
    int Number, string Name, Digest Certificate, Digest Root, NodeTypes Nodes, MemberStatus Status, string Reason, IReadOnlyList<MemberAccount> Accounts,
    EventPlace Admitted, EventPlace? Left);

/// <summary>A vote, public for ever.</summary>
/// <param name="Member">Who voted.</param>
/// <param name="Account">By which of his accounts.</param>
/// <param name="InFavour">How.</param>
/// <param name="Place">Where.</param>
public sealed record CastVote(int Member, Address Account, bool InFavour, EventPlace Place);

/// <summary>A change that was made.</summary>
/// <param name="By">Whose transaction made it.</param>
/// <param name="Votes">Votes in favour that counted then.</param>
/// <param name="Needed">Votes that were needed.</param>
/// <param name="Place">Where.</param>
public sealed record MadeChange(Address By, int Votes, int Needed, EventPlace Place);

/// <summary>A proposal as events tell it.</summary>
/// <param name="Id">From 1.</param>
/// <param name="Kind">What it would change.</param>
/// <param name="Member">Whom it is about; 0 for nobody who has a number.</param>
/// <param name="Proposer">Whose it is.</param>
/// <param name="Account">By which of his accounts.</param>
/// <param name="Deadline">Seconds since 1970, the last at which votes are taken.</param>
/// <param name="Opened">Where.</param>
/// <param name="Votes">In order.</param>
/// <param name="Executed">Null until the change is made.</param>
public sealed record ProposalHistory(
    long Id, ChangeKind Kind, int Member, int Proposer, Address Account, long Deadline, EventPlace Opened, IReadOnlyList<CastVote> Votes, MadeChange? Executed);

/// <summary>Members, votes and rules, computed from the events of <c>Consortium.sol</c> in their order and from nothing else.</summary>
public sealed class ConsortiumHistory
{
    private static readonly Dictionary<string, Action<ConsortiumHistory, EventLog, EventPlace>> Readers = new(StringComparer.Ordinal)
    {
        [Topic("Admitted(uint8,string,bytes32,bytes32,bytes32,bytes32,uint8)")] = (h, log, place) => h.Admit(log, place),
        [Topic("Removed(uint8)")] = (h, log, place) => h.Change(log, m => m with { Status = MemberStatus.Removed, Reason = "", Left = place }),
        [Topic("Suspended(uint8,string)")] = (h, log, _) => h.Change(log, m => m with { Status = MemberStatus.Suspended, Reason = Data(log).Text(0) }),
        [Topic("Resumed(uint8)")] = (h, log, _) => h.Change(log, m => m with { Status = MemberStatus.Active, Reason = "" }),
        [Topic("KeyAdded(uint8,address,uint64,uint64)")] = (h, log, _) => h.Change(log, m => m with
        {
            Accounts = [.. m.Accounts, new MemberAccount(Account(log), Data(log).Number(0), Data(log).Number(1), false)],
        }),
        [Topic("KeyRetired(uint8,address)")] = (h, log, _) => h.Change(log, m => m with
        {
            Accounts = [.. m.Accounts.Select(a => a.Account == Account(log) ? a with { Retired = true } : a)],
        }),
        [Topic("CertificateChanged(uint8,bytes32,bytes32,bytes32,bytes32)")] = (h, log, _) => h.Change(log, m => m with
        {
            Certificate = Data(log).Digest(0), Root = Data(log).Digest(1),
        }),
        [Topic("NodesChanged(uint8,uint8)")] = (h, log, _) => h.Change(log, m => m with { Nodes = (NodeTypes)Data(log).Number(0) }),
        [Topic("RootListed(bytes32)")] = (h, log, _) => h.roots.Add(new Digest(log.Topics[1])),
        [Topic("RootUnlisted(bytes32)")] = (h, log, _) => h.roots.Remove(new Digest(log.Topics[1])),
        [Topic("ThresholdChanged(uint16,uint16)")] = (h, log, _) => h.Threshold = ((int)Data(log).Number(0), (int)Data(log).Number(1)),
        [Topic("Proposed(uint256,uint8,uint8,uint8,address,uint64)")] = (h, log, place) => h.Open(log, place),
        [Topic("Voted(uint256,uint8,address,bool)")] = (h, log, place) => h.Vote(log, place),
        [Topic("Executed(uint256,address,uint256,uint256)")] = (h, log, place) => h.Execute(log, place),
    };

    private readonly SortedDictionary<int, MemberHistory> members = [];
    private readonly SortedDictionary<long, ProposalHistory> proposals = [];
    private readonly SortedSet<Digest> roots = [];

    private ConsortiumHistory()
    {
    }

    /// <summary>All who ever were, by number.</summary>
    public IReadOnlyCollection<MemberHistory> Members => members.Values;

    /// <summary>All there ever were, by number.</summary>
    public IReadOnlyCollection<ProposalHistory> Proposals => proposals.Values;

    /// <summary>Root certificates that a candidate's may lead to.</summary>
    public IReadOnlyCollection<Digest> Roots => roots;

    /// <summary>The share of voters that must agree, and always more than half.</summary>
    public (int Numerator, int Denominator) Threshold { get; private set; }

    /// <summary>Reads events in their order.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: the contract cannot have said this.</exception>
    public static ConsortiumHistory Of(IEnumerable<(EventLog Log, EventPlace Place)> events)
    {
        var history = new ConsortiumHistory();
        foreach (var (log, place) in events)
        {
            try
            {
                if (log.Topics.Count == 0 || !Readers.TryGetValue(Hex.Of(log.Topics[0]), out var read))
                    throw new FormatException("it is no event of the consortium's");

                read(history, log, place);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
            {
                throw new FaultException(Fault.Malformed,
                    $"the event {place.Index} of block {place.Block} is not what the contract can have said: {e.Message}", e);
            }
        }

        return history;
    }

    private static string Topic(string signature) => Hex.Of(Keccak256.Hash(Encoding.ASCII.GetBytes(signature)));

    private static AbiReader Data(EventLog log) => new(log.Data);

    private static long Indexed(EventLog log, int place) => place < log.Topics.Count
        ? new AbiReader(log.Topics[place]).Number(0) : throw new FormatException("a topic is missing");

    private static Address Account(EventLog log) => log.Topics.Count == 3
        ? new AbiReader(log.Topics[2]).Address(0) : throw new FormatException("a topic is missing");

    private void Admit(EventLog log, EventPlace place)
    {
        var (number, data) = ((int)Indexed(log, 1), Data(log));
        if (number != members.Count + 1)
            throw new FormatException("members' numbers have a gap");

        members[number] = new MemberHistory(number, data.Text(0), data.Digest(1), data.Digest(2), (NodeTypes)data.Number(5), MemberStatus.Active, "",
            [], place, null);
    }

    private void Change(EventLog log, Func<MemberHistory, MemberHistory> change)
    {
        var number = (int)Indexed(log, 1);
        members[number] = members.TryGetValue(number, out var member) && member.Status != MemberStatus.Removed
            ? change(member) : throw new FormatException("there is no such member");
    }

    private void Open(EventLog log, EventPlace place)
    {
        var (id, data) = (Indexed(log, 1), Data(log));
        if (id != proposals.Count + 1)
            throw new FormatException("proposals' numbers have a gap");

        proposals[id] = new ProposalHistory(id, (ChangeKind)Indexed(log, 2), (int)Indexed(log, 3), (int)data.Number(0), data.Address(1),
            data.Number(2), place, [], null);
    }

    private void Vote(EventLog log, EventPlace place)
    {
        var (id, member, data) = (Indexed(log, 1), (int)Indexed(log, 2), Data(log));
        if (!proposals.TryGetValue(id, out var proposal) || proposal.Executed is not null || member == proposal.Member
            || proposal.Votes.Any(v => v.Member == member) || !members.ContainsKey(member))
            throw new FormatException("a vote that cannot have been cast");

        proposals[id] = proposal with { Votes = [.. proposal.Votes, new CastVote(member, data.Address(0), data.Number(1) == 1, place)] };
    }

    private void Execute(EventLog log, EventPlace place)
    {
        var (id, data) = (Indexed(log, 1), Data(log));
        var made = new MadeChange(data.Address(0), (int)data.Number(1), (int)data.Number(2), place);
        if (!proposals.TryGetValue(id, out var proposal) || proposal.Executed is not null || made.Votes < made.Needed
            || proposal.Votes.Count(v => v.InFavour) < made.Votes)
            throw new FormatException("a change that cannot have been made");

        proposals[id] = proposal with { Executed = made };
    }
}
