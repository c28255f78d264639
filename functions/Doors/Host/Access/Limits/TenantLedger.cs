namespace Notary.Host.Access.Limits;

/// <summary>What one instance has let in of a tenant since it began to count him; only ever more, but for <see cref="Uploads"/>.</summary>
/// <param name="Uploads">Under way now.</param>
internal readonly record struct TenantShare(long Requests, long Items, long Bytes, long Stored, long Uploads);

/// <summary>What of a limit is left.</summary>
/// <param name="Name">The policy's.</param>
/// <param name="Unit">In draft-ietf-httpapi-ratelimit-headers' registry, but for items, which it does not have.</param>
/// <param name="Limit">Of a minute, or at once.</param>
/// <param name="Left">Of it.</param>
/// <param name="Wait">Seconds until it is more; null where nobody can know.</param>
internal readonly record struct LimitState(string Name, string Unit, long Limit, long Left, long? Wait);

/// <summary>A tenant's limits on this instance: its own counts, and the others' as far as they have told.</summary>
internal sealed class TenantLedger
{
    // Twice what an instance may take to write down what it counted, and the call itself.
    private static readonly long WrittenSeconds = (3 * (long)UsageMeter.Pause.TotalSeconds) + 1;

    private readonly Lock one = new();
    private readonly SlidingWindow requests = new(), items = new(), bytes = new();
    private TenantShare own;
    private long othersUploads, stored, keptAt;
    private TenantLimits limits = new(1, 1, 1, 1, 1);

    /// <summary>Seconds of the last change by this instance.</summary>
    public long UsedAt { get; private set; }

    /// <summary>Whether he wanted to deposit something since what is kept for him was counted: nothing else asks for that number.</summary>
    public bool IsDue { get; private set; }

    /// <summary>Seconds of the last count of what is kept.</summary>
    public long CountedAt { get; private set; }

    /// <summary>Begins with what is known of limits and of what is kept; what was counted meanwhile stays.</summary>
    public void Open(TenantLimits inForce, long storedBytes, long now)
    {
        lock (one)
            (limits, stored, UsedAt, CountedAt, keptAt) = (inForce, storedBytes, now, now, now);
    }

    /// <summary>Changes the limits.</summary>
    public void Set(TenantLimits inForce)
    {
        lock (one)
            limits = inForce;
    }

    /// <summary>What this instance tells the others.</summary>
    public TenantShare Own
    {
        get
        {
            lock (one)
                return own;
        }
    }

    /// <summary>Lets a request in.</summary>
    /// <returns>Null, or the limit that stands against it.</returns>
    public LimitState? TryRequest(long now)
    {
        lock (one)
        {
            if (requests.Left(now, limits.RequestsPerMinute) == 0)
                return State(now)[0];

            requests.Add(now, 1, limits.RequestsPerMinute);
            (own, UsedAt) = (own with { Requests = own.Requests + 1 }, now);
            return null;
        }
    }

    /// <summary>Whether something may be deposited: what it holds is not known before it is there, and counted then.</summary>
    public LimitState? FindExhausted(long now)
    {
        lock (one)
            return State(now) is var states && states[1].Left == 0 ? states[1] : states[2].Left == 0 ? states[2] : null;
    }

    /// <summary>Whether more may be kept.</summary>
    public bool IsFull()
    {
        lock (one)
        {
            IsDue = true;
            return stored >= limits.StoredBytes;
        }
    }

    /// <summary>How much more may be kept; below 0 when it is too much already.</summary>
    public long LeftBytes()
    {
        lock (one)
        {
            IsDue = true;
            return limits.StoredBytes - stored;
        }
    }

    /// <summary>Begins a body, which <see cref="EndUpload"/> MUST end.</summary>
    public LimitState? TryUpload(long now)
    {
        lock (one)
        {
            if (own.Uploads + othersUploads >= limits.UploadsAtOnce)
                return State(now)[3];

            (own, UsedAt) = (own with { Uploads = own.Uploads + 1 }, now);
            return null;
        }
    }

    public void EndUpload()
    {
        lock (one)
            own = own with { Uploads = own.Uploads - 1 };
    }

    /// <summary>Counts bytes of a body as they come.</summary>
    public void Came(long now, long count)
    {
        lock (one)
        {
            bytes.Add(now, count, limits.BytesPerMinute);
            (own, UsedAt) = (own with { Bytes = own.Bytes + count }, now);
        }
    }

    /// <summary>Counts what was deposited.</summary>
    public void Took(long now, long count, long kept)
    {
        lock (one)
        {
            items.Add(now, count, limits.ItemsPerMinute);
            (own, stored, UsedAt) = (own with { Items = own.Items + count, Stored = own.Stored + kept }, stored + kept, now);
            keptAt = kept > 0 ? now : keptAt;
        }
    }

    /// <summary>Counts what another instance has let in since it told last.</summary>
    public void Learn(long now, TenantShare more)
    {
        lock (one)
        {
            requests.Add(now, more.Requests, limits.RequestsPerMinute);
            items.Add(now, more.Items, limits.ItemsPerMinute);
            bytes.Add(now, more.Bytes, limits.BytesPerMinute);
            stored += more.Stored;
            keptAt = more.Stored > 0 ? now : keptAt;
        }
    }

    /// <summary>How many bodies are under way at all others.</summary>
    public void LearnUploads(long others)
    {
        lock (one)
            othersUploads = others;
    }

    /// <summary>How much is kept, counted anew from what instances have written.</summary>
    /// <remarks>Others write what they took in later than they tell of it: a count that comes soon after lowers nothing, and he stays due.</remarks>
    public void LearnStored(long now, long storedBytes)
    {
        lock (one)
        {
            var isWritten = now - keptAt > WrittenSeconds;
            (stored, IsDue, CountedAt) = (isWritten ? storedBytes : Math.Max(stored, storedBytes), IsDue && !isWritten, now);
        }
    }

    /// <summary>All limits that have a rate: requests, items, bytes, uploads.</summary>
    public LimitState[] Look(long now)
    {
        lock (one)
            return State(now);
    }

    private LimitState[] State(long now) =>
    [
        Of("requests", "requests", requests, limits.RequestsPerMinute, now),
        Of("items", "items", items, limits.ItemsPerMinute, now),
        Of("bytes", "content-bytes", bytes, limits.BytesPerMinute, now),
        new("uploads", "concurrent-requests", limits.UploadsAtOnce, Math.Max(0, limits.UploadsAtOnce - own.Uploads - othersUploads), null),
    ];

    private static LimitState Of(string name, string unit, SlidingWindow window, long limit, long now)
        => new(name, unit, limit, window.Left(now, limit), window.Wait(now, limit));
}
