namespace Notary.Audit;

/// <summary>One link of the chain: an event, its place, and the hash of the entry before.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Bytes">The canonical JSON (RFC 8785) of everything, the hash before included: what the next entry's <c>previous</c> is the SHA-256 of.</param>
public sealed record TrailEntry(long Number, TrailEvent Event, byte[] Bytes)
{
    /// <summary>The value of <c>format</c>.</summary>
    public const string Format = "notary-trail/1";

    /// <summary>Runes of a single value; a search word or reason that is longer is cut, and the cut shows.</summary>
    public const int MaxValue = 300;

    /// <summary>Values of one kind in an entry: with <see cref="MaxValue"/> it keeps an entry below a column's 64 KiB.</summary>
    public const int MaxValues = 16;

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const string Cut = "…";

    /// <summary>SHA-256 of <see cref="Bytes"/>.</summary>
    public Digest Hash => Digest.Of(Bytes);

    /// <summary>What stands in <c>previous</c> of the first entry.</summary>
    public static string NoHash { get; } = new('0', 2 * Digest.Size);

    /// <summary>The entry that follows another one, or the first.</summary>
    public static TrailEntry After(TrailEntry? last, TrailEvent what)
    {
        var number = (last?.Number ?? 0) + 1;
        var who = new JsonObject { ["id"] = what.Who.Id, ["name"] = Bounded(what.Who.Name), ["role"] = what.Who.Role };
        if (what.Who.Session is { } session)
            who["session"] = session;

        var json = new JsonObject
        {
            ["format"] = Format,
            ["number"] = number,
            ["previous"] = last?.Hash.ToString() ?? NoHash,
            ["at"] = what.At.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture),
            ["who"] = who,
            ["method"] = what.Method,
            ["route"] = what.Route,
            ["correlation"] = Bounded(what.Correlation),
        };
        Add(json, "values", what.Values);
        Add(json, "sought", what.Sought);
        Add(json, "details", what.Details);
        if (what.Status is { } status)
            json["status"] = status;

        if (what.Reason is { Length: > 0 } reason)
            json["reason"] = Bounded(reason);

        return new TrailEntry(number, what, Jcs.Canonicalize(json));
    }

    /// <summary>Reads an entry's bytes back.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: not an entry.</exception>
    public static TrailEntry Read(byte[] bytes)
    {
        using var document = Jcs.ParseCanonical(bytes);
        try
        {
            var (json, who) = (document.RootElement, document.RootElement.GetProperty("who"));
            var session = who.TryGetProperty("session", out var id) ? id.GetString() : null;
            return new TrailEntry(json.GetProperty("number").GetInt64(), new TrailEvent(
                json.GetProperty("at").GetDateTimeOffset(),
                new TrailWho(Text(who, "id"), Text(who, "name"), Text(who, "role"), session),
                Text(json, "method"),
                Text(json, "route"),
                Texts(json, "values"),
                Texts(json, "sought"),
                json.TryGetProperty("status", out var status) ? status.GetInt32() : null,
                Text(json, "correlation"),
                json.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
                Texts(json, "details")), bytes);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FaultException(Fault.Malformed, "not an entry of the trail", e);
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException(name);

    private static Dictionary<string, string> Texts(JsonElement json, string name)
        => json.TryGetProperty(name, out var values)
            ? values.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "", StringComparer.Ordinal)
            : [];

    private static void Add(JsonObject json, string name, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count > 0)
            json[name] = new JsonObject(values.OrderBy(v => v.Key, StringComparer.Ordinal).Take(MaxValues)
                .Select(v => KeyValuePair.Create(v.Key, (JsonNode?)Bounded(v.Value))));
    }

    /// <summary>Whole characters only: half a surrogate pair has no canonical form, and whoever sends one must not escape the trail by it.</summary>
    private static string Bounded(string text)
    {
        var runes = text.EnumerateRunes().Take(MaxValue + 1).ToList();
        return string.Concat(runes.Take(MaxValue)) + (runes.Count > MaxValue ? Cut : "");
    }
}
