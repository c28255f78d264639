using System.Numerics;

namespace Notary.Evidence.Ethereum;

/// <summary>What a member's nodes may do, as bits (<c>Membership.sol</c>).</summary>
[Flags]
public enum NodeTypes
{
    None = 0,

    /// <summary>Validates; votes.</summary>
    Production = 1,

    /// <summary>Anchors; votes.</summary>
    Service = 2,

    /// <summary>Reads.</summary>
    Observer = 4,
}

/// <summary>How a member stands.</summary>
public enum MemberStatus
{
    None,
    Active,
    Suspended,
    Removed,
}

/// <summary>What a proposal would change; numbers as the contract has them.</summary>
public enum ChangeKind
{
    None,
    Admit,
    Remove,
    SetKey,
    SetCertificate,
    SetNodes,
    SetThreshold,
    ListRoot,
    UnlistRoot,
    Suspend,
    Resume,
}

/// <summary>How a proposal stands.</summary>
public enum ProposalState
{
    None,
    Open,

    /// <summary>No more votes; what has enough can be executed.</summary>
    Closed,
    Executed,
    Lapsed,
}

/// <summary>An organisation and an account of its own, as they are proved and proposed.</summary>
/// <param name="Name">Public.</param>
/// <param name="Certificate">SHA-256 of its certificate's DER.</param>
/// <param name="Root">SHA-256 of the root certificate that leads to.</param>
/// <param name="X">The certificate's P-256 key, 32 bytes each.</param>
/// <param name="Y">See <paramref name="X"/>.</param>
/// <param name="Nodes">What its nodes may do.</param>
/// <param name="Key">The account it acts by.</param>
/// <param name="From">Seconds since 1970 from which the account is valid.</param>
/// <param name="Until">Seconds since 1970 before which it is.</param>
public sealed record ConsortiumCandidate(
    string Name, Digest Certificate, Digest Root, byte[] X, byte[] Y, NodeTypes Nodes, Address Key, long From, long Until);

/// <summary>A member as the contract tells him.</summary>
public sealed record ConsortiumMember(
    int Number, string Name, Digest Certificate, Digest Root, byte[] X, byte[] Y, string Reason, NodeTypes Nodes, MemberStatus Status);

/// <summary>A proposal as the contract tells it. Sets of members are bits: bit n is member n.</summary>
public sealed record ConsortiumProposal(
    int Proposer, long Deadline, int Numerator, int Denominator, BigInteger Electorate, BigInteger Yes, BigInteger No, ConsortiumChange Change);

/// <summary>What would be changed; only what its kind takes is set.</summary>
public sealed record ConsortiumChange(
    ChangeKind Kind, int Member, NodeTypes Nodes, int Numerator, int Denominator, Address Retired, Digest Root, string Reason, ConsortiumCandidate Candidate);

/// <summary>The ABI of <c>Consortium.sol</c> and what its P-256 keys sign (docs/consortium.md).</summary>
public static class ConsortiumContract
{
    /// <summary>Bytes of a signature's half and of a coordinate.</summary>
    private const int Half = 32;

    private const string CandidateType = "(string,bytes32,bytes32,bytes32,bytes32,uint8,address,uint64,uint64)";
    private const string ProofType = "(bytes32,bytes32)";

    /// <summary>The order of P-256.</summary>
    private static readonly BigInteger Order = BigInteger.Parse(
        "00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static readonly Dictionary<string, string> Errors = new[]
    {
        "NotAMember()", "KeyNotValid()", "NotEntitled()", "OwnCase()", "VotedAlready()", "NoSuchProposal()", "ExecutedAlready()", "TooLate()",
        "NotEnoughVotes(uint256,uint256)", "BadDeadline()", "BadThreshold()", "BadText()", "BadNodes()", "BadKey()", "BadCertificate()", "BadRoot()",
        "KeyTaken()", "BadProof()", "WrongStatus(uint8)", "TooFewVoters()", "TooManyMembers()",
    }.ToDictionary(
        e => Hex.Of(Keccak256.Hash(Encoding.ASCII.GetBytes(e)).AsSpan(0, 4)), e => e[..e.IndexOf('(', StringComparison.Ordinal)], StringComparer.Ordinal);

    /// <summary>SHA-256 of the code at a consortium's address: it takes no arguments into its code, so all have this one.</summary>
    public static Digest Code { get; } = Digest.Parse("6df452535eed241ca7aee9bfcdf582330bf2d285de9c42bd74aa2d1985157f80");

    /// <summary>What the certificate's P-256 key signs, with SHA-256, so that the account is taken as the member's.</summary>
    public static byte[] Message(long chainId, Address contract, ConsortiumCandidate candidate)
    {
        var times = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(times, candidate.From);
        BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(8), candidate.Until);
        return
        [
            .. "notary-consortium/1 key\0"u8, .. AbiValue.Of(chainId).Bytes, .. contract.ToArray(), .. candidate.Certificate.ToArray(),
            .. candidate.Key.ToArray(), .. times, .. Digest.Of(Encoding.UTF8.GetBytes(candidate.Name)).ToArray(),
        ];
    }

    /// <summary>The one form of a signature that the contract takes: s in the lower half.</summary>
    /// <param name="signature">r and s, 32 bytes each (IEEE P1363).</param>
    public static byte[] Lower(ReadOnlySpan<byte> signature)
    {
        var s = new BigInteger(signature[Half..], isUnsigned: true, isBigEndian: true);
        if (s > Order / 2)
            s = Order - s;

        byte[] lower = [.. signature[..Half], .. new byte[Half]];
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(lower, lower.Length - bytes.Length);
        return lower;
    }

    /// <summary>The constructor's arguments.</summary>
    public static byte[] EncodeFounding(
        IReadOnlyList<(ConsortiumCandidate Founder, byte[] Proof)> founders, IReadOnlyList<Digest> roots, int numerator, int denominator)
        => AbiValue.Encode([new AbiValue.List([.. founders.Select(f => Struct(f.Founder))]), new AbiValue.List([.. founders.Select(f => Proof(f.Proof))]),
            new AbiValue.List([.. roots.Select(r => AbiValue.Of(r))]), Threshold(numerator, denominator)]);

    public static byte[] EncodeAdmission(ConsortiumCandidate candidate, byte[] proof, long deadline)
        => AbiValue.Call($"proposeAdmission({CandidateType},{ProofType},uint64)", Struct(candidate), Proof(proof), AbiValue.Of(deadline));

    /// <summary>Removal, suspension or resumption.</summary>
    public static byte[] EncodeAbout(ChangeKind kind, int member, string reason, long deadline) => AbiValue.Call(kind switch
    {
        ChangeKind.Remove => "proposeRemoval(uint8,string,uint64)",
        ChangeKind.Suspend => "proposeSuspension(uint8,string,uint64)",
        ChangeKind.Resume => "proposeResumption(uint8,string,uint64)",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    }, AbiValue.Of(member), new AbiValue.Text(reason), AbiValue.Of(deadline));

    /// <param name="retired">The account it replaces; the zero address for none.</param>
    public static byte[] EncodeKey(int member, ConsortiumCandidate next, Address retired, byte[] proof, long deadline)
        => AbiValue.Call($"proposeKey(uint8,address,uint64,uint64,address,{ProofType},uint64)", AbiValue.Of(member), AbiValue.Of(next.Key),
            AbiValue.Of(next.From), AbiValue.Of(next.Until), AbiValue.Of(retired), Proof(proof), AbiValue.Of(deadline));

    public static byte[] EncodeNodes(int member, NodeTypes nodes, long deadline)
        => AbiValue.Call("proposeNodes(uint8,uint8,uint64)", AbiValue.Of(member), AbiValue.Of((long)nodes), AbiValue.Of(deadline));

    public static byte[] EncodeThreshold(int numerator, int denominator, long deadline)
        => AbiValue.Call("proposeThreshold((uint16,uint16),uint64)", Threshold(numerator, denominator), AbiValue.Of(deadline));

    public static byte[] EncodeRoot(Digest root, bool listed, long deadline)
        => AbiValue.Call("proposeRoot(bytes32,bool,uint64)", AbiValue.Of(root), AbiValue.Of(listed ? 1 : 0), AbiValue.Of(deadline));

    public static byte[] EncodeVote(long id, bool inFavour) => AbiValue.Call("vote(uint256,bool)", AbiValue.Of(id), AbiValue.Of(inFavour ? 1 : 0));

    public static byte[] EncodeExecute(long id) => AbiValue.Call("execute(uint256)", AbiValue.Of(id));

    /// <summary>A question that takes a number or nothing.</summary>
    public static byte[] EncodeAsk(string name, long? number = null)
        => number is { } value
            ? AbiValue.Call($"{name}({(name is "memberOf" or "keysOf" ? "uint8" : "uint256")})", AbiValue.Of(value)) : AbiValue.Call($"{name}()");

    /// <summary>The first topic of <c>Proposed</c>; the next one is the proposal's number.</summary>
    public static byte[] Proposed { get; } = Keccak256.Hash("Proposed(uint256,uint8,uint8,uint8,address,uint64)"u8);

    /// <summary>The stable name of the error that the contract answered with; null for any other data.</summary>
    public static string? ErrorName(string revert) => revert.Length >= 10 && Errors.TryGetValue(revert[..10], out var name) ? name : null;

    /// <exception cref="FormatException">It is not what the contract answers.</exception>
    public static ConsortiumMember ReadMember(int number, byte[] answer)
    {
        var member = new AbiReader(answer).Struct(0);
        return new ConsortiumMember(number, member.Text(0), member.Digest(1), member.Digest(2), member.Bytes(3), member.Bytes(4), member.Text(5),
            (NodeTypes)member.Number(6), (MemberStatus)member.Number(7));
    }

    /// <exception cref="FormatException">It is not what the contract answers.</exception>
    public static ConsortiumProposal ReadProposal(byte[] answer)
    {
        // The proposal has its nine places in the answer itself, the change an offset.
        var proposal = new AbiReader(answer);
        var change = proposal.Struct(9);
        var candidate = change.Struct(8);
        return new ConsortiumProposal((int)proposal.Number(0), proposal.Number(2), (int)proposal.Number(4), (int)proposal.Number(5),
            proposal.Large(6), proposal.Large(7), proposal.Large(8),
            new ConsortiumChange((ChangeKind)change.Number(0), (int)change.Number(1), (NodeTypes)change.Number(2), (int)change.Number(3),
                (int)change.Number(4), change.Address(5), change.Digest(6), change.Text(7),
                new ConsortiumCandidate(candidate.Text(0), candidate.Digest(1), candidate.Digest(2), candidate.Bytes(3), candidate.Bytes(4),
                    (NodeTypes)candidate.Number(5), candidate.Address(6), candidate.Number(7), candidate.Number(8))));
    }

    private static AbiValue.Struct Struct(ConsortiumCandidate c) => new(new AbiValue.Text(c.Name), AbiValue.Of(c.Certificate), AbiValue.Of(c.Root),
        new AbiValue.One(c.X), new AbiValue.One(c.Y), AbiValue.Of((long)c.Nodes), AbiValue.Of(c.Key), AbiValue.Of(c.From), AbiValue.Of(c.Until));

    private static AbiValue.Struct Proof(byte[] signature) => new(new AbiValue.One(signature[..Half]), new AbiValue.One(signature[Half..]));

    private static AbiValue.Struct Threshold(int numerator, int denominator) => new(AbiValue.Of(numerator), AbiValue.Of(denominator));
}
