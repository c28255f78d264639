namespace Notary.Cli;

/// <summary><c>notary draw links</c>: each candidate's personal link, made where list and secret are and nowhere else.</summary>
internal static class LinksCommand
{
    /// <summary>Characters gathered before they are written.</summary>
    private const int FlushAt = 1 << 16;

    public static Command Build(Terminal terminal)
    {
        var list = new Argument<string>("LIST") { Description = "The candidates: NDJSON where its name ends in .ndjson, else CSV." };
        var secret = new Option<string>("--secret") { Description = "A file with the list's secret, 64 hexadecimal digits.", Required = true };
        var url = ServerOptions.Address("--url", "The address under which candidates see the platform.", required: true);
        var draw = new Option<string>("--draw") { Description = "The draw's id, 64 hexadecimal digits.", Required = true };
        var encoding = DrawCommand.ListEncoding();
        var command = new Command("links", "Prints id and personal link of each candidate, as CSV.") { list, secret, url, draw, encoding };
        command.SetAction(async (p, cancel) =>
        {
            if (!Digest.TryParseAnyCase(p.GetValue(draw), out var drawId))
                throw new CliException("--draw is not 64 hexadecimal digits");

            if (!Digest.TryParse((await PartyKey.SecretAsync(p.GetValue(secret)!, cancel)).TrimEnd('\r', '\n'), out var key))
                throw new CliException($"{p.GetValue(secret)} does not hold 64 lower-case hexadecimal digits");

            // The salt is behind the #: browsers do not send it. Plain http would let others change the page that reads it.
            var (path, where) = (p.GetValue(list)!, p.GetValue(url)!);
            if (!ApiClient.IsSafe(where))
                throw new CliException("--url must be https, or http on this machine");

            await using var rows = Terminal.Open(path);
            var before = $"{where.AbsoluteUri.TrimEnd('/')}/draws/{drawId}/mine#salt=";
            var format = path.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase) ? ListFormat.NdJson : ListFormat.Csv;
            var own = p.GetValue(encoding) is { } name ? DigestList.EncodingOf(name) : null;
            return await PrintAsync(CandidateSalts.ReadAsync(rows, format, own, new ListSecret(key.ToArray()), cancel), before, terminal, cancel);
        });
        return command;
    }

    private static async Task<int> PrintAsync(IAsyncEnumerable<CandidateSalt> all, string before, Terminal terminal, CancellationToken cancel)
    {
        var (lines, printed) = (new StringBuilder("id,link\n"), 0L);
        var told = new Progress(terminal.Error, "draw").Counting("links", 0);
        try
        {
            await foreach (var (id, salt) in all)
            {
                lines.Append(Field(id)).Append(',').Append(before).Append(salt.ToString()).Append('\n');
                told.Report(++printed);
                if (lines.Length < FlushAt)
                    continue;

                await terminal.Output.WriteAsync(lines, cancel);
                lines.Clear();
            }
        }
        catch (ListRefusedException e)
        {
            throw new CliException($"{e.Total} rows are not as a list's, and their links are missing; the first: {e.Refusals[0]}", e);
        }

        await terminal.Output.WriteAsync(lines, cancel);
        return Exit.Passed;
    }

    // RFC 4180.
    private static string Field(string id) => id.AsSpan().ContainsAny('"', ',') ? $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : id;
}
