using Notary.Audit;
using Notary.Identity.People;

namespace Notary.Pages.Office;

/// <summary>What the trail's page shows, and what was asked for.</summary>
public sealed record TrailList
{
    /// <summary>One page, newest first.</summary>
    public TrailPage Page { get; init; } = new([], null);

    /// <summary>Of one person alone, by his id.</summary>
    public string? Person { get; init; }

    /// <summary>Of one day alone, <c>yyyy-MM-dd</c> in UTC+08:00.</summary>
    public string? Day { get; init; }

    /// <summary>Whether this is a later page.</summary>
    public bool Continued { get; init; }

    /// <summary>What was wrong with what was asked; then the page is empty.</summary>
    public Words? Error { get; init; }

    /// <summary>The staff that has ever been here.</summary>
    public IReadOnlyList<Member> Staff { get; init; } = [];

    /// <summary>Whether anything limits the list.</summary>
    public bool Filtered => Asked.Any();

    /// <summary>The list's address with a place to go on from; at its beginning without one.</summary>
    public string At(long? before)
        => "/office/trail" + QueryString.Create(before is null ? Asked : Asked.Append(new("before", before.Value.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Where what the day holds, or everything, is downloaded from.</summary>
    public string Export => "/office/trail/export" + QueryString.Create(Asked.Where(part => part.Key == "day"));

    private IEnumerable<KeyValuePair<string, string?>> Asked
        => new KeyValuePair<string, string?>[] { new("person", Person), new("day", Day) }.Where(part => !string.IsNullOrEmpty(part.Value));
}

/// <summary>How entries are told.</summary>
internal static class TrailTexts
{
    /// <summary>The address that was asked for, as far as the trail keeps it: its secrets are not in it.</summary>
    public static string Address(TrailEvent what)
    {
        var path = what.Values.Aggregate(what.Route, (route, value) => route.Replace($"{{{value.Key}}}", value.Value, StringComparison.Ordinal));
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    /// <summary>The tag's class.</summary>
    public static string Tone(int? status) => status switch { null => "unknown", < 400 => "ok", _ => "bad" };

    /// <summary>Who it was.</summary>
    public static Words Name(TrailWho who) => who.Id == TrailWho.OperatorKey ? ("运维密钥", "operator's key") : (who.Name, who.Name);

    /// <summary>His role, as it was then.</summary>
    public static Words Role(TrailWho who)
        => Enum.TryParse<Role>(who.Role, ignoreCase: true, out var role) ? Account.RoleNames.Of(role) : (who.Role, who.Role);
}
