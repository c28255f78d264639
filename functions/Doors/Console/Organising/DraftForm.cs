using System.Globalization;
using Notary.Evidence.Draws;
using Notary.Lotteries;

namespace Notary.Pages.Organising;

/// <summary>A round as it is typed.</summary>
public sealed record RoundForm(string Quota = "", string Reserves = "0", string Groups = "", bool Earlier = false, bool Weights = false);

/// <summary>A draft's terms as they are typed, and what is wrong with them. Times are the office's, UTC+08:00.</summary>
public sealed record DraftForm
{
    /// <summary>What separates groups in one line.</summary>
    public const char Comma = ',';

    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>The draw that is changed; null for a new one.</summary>
    public string? DrawId { get; init; }

    /// <summary>Makes a form that is sent twice one draft.</summary>
    public string Once { get; init; } = "";

    public string Title { get; init; } = "";

    /// <summary>Empty until it is chosen: a rehearsal must not be made by oversight, and a draw neither.</summary>
    public string Kind { get; init; } = "";

    /// <summary>One a line.</summary>
    public string Groups { get; init; } = "";

    public IReadOnlyList<RoundForm> Rounds { get; init; } = [new()];

    public string ObjectionsUntil { get; init; } = "";

    public string CommitsUntil { get; init; } = "";

    public string RevealsUntil { get; init; } = "";

    public string Beacon { get; init; } = "drand";

    /// <summary>One address a line.</summary>
    public string Parties { get; init; } = "";

    /// <summary>By the fields' names.</summary>
    public IReadOnlyDictionary<string, Words> Errors { get; init; } = new Dictionary<string, Words>();

    /// <summary>What is wrong as a whole.</summary>
    public Words? Refused { get; init; }

    /// <summary>What a draft says, to be changed.</summary>
    public static DraftForm Of(DrawView draw) => new()
    {
        DrawId = draw.DrawId,
        Title = draw.Title,
        Kind = draw.Kind,
        Groups = string.Join('\n', draw.Rules.Groups),
        Rounds = [.. draw.Rules.Rounds.Select(r => new RoundForm(
            Number(r.Quota), Number(r.Reserves), string.Join($"{Comma} ", r.Groups), r.EarlierWinners, r.Weights))],
        ObjectionsUntil = Typed(draw.Schedule.ObjectionsUntil),
        CommitsUntil = Typed(draw.Schedule.CommitsUntil),
        RevealsUntil = Typed(draw.Schedule.RevealsUntil),
        Beacon = draw.Beacon,
        Parties = string.Join('\n', draw.Parties),
    };

    /// <summary>A time as the field has it.</summary>
    public static bool TryTime(string typed, out DateTimeOffset time)
    {
        time = default;
        if (!DateTime.TryParseExact(typed, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || local.Year is < 2000 or > 9000)
            return false;

        time = new DateTimeOffset(local, Zone).ToUniversalTime();
        return true;
    }

    /// <summary>Lines that are not empty.</summary>
    public static IReadOnlyList<string> Lines(string typed)
        => typed.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Names of groups on one line. A name may itself hold a Chinese comma: what is known as it stands is one name.</summary>
    public static IReadOnlyList<string> Names(string typed, IReadOnlyCollection<string> known)
        => [.. typed.Split(Comma, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(part => known.Contains(part)
            ? [part] : part.Split(['，', '、'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public Words? Error(string field) => Errors.TryGetValue(field, out var error) ? error : default(Words?);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Seconds only where there are any: then the field shows them.
    private static string Typed(DateTimeOffset time)
        => time.ToOffset(Zone).ToString(TimeFormats[time.Second == 0 ? 0 : 1], CultureInfo.InvariantCulture);
}
