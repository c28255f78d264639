namespace Notary.Deposits.Usage;

/// <summary>What a tenant has used.</summary>
/// <param name="Requests">Requests under his keys, tokens and sessions at <c>/v1</c> that were let in.</param>
/// <param name="Refused">Requests that a limit refused.</param>
/// <param name="Deposits">Deposits made; a batch is one.</param>
/// <param name="Items">What they hold: files, digests, and each item of a batch.</param>
/// <param name="Bytes">Of originals and lists of items, as they were taken in; all of them are kept.</param>
public readonly record struct UsageCount(long Requests, long Refused, long Deposits, long Items, long Bytes)
{
    /// <summary>Both together.</summary>
    public static UsageCount operator +(UsageCount one, UsageCount other) => new(one.Requests + other.Requests, one.Refused + other.Refused,
        one.Deposits + other.Deposits, one.Items + other.Items, one.Bytes + other.Bytes);
}

/// <summary>One day of UTC.</summary>
public sealed record UsageDay(DateOnly Day, long Requests, long Refused, long Deposits, long Items, long Bytes)
{
    internal UsageDay(DateOnly day, UsageCount count) : this(day, count.Requests, count.Refused, count.Deposits, count.Items, count.Bytes)
    {
    }
}

/// <summary>A tenant's usage by day, and what is kept for him.</summary>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Days">In their order; days without any are not there.</param>
/// <param name="StoredBytes">All bytes ever taken in, by now: what was erased since is not taken off.</param>
public sealed record UsageReport(DateOnly From, DateOnly To, IReadOnlyList<UsageDay> Days, long StoredBytes);
