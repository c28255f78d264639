namespace Notary.Timestamping;

/// <summary>What one round of stamping brought.</summary>
/// <param name="Tokens">The new tokens, verified; to be stored at once, also when others are missing. Empty while time is stopped.</param>
/// <param name="Missing">The authorities whose token is still wanted; ask again later with the tokens that are there.</param>
/// <param name="Fault">Null when nothing is missing, else the gravest of: TimeDisagreement, TokenInvalid, TsaRefused, TsaUnreachable.</param>
/// <param name="Reason">One sentence naming the authority; "ok" when nothing is missing.</param>
public sealed record StampResult(IReadOnlyList<StampedToken> Tokens, IReadOnlyList<string> Missing, Fault? Fault, string Reason)
{
    /// <summary>Every configured authority's token is either new here or was there already.</summary>
    public bool Complete => Fault is null;
}
