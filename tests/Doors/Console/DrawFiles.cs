using Notary.Evidence.Draws;
using Notary.Evidence.Ethereum;

namespace Notary.Pages.Tests;

/// <summary>A draw that the platform's own engine made, with all its files, and the secret that only its organiser has.</summary>
internal sealed record DrawFiles(
    DrawDocument Draw, PublicList List, ListSecret Secret, DrawReveals Reveals, DrawResult Result, IReadOnlyDictionary<string, byte[]> Files)
{
    private static readonly string[] Surnames = ["张", "欧阳", "阿依古丽·", "Smith ", "é", "李", "\U00020000", ""];
    private static readonly string[] Ends = ["三", "x", "娜娜", "", "伟", "秀英"];

    /// <summary>Candidate <paramref name="i"/> as he registered.</summary>
    public static (string Id, string Name) Candidate(int i) => ($"2026-{i:D5}x", Surnames[i % Surnames.Length] + Ends[i / 7 % Ends.Length]);

    /// <summary>Makes one.</summary>
    /// <param name="count">Candidates.</param>
    /// <param name="rules">What is drawn.</param>
    /// <param name="heaviest">The greatest weight.</param>
    /// <param name="seed">Of what is made up.</param>
    /// <param name="beacon">The planned beacon and its value; null for one that is made up.</param>
    public static async Task<DrawFiles> MakeAsync(int count, DrawRules rules, int heaviest, int seed, (BeaconPlan.Drand Plan, Digest Value)? beacon = null)
    {
        Digest Made(string what) => Digest.Of(Encoding.UTF8.GetBytes($"{seed} {what}"));
        var csv = new StringBuilder("id,name,group,weight\n");
        for (var i = 0; i < count; i++)
        {
            var (person, name) = Candidate(i);
            var group = rules.Groups.Count == 0 ? "" : rules.Groups[(i * 7) % rules.Groups.Count];
            csv.Append(CultureInfo.InvariantCulture, $"{person},{name},{group},{1 + (i * 31 % heaviest)}\n");
        }

        var secret = new ListSecret(Made("list").ToArray());
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString()));
        var list = await ListImport.ReadAsync(input, ListFormat.Csv, null, rules, secret, null, CancellationToken.None);
        var plan = beacon?.Plan ?? (seed % 2 == 0 ? new BeaconPlan.Drand(Made("chain"), 7) : (BeaconPlan)new BeaconPlan.Block(1337, 4711, 64));
        var draw = new DrawDocument(Made("id"), seed % 5 == 4, rules, list.Commitment(), Made("spec"), plan, 4711, 1337,
            new Address(Made("registry").ToArray().AsSpan(0, Address.Size)));
        DrawCommit[] commits = [.. Enumerable.Range(0, seed % 4).Select(i =>
        {
            var party = new Address(Made($"party {i}").ToArray().AsSpan(0, Address.Size));
            var own = Made($"secret {i}");
            return new DrawCommit(party, DrawCommit.Of(draw.Id, party, own), i == 2 ? null : own);
        })];
        var reveals = new DrawReveals(commits, plan is BeaconPlan.Drand ? BeaconKind.Drand : BeaconKind.Block, beacon?.Value ?? Made("beacon"));
        using var winners = new MemoryStream();
        var result = await DrawResult.DrawAsync(draw, list, reveals, winners, null, null, CancellationToken.None);
        using var open = new MemoryStream();
        await list.WriteAsync(open, CancellationToken.None);
        return new DrawFiles(draw, list, secret, reveals, result, new Dictionary<string, byte[]>
        {
            ["draw.json"] = draw.ToBytes(),
            ["public.csv"] = open.ToArray(),
            ["reveals.json"] = reveals.ToBytes(),
            ["result.json"] = result.ToBytes(),
            ["winners.csv"] = winners.ToArray(),
        });
    }

    /// <summary>One candidate's own proof.</summary>
    public CandidateTicket Ticket(int i)
    {
        var (person, name) = Candidate(i);
        return CandidateTicket.Of(Draw, List, Secret, person, name) ?? throw new InvalidOperationException($"candidate {i} is not in the list");
    }
}
