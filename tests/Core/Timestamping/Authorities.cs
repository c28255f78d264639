namespace Notary.Timestamping.Tests;

/// <summary>Two real authorities of different issuers and keys, and one client of both.</summary>
internal sealed class Authorities : IAsyncDisposable
{
    public static readonly Digest Imprint = Digest.Of("a manifest"u8);

    private readonly HttpClient http = TsaClient.CreateHttpClient();

    private Authorities(TimestampAuthority first, TimestampAuthority second, TimeHealthOptions health, TimeSpan timeout)
    {
        First = first;
        Second = second;
        Time = new TimeAuthorities([Client(first, timeout), Client(second, timeout)], health, Clock);
    }

    public TimestampAuthority First { get; }

    public TimestampAuthority Second { get; }

    public ShiftedClock Clock { get; } = new();

    public TimeAuthorities Time { get; }

    public static async Task<Authorities> StartAsync(TimeSpan? timeout = null, TimeSpan? probeInterval = null, TestKey secondKey = TestKey.P256)
        => new(
            await TimestampAuthority.StartAsync(new() { Name = "first" }),
            await TimestampAuthority.StartAsync(new() { Name = "second", Key = secondKey, PolicyOid = "2.999.3161.2" }),
            new TimeHealthOptions { ProbeInterval = probeInterval ?? TimeSpan.FromMilliseconds(100) },
            timeout ?? TimeSpan.FromSeconds(10));

    public Task<StampResult> StampAsync(params IReadOnlyList<StampedToken> have) => Time.StampAllAsync(Imprint, have, CancellationToken.None);

    public TsaClient Client(TimestampAuthority authority, TimeSpan timeout, HttpClient? via = null)
        => new(via ?? http,
            new TsaOptions { Name = authority.Name, Url = authority.Url, Roots = [authority.Root], PolicyOid = authority.PolicyOid, Timeout = timeout }, Clock);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}
