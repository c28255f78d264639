namespace Notary.Cli;

/// <summary>An anchor contract as one node tells it; the earlier one is asked by the same name.</summary>
internal sealed class AnchorView(ChainNode node, Address contract)
{
    /// <summary>Accounts that the earlier contract ever permitted: more is not a consortium's, and one transaction could not shut them all out.</summary>
    private const int MaxPermitted = 1000;

    /// <exception cref="CliException">What is at the address is not that contract: another could keep what it is told to give away.</exception>
    public async Task DemandCodeAsync(Digest code, string name, CancellationToken cancel)
    {
        var answer = ChainNode.TextOf(await node.AskAsync("eth_getCode", [contract.ToLowerHex(), "latest"], cancel));
        if (!Hex.TryBytes(answer, out var bytes) || Digest.Of(bytes) != code)
            throw new CliException($"what is at {contract} is not {name}");
    }

    public async Task<Address> AddressAsync(string question, CancellationToken cancel)
        => (await AskAsync(ConsortiumAnchorContract.EncodeAsk(question), cancel)).Address(0);

    public async Task<long> NumberAsync(string question, CancellationToken cancel)
        => (await AskAsync(ConsortiumAnchorContract.EncodeAsk(question), cancel)).Number(0);

    /// <summary>Who may anchor at the earlier contract: named by its events, and asked one by one.</summary>
    public async Task<IReadOnlyList<Address>> PermittedAsync(long fromBlock, CancellationToken cancel)
    {
        var named = new HashSet<Address>();
        await foreach (var entry in node.EventsAsync(contract.ToLowerHex(), Hex.Of(ConsortiumAnchorContract.Granted), fromBlock, cancel))
        {
            named.Add(new Address(Hex.Bytes(entry.GetProperty("topics")[1].GetString(), AbiValue.Word).AsSpan(AbiValue.Word - Address.Size)));
            if (named.Count > MaxPermitted)
                throw new CliException($"{contract} has permitted more than {MaxPermitted} accounts");
        }

        var permitted = new List<Address>();
        foreach (var account in named)
        {
            if ((await AskAsync(ConsortiumAnchorContract.EncodePermitted(account), cancel)).Number(0) != 0)
                permitted.Add(account);
        }

        return permitted;
    }

    private async Task<AbiReader> AskAsync(byte[] data, CancellationToken cancel)
    {
        var call = new JsonObject { ["to"] = contract.ToLowerHex(), ["data"] = Hex.Of(data) };
        var answer = ChainNode.TextOf(await node.AskAsync("eth_call", [call, "latest"], cancel));
        return Hex.TryBytes(answer, out var bytes) && bytes.Length >= AbiValue.Word
            ? new AbiReader(bytes) : throw new CliException($"the node's answer is not what {contract} says");
    }
}
