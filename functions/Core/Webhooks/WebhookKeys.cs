namespace Notary.Webhooks;

/// <summary>Every partition and row key of the webhooks table.</summary>
/// <remarks>All of a tenant's rows share a partition: an event, its places in time and its deliveries are one transaction,
/// an attempt and what follows from it too.</remarks>
public static class WebhookKeys
{
    /// <summary>The partition of endpoints with something to deliver: when, and who is at it. A tenant's id has no underscore.</summary>
    public const string Work = "_work";

    /// <summary>The partition of tenants that have an endpoint.</summary>
    public const string Listeners = "_listeners";

    /// <summary>Start of a tenant's endpoints, and exclusive end.</summary>
    public const string EndpointsFrom = "e|";
    public const string EndpointsTo = "e}";

    /// <summary>Start of a tenant's events in time, and exclusive end.</summary>
    public const string TimesFrom = "t|";
    public const string TimesTo = "t}";

    /// <summary>Start of a tenant's attempts, and exclusive end.</summary>
    public const string AttemptsFrom = "a|";
    public const string AttemptsTo = "a}";

    /// <summary>Start of a tenant's deliveries that wait, and exclusive end.</summary>
    public const string DeliveriesFrom = "d|";
    public const string DeliveriesTo = "d}";

    /// <summary>An endpoint.</summary>
    public static string Endpoint(string endpoint) => $"e|{endpoint}";

    /// <summary>An event, with its body.</summary>
    public static string Event(string id) => $"i|{id}";

    /// <summary>An event's place in time.</summary>
    public static string Time(DateTimeOffset time, string id) => TimeFrom(time) + id;

    /// <summary>Start of what happened at or after a time.</summary>
    public static string TimeFrom(DateTimeOffset time) => $"t|{Millis(time)}|";

    /// <summary>An event that an endpoint is to get, by when.</summary>
    public static string Delivery(string endpoint, DateTimeOffset due, string id) => $"{DeliveriesOf(endpoint)}{Millis(due)}|{id}";

    /// <summary>Start of an endpoint's deliveries.</summary>
    public static string DeliveriesOf(string endpoint) => $"d|{endpoint}|";

    /// <summary>Exclusive end of those that are due at a time.</summary>
    public static string DueTo(string endpoint, DateTimeOffset now) => $"{DeliveriesOf(endpoint)}{Millis(now)}}}";

    /// <summary>When a delivery is due.</summary>
    public static DateTimeOffset DueOf(string rowKey)
        => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(rowKey.Split('|')[2], CultureInfo.InvariantCulture));

    /// <summary>The event of a delivery, or of a place in time.</summary>
    public static string EventOf(string rowKey) => rowKey[(rowKey.LastIndexOf('|') + 1)..];

    /// <summary>An attempt, newest first.</summary>
    public static string Attempt(string endpoint, DateTimeOffset at, string id, int attempt)
        => string.Create(CultureInfo.InvariantCulture, $"{AttemptsOf(endpoint)}{LongestTime - at.ToUnixTimeMilliseconds():D15}|{id}|{attempt:D2}");

    /// <summary>Start of an endpoint's attempts.</summary>
    public static string AttemptsOf(string endpoint) => $"a|{endpoint}|";

    /// <summary>When an attempt was made.</summary>
    public static DateTimeOffset AttemptedAt(string rowKey)
        => DateTimeOffset.FromUnixTimeMilliseconds(LongestTime - long.Parse(rowKey.Split('|')[2], CultureInfo.InvariantCulture));

    /// <summary>An endpoint's row of work.</summary>
    public static string WorkOf(string tenant, string endpoint) => $"{tenant}|{endpoint}";

    // Fifteen digits of milliseconds.
    private const long LongestTime = 999_999_999_999_999;

    private static string Millis(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString("D15", CultureInfo.InvariantCulture);
}
