using System.Text.Json.Nodes;
using Notary.Evidence.Ethereum;

namespace Notary.Evidence.Draws;

/// <summary>When each part of a draw ends. Whole seconds, in UTC, in this order.</summary>
/// <param name="ObjectionsUntil">No objection is taken from then on; the draw is fixed soon after.</param>
/// <param name="CommitsUntil">About when the last block for commits comes.</param>
/// <param name="RevealsUntil">About when the last block for reveals comes.</param>
public sealed record DrawSchedule(DateTimeOffset ObjectionsUntil, DateTimeOffset CommitsUntil, DateTimeOffset RevealsUntil);

/// <summary>What an organiser decides about a draw besides its list.</summary>
/// <param name="Title">1 to <see cref="MaxTitle"/> characters (UTF-16 units), no control character.</param>
/// <param name="Rehearsal">A rehearsal never becomes a draw.</param>
/// <param name="Rules">Checked.</param>
/// <param name="Schedule">In order.</param>
/// <param name="Beacon">The beacon's kind.</param>
/// <param name="Parties">For whom a place is kept on chain, at most <see cref="MaxParties"/>.</param>
public sealed record PlanTerms(
    string Title, bool Rehearsal, DrawRules Rules, DrawSchedule Schedule, BeaconKind Beacon, IReadOnlyList<Address> Parties)
{
    /// <summary>Characters of a title: what a page and a certificate show in two lines.</summary>
    public const int MaxTitle = 200;

    /// <summary>The contract's 64 places, less one for the platform and one that stays open for anybody.</summary>
    public const int MaxParties = 62;

    /// <summary>Bytes of the terms: they lie in a row of at most 1 MiB. The rules of a city with 1,000 groups have 40 KB a round that names them all.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, with what is wrong.</exception>
    public static PlanTerms Parse(ReadOnlySpan<byte> bytes)
    {
        var terms = DrawJson.Read(bytes, "the terms", MaxBytes, Read, t => t.ToBytes());
        terms.Check();
        return terms;
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(ToJson());

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, with what is wrong.</exception>
    public void Check()
    {
        Require(Title.Length is >= 1 and <= MaxTitle && Title.Trim().Length > 0, $"a title of other than 1 to {MaxTitle} characters");
        Require(!Title.Any(char.IsControl) && !HasHalf(Title), "a control character or half a character in the title");
        Rules.Check();
        Require(IsWhole(Schedule.ObjectionsUntil) && IsWhole(Schedule.CommitsUntil) && IsWhole(Schedule.RevealsUntil), "a time that is no whole second");
        Require(Schedule.ObjectionsUntil < Schedule.CommitsUntil && Schedule.CommitsUntil < Schedule.RevealsUntil,
            "times that are not in order: objections, commits, reveals");
        Require(Beacon is BeaconKind.Drand or BeaconKind.Block, "an unknown beacon");
        Require(Parties.Count <= MaxParties && Parties.Distinct().Count() == Parties.Count && !Parties.Contains(default),
            $"more than {MaxParties} parties, one twice, or the zero address");
        Require(ToBytes().Length <= MaxBytes, $"more than {MaxBytes} bytes");
    }

    internal JsonObject ToJson() => new()
    {
        ["title"] = Title,
        ["kind"] = Rehearsal ? "rehearsal" : "draw",
        ["rules"] = Rules.ToJson(),
        ["schedule"] = new JsonObject
        {
            ["objectionsUntil"] = Text(Schedule.ObjectionsUntil),
            ["commitsUntil"] = Text(Schedule.CommitsUntil),
            ["revealsUntil"] = Text(Schedule.RevealsUntil),
        },
        ["beacon"] = Beacon == BeaconKind.Drand ? "drand" : "block",
        ["parties"] = DrawJson.Array(Parties.Select(p => p.ToLowerHex())),
    };

    internal static PlanTerms Read(JsonElement json)
    {
        var schedule = json.GetProperty("schedule");
        return new PlanTerms(
            DrawJson.Text(json, "title"),
            DrawJson.Text(json, "kind") == "rehearsal",
            DrawRules.Read(json.GetProperty("rules")),
            new DrawSchedule(DrawJson.Time(schedule, "objectionsUntil"), DrawJson.Time(schedule, "commitsUntil"), DrawJson.Time(schedule, "revealsUntil")),
            DrawJson.Text(json, "beacon") == "drand" ? BeaconKind.Drand : BeaconKind.Block,
            [.. DrawJson.Texts(json, "parties").Select(Address.Parse)]);
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString(DrawJson.TimeFormat, CultureInfo.InvariantCulture);

    private static bool IsWhole(DateTimeOffset time) => time.Ticks % TimeSpan.TicksPerSecond == 0;

    private static bool HasHalf(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                return true;
        }

        return false;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw DrawJson.Bad("the plan", $"has {what}");
    }
}

/// <summary><c>plan.json</c>: what is published before the draw is fixed, and what its notaries approve first.</summary>
/// <param name="Id">The draw's.</param>
/// <param name="Terms">The organiser's decisions.</param>
/// <param name="List">Of the candidates.</param>
public sealed record PlanDocument(Digest Id, PlanTerms Terms, ListCommitment List)
{
    private const int MaxBytes = PlanTerms.MaxBytes + 4096;
    private const string File = "plan.json";

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static PlanDocument Parse(ReadOnlySpan<byte> bytes)
    {
        var plan = DrawJson.Read(bytes, File, MaxBytes, Read, p => p.ToBytes());
        plan.Terms.Check();
        return plan.List.Candidates is >= 1 and <= DrawRules.MaxCandidates ? plan : throw DrawJson.Bad(File, "has no candidates, or too many");
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes()
    {
        var json = Terms.ToJson();
        json["spec"] = Domains.Spec;
        json["drawId"] = Id.ToString();
        json["list"] = new JsonObject { ["root"] = List.Root.ToString(), ["candidates"] = List.Candidates, ["tickets"] = List.Tickets };
        return Jcs.Canonicalize(json);
    }

    /// <summary>What the notaries approve.</summary>
    public Digest ToDigest() => Digest.Of(ToBytes());

    private static PlanDocument Read(JsonElement json)
    {
        var list = json.GetProperty("list");
        return new PlanDocument(DrawJson.Hash(json, "drawId"), PlanTerms.Read(json),
            new ListCommitment(DrawJson.Hash(list, "root"), DrawJson.Number(list, "candidates"), DrawJson.Number(list, "tickets")));
    }
}
