namespace Notary.Cli;

/// <summary>A consortium's contract as one node tells it.</summary>
internal sealed class ConsortiumView(ChainNode node, Address contract)
{
    /// <summary>Numbers that a contract gives to members at most.</summary>
    private const int MaxMembers = 255;

    /// <exception cref="CliException">What is at the address is no consortium of this code: another could take a vote and do what it likes.</exception>
    public async Task DemandCodeAsync(CancellationToken cancel)
    {
        var code = ChainNode.TextOf(await node.AskAsync("eth_getCode", [contract.ToLowerHex(), "latest"], cancel));
        if (!Hex.TryBytes(code, out var bytes) || Digest.Of(bytes) != ConsortiumContract.Code)
            throw new CliException($"what is at {contract} is not the consortium's contract");
    }

    public Task<long> MemberCountAsync(CancellationToken cancel) => NumberAsync("memberCount", null, cancel);

    public Task<long> ProposalCountAsync(CancellationToken cancel) => NumberAsync("proposalCount", null, cancel);

    public async Task<ConsortiumMember> MemberAsync(int number, CancellationToken cancel)
    {
        var answer = await AskAsync(ConsortiumContract.EncodeAsk("memberOf", number), cancel);
        return Read(() => ConsortiumContract.ReadMember(number, answer));
    }

    /// <summary>All numbers that were given, also of those who left.</summary>
    public async Task<IReadOnlyList<ConsortiumMember>> MembersAsync(CancellationToken cancel)
    {
        var (members, count) = (new List<ConsortiumMember>(), Math.Min(MaxMembers, await MemberCountAsync(cancel)));
        for (var number = 1; number <= count; number++)
            members.Add(await MemberAsync(number, cancel));

        return members;
    }

    public async Task<IReadOnlyList<Address>> KeysAsync(int member, CancellationToken cancel)
    {
        var answer = await AskAsync(ConsortiumContract.EncodeAsk("keysOf", member), cancel);
        return Read(() => new AbiReader(answer).Words(0).Select(w => w.Address(0)).ToArray());
    }

    /// <summary>Whose account it is or was, whether it was retired, and its times; member 0 for a stranger's.</summary>
    public async Task<(int Member, bool Retired, long From, long Until)> KeyAsync(Address account, CancellationToken cancel)
    {
        var answer = new AbiReader(await AskAsync(AbiValue.Call("keys(address)", AbiValue.Of(account)), cancel));
        return Read(() => ((int)answer.Number(0), answer.Number(1) != 0, answer.Number(2), answer.Number(3)));
    }

    /// <exception cref="CliException">There is none of that number.</exception>
    public async Task<(ConsortiumProposal Proposal, ProposalState State, long Votes, long Needed)> ProposalAsync(long id, CancellationToken cancel)
    {
        var state = (ProposalState)await NumberAsync("stateOf", id, cancel);
        if (state == ProposalState.None)
            throw new CliException($"there is no proposal {id}");

        var quorum = new AbiReader(await AskAsync(ConsortiumContract.EncodeAsk("quorumOf", id), cancel));
        var answer = await AskAsync(ConsortiumContract.EncodeAsk("proposalOf", id), cancel);
        return Read(() => (ConsortiumContract.ReadProposal(answer), state, quorum.Number(0), quorum.Number(1)));
    }

    public async Task<(long Numerator, long Denominator)> ThresholdAsync(CancellationToken cancel)
    {
        var answer = new AbiReader(await AskAsync(ConsortiumContract.EncodeAsk("threshold"), cancel));
        return Read(() => (answer.Number(0), answer.Number(1)));
    }

    private async Task<long> NumberAsync(string name, long? number, CancellationToken cancel)
    {
        var answer = new AbiReader(await AskAsync(ConsortiumContract.EncodeAsk(name, number), cancel));
        return Read(() => answer.Number(0));
    }

    private async Task<byte[]> AskAsync(byte[] data, CancellationToken cancel)
    {
        var call = new JsonObject { ["to"] = contract.ToLowerHex(), ["data"] = Hex.Of(data) };
        var answer = ChainNode.TextOf(await node.AskAsync("eth_call", [call, "latest"], cancel));
        return Hex.TryBytes(answer, out var bytes) ? bytes : throw new CliException("the node's answer is not hexadecimal");
    }

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new CliException($"the node's answer is not what the contract answers: {e.Message}", e);
        }
    }
}
