namespace Notary.Cli;

/// <summary>The options that the commands of a consortium share, and what stands on them.</summary>
internal sealed class ConsortiumOptions(bool sends, bool found = false)
{
    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(30);

    private readonly Option<Uri> node = ServerOptions.Address("--node", "A node of the consortium's chain.", required: true);
    private readonly Option<string> contract = new("--contract") { Description = "The consortium's address, 0x…", Required = true };
    private readonly Option<string> key = new("--key") { Description = "Your account's key: 64 hexadecimal digits, or an Ethereum keystore.", Required = true };
    private readonly Option<string?> password = new("--password") { Description = "A file with the keystore's password." };
    private readonly Option<int> timeout = ServerOptions.Number("--timeout", "Seconds to wait for the block.", least: 1, absent: 600);

    public void AddTo(Command command)
    {
        command.Add(node);
        if (!found)
            command.Add(contract);

        foreach (var option in sends ? [key, password, timeout] : Array.Empty<Option>())
            command.Add(option);
    }

    public Task<int> RunAsync(ParseResult p, Func<ConsortiumRun, Task<int>> act, Terminal terminal, CancellationToken cancel)
        => RunAsync(p, isThere: !found, act, terminal, cancel);

    /// <summary>The same before the contract is there.</summary>
    public Task<int> RunUnseenAsync(ParseResult p, Func<ConsortiumRun, Task<int>> act, Terminal terminal, CancellationToken cancel)
        => RunAsync(p, isThere: false, act, terminal, cancel);

    private async Task<int> RunAsync(ParseResult p, bool isThere, Func<ConsortiumRun, Task<int>> act, Terminal terminal, CancellationToken cancel)
    {
        var address = default(Address);
        if (!found && !Address.TryParse(p.GetValue(contract), out address))
            throw new CliException("--contract is not an address, 0x and 40 hexadecimal digits");

        using var http = new HttpClient { Timeout = RpcTimeout };
        var asked = new ChainNode(http, p.GetValue(node)!);
        var view = new ConsortiumView(asked, address);
        var own = sends ? await PartyKey.ReadAsync(p.GetValue(key)!, p.GetValue(password), cancel) : null;
        var chainId = ChainNode.Number(await asked.AskAsync("eth_chainId", [], cancel));
        if (isThere)
            await view.DemandCodeAsync(cancel);

        PartySender To(Address? contract) => new(asked, own!, chainId, contract, Explain);
        var sender = own is null ? null : To(found ? null : address);
        return await act(new ConsortiumRun(asked, view, address, chainId, sender, TimeSpan.FromSeconds(sends ? p.GetValue(timeout) : 0), terminal)
        {
            To = To,
        });
    }

    private static string? Explain(string revert)
        => (ConsortiumContract.ErrorName(revert) ?? ConsortiumAnchorContract.ErrorName(revert)) is { } name ? $"the contract refuses it: {name}" : null;
}

/// <summary>A member, or whoever looks, in front of a consortium.</summary>
/// <param name="Node">The node that was named.</param>
/// <param name="View">What it tells.</param>
/// <param name="Contract">The consortium's address; zero when it is still to be founded.</param>
/// <param name="ChainId">The chain's.</param>
/// <param name="Own">Sends; null for a command that only looks.</param>
/// <param name="Patience">How long a block may take.</param>
/// <param name="Terminal">Where it is said.</param>
internal sealed record ConsortiumRun(
    ChainNode Node, ConsortiumView View, Address Contract, long ChainId, PartySender? Own, TimeSpan Patience, Terminal Terminal)
{
    /// <summary>The same account in front of another contract, or of one that is to be made.</summary>
    public required Func<Address?, PartySender> To { get; init; }

    public PartySender Sender => Own ?? throw new InvalidOperationException("this command sends nothing");

    /// <summary>The chain's own time: deadlines and a key's times are judged by it.</summary>
    public async Task<long> NowAsync(CancellationToken cancel)
        => ChainNode.Number((await Node.AskAsync("eth_getBlockByNumber", ["latest", false], cancel)).GetProperty("timestamp"));

    public async Task<int> SayAsync(string sentence)
    {
        await Terminal.Output.WriteLineAsync(ReportPrinter.Printable(sentence));
        return Exit.Passed;
    }

    public Task<int> SendAsync(byte[] data, Func<Sent, string> done, CancellationToken cancel) => SendAsync(Sender, data, done, cancel);

    public async Task<int> SendAsync(PartySender sender, byte[] data, Func<Sent, string> done, CancellationToken cancel)
    {
        var sent = await sender.SendAsync(data, Patience, cancel);
        if (sent.Refused is null)
            return await SayAsync($"{done(sent)} in block {sent.Block} by transaction {sent.Transaction}");

        await Terminal.Error.WriteLineAsync($"notary: {sent.Refused}");
        return Exit.Failed;
    }

    /// <summary>Proposes, and says the proposal's number.</summary>
    public Task<int> ProposeAsync(byte[] data, CancellationToken cancel) => SendAsync(data, sent => $"proposed as number {Number(sent)}", cancel);

    private static long Number(Sent sent)
    {
        var topic = Hex.Of(ConsortiumContract.Proposed);
        foreach (var log in sent.Receipt.GetProperty("logs").EnumerateArray())
        {
            if (log.GetProperty("topics") is { ValueKind: JsonValueKind.Array } topics && topics.GetArrayLength() > 1 && topics[0].GetString() == topic)
                return Hex.Long("0x" + topics[1].GetString()![^16..]);
        }

        throw new CliException($"transaction {sent.Transaction} proposed nothing");
    }
}
