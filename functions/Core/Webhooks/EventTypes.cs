namespace Notary.Webhooks;

/// <summary>The types of events. Public (docs/partners.md): one may be added, none renamed.</summary>
public static class EventTypes
{
    /// <summary>The deposit is in the log.</summary>
    public const string DepositLogged = "deposit.logged";

    /// <summary>A checkpoint that covers it has the tokens of all authorities.</summary>
    public const string DepositTimestamped = "deposit.timestamped";

    /// <summary>An anchor that covers it is final.</summary>
    public const string DepositAnchored = "deposit.anchored";

    /// <summary>Its letter is there. Another letter, after a reorganised chain, is another event.</summary>
    public const string DepositCertified = "deposit.certified";

    /// <summary>Its evidence does not hold.</summary>
    public const string DepositFailed = "deposit.failed";

    /// <summary>What a batch comes to, which every item of it comes to: <c>batch.logged</c> and so on.</summary>
    public static string OfBatch(string ofDeposit) => Batch + ofDeposit[ofDeposit.IndexOf('.', StringComparison.Ordinal)..];

    private const string Batch = "batch";

    /// <summary>An API key of the tenant ends soon.</summary>
    public const string KeyExpiring = "key.expiring";

    /// <summary>An endpoint of the tenant was disabled by the platform; told to his others.</summary>
    public const string EndpointDisabled = "endpoint.disabled";

    /// <summary>Asked for by hand; goes to one endpoint, whatever it filters.</summary>
    public const string Test = "webhook.test";

    private static readonly string[] Deposits = [DepositLogged, DepositTimestamped, DepositAnchored, DepositCertified, DepositFailed];

    /// <summary>What an endpoint may want.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Deposits, .. Deposits.Select(OfBatch), KeyExpiring, EndpointDisabled];

    /// <summary>Whether a filter names a type, or a family of them such as <c>deposit.*</c>.</summary>
    public static bool IsFilter(string filter) => All.Any(type => Matches(filter, type));

    /// <summary>Whether an endpoint with these filters wants a type; one without filters wants all.</summary>
    public static bool Wants(IReadOnlyList<string> filters, string type) => filters.Count == 0 || filters.Any(filter => Matches(filter, type));

    private static bool Matches(string filter, string type)
        => filter == type || (filter.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(filter[..^1], StringComparison.Ordinal));
}
