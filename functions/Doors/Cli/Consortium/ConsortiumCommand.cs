using System.Numerics;

namespace Notary.Cli;

/// <summary><c>notary consortium</c>: who the members are, and what they decide, each by his own key on his own machine (docs/consortium.md).</summary>
internal static class ConsortiumCommand
{
    public static Command Build(Terminal terminal) => new("consortium", "Shows a consortium's members and proposals; proposes, votes and executes.")
    {
        Members(terminal),
        Proposals(terminal),
        Show(terminal),
        CandidateCommands.Join(terminal),
        CandidateCommands.Found(terminal),
        CandidateCommands.Rotate(terminal),
        AnchorCommands.Anchor(terminal),
        AnchorCommands.TakeOver(terminal),
        AnchorCommands.Close(terminal),
        GenesisCommand.Build(terminal),
        ProposeCommands.Build(terminal),
        Vote(terminal),
        Execute(terminal),
    };

    private static Command Members(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: false);
        var command = new Command("members", "Lists the members, those who left too, and the threshold.");
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            foreach (var member in await run.View.MembersAsync(cancel))
            {
                var reason = member.Reason.Length > 0 ? $" ({member.Reason})" : "";
                var keys = await run.View.KeysAsync(member.Number, cancel);
                await run.SayAsync($"{member.Number} {Word(member.Status)}{reason} {member.Name} [{Nodes(member.Nodes)}] certificate {member.Certificate} "
                    + $"accounts {string.Join(", ", keys)}");
            }

            var (numerator, denominator) = await run.View.ThresholdAsync(cancel);
            return await run.SayAsync($"threshold {numerator}/{denominator}, and more than half");
        }, terminal, cancel));
        return command;
    }

    private static Command Proposals(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: false);
        var command = new Command("proposals", "Lists every proposal there was.");
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var count = await run.View.ProposalCountAsync(cancel);
            for (var id = 1L; id <= count; id++)
                await run.SayAsync(await LineAsync(run, id, cancel));

            return Exit.Passed;
        }, terminal, cancel));
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: false);
        var id = Id();
        var command = new Command("show", "Shows a proposal with every vote.") { id };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var number = p.GetValue(id);
            await run.SayAsync(await LineAsync(run, number, cancel));
            var (proposal, _, _, _) = await run.View.ProposalAsync(number, cancel);
            var names = (await run.View.MembersAsync(cancel)).ToDictionary(m => m.Number, m => m.Name);
            foreach (var (word, set) in new[] { ("yes", proposal.Yes), ("no", proposal.No), ("silent", proposal.Electorate & ~(proposal.Yes | proposal.No)) })
            {
                foreach (var member in names.Keys.Where(n => (set & (BigInteger.One << n)) != 0))
                    await run.SayAsync($"{word} {member} {names[member]}");
            }

            return Exit.Passed;
        }, terminal, cancel));
        return command;
    }

    private static Command Vote(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var (id, answer) = (Id(), new Argument<string>("answer") { Description = "yes or no." });
        answer.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not ("yes" or "no"))
                result.AddError("a vote is yes or no.");
        });
        var command = new Command("vote", "Votes on a proposal, once and for ever.") { id, answer };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, run => run.SendAsync(
            ConsortiumContract.EncodeVote(p.GetValue(id), p.GetValue(answer) == "yes"), _ => $"voted {p.GetValue(answer)}", cancel), terminal, cancel));
        return command;
    }

    private static Command Execute(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var id = Id();
        var command = new Command("execute", "Makes the change of a proposal that has its votes; anyone may.") { id };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(
            p, run => run.SendAsync(ConsortiumContract.EncodeExecute(p.GetValue(id)), _ => "executed", cancel), terminal, cancel));
        return command;
    }

    private static Argument<long> Id() => new("number") { Description = "The proposal's number." };

    private static async Task<string> LineAsync(ConsortiumRun run, long id, CancellationToken cancel)
    {
        var (proposal, state, votes, needed) = await run.View.ProposalAsync(id, cancel);
        return $"{id} {Word(state)} {votes} of {needed} votes: {What(proposal.Change)}; proposed by {proposal.Proposer}, "
            + $"votes until {DateTimeOffset.FromUnixTimeSeconds(Math.Min(proposal.Deadline, uint.MaxValue)):yyyy-MM-dd'T'HH:mm:ss'Z'}";
    }

    private static string What(ConsortiumChange change) => change.Kind switch
    {
        ChangeKind.Admit => $"admit {change.Candidate.Name} [{Nodes(change.Candidate.Nodes)}] certificate {change.Candidate.Certificate} "
            + $"root {change.Candidate.Root} account {change.Candidate.Key}",
        ChangeKind.SetKey => $"give member {change.Member} the account {change.Candidate.Key}"
            + (change.Retired == default ? "" : $" in place of {change.Retired}"),
        ChangeKind.SetCertificate => $"give member {change.Member} the certificate {change.Candidate.Certificate}",
        ChangeKind.SetNodes => $"make member {change.Member} [{Nodes(change.Nodes)}]",
        ChangeKind.SetThreshold => $"set the threshold to {change.Numerator}/{change.Denominator}",
        ChangeKind.ListRoot => $"list the root {change.Root}",
        ChangeKind.UnlistRoot => $"unlist the root {change.Root}",
        var kind => $"{Word(kind)} member {change.Member} ({change.Reason})",
    };

    private static string Nodes(NodeTypes nodes) => Word(nodes);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
