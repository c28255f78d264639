using System.Globalization;
using System.Threading.RateLimiting;
using Notary.Evidence;
using Notary.Host.Composition;

namespace Notary.Host.Access;

/// <summary>A token bucket for each tenant, told in the headers of draft-ietf-httpapi-ratelimit-headers and in the three that came before it.</summary>
/// <remarks>Each instance counts for itself: the bound protects the instance, it is not a quota that is billed.</remarks>
internal sealed class RateLimits(HostSettings settings) : IDisposable
{
    private readonly int burst = settings.Access.TenantBurst;
    private readonly int rate = settings.Access.TenantPerSecond;
    private readonly PartitionedRateLimiter<string> buckets = PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = settings.Access.TenantBurst,
            TokensPerPeriod = settings.Access.TenantPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <exception cref="FaultException">RateLimited, with Retry-After set.</exception>
    public void Demand(HttpContext http, string tenantId)
    {
        using var lease = buckets.AttemptAcquire(tenantId);
        var left = Math.Max(0, buckets.GetStatistics(tenantId)?.CurrentAvailablePermits ?? 0);

        // Seconds until the bucket is full again; one when nothing is missing.
        var reset = Math.Max(1, (burst - left + rate - 1) / rate);
        var headers = http.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"tenant\";q={burst};w={Math.Max(1, (burst + rate - 1) / rate)}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"tenant\";r={left};t={reset}");
        headers["RateLimit-Limit"] = burst.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
        if (!lease.IsAcquired)
        {
            headers.RetryAfter = "1";
            throw new FaultException(Fault.RateLimited, "too many requests; see RateLimit and Retry-After");
        }
    }

    public void Dispose() => buckets.Dispose();
}
