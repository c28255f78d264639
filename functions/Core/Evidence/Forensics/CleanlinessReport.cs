using System.Text.Json.Nodes;
using Notary.Evidence.Draws;
using static Notary.Evidence.Forensics.ForensicsJson;

namespace Notary.Evidence.Forensics;

/// <summary>How a check of a desktop ended.</summary>
public enum CheckVerdict
{
    Pass,
    Fail,

    /// <summary>Could not be measured; a desktop with one is refused.</summary>
    Unknown,
}

/// <summary>One thing that was measured.</summary>
public sealed record CleanlinessCheck(string Name, string Expected, string Found, CheckVerdict Verdict);

/// <summary><c>cleanliness.json</c> (docs/forensics-format.md §6): what was measured on a desktop before its user could touch it.</summary>
public sealed record CleanlinessReport(DepositId Session, DateTimeOffset At, IReadOnlyList<CleanlinessCheck> Checks)
{
    /// <summary>Checks of a report.</summary>
    public const int MaxChecks = 200;

    private const string File = ForensicsFormat.Cleanliness;

    /// <summary>Whether there are checks and every one passed.</summary>
    public bool Clean => Checks.Count > 0 && Checks.All(c => c.Verdict == CheckVerdict.Pass);

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>; also when the verdict is not what the checks give.</exception>
    public static CleanlinessReport Parse(ReadOnlySpan<byte> bytes)
        => DrawJson.Read(bytes, File, ForensicsFormat.MaxCleanliness, Read, r => r.ToBytes());

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["format"] = ForensicsFormat.CleanlinessFormat,
        ["session"] = Session.ToString(),
        ["at"] = Time(At),
        ["checks"] = DrawJson.Array(Checks.Select(c => (JsonNode?)new JsonObject
        {
            ["name"] = c.Name,
            ["expected"] = c.Expected,
            ["found"] = c.Found,
            ["verdict"] = ForensicsJson.Word(c.Verdict),
        })),
        ["verdict"] = Word(Clean),
    });

    internal static string Word(bool clean) => clean ? "clean" : "refused";

    internal static bool IsClean(JsonElement json) => DrawJson.Text(json, "verdict") == Word(true);

    private static CleanlinessReport Read(JsonElement json) => new(
        ForensicsJson.Session(json), Time(json, "at"),
        List(json, "checks", MaxChecks, c => new CleanlinessCheck(
            Text(c, "name", MaxName), Bounded(c, "expected"), Bounded(c, "found"), Choice<CheckVerdict>(c, "verdict"))));

    // What was expected or found may be nothing.
    private static string Bounded(JsonElement json, string member)
        => DrawJson.Text(json, member) is { Length: <= MaxText } text ? text : throw new FormatException(member);
}
