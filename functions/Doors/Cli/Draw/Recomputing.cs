namespace Notary.Cli;

/// <summary>Computes a draw again from its files, and judges what the files say, rung by rung.</summary>
/// <param name="files">Of the draw.</param>
/// <param name="report">Takes the judgements.</param>
/// <param name="terminal">Told what is wrong with a list, and how far it is.</param>
/// <param name="output">Folder for what is computed; null to compare alone.</param>
internal sealed class Recomputing(DrawFiles files, DrawReport report, Terminal terminal, string? output)
{
    private readonly Progress progress = new(terminal.Error, "draw");
    private readonly List<string> rounds = [];

    /// <summary>What there is to compare with, before anything is written.</summary>
    private readonly HashSet<string> given = [.. new[] { DrawFiles.Public, DrawFiles.Winners, DrawFiles.Result }.Where(files.Has)];

    /// <summary>A line for each round.</summary>
    public IReadOnlyList<string> Rounds => rounds;

    public JsonObject Digests { get; } = [];

    /// <summary>The whole ladder of <c>notary draw recompute</c>.</summary>
    public async Task RunAsync(Encoding? encoding, string? spec, CancellationToken cancel)
    {
        var draw = DrawDocument.Parse(await files.BytesAsync(DrawFiles.Draw, cancel));
        var reveals = DrawReveals.Parse(await files.BytesAsync(DrawFiles.Reveals, cancel));
        var compare = output is null;
        if (compare && !(given.Contains(DrawFiles.Result) && given.Contains(DrawFiles.Winners)))
            throw new CliException($"there is no {DrawFiles.Result} or no {DrawFiles.Winners} to compare with; --out computes them");

        Draw(draw);
        await SpecAsync(draw, spec, cancel);
        var list = await ListAsync(draw, encoding, cancel);
        Reveals(draw, reveals);
        NotAsked(draw, reveals);
        if (list.Commitment() == draw.List)
            await DrawAsync(draw, list, reveals, cancel);
    }

    public void Draw(DrawDocument draw)
    {
        var commitment = draw.Commitment();
        Digests["commitment"] = commitment.ToString();
        report.Pass("draw", DrawFiles.Draw, $"a {draw.Kind} of {draw.List.Candidates} candidates; its commitment is {commitment}");
    }

    public async Task SpecAsync(DrawDocument draw, string? spec, CancellationToken cancel)
    {
        if (spec is null && draw.SpecDigest == DrawFormat.Digest)
        {
            report.Pass("program", "specification", "this program was built with the one that was committed to");
            return;
        }

        if (spec is null)
        {
            report.Unknown("program", "specification", "not-given", $"whether its SHA-256 is {draw.SpecDigest} was not checked; --spec names the document");
            return;
        }

        await using var file = Terminal.Open(spec);
        var digest = new Digest(await SHA256.HashDataAsync(file, cancel));
        report.Judge("program", spec, digest == draw.SpecDigest, "is the specification that was committed to", "spec-differs",
            $"has the SHA-256 {digest}, and the draw was committed with {draw.SpecDigest}");
    }

    public async Task<PublicList> ListAsync(DrawDocument draw, Encoding? encoding, CancellationToken cancel)
    {
        var own = files.OwnList;
        var read = progress.Counting("candidates read", draw.List.Candidates);
        var list = await files.ListAsync(draw.Rules, encoding, terminal.Output, read, cancel);
        var found = list.Commitment();
        report.Judge("list", own ?? DrawFiles.Public, found == draw.List, $"{found.Candidates} candidates with {found.Tickets} tickets, root {found.Root}",
            "list-differs", $"{found.Candidates} candidates with {found.Tickets} tickets have the root {found.Root}; "
            + $"the draw was committed with {draw.List.Candidates}, {draw.List.Tickets} and {draw.List.Root}");
        if (own is not null && (output is not null || given.Contains(DrawFiles.Public)))
            await PublicAsync(list, cancel);

        return list;
    }

    private async Task PublicAsync(PublicList list, CancellationToken cancel)
    {
        await using var ours = Created(DrawFiles.Public);
        await list.WriteAsync(ours, cancel);
        await CompareAsync("list", DrawFiles.Public, ours, "is the list as strangers see it", "public-differs", cancel);
    }

    /// <summary>Each secret opens its commitment.</summary>
    public void Reveals(DrawDocument draw, DrawReveals reveals)
    {
        var revealed = reveals.Commits.Count(c => c.Secret is not null);
        var wrong = reveals.Commits.FirstOrDefault(c => c.Secret is { } secret && DrawCommit.Of(draw.Id, c.Party, secret) != c.Commitment);
        report.Judge("reveals", $"{revealed} of {reveals.Commits.Count} parties", wrong is null, "each secret is the one its party committed to",
            "reveal-differs", $"the secret of {wrong?.Party} is not the one it committed to");
    }

    /// <summary>What only a node of the chain could tell.</summary>
    public void NotAsked(DrawDocument draw, DrawReveals reveals)
    {
        report.Unknown("chain", draw.Registry.ToString(), "not-asked", $"that these are the commits and reveals of chain {draw.ChainId} was taken as given");
        if (HasPlannedBeacon(draw, reveals, out var where))
            report.Unknown("beacon", where, "not-asked", $"that its value is {reveals.Beacon} was taken as given");
    }

    /// <summary>Whether the beacon is of the planned kind; a judgement when it is not.</summary>
    public bool HasPlannedBeacon(DrawDocument draw, DrawReveals reveals, out string where)
    {
        (var planned, where) = draw.Beacon switch
        {
            BeaconPlan.Drand d => (BeaconKind.Drand, $"round {d.Round} of the drand chain {d.ChainHash}"),
            BeaconPlan.Block b => (BeaconKind.Block, $"the block {b.Confirmations} after block {b.DeadlineBlock} of chain {b.ChainId}"),
            _ => throw new InvalidOperationException(),
        };
        if (planned != reveals.Kind)
            report.Fail("beacon", where, "beacon-kind", "the value given is of another kind of beacon");

        return planned == reveals.Kind;
    }

    public async Task DrawAsync(DrawDocument draw, PublicList list, DrawReveals reveals, CancellationToken cancel)
    {
        await using var winners = Created(DrawFiles.Winners);
        var looked = progress.Counting("candidates drawn from", draw.List.Candidates * draw.Rules.Rounds.Count);
        var result = await DrawResult.DrawAsync(draw, list, reveals, winners,
            r => rounds.Add($"round {r.Round}: candidates {r.Eligible}, tickets {r.Tickets}; winners {r.Winners.Count}, reserves {r.Reserves.Count}"),
            looked, cancel);
        await CompareAsync("winners", DrawFiles.Winners, winners, $"all {result.WinnerRows} rows are as recomputed", "winners-differ", cancel);

        await using var ours = Created(DrawFiles.Result);
        await ours.WriteAsync(result.ToBytes(), cancel);
        if (given.Contains(DrawFiles.Result))
        {
            var said = DrawResult.Parse(await files.BytesAsync(DrawFiles.Result, cancel));
            report.Judge("seed", DrawFiles.Result, said.Seed == result.Seed, $"{result.Seed} follows from commitment, reveals and beacon",
                "seed-differs", $"says {said.Seed}; from commitment, reveals and beacon follows {result.Seed}");
        }

        await CompareAsync("result", DrawFiles.Result, ours, $"is as recomputed; its SHA-256 is {result.ToDigest()}", "result-differs", cancel);
        (Digests["seed"], Digests["result"]) = (result.Seed.ToString(), result.ToDigest().ToString());
    }

    /// <summary>Compares with the file that was given, if it was.</summary>
    private async Task CompareAsync(string rung, string name, FileStream ours, string passed, string code, CancellationToken cancel)
    {
        await ours.FlushAsync(cancel);
        if (!given.Contains(name))
            return;

        ours.Position = 0;
        await using var theirs = files.Read(name);
        var line = await FirstDifferenceAsync(theirs, ours, cancel);
        report.Judge(rung, name, line == 0, passed, code, $"line {line} is not as recomputed");
    }

    /// <returns>The line's number, from 1; 0 when there is none.</returns>
    private static async Task<long> FirstDifferenceAsync(Stream a, Stream b, CancellationToken cancel)
    {
        const int Size = 1 << 16;
        var (x, y, line) = (new byte[Size], new byte[Size], 1L);
        while (true)
        {
            var (m, n) = (await a.ReadAtLeastAsync(x, Size, false, cancel), await b.ReadAtLeastAsync(y, Size, false, cancel));
            var same = x.AsSpan(0, m).CommonPrefixLength(y.AsSpan(0, n));
            line += x.AsSpan(0, same).Count((byte)'\n');
            if (same < Math.Max(m, n))
                return line;

            if (m < Size)
                return 0;
        }
    }

    private FileStream Created(string name)
        => output is null ? new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose)
            : new FileStream(Path.Combine(Directory.CreateDirectory(Terminal.Named(output)).FullName, name), FileMode.CreateNew, FileAccess.ReadWrite);
}
