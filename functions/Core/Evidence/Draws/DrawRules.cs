using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary>One round of a draw.</summary>
/// <param name="Quota">Winners, 1 to <see cref="DrawRules.MaxCandidates"/>.</param>
/// <param name="Reserves">Length of the reserve list.</param>
/// <param name="Groups">Those that take part, in the order of their bytes; empty for everyone.</param>
/// <param name="EarlierWinners">Whether those take part who won an earlier round.</param>
/// <param name="Weights">Whether a candidate has as many tickets as his weight.</param>
public sealed record DrawRound(int Quota, int Reserves, IReadOnlyList<string> Groups, bool EarlierWinners, bool Weights);

/// <summary>What is drawn, in which order, among whom (docs/draw-format.md §3).</summary>
/// <param name="Groups">All groups, in the order of their bytes; empty when the list has none.</param>
/// <param name="Rounds">In order.</param>
public sealed record DrawRules(IReadOnlyList<string> Groups, IReadOnlyList<DrawRound> Rounds)
{
    /// <summary>Candidates of a list, and so winners of a round: what was measured to take linear time and memory.</summary>
    public const int MaxCandidates = 50_000_000;

    /// <summary>Tickets of one candidate.</summary>
    public const int MaxWeight = 100;

    /// <summary>A city's schools; more would only make rules that nobody can read.</summary>
    public const int MaxGroups = 1_000;

    /// <summary>Rounds; each reads the whole list once.</summary>
    public const int MaxRounds = 100;

    /// <summary>The canonical bytes: equal rules have equal ones.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(ToJson());

    internal JsonObject ToJson() => new()
    {
        ["groups"] = DrawJson.Array(Groups),
        ["rounds"] = DrawJson.Array(Rounds.Select(r => (JsonNode?)new JsonObject
        {
            ["quota"] = r.Quota,
            ["reserves"] = r.Reserves,
            ["groups"] = DrawJson.Array(r.Groups),
            ["earlierWinners"] = r.EarlierWinners,
            ["weights"] = r.Weights,
        })),
    };

    internal static DrawRules Read(JsonElement json) => new(
        [.. DrawJson.Texts(json, "groups")],
        [.. json.GetProperty("rounds").EnumerateArray().Select(r => new DrawRound(
            (int)DrawJson.Number(r, "quota", MaxCandidates),
            (int)DrawJson.Number(r, "reserves", MaxCandidates),
            [.. DrawJson.Texts(r, "groups")],
            r.GetProperty("earlierWinners").GetBoolean(),
            r.GetProperty("weights").GetBoolean()))]);

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, with the rule that is broken.</exception>
    public void Check()
    {
        Require(Groups.Count <= MaxGroups, $"more than {MaxGroups} groups");
        Require(Groups.All(g => g.Length > 0 && CandidateText.Normal(CandidateField.Group, g) == g), "a group that is empty, too long or not normalised");
        Require(Ordered(Groups), "groups that are not in the order of their bytes, each once");
        Require(Rounds.Count is >= 1 and <= MaxRounds, $"not 1 to {MaxRounds} rounds");
        var known = Groups.ToHashSet(StringComparer.Ordinal);
        foreach (var round in Rounds)
        {
            Require(round.Quota is >= 1 and <= MaxCandidates, $"a quota that is not 1 to {MaxCandidates}");
            Require(round.Reserves is >= 0 and <= MaxCandidates, $"a reserve list that is not 0 to {MaxCandidates} long");
            Require(Ordered(round.Groups) && round.Groups.All(known.Contains), "a round whose groups are unknown or not in the order of their bytes");
        }
    }

    private static bool Ordered(IReadOnlyList<string> groups)
        => groups.Zip(groups.Skip(1), (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))).All(order => order < 0);

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw DrawJson.Bad("the draw's rules", $"have {what}");
    }
}
