namespace Notary.Cli;

/// <summary><c>notary draw</c>: computes a draw again, and one candidate's place in it. Offline, changes nothing.</summary>
internal static class DrawCommand
{
    public static Command Build(Terminal terminal) => new("draw", "Audits draws and recomputes them (docs/draw-format.md).")
    {
        DrawVerifyCommand.Build(terminal),
        Recompute(terminal),
        Ticket(terminal),
        CheckTicket(terminal),
        PartyCommands.Commit(terminal),
        PartyCommands.Reveal(terminal),
        LinksCommand.Build(terminal),
        RehearseCommand.Build(terminal),
    };

    private static Command Recompute(Terminal terminal)
    {
        var files = Files();
        var encoding = ListEncoding();
        var spec = new Option<string?>("--spec") { Description = "docs/draw-format.md as it was published with the draw." };
        var output = new Option<string?>("--out") { Description = "A folder for what is computed: public.csv, winners.csv, result.json." };
        var json = Json();
        var command = new Command("recompute", "Computes list root, seed, winners and result again, and compares.") { files, encoding, spec, output, json };
        command.SetAction(async (p, cancel) =>
        {
            using var draw = DrawFiles.Open(p.GetValue(files)!);
            var report = new DrawReport();
            var recomputing = new Recomputing(draw, report, terminal, p.GetValue(output));
            var own = p.GetValue(encoding) is { } name ? DigestList.EncodingOf(name) : null;
            await recomputing.RunAsync(own, p.GetValue(spec), cancel);
            await report.PrintAsync(terminal.Output, p.GetValue(json), "RECOMPUTED", recomputing.Rounds, recomputing.Digests);
            return report.Failed ? Exit.Failed : Exit.Passed;
        });
        return command;
    }

    private static Command Ticket(Terminal terminal)
    {
        var files = Files();
        var id = new Option<string>("--id") { Description = "The candidate's id.", Required = true };
        var name = new Option<string>("--name") { Description = "His name, as the list has it; absent when it has none.", DefaultValueFactory = _ => "" };
        var encoding = ListEncoding();
        var command = new Command("ticket", "Prints one candidate's ticket.json, for whoever holds the list's secret.") { files, id, name, encoding };
        command.SetAction(async (p, cancel) =>
        {
            using var draw = DrawFiles.Open(p.GetValue(files)!);
            var document = DrawDocument.Parse(await draw.BytesAsync(DrawFiles.Draw, cancel));
            var read = new Progress(terminal.Error, "draw").Counting("candidates read", document.List.Candidates);
            var own = p.GetValue(encoding) is { } named ? DigestList.EncodingOf(named) : null;
            var list = await draw.ListAsync(document.Rules, own, terminal.Output, read, cancel);
            var ticket = CandidateTicket.Of(document, list, await draw.SecretAsync(cancel), p.GetValue(id)!, p.GetValue(name)!)
                ?? throw new CliException("nobody of that id and name is in the list");
            await terminal.Output.WriteAsync(Encoding.UTF8.GetString(ticket.ToBytes()));
            return Exit.Passed;
        });
        return command;
    }

    private static Command CheckTicket(Terminal terminal)
    {
        var file = new Argument<string>("TICKET") { Description = "The candidate's ticket.json." };
        var (files, json) = (Files(), Json());
        var command = new Command("check-ticket", "Tells one candidate whether he is in the list, his numbers, and why he won or lost.") { file, files, json };
        command.SetAction(async (p, cancel) =>
        {
            using var draw = DrawFiles.Open(p.GetValue(files)!);
            var document = DrawDocument.Parse(await draw.BytesAsync(DrawFiles.Draw, cancel));
            var result = DrawResult.Parse(await draw.BytesAsync(DrawFiles.Result, cancel));
            var ticket = CandidateTicket.Parse(await ReadAsync(p.GetValue(file)!, cancel));
            var report = new DrawReport();
            var commitment = document.Commitment();
            report.Judge("result", DrawFiles.Result, result.Commitment == commitment && result.DrawId == document.Id,
                $"is of the draw with the commitment {commitment}", "draw-differs", "is of another draw");
            report.Judge("list", $"position {ticket.Position} of {document.List.Candidates}", ticket.IsIn(document),
                "the ticket's candidate is in the list that was committed to", "not-included", "he is not there in the list that was committed to");
            if (draw.Has(DrawFiles.Reveals))
            {
                var seed = DrawReveals.Parse(await draw.BytesAsync(DrawFiles.Reveals, cancel)).Seed(commitment);
                report.Judge("seed", DrawFiles.Result, result.Seed == seed, $"{seed} follows from commitment, reveals and beacon",
                    "seed-differs", $"says {result.Seed}; from commitment, reveals and beacon follows {seed}");
            }

            var fates = report.Failed ? [] : ticket.Fates(document, result);
            await report.PrintAsync(terminal.Output, p.GetValue(json), "CHECKED", fates.Select(Line), new JsonObject
            {
                ["handle"] = ticket.Handle.ToString(),
                ["rounds"] = new JsonArray([.. fates.Select(f => (JsonNode)new JsonObject
                {
                    ["round"] = f.Round,
                    ["fate"] = Word(f.Fate),
                    ["number"] = Hex(f.Number),
                    ["lastWinner"] = Hex(f.Result.LastWinner),
                    ["lastReserve"] = Hex(f.Result.LastReserve),
                })]),
            });
            return report.Failed ? Exit.Failed : Exit.Passed;
        });
        return command;
    }

    private static Argument<string> Files() => new("FOLDER|ZIP") { Description = "Where the draw's files are." };

    internal static Option<string?> ListEncoding()
        => new("--encoding") { Description = "Of list.csv or list.ndjson; utf-8 when absent. Never guessed." };

    private static Option<bool> Json() => new("--json") { Description = "Print the report as one JSON object." };

    private static string Line(RoundFate f) => $"round {f.Round}: " + f.Fate switch
    {
        Fate.OtherGroup => "did not take part: the round is of other groups",
        Fate.WonBefore => "did not take part: had won before",
        Fate.Won => $"WON: number {Hex(f.Number)}, at most {Hex(f.Result.LastWinner)}, the last that won",
        Fate.Reserve => $"RESERVE: number {Hex(f.Number)}, greater than {Hex(f.Result.LastWinner)}, the last that won, at most {Hex(f.Result.LastReserve)}",
        _ => $"LOST: number {Hex(f.Number)}, greater than {Hex(f.Result.LastReserve ?? f.Result.LastWinner)}, the last drawn",
    } + $" ({f.Result.Winners} of {f.Result.Eligible} candidates won)";

    private static string Word(Fate fate) => fate switch
    {
        Fate.OtherGroup => "other-group",
        Fate.WonBefore => "won-before",
        _ => fate.ToString().ToLowerInvariant(),
    };

    private static string? Hex(UInt128? number) => number?.ToString("x32", CultureInfo.InvariantCulture);

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancel)
    {
        const int MaxBytes = 64 * 1024;
        await using var file = Terminal.Open(path);
        var bytes = new byte[MaxBytes];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return length < bytes.Length ? bytes[..length] : throw new CliException($"{path} is too large for a ticket");
    }
}
