namespace Notary.Cli;

/// <summary><c>notary consortium propose …</c>.</summary>
internal static class ProposeCommands
{
    private const long Day = 24 * 60 * 60;

    /// <summary>Days that a vote lasts when nothing else is said; the contract allows up to 90.</summary>
    private const int Fortnight = 14;

    public static Command Build(Terminal terminal) => new("propose", "Proposes a change, on which the members then vote.")
    {
        Admit(terminal),
        About("remove", "Removes a member for ever.", ChangeKind.Remove, terminal),
        About("suspend", "Suspends a member: he neither votes nor anchors.", ChangeKind.Suspend, terminal),
        About("resume", "Ends a member's suspension.", ChangeKind.Resume, terminal),
        OfNodes(terminal),
        OfThreshold(terminal),
        OfRoot(terminal),
    };

    public static Option<int> Period() => ServerOptions.Number("--period", "Days in which votes are taken.", least: 1, absent: Fortnight);

    /// <exception cref="CliException">It is not like 2/3.</exception>
    public static (int Numerator, int Denominator) Share(string text)
        => text.Split('/') is [var n, var d] && ushort.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var numerator)
            && ushort.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out var denominator)
            ? (numerator, denominator) : throw new CliException("a threshold is a share such as 2/3");

    /// <exception cref="CliException">A word is none of the three.</exception>
    public static NodeTypes Nodes(string text)
        => text.Split(',').Aggregate(NodeTypes.None, (all, word) => all | word switch
        {
            "production" => NodeTypes.Production,
            "service" => NodeTypes.Service,
            "observer" => NodeTypes.Observer,
            _ => throw new CliException("node types are production, service and observer, several with commas"),
        });

    private static Command Admit(Terminal terminal)
    {
        var file = new Argument<string>("candidate") { Description = "The file that the candidate's notary consortium join wrote." };
        return Of(new Command("admit", "Admits a candidate.") { file }, async (p, deadline, cancel) =>
        {
            var (candidate, proof) = await CandidateFile.ReadAsync(p.GetValue(file)!, cancel);
            return ConsortiumContract.EncodeAdmission(candidate, proof, deadline);
        }, terminal);
    }

    private static Command About(string name, string description, ChangeKind kind, Terminal terminal)
    {
        var (member, reason) = (Member(), new Option<string>("--reason") { Description = "Why, for all to read for ever.", Required = true });
        return Of(new Command(name, description) { member, reason }, (p, deadline, _) => Task.FromResult(
            ConsortiumContract.EncodeAbout(kind, p.GetValue(member), p.GetValue(reason)!, deadline)), terminal);
    }

    private static Command OfNodes(Terminal terminal)
    {
        var (member, nodes) = (Member(), new Argument<string>("types") { Description = "production, service, observer; several with commas." });
        return Of(new Command("nodes", "Changes what a member's nodes may do.") { member, nodes }, (p, deadline, _) => Task.FromResult(
            ConsortiumContract.EncodeNodes(p.GetValue(member), Nodes(p.GetValue(nodes)!), deadline)), terminal);
    }

    private static Command OfThreshold(Terminal terminal)
    {
        var share = new Argument<string>("share") { Description = "The share of the voters that must agree, such as 2/3." };
        return Of(new Command("threshold", "Changes the threshold.") { share }, (p, deadline, _) =>
        {
            var (numerator, denominator) = Share(p.GetValue(share)!);
            return Task.FromResult(ConsortiumContract.EncodeThreshold(numerator, denominator, deadline));
        }, terminal);
    }

    private static Command OfRoot(Terminal terminal)
    {
        var certificate = new Argument<string>("certificate") { Description = "The root certificate, PEM or DER." };
        var unlist = new Option<bool>("--unlist") { Description = "Take it from the list." };
        return Of(new Command("root", "Lists a root certificate that candidates' may lead to.") { certificate, unlist }, async (p, deadline, cancel) =>
            ConsortiumContract.EncodeRoot(await CandidateFile.FingerprintAsync(p.GetValue(certificate)!, cancel), !p.GetValue(unlist), deadline), terminal);
    }

    private static Argument<int> Member()
    {
        var member = new Argument<int>("member") { Description = "The member's number." };
        member.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(byte.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0))
                result.AddError("a member's number is from 1 to 255.");
        });
        return member;
    }

    private static Command Of(Command command, Func<ParseResult, long, CancellationToken, Task<byte[]>> encode, Terminal terminal)
    {
        var (options, period) = (new ConsortiumOptions(sends: true), Period());
        command.Add(period);
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
            await run.ProposeAsync(await encode(p, await run.NowAsync(cancel) + (p.GetValue(period) * Day), cancel), cancel), terminal, cancel));
        return command;
    }
}
