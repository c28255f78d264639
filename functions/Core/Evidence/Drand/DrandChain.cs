namespace Notary.Evidence.Drand;

/// <summary>A drand chain of quicknet's scheme: signatures in G1, the public key in G2, each round signed for itself.</summary>
/// <remarks>drand's own name of a chain is a hash over all that is here, so a pinned <see cref="Hash"/> pins the key.</remarks>
public sealed record DrandChain
{
    /// <summary>The only scheme that is read: RFC 9380's hash to the curve under its own tag.</summary>
    public const string Scheme = "bls-unchained-g1-rfc9380";

    /// <summary>Rounds are written as JSON numbers; beyond this they would not be exact.</summary>
    public const long MaxRound = (1L << 53) - 1;

    // One a day at the slowest: a chain that says otherwise is no beacon for a draw.
    private const int MaxPeriod = 86_400;

    private const int MaxIdLength = 64;

    /// <summary>The name of the chain that is drand's default and is not hashed.</summary>
    private const string DefaultId = "default";

    private DrandChain(byte[] publicKey, byte[] keyPoint, long genesis, int period, Digest groupHash, string beaconId)
    {
        (PublicKey, KeyPoint, Genesis, Period, GroupHash, BeaconId) = (publicKey, keyPoint, genesis, period, groupHash, beaconId);
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt32BigEndian(head, period);
        BinaryPrimitives.WriteInt64BigEndian(head[4..], genesis);
        Hash = Digest.Of([.. head, .. publicKey, .. groupHash.ToArray(), .. Encoding.ASCII.GetBytes(beaconId == DefaultId ? "" : beaconId)]);
    }

    /// <summary>The League of Entropy's chain of a round every three seconds, as it has published itself since 2023.</summary>
    public static DrandChain Quicknet { get; } = Create(
        Convert.FromHexString("83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
            + "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"),
        1_692_803_367, 3, Digest.Parse("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"), "quicknet");

    /// <summary>Compressed, 96 bytes.</summary>
    public byte[] PublicKey { get; }

    /// <summary>x.c1, x.c0, y.c1, y.c0, 48 bytes each.</summary>
    public byte[] KeyPoint { get; }

    /// <summary>When round 1 came: seconds since 1970.</summary>
    public long Genesis { get; }

    /// <summary>Seconds between rounds.</summary>
    public int Period { get; }

    /// <summary>drand's hash of the group that started the chain.</summary>
    public Digest GroupHash { get; }

    /// <summary>The chain's name among its members.</summary>
    public string BeaconId { get; }

    /// <summary>The chain hash.</summary>
    public Digest Hash { get; }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when it is no such chain.</exception>
    public static DrandChain Create(byte[] publicKey, long genesis, int period, Digest groupHash, string beaconId)
        => Bls381.TryExpandG2(publicKey, out var point) && genesis > 0 && genesis <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() / 2
            && period is > 0 and <= MaxPeriod && beaconId.Length is > 0 and <= MaxIdLength && Ascii.IsValid(beaconId)
                ? new DrandChain(publicKey, point, genesis, period, groupHash, beaconId)
                : throw Malformed();

    /// <summary>Reads what a drand node answers under <c>/info</c>.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> also when the chain is of another scheme or its hash is not the one it says.</exception>
    public static DrandChain ParseInfo(ReadOnlySpan<byte> json)
    {
        try
        {
            var info = JsonSerializer.Deserialize<JsonElement>(json);
            string Text(string name) => info.GetProperty(name).GetString() ?? throw Malformed();
            var chain = Create(Convert.FromHexString(Text("public_key")), info.GetProperty("genesis_time").GetInt64(), info.GetProperty("period").GetInt32(),
                Digest.Parse(Text("groupHash")), info.GetProperty("metadata").GetProperty("beaconID").GetString() ?? throw Malformed());
            return Text("schemeID") == Scheme && Text("hash") == chain.Hash.ToString() ? chain : throw Malformed();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw Malformed();
        }
    }

    /// <summary>When the round comes.</summary>
    /// <param name="round">From 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such round, or it comes after the year 9999.</exception>
    public DateTimeOffset TimeOf(long round)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(round);
        return DateTimeOffset.FromUnixTimeSeconds((long)Int128.Clamp(Genesis + ((Int128)(round - 1) * Period), 0, long.MaxValue));
    }

    /// <summary>When a round comes that somebody else has named.</summary>
    /// <returns>False when there is no such round, or it comes after the year 9999.</returns>
    public bool TryTimeOf(long round, out DateTimeOffset time)
    {
        var (most, seconds) = (DateTimeOffset.MaxValue.ToUnixTimeSeconds(), Genesis + ((Int128)(round - 1) * Period));
        var known = round > 0 && seconds <= most;
        time = known ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : default;
        return known;
    }

    /// <summary>The first round that does not come before that time.</summary>
    public long RoundFrom(DateTimeOffset time)
    {
        // A fraction of a second counts as a whole one: the round must not be earlier.
        var seconds = (time.ToUniversalTime() - DateTimeOffset.FromUnixTimeSeconds(Genesis)).Ticks;
        var period = Period * TimeSpan.TicksPerSecond;
        return seconds <= 0 ? 1 : ((seconds + period - 1) / period) + 1;
    }

    private static FaultException Malformed() => new(Fault.Malformed, $"this describes no drand chain of scheme {Scheme}");
}
