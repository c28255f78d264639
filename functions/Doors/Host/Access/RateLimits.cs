using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Notary.Host.Access;

/// <summary>Token buckets, one for each tenant and one for each stranger's address, told in the headers of draft-ietf-httpapi-ratelimit-headers and in
/// the three that came before it.</summary>
/// <remarks>Each instance counts for itself: the bound protects the instance, it is not a quota that is billed.</remarks>
internal sealed class RateLimits(HostSettings settings) : IDisposable
{
    private const string ForwardedFor = "X-Forwarded-For";

    private readonly Policy tenants = new("tenant", settings.Access.TenantPerSecond, settings.Access.TenantBurst);
    private readonly Policy clients = new("client", settings.Access.ClientPerSecond, settings.Access.ClientBurst);
    private readonly PartitionedRateLimiter<string> objections = PartitionedRateLimiter.Create<string, string>(
        address => RateLimitPartition.GetFixedWindowLimiter(address,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = MaxObjections, Window = ObjectionWindow, QueueLimit = 0 }));

    private readonly bool forwarded = settings.Listen.UnderFunctions;

    /// <summary>
    /// Turns of bulk requests: one for each tenant, whose rows share a partition that one request fills, and few in all,
    /// because each holds its body and its deposits in memory, some 60 MB of ten thousand. The others wait before their body is read.
    /// </summary>
    private readonly PartitionedRateLimiter<string> turns = PartitionedRateLimiter.CreateChained(Turns(tenant => tenant, 1, MaxWaitingOfTenant),
        Turns(_ => "", MaxBulk, MaxWaiting));

    // An honest objector writes a few; whoever would fill a draw's thousand needs as many addresses.
    private const int MaxObjections = 20;
    private static readonly TimeSpan ObjectionWindow = TimeSpan.FromHours(1);

    private const int MaxBulk = 4;
    private const int MaxWaitingOfTenant = 100;
    private const int MaxWaiting = 1000;

    // Azure gives a request 230 seconds; the work itself takes some ten.
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a bulk request's turn, held until it is disposed of.</summary>
    /// <exception cref="FaultException">RateLimited: too many wait, or for too long.</exception>
    public async Task<IDisposable> BulkTurnAsync(string tenantId, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TurnPatience);
        try
        {
            var lease = await turns.AcquireAsync(tenantId, 1, patience.Token);
            if (lease.IsAcquired)
                return lease;

            lease.Dispose();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }

        throw new FaultException(Fault.RateLimited, "too many bulk requests at once; send it again");
    }

    /// <summary>A bulk request costs as many requests as it makes table transactions, the one that it was let in for included;
    /// a full bucket pays for any.</summary>
    /// <exception cref="FaultException">RateLimited, with Retry-After set.</exception>
    public void DemandBulk(HttpContext http, string tenantId, int items)
    {
        var more = Math.Min(((items + DepositLimits.BulkGroup - 1) / DepositLimits.BulkGroup) - 1, settings.Access.TenantBurst - 1);
        if (more > 0)
            tenants.Demand(http, tenantId, more);
    }

    /// <summary>Charges a request to its tenant.</summary>
    /// <exception cref="FaultException">RateLimited, with Retry-After set.</exception>
    public void DemandOfTenant(HttpContext http, string tenantId) => tenants.Demand(http, tenantId);

    /// <summary>Charges what a stranger asks of storage to his address.</summary>
    /// <exception cref="FaultException">RateLimited, with Retry-After set.</exception>
    public void DemandOfClient(HttpContext http) => clients.Demand(http, AddressOf(http));

    /// <summary>Charges an objection to a draw to its sender's address.</summary>
    /// <exception cref="FaultException">RateLimited, with Retry-After set.</exception>
    public void DemandObjection(HttpContext http)
    {
        using var lease = objections.AttemptAcquire(AddressOf(http));
        if (lease.IsAcquired)
            return;

        http.Response.Headers.RetryAfter = ObjectionWindow.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        throw new FaultException(Fault.RateLimited, "too many objections from this address; try again later");
    }

    public void Dispose()
    {
        objections.Dispose();
        tenants.Dispose();
        clients.Dispose();
        turns.Dispose();
    }

    // Azure's front end appends the address and port that it saw; what stands before them is the sender's own word, and
    // so is the whole header where nothing stands between.
    private string AddressOf(HttpContext http)
    {
        var address = forwarded && http.Request.Headers[ForwardedFor] is [.., { } list]
            && IPEndPoint.TryParse(list.AsSpan(list.LastIndexOf(',') + 1).Trim(), out var seen)
            ? seen.Address
            : http.Connection.RemoteIpAddress ?? IPAddress.None;

        // A subscriber has a whole IPv6 /64 to pick from.
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private static PartitionedRateLimiter<string> Turns(Func<string, string> partition, int atOnce, int waiting)
        => PartitionedRateLimiter.Create<string, string>(tenant => RateLimitPartition.GetConcurrencyLimiter(
            partition(tenant), _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = atOnce,
                QueueLimit = waiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst
            }));

    private sealed class Policy(string name, int rate, int burst) : IDisposable
    {
        private readonly PartitionedRateLimiter<string> buckets = PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = burst,
                TokensPerPeriod = rate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

        public void Demand(HttpContext http, string key, int permits = 1)
        {
            using var lease = buckets.AttemptAcquire(key, permits);
            var left = Math.Max(0, buckets.GetStatistics(key)?.CurrentAvailablePermits ?? 0);

            // Seconds until the bucket is full again; one when nothing is missing.
            var reset = Math.Max(1, (burst - left + rate - 1) / rate);
            var headers = http.Response.Headers;
            headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={burst};w={Math.Max(1, (burst + rate - 1) / rate)}");
            headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={reset}");
            headers["RateLimit-Limit"] = burst.ToString(CultureInfo.InvariantCulture);
            headers["RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
            headers["RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
            if (!lease.IsAcquired)
            {
                headers.RetryAfter = Math.Max(1, (permits - left + rate - 1) / rate).ToString(CultureInfo.InvariantCulture);
                throw new FaultException(Fault.RateLimited, "too many requests; see RateLimit and Retry-After");
            }
        }

        public void Dispose() => buckets.Dispose();
    }
}
