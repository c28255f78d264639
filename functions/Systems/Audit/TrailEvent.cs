namespace Notary.Audit;

/// <summary>Whose request an entry tells of.</summary>
/// <param name="Id">A person's id, the same for as long as he is known; <see cref="OperatorKey"/> for whoever holds that key.</param>
/// <param name="Name">What he was called at the time; empty for the key.</param>
/// <param name="Role">His role at the time.</param>
/// <param name="Session">The session's public id; null for the key.</param>
public sealed record TrailWho(string Id, string Name, string Role, string? Session)
{
    /// <summary>The id that stands for the operator's key.</summary>
    public const string OperatorKey = "operator-key";

    /// <summary>Whoever holds the operator's key.</summary>
    public static TrailWho HolderOfKey { get; } = new(OperatorKey, "", OperatorKey, null);
}

/// <summary>What one entry says: somebody asks for something, or has been answered.</summary>
/// <param name="At">By the clock of the instance that writes.</param>
/// <param name="Who">Whose request.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Route">The route's pattern.</param>
/// <param name="Values">The route's values: ids.</param>
/// <param name="Sought">The query's values: what was looked for.</param>
/// <param name="Status">The answer's status; null in the entry that stands before an act is begun.</param>
/// <param name="Correlation">The request's correlation id, which its log lines carry too.</param>
/// <param name="Reason">Why, where an act had a reason.</param>
/// <param name="Details">What the route said besides.</param>
public sealed record TrailEvent(
    DateTimeOffset At,
    TrailWho Who,
    string Method,
    string Route,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyDictionary<string, string> Sought,
    int? Status,
    string Correlation,
    string? Reason,
    IReadOnlyDictionary<string, string> Details);
