namespace Notary.Cli;

/// <summary><c>notary consortium genesis</c>: a new network's genesis from the members that a consortium has.</summary>
internal static class GenesisCommand
{
    public static Command Build(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: false);
        var chain = new Option<long>("--chain-id") { Description = "The new network's own number.", Required = true };
        var chosen = new Option<string[]>("--validator")
        {
            Description = "Which of a member's accounts is its node's, 0x…; only for who has several. May be repeated.",
        };
        var output = new Option<string>("--out") { Description = "Where the genesis file is written.", Required = true };
        var command = new Command("genesis", "Writes a new Besu QBFT network's genesis file: the production members' accounts validate.")
        {
            chain, chosen, output,
        };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            // What was signed for one chain would be taken by the other of the same number.
            if (p.GetValue(chain) is var id && (id < 1 || id == run.ChainId))
                throw new CliException($"--chain-id is at least 1, and not {run.ChainId}, which the consortium's present chain has");

            var validators = await ValidatorsAsync(run, [.. (p.GetValue(chosen) ?? []).Select(Parse)], cancel);
            await File.WriteAllTextAsync(Terminal.Named(p.GetValue(output)!), QbftGenesis.Write(id, validators.Select(v => v.Account)), cancel);
            foreach (var (member, account) in validators)
                await run.SayAsync($"validator {account} of {member.Number} {member.Name}");

            return await run.SayAsync($"{validators.Count} validators: the network goes on without {(validators.Count - 1) / 3} of them");
        }, terminal, cancel));
        return command;
    }

    private static async Task<IReadOnlyList<(ConsortiumMember Member, Address Account)>> ValidatorsAsync(
        ConsortiumRun run, IReadOnlyList<Address> chosen, CancellationToken cancel)
    {
        var (validators, now, used) = (new List<(ConsortiumMember, Address)>(), await run.NowAsync(cancel), new HashSet<Address>());
        foreach (var member in await run.View.MembersAsync(cancel))
        {
            // As the contract's mayValidate judges.
            if (member.Status != MemberStatus.Active || !member.Nodes.HasFlag(NodeTypes.Production))
                continue;

            var valid = new List<Address>();
            foreach (var account in await run.View.KeysAsync(member.Number, cancel))
            {
                var (_, retired, from, until) = await run.View.KeyAsync(account, cancel);
                if (!retired && from <= now && now < until)
                    valid.Add(account);
            }

            var named = valid.Where(chosen.Contains).ToArray();
            used.UnionWith(named);
            if (valid.Count == 0)
                throw new CliException($"member {member.Number} has no account that is valid now");

            if ((named.Length == 0 ? [.. valid] : named) is not [var one])
                throw new CliException($"member {member.Number} has several accounts: name one by --validator of {string.Join(", ", valid)}");

            validators.Add((member, one));
        }

        if (chosen.Where(c => !used.Contains(c)).ToArray() is [var stranger, ..])
            throw new CliException($"{stranger} is no account by which a production member may validate now");

        return validators.Count > 0 ? validators : throw new CliException("no member may validate");
    }

    private static Address Parse(string text)
        => Address.TryParse(text, out var address)
            ? address : throw new CliException("--validator is not an address, 0x and 40 hexadecimal digits");
}
