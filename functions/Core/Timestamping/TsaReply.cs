namespace Notary.Timestamping;

/// <summary>A verified token: the bare TimeStampToken in DER, with its certificates, and the time it states.</summary>
/// <param name="Authority">The <see cref="TsaOptions.Name"/> of the authority that signed it.</param>
public sealed record StampedToken(string Authority, byte[] Token, DateTimeOffset GenTime);

/// <summary>How one exchange with an authority ended. Only <see cref="Granted"/> brings a token; nothing of any other answer is ever kept.</summary>
public abstract record TsaReply
{
    private TsaReply()
    {
    }

    /// <param name="Drift">genTime minus our clock: zero when genTime lies within the exchange, negative when the authority is behind us.</param>
    public sealed record Granted(StampedToken Token, TimeSpan Drift) : TsaReply;

    /// <summary>No answer, or one that only says "later" (5xx, 408, 429): trying again may help.</summary>
    public sealed record Unreachable(string Why) : TsaReply;

    /// <summary>The authority answered and said no (a status other than granted, or 3xx/4xx): a person should look.</summary>
    public sealed record Refused(string Why) : TsaReply;

    /// <summary>It answered with something a stranger holding our roots would reject.</summary>
    /// <param name="Code">A code of <see cref="Verification.TokenCodes"/>, or "media-type".</param>
    public sealed record Invalid(string Code, string Why) : TsaReply;

    /// <summary>The token is genuine but its time is off by more than <see cref="TsaOptions.MaxSkew"/>: the authority's clock or ours is wrong.</summary>
    public sealed record OffTime(TimeSpan Drift, string Why) : TsaReply;
}
