using Nethereum.Util;

namespace Notary.Cli;

/// <summary>The contract that takes the log's anchors from whom the consortium lets, and the log's way to it from the earlier one.</summary>
/// <remarks>
/// Each step may be repeated after whatever happened; what is done already is said and not done again:
///  1. <c>anchor --former</c> makes the contract, which takes nothing yet;
///  2. <c>take-over</c> gives it the earlier one's administration, and
///  3. has it shut out there all who may anchor and go on from the newest size, in one transaction;
///  4. <c>close</c> shuts out whom step 3 did not know.
/// </remarks>
internal static class AnchorCommands
{
    private const string Name = "ConsortiumAnchor";
    private const string FormerName = "EvidenceAnchor";

    public static Command Anchor(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var former = new Option<string?>("--former") { Description = "The EvidenceAnchor that it is to go on from: it takes nothing until take-over." };
        var code = new Option<string?>("--code") { Description = "The contract's committed artifact, ConsortiumAnchor.json." };
        var command = new Command("anchor", "Puts the contract on the chain that takes anchors from whom the consortium lets.") { former, code };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var earlier = p.GetValue(former) is { } text ? Parse(text, "--former") : default;
            if (earlier != default)
                await new AnchorView(run.Node, earlier).DemandCodeAsync(ConsortiumAnchorContract.FormerCode, FormerName, cancel);

            var nonce = ChainNode.Number(await run.Node.AskAsync("eth_getTransactionCount", [run.Sender.Account.ToLowerHex(), "pending"], cancel));
            var contract = Address.Parse(ContractUtils.CalculateContractAddress(run.Sender.Account.ToLowerHex(), nonce));
            byte[] data = [.. await CandidateCommands.CodeAsync(p.GetValue(code), Name, ConsortiumAnchorContract.Code, cancel),
                .. ConsortiumAnchorContract.EncodeDeployment(run.Contract, earlier)];
            var state = earlier == default ? "open" : $"to go on from {earlier}";
            return await run.SendAsync(run.To(null), data, _ => $"anchors at {contract}, {state}", cancel);
        }, terminal, cancel));
        return command;
    }

    public static Command TakeOver(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var contract = Contract();
        var from = ServerOptions.Number(
            "--from-block", "The block from which the earlier contract's events are read: not after its deployment.", least: 0, absent: 0);
        var command = new Command("take-over", "By the earlier contract's administrator: closes it, and opens the new one at its newest size.")
        {
            contract, from,
        };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var (next, view) = await OpenAsync(run, p.GetValue(contract)!, cancel);
            var former = await view.AddressAsync("former", cancel);
            if (former == default)
                throw new CliException($"{next} goes on from no earlier contract");

            var earlier = new AnchorView(run.Node, former);
            await earlier.DemandCodeAsync(ConsortiumAnchorContract.FormerCode, FormerName, cancel);
            if (await view.NumberAsync("open", cancel) != 0)
                return await DoneAsync(run, view, former, "had taken over");

            // A stranger's changeAdmin would be refused, but only after a fee; and who takes over by half would have closed nothing.
            if (await view.AddressAsync("closer", cancel) is var closer && closer != run.Sender.Account)
                throw new CliException($"only {closer} can close {former}, and this key is {run.Sender.Account}'s");

            if (await earlier.AddressAsync("admin", cancel) != next && await run.SendAsync(
                run.To(former), ConsortiumAnchorContract.EncodeChangeAdmin(next), _ => $"{former} is {next}'s", cancel) is not Exit.Passed)
                return Exit.Failed;

            // From here on nobody can be permitted there any more, so the list is whole.
            var permitted = await earlier.PermittedAsync(p.GetValue(from), cancel);
            if (await run.SendAsync(run.To(next), ConsortiumAnchorContract.EncodeTakeOver(permitted),
                _ => $"{former} is closed to {(permitted.Count == 0 ? "nobody" : string.Join(", ", permitted))}", cancel) is not Exit.Passed)
                return Exit.Failed;

            return await DoneAsync(run, view, former, "has taken over");
        }, terminal, cancel));
        return command;

        async Task<int> DoneAsync(ConsortiumRun run, AnchorView view, Address former, string how)
            => await run.SayAsync($"{how} from {former} at size {await view.NumberAsync("formerSize", CancellationToken.None)}");
    }

    public static Command Close(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var (contract, account) = (Contract(), new Argument<string>("account") { Description = "The account, 0x…" });
        var command = new Command("close", "Shuts an account out of the earlier contract that take-over did not know of; anyone may.") { contract, account };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var (next, _) = await OpenAsync(run, p.GetValue(contract)!, cancel);
            var member = Parse(p.GetValue(account)!, "the account");
            return await run.SendAsync(run.To(next), ConsortiumAnchorContract.EncodeClose(member), _ => $"closed to {member}", cancel);
        }, terminal, cancel));
        return command;
    }

    private static Argument<string> Contract() => new("contract") { Description = "The anchor contract's address, which anchor said." };

    private static async Task<(Address Contract, AnchorView View)> OpenAsync(ConsortiumRun run, string text, CancellationToken cancel)
    {
        var contract = Parse(text, "the contract");
        var view = new AnchorView(run.Node, contract);
        await view.DemandCodeAsync(ConsortiumAnchorContract.Code, Name, cancel);
        return await view.AddressAsync("consortium", cancel) == run.Contract
            ? (contract, view) : throw new CliException($"{contract} does not ask the consortium at {run.Contract}");
    }

    private static Address Parse(string text, string what)
        => Address.TryParse(text, out var address)
            ? address : throw new CliException($"{what} is not an address, 0x and 40 hexadecimal digits");
}
