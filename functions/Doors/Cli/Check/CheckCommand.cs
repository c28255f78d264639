namespace Notary.Cli;

/// <summary><c>notary check SUBJECT --jsonl</c>: one JSON object a line in, one verdict a line out, for outsiders who test us.</summary>
internal static class CheckCommand
{
    private static readonly (string Name, string Description, Func<Fields, Answer> Judge)[] Subjects =
    [
        ("token", "RFC 3161 tokens and responses.", TokenOracle.Judge),
        ("inclusion", "Merkle inclusion proofs.", LogOracles.Inclusion),
        ("consistency", "Merkle consistency proofs.", LogOracles.Consistency),
        ("checkpoint", "Signed checkpoints.", LogOracles.Checkpoint),
        ("letter", "Signed letters.", LetterOracle.Judge),
        ("manifest", "Manifests.", LogOracles.Manifest),
        ("transaction", "Signed Ethereum transactions.", TransactionOracle.Judge),
    ];

    public static Command Build(Terminal terminal)
    {
        var check = new Command("check", "Judges single pieces of evidence from standard input, one JSON object a line (docs/cli.md).");
        foreach (var (name, description, judge) in Subjects)
        {
            var jsonl = new Option<bool>("--jsonl") { Description = "The only form there is: JSON lines." };
            var command = new Command(name, description) { jsonl };
            command.SetAction((parsed, cancel) => parsed.GetValue(jsonl)
                ? LineOracle.RunAsync(terminal, judge, cancel)
                : throw new CliException($"check {name} needs --jsonl, the only form there is"));
            check.Subcommands.Add(command);
        }

        return check;
    }
}
